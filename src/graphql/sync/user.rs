//! The apps of a person.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Object};
use uuid::Uuid;

use crate::graphql::accounts::account::Account;
use crate::graphql::assignments::assignment::Assignment;
use crate::graphql::error;
use crate::graphql::loaders::{AccountsLoader, AssignmentsLoader};

/// What a person has to do with apps.
#[derive(Clone, Copy, Debug)]
pub struct UserSync(pub Uuid);

/// What a person has to do with apps.
#[Object]
impl UserSync {
    /// The apps that the person has, at most one assignment for each app of the organisation; empty for viewers without `VIEW_APPS`.
    #[graphql(complexity = "child_complexity.saturating_mul(3).saturating_add(1)")]
    async fn assignments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Assignment>> {
        let loader = ctx.data::<DataLoader<AssignmentsLoader>>()?;
        let found = loader
            .load_one(self.0)
            .await
            .map_err(|e| error::public_ref(&e))?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Assignment)
            .collect())
    }

    /// The person's accounts, at most one for each app of the organisation, also of apps that the person no longer has; empty for viewers without
    /// `VIEW_APPS`.
    #[graphql(complexity = "child_complexity.saturating_mul(3).saturating_add(1)")]
    async fn accounts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Account>> {
        let loader = ctx.data::<DataLoader<AccountsLoader>>()?;
        let found = loader
            .load_one(self.0)
            .await
            .map_err(|e| error::public_ref(&e))?;
        Ok(found.unwrap_or_default().into_iter().map(Account).collect())
    }
}
