//! Somebody whom an import found.

use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::vocabulary::{
    ImportCategory, ImportConflict, ImportDifferenceNote, ImportOutcome, ImportOutcomeReason,
    SourceProfile,
};
use crate::graphql::accounts::account::OktaUserStatus;
use crate::graphql::cursor::Cursor;
use crate::graphql::directory::directory_field::DirectoryField;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::FieldLoader;
use crate::graphql::total::TotalCount;
use crate::graphql::values::AttributeValue;
use crate::graphql::{context, error, people};
use crate::service::imports::{self, Difference, Import};

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

    /// Okta's title for the attribute; null when it has none.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
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
pub struct ImportCandidate {
    import: Arc<Import>,
    candidate: imports::Candidate,
}

impl ImportCandidate {
    /// The candidate of an import.
    #[must_use]
    pub fn new(import: Arc<Import>, candidate: imports::Candidate) -> Self {
        Self { import, candidate }
    }

    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::ImportCandidate, self.candidate.id))
    }
}

/// Somebody whom an import found. Needs `VIEW_APPS` and `IMPORT_USERS`.
#[Object]
impl ImportCandidate {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::ImportCandidate, self.candidate.id)
    }

    /// What confirming would do.
    async fn category(&self) -> ImportCategory {
        self.candidate.category.into()
    }

    /// Why it cannot be confirmed as it is; null when it can.
    async fn conflict(&self) -> Option<ImportConflict> {
        self.candidate.conflict.map(Into::into)
    }

    /// The conflict for people, in English; null without one.
    async fn conflict_message(&self) -> Option<&str> {
        self.candidate.conflict.map(|reason| reason.sentence())
    }

    /// Okta's id of the account.
    async fn okta_id(&self) -> &str {
        &self.candidate.okta_id
    }

    /// Status in Okta when it was read; of somebody who vanished, as last known.
    async fn okta_status(&self) -> OktaUserStatus {
        (&self.candidate.okta_status).into()
    }

    /// Login in Okta.
    async fn login(&self) -> &str {
        &self.candidate.login
    }

    /// Primary e-mail address in Okta; null for none.
    async fn email(&self) -> Option<&str> {
        Some(self.candidate.email.as_str()).filter(|email| !email.is_empty())
    }

    /// Name to show.
    async fn display_name(&self) -> &str {
        &self.candidate.display_name
    }

    /// Whether the account holds an admin role in Okta. Such candidates are ticked one by one only, never by a filter.
    async fn is_okta_admin(&self) -> bool {
        self.candidate.is_admin
    }

    /// The person of the directory; null for `NEW`, and for conflicts that name nobody.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.candidate.user_id {
            Some(user) => people::maybe(ctx, user).await,
            None => Ok(None),
        }
    }

    /// Okta's profile, as far as it is mapped, by name of the attribute.
    async fn okta_profile(&self) -> Vec<ImportProfileValue> {
        let values = self.candidate.profile.iter();
        values
            .map(|(attribute, value)| ImportProfileValue {
                attribute: attribute.clone(),
                value: AttributeValue::of_json(value),
            })
            .collect()
    }

    /// Where both sides differ, attribute by attribute.
    async fn differences(&self) -> Vec<ImportDifference> {
        self.candidate
            .differences
            .iter()
            .cloned()
            .map(ImportDifference)
            .collect()
    }

    /// What confirming would do, for people, in English.
    async fn summary(&self) -> String {
        imports::intention(&self.import, &self.candidate).sentence()
    }

    /// Whether it would be applied if the viewer confirmed it, as far as that depends on who he is: where it would be `SKIPPED` with `ADMIN_ROLE`, `ABOVE_YOU`,
    /// `YOURSELF` or `LAST_OWNER`, it is false. Another administrator may be able to.
    async fn viewer_can_apply(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let person = match self.candidate.user_id {
            Some(user) => people::standing(ctx, user).await?,
            None => None,
        };
        let viewer = context::viewer(ctx)?;
        Ok(imports::may_apply(
            viewer,
            &self.import,
            &self.candidate,
            person.as_ref(),
        ))
    }

    /// Whether it is ticked. Ticks are shared among administrators.
    async fn selected(&self) -> bool {
        self.candidate.selected
    }

    /// Whose values win for this candidate, if another side's than the import's; null: the import's `sourceProfile`.
    async fn source_profile(&self) -> Option<SourceProfile> {
        self.candidate.source_profile.map(Into::into)
    }

    /// What became of it; null before it was confirmed and reached.
    async fn outcome(&self) -> Option<ImportOutcome> {
        self.candidate.outcome.map(Into::into)
    }

    /// Why it was not applied, for programs; null otherwise, and for `FAILED` for another reason.
    async fn outcome_reason(&self) -> Option<ImportOutcomeReason> {
        self.candidate.outcome_reason.map(Into::into)
    }

    /// Why it was not applied, for people, in English; null otherwise.
    async fn outcome_message(&self) -> Option<String> {
        let reason = self
            .candidate
            .outcome_reason
            .map(|reason| reason.sentence());
        match (reason, self.candidate.outcome_message.as_deref()) {
            (Some(reason), Some(detail)) => Some(format!("{reason} {detail}")),
            (one, other) => one.or(other).map(str::to_owned),
        }
    }

    /// When it got its outcome; null before.
    async fn applied_at(&self) -> Option<DateTime<Utc>> {
        self.candidate.applied_at.map(context::time)
    }
}
