//! What saving other switches or another mapping would set going.

use async_graphql::{Context, Object, OneofObject, SimpleObject};

use super::mapping::{self, AttributeMappingInput};
use super::settings::ProvisioningSettingsChangeInput;
use crate::domain::deprovisioning::Removal;
use crate::graphql::directory::user::User;
use crate::graphql::operations::operation::OperationKind;
use crate::graphql::people;
use crate::graphql::user_error::UserError;
use crate::service::impact::{Change, Impact};
use crate::service::mappings;

/// What might be saved. Give exactly one of the fields.
#[derive(Clone, Debug, OneofObject)]
pub enum ImpactChangeInput {
    /// Other switches.
    Settings(ProvisioningSettingsChangeInput),
    /// Another mapping, whole.
    Mappings(Vec<AttributeMappingInput>),
}

impl From<ImpactChangeInput> for Change {
    fn from(input: ImpactChangeInput) -> Self {
        match input {
            ImpactChangeInput::Settings(change) => Self::Settings(change.into()),
            ImpactChangeInput::Mappings(items) => Self::Mappings(mapping::items(items)),
        }
    }
}

/// For how many accounts one kind of operation would come in addition.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ImpactOperationCount {
    /// The kind.
    pub kind: OperationKind,
    /// How many accounts.
    pub count: i32,
}

/// What saving would set going in Okta, counted over the app's accounts as we know them. Okta is not asked, and nothing is saved.
#[derive(Clone, Debug)]
pub struct ImpactPreview(pub Impact);

/// What saving would set going in Okta, counted over the app's accounts as we know them. Okta is not asked, and nothing is saved.
#[Object]
impl ImpactPreview {
    /// Accounts of the app.
    async fn account_count(&self) -> i32 {
        int(self.0.accounts)
    }

    /// Accounts that were looked at; fewer than `accountCount` in an app with more than 20,000.
    async fn examined_count(&self) -> i32 {
        int(self.0.examined)
    }

    /// Accounts for which something would be done that is not to be done now.
    async fn affected_count(&self) -> i32 {
        int(self.0.affected)
    }

    /// How many accounts each kind of operation would come to in addition; kinds without any are absent.
    async fn operations(&self) -> Vec<ImpactOperationCount> {
        let counts = self.0.operations.iter();
        counts
            .map(|(kind, count)| ImpactOperationCount {
                kind: (*kind).into(),
                count: int(*count),
            })
            .collect()
    }

    /// Accounts that would be blocked and are not now.
    async fn newly_blocked_count(&self) -> i32 {
        int(self.0.newly_blocked)
    }

    /// Accounts that are blocked now and would not be.
    async fn unblocked_count(&self) -> i32 {
        int(self.0.unblocked)
    }

    /// Accounts that would be deactivated, and wait for an administrator's approval first. They do when saving asks for more deactivations and
    /// deletions together than are left of `App.deprovisioningBudget`: then all of them wait, else none, and this is 0. One alone that finds no
    /// room waits as well, and goes on by itself.
    async fn held_deactivation_count(&self) -> i32 {
        self.held(Removal::Deactivate)
    }

    /// Accounts that would be deleted, and wait for an administrator's approval first; as `heldDeactivationCount`.
    async fn held_deletion_count(&self) -> i32 {
        self.held(Removal::Delete)
    }

    /// Some of the people affected, at most 10.
    #[graphql(complexity = "child_complexity.saturating_mul(10).saturating_add(1)")]
    async fn examples(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<User>> {
        let people = self.0.examples.iter().map(|id| people::person(ctx, *id));
        futures::future::try_join_all(people).await
    }

    /// What is wrong with the mapping, which could not be saved then; `field` leads into `items`.
    async fn problems(&self) -> Vec<UserError> {
        let problems = self.0.problems.iter().map(mappings::user_error);
        problems.map(Into::into).collect()
    }
}

impl ImpactPreview {
    fn held(&self, removal: Removal) -> i32 {
        int(self.0.held.get(&removal).copied().unwrap_or_default())
    }
}

fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
