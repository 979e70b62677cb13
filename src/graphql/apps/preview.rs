//! What a mapping makes of one person.

use async_graphql::{Context, Object, SimpleObject};

use super::mapping::MappingSource;
use crate::graphql::accounts::problem::{AccountProblem, AccountState, AttributeFault};
use crate::graphql::directory::user::User;
use crate::graphql::operations::operation::OperationKind;
use crate::graphql::people;
use crate::graphql::user_error::UserError;
use crate::graphql::values::AttributeValue;
use crate::service::mapping_preview::{Line, Preview};
use crate::service::mappings;

/// One attribute of a person's Okta profile, as the mapping makes it.
#[derive(Clone, Debug, SimpleObject)]
pub struct MappingPreviewAttribute {
    /// Name of the attribute.
    pub attribute: String,
    /// Okta's title for it.
    pub title: String,
    /// Where the value comes from.
    pub source: MappingSource,
    /// What the mapping gives; null for no value, and for a value that Okta would refuse (see `faults`).
    pub value: Option<AttributeValue>,
    /// What Okta holds, as far as we know; null for no value, and when there is no account.
    pub current_value: Option<AttributeValue>,
    /// Whether Okta would hold something else than now.
    pub changed: bool,
}

impl From<Line> for MappingPreviewAttribute {
    fn from(line: Line) -> Self {
        Self {
            attribute: line.attribute,
            title: line.title,
            source: line.source.into(),
            value: line.value.map(Into::into),
            current_value: line.current.map(Into::into),
            changed: line.changes,
        }
    }
}

/// What a mapping makes of one person, and what would be done in Okta if the person had the app. Okta is not asked.
#[derive(Clone, Debug)]
pub struct MappingPreview(pub Preview);

/// What a mapping makes of one person, and what would be done in Okta if the person had the app. Okta is not asked.
#[Object]
impl MappingPreview {
    /// The person.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<User> {
        people::person(ctx, self.0.user).await
    }

    /// The Okta profile, one line per mapped attribute, in the order of the mapping.
    #[graphql(complexity = "child_complexity.saturating_mul(30).saturating_add(1)")]
    async fn attributes(&self) -> Vec<MappingPreviewAttribute> {
        self.0.lines.iter().cloned().map(Into::into).collect()
    }

    /// Values that Okta would refuse; the person would be blocked with `PROFILE_INVALID`.
    async fn faults(&self) -> Vec<AttributeFault> {
        self.0.faults.iter().cloned().map(Into::into).collect()
    }

    /// What is wrong with the mapping itself, which could not be saved then; `field` leads into `items`.
    async fn problems(&self) -> Vec<UserError> {
        let problems = self.0.problems.iter().map(mappings::user_error);
        problems.map(Into::into).collect()
    }

    /// What would be done in Okta, in this order, with the switches as they are; empty when nothing.
    async fn operations(&self) -> Vec<OperationKind> {
        let kinds = self.0.operations.iter();
        kinds.map(|kind| (*kind).into()).collect()
    }

    /// How the account would stand then.
    async fn state(&self) -> AccountState {
        self.0.state.into()
    }

    /// What would be in the way; null unless `state` is `BLOCKED`.
    async fn problem(&self) -> Option<AccountProblem> {
        self.0.problem.clone().map(Into::into)
    }
}
