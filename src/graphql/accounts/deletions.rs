//! Deciding about accounts that wait for their deletion.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::mutations::{AccountRetryResult, results};
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::deletions;

/// The deletions' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeletionMutation;

/// What becomes of an account that waits for its deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "deletions::DeletionDecision")]
pub enum DeletionDecision {
    /// It is deleted in Okta without waiting further. That cannot be undone.
    DeleteNow,
    /// It stays in Okta, deactivated, and is managed no more: `RELEASED`. A later assignment finds it again.
    Keep,
}

/// Accounts to decide about.
#[derive(Clone, Debug, InputObject)]
pub struct AccountDeletionsDecideInput {
    /// Global ids of accounts that wait with the reason `DELETION_DELAYED`, 1 to 100.
    pub account_ids: Vec<ID>,
    /// What becomes of them.
    pub decision: DeletionDecision,
}

/// Answer of `accountDeletionsDecide`.
#[derive(SimpleObject)]
pub struct AccountDeletionsDecidePayload {
    /// One result for each id, in their order; empty when the whole was refused.
    pub results: Vec<AccountRetryResult>,
    /// Why the whole was refused; the refusals of single accounts are in `results`.
    pub user_errors: Vec<UserError>,
}

/// The deletions' part of `Mutation`.
#[Object]
impl DeletionMutation {
    /// Decides about deactivated accounts that wait for their deletion (`AppOptions.deletionDelay`): delete now, or keep. For accounts that do
    /// not wait for it the result is `NOT_POSSIBLE_NOW`. Assigning the app to the person again also keeps the account, and activates it. Needs
    /// `VIEW_APPS` and `ASSIGN_APPS`; deleting also `IMPORT_USERS`.
    async fn account_deletions_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which accounts, and what becomes of them.")]
        input: AccountDeletionsDecideInput,
    ) -> async_graphql::Result<AccountDeletionsDecidePayload> {
        let rows = input.account_ids.iter();
        let rows: Vec<_> = rows.map(|id| ids::row_of(id, NodeKind::Account)).collect();
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let decision = input.decision.into();
        let decided = deletions::decide(services, viewer, &rows, decision).await;
        let (results, user_errors) = match settle(decided)? {
            Ok(decided) => (results(input.account_ids, decided), Vec::new()),
            Err(user_errors) => (Vec::new(), user_errors),
        };
        Ok(AccountDeletionsDecidePayload {
            results,
            user_errors,
        })
    }
}
