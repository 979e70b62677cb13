//! Somebody whom an import found.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::vocabulary::{
    ImportCategory, ImportConflict, ImportDifferenceNote, ImportOutcome, SourceProfile,
};
use crate::graphql::accounts::account::OktaUserStatus;
use crate::graphql::directory::directory_field::DirectoryField;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::FieldLoader;
use crate::graphql::paging::Cursor;
use crate::graphql::total::TotalCount;
use crate::graphql::values::AttributeValue;
use crate::graphql::{context, error, people};
use crate::service::imports::{self, Difference};

/// A list of candidates.
pub type ImportCandidateConnection = Connection<Cursor, ImportCandidate, TotalCount, EmptyFields>;

/// One attribute in which Okta and the directory differ.
#[derive(Clone, Debug)]
pub struct ImportDifference(pub Difference);

/// One attribute in which Okta and the directory differ.
#[Object]
impl ImportDifference {
    /// Name of the Okta attribute.
    async fn attribute(&self) -> &str {
        &self.0.attribute
    }

    /// The directory field that is mapped to it; null when a constant is.
    async fn field(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<DirectoryField>> {
        let Some(id) = &self.0.field else {
            return Ok(None);
        };
        let loaded = ctx.data::<DataLoader<FieldLoader>>()?.load_one(()).await;
        let fields = loaded.map_err(|e| error::public_ref(&e))?;
        let mut fields = fields.iter().flat_map(|fields| fields.iter());
        let field = fields.find(|field| field.definition.id == *id);
        Ok(field.cloned().map(Into::into))
    }

    /// What Okta holds; null for no value.
    async fn okta_value(&self) -> Option<AttributeValue> {
        self.0.okta.clone().map(Into::into)
    }

    /// What the directory gives by the mapping; null for no value.
    async fn directory_value(&self) -> Option<AttributeValue> {
        self.0.directory.clone().map(Into::into)
    }

    /// Why Okta's value cannot be taken over; null when it can.
    async fn note(&self) -> Option<ImportDifferenceNote> {
        self.0.note.map(Into::into)
    }
}

/// One attribute of an Okta profile.
#[derive(Clone, Debug, SimpleObject)]
pub struct ImportProfileValue {
    /// Name of the Okta attribute.
    pub attribute: String,
    /// What Okta holds; null for no value.
    pub value: Option<AttributeValue>,
}

/// Somebody whom an import found. Needs `VIEW_APPS` and `IMPORT_USERS`.
#[derive(Clone, Debug)]
pub struct ImportCandidate(pub imports::Candidate);

impl ImportCandidate {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::ImportCandidate, self.0.id))
    }
}

/// Somebody whom an import found. Needs `VIEW_APPS` and `IMPORT_USERS`.
#[Object]
impl ImportCandidate {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::ImportCandidate, self.0.id)
    }

    /// What confirming would do.
    async fn category(&self) -> ImportCategory {
        self.0.category.into()
    }

    /// Why it cannot be confirmed as it is; null when it can.
    async fn conflict(&self) -> Option<ImportConflict> {
        self.0.conflict.map(Into::into)
    }

    /// The conflict for people, in English; null without one.
    async fn conflict_message(&self) -> Option<&str> {
        self.0.conflict.map(|reason| reason.sentence())
    }

    /// Okta's id of the account.
    async fn okta_id(&self) -> &str {
        &self.0.okta_id
    }

    /// Status in Okta when it was read; null for somebody who vanished.
    async fn okta_status(&self) -> Option<OktaUserStatus> {
        self.0.okta_status.as_ref().map(Into::into)
    }

    /// Login in Okta.
    async fn login(&self) -> &str {
        &self.0.login
    }

    /// Primary e-mail address in Okta; null for none.
    async fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Name to show.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// Whether the account holds an admin role in Okta. Such candidates are ticked one by one only, never by a filter.
    async fn is_okta_admin(&self) -> bool {
        self.0.is_admin
    }

    /// The person of the directory; null for `NEW`, and for conflicts that name nobody.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.user_id {
            Some(user) => people::maybe(ctx, user).await,
            None => Ok(None),
        }
    }

    /// Okta's profile, as far as it is mapped, in the order of the mapping.
    async fn okta_profile(&self) -> Vec<ImportProfileValue> {
        let values = self.0.profile.iter();
        values
            .map(|(attribute, value)| ImportProfileValue {
                attribute: attribute.clone(),
                value: value.clone().map(Into::into),
            })
            .collect()
    }

    /// Where both sides differ, attribute by attribute.
    async fn differences(&self) -> Vec<ImportDifference> {
        self.0.differences.iter().cloned().map(ImportDifference).collect()
    }

    /// What confirming would do, for people, in English.
    async fn summary(&self) -> String {
        self.0.sentence()
    }

    /// Whether it is ticked. Ticks are shared among administrators.
    async fn selected(&self) -> bool {
        self.0.selected
    }

    /// Whose values win for this candidate, if another side's than the import's; null: the import's `sourceProfile`.
    async fn source_profile(&self) -> Option<SourceProfile> {
        self.0.source_profile.map(Into::into)
    }

    /// What became of it; null before it was confirmed and reached.
    async fn outcome(&self) -> Option<ImportOutcome> {
        self.0.outcome.map(Into::into)
    }

    /// Why it was not applied, for people, in English; null otherwise.
    async fn outcome_message(&self) -> Option<&str> {
        self.0.outcome_message.as_deref()
    }

    /// When it got its outcome; null before.
    async fn applied_at(&self) -> Option<DateTime<Utc>> {
        self.0.applied_at.map(context::time)
    }
}
