//! What an administrator can do for an account that is stuck.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::account::Account;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::PathStep;
use crate::service::accounts::{self, Retried};

/// The accounts' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountMutation;

/// Accounts to try again.
#[derive(Clone, Debug, InputObject)]
pub struct AccountsRetryInput {
    /// Global ids of the accounts, 1 to 100.
    pub account_ids: Vec<ID>,
}

/// What became of one account.
#[derive(SimpleObject)]
pub struct AccountRetryResult {
    /// The id as given.
    pub account_id: ID,
    /// The account as it is now; null when refused.
    pub account: Option<Account>,
    /// Why it was refused; empty when it was done, and for accounts that are under way already.
    pub user_errors: Vec<UserError>,
}

/// Answer of `accountsRetry`.
#[derive(SimpleObject)]
pub struct AccountsRetryPayload {
    /// One result for each id, in their order; empty when the whole was refused.
    pub results: Vec<AccountRetryResult>,
    /// Why the whole was refused; the refusals of single accounts are in `results`.
    pub user_errors: Vec<UserError>,
}

/// A link to confirm.
#[derive(Clone, Debug, InputObject)]
pub struct AccountLinkConfirmInput {
    /// Global id of the account.
    pub account_id: ID,
    /// Okta's id of the account that was shown: `problem.candidateOktaId`, or `oktaId` with `PROTECTED_ADMIN`.
    pub okta_id: String,
}

/// Answer of `accountLinkConfirm`.
#[derive(SimpleObject)]
pub struct AccountLinkConfirmPayload {
    /// The account as it is now; null when refused.
    pub account: Option<Account>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The accounts' part of `Mutation`.
#[Object]
impl AccountMutation {
    /// Tries blocked and waiting accounts again at once, up to 100. Accounts under way already are left alone; for those that are not stuck the
    /// result is `NOT_POSSIBLE_NOW`. Needs `VIEW_APPS` and `ASSIGN_APPS`.
    async fn accounts_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which accounts.")] input: AccountsRetryInput,
    ) -> async_graphql::Result<AccountsRetryPayload> {
        let rows = input.account_ids.iter();
        let rows: Vec<_> = rows.map(|id| ids::row_of(id, NodeKind::Account)).collect();
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let done = settle(accounts::retry(services, viewer, &rows).await)?;
        Ok(match done {
            Ok(retried) => AccountsRetryPayload {
                results: results(input.account_ids, retried),
                user_errors: Vec::new(),
            },
            Err(user_errors) => AccountsRetryPayload {
                results: Vec::new(),
                user_errors,
            },
        })
    }

    /// Agrees that the Okta account which was shown belongs to this person and may be managed, for the reasons shown; further reasons ask again. Only
    /// for accounts blocked with `LINK_NEEDS_CONFIRMATION` or `PROTECTED_ADMIN`, else `NOT_POSSIBLE_NOW`. Needs `VIEW_APPS`, `ASSIGN_APPS` and
    /// `IMPORT_USERS`. Accounts that hold admin roles are confirmed by owners and admins only (`ROLE_ABOVE_CEILING`), by an admin not for himself.
    async fn account_link_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account, and which Okta account was shown.")]
        input: AccountLinkConfirmInput,
    ) -> async_graphql::Result<AccountLinkConfirmPayload> {
        let id = ids::row_of(&input.account_id, NodeKind::Account);
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let okta_id = input.okta_id.trim();
        let done = settle(accounts::confirm_link(services, viewer, id, okta_id).await)?;
        Ok(match done {
            Ok(account) => AccountLinkConfirmPayload {
                account: Some(account.into()),
                user_errors: Vec::new(),
            },
            Err(user_errors) => AccountLinkConfirmPayload {
                account: None,
                user_errors,
            },
        })
    }
}

/// One result for each id.
pub(super) fn results(ids: Vec<ID>, outcomes: Vec<Retried>) -> Vec<AccountRetryResult> {
    ids.into_iter()
        .zip(outcomes)
        .enumerate()
        .map(result)
        .collect()
}

fn result((index, (account_id, retried)): (usize, (ID, Retried))) -> AccountRetryResult {
    match retried.outcome {
        Ok(account) => AccountRetryResult {
            account_id,
            account: Some(account.into()),
            user_errors: Vec::new(),
        },
        Err(error) => AccountRetryResult {
            account_id,
            account: None,
            user_errors: vec![
                error
                    .at::<PathStep>(["accountIds".into(), index.into()])
                    .into(),
            ],
        },
    }
}
