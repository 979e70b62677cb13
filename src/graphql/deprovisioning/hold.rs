//! A hold, and the accounts in it.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::budget::int;
use crate::domain;
use crate::domain::deprovisioning::{HoldStatus, Removal};
use crate::graphql::accounts::account::Account;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::directory::user::User;
use crate::graphql::error::Code;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::AccountLoader;
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error, people};
use crate::service::deprovisioning::{self, HeldAccount, Hold};

/// What is done to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::deprovisioning::Removal")]
pub enum DeprovisioningKind {
    /// It is deactivated in Okta; activating the person here brings it back.
    Deactivate,
    /// It is deactivated in Okta, unless it is already, and deleted; nobody can bring it back.
    Delete,
}

/// What asked for the deactivations and deletions of a hold. More may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::deprovisioning::Cause")]
pub enum DeprovisioningCause {
    /// `usersUnassign` for a list of people.
    UsersUnassign,
    /// `usersUnassign` for all who matched: a bulk job. It is judged when the job has ended.
    BulkJob,
    /// `userDeactivate`.
    UserDeactivate,
    /// `userDelete`.
    UserDelete,
    /// An import through another app that deactivated people. It is judged when the import has ended.
    Import,
    /// `provisioningSettingsSave` that switched `deleteUsers` or `activateAndDeactivateUsers` on.
    ProvisioningSettings,
}

/// Why a hold was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::deprovisioning::HoldReason")]
pub enum DeprovisioningHoldReason {
    /// One change asked for more than was left of the budget. It is held whole, and nothing happens until an administrator decides.
    TooManyAtOnce,
    /// Separate changes of one account each used the budget up. The accounts go on by themselves when there is room, in the order in which they came
    /// (`Account.nextAttemptAt`); an administrator can approve all of them at once. An app has at most one such hold open.
    BudgetSpent,
}

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::deprovisioning::HoldStatus")]
pub enum DeprovisioningHoldStatus {
    /// It waits.
    Open,
    /// Approved: exactly the accounts listed are carried out.
    Approved,
    /// Discarded: the accounts listed stay as they are in Okta.
    Discarded,
    /// Nobody is left in it: everybody went on when there was room, or was given access again.
    Ended,
}

/// A list of holds.
pub type DeprovisioningHoldConnection =
    Connection<Cursor, DeprovisioningHold, TotalCount, EmptyFields>;

/// A list of accounts in a hold.
pub type DeprovisioningHoldAccountConnection =
    Connection<Cursor, DeprovisioningHoldAccount, TotalCount, EmptyFields>;

/// Deactivations and deletions in Okta that are held because there are more than the app's `deprovisioningBudget` lets through. Nothing at all
/// happens to the accounts in it while it is open. Whoever is given access again drops out by that. Needs `VIEW_APPS`.
#[derive(Clone, Debug)]
pub struct DeprovisioningHold(pub Hold);

impl DeprovisioningHold {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::DeprovisioningHold, self.0.id))
    }

    async fn count(&self, ctx: &Context<'_>, of: &[Removal]) -> async_graphql::Result<i32> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let counts = deprovisioning::counts(services, viewer, &self.0).await;
        let counts = counts.map_err(error::public)?.into_iter();
        let these = counts.filter(|(removal, _)| of.contains(removal));
        Ok(int(these.map(|(_, count)| count).sum()))
    }
}

/// Deactivations and deletions in Okta that are held because there are more than the app's `deprovisioningBudget` lets through. Nothing at all
/// happens to the accounts in it while it is open. Whoever is given access again drops out by that. Needs `VIEW_APPS`.
#[Object]
impl DeprovisioningHold {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::DeprovisioningHold, self.0.id)
    }

    /// Global id of the app.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.0.app_id)
    }

    /// What became of it.
    async fn status(&self) -> DeprovisioningHoldStatus {
        self.0.status.into()
    }

    /// Goes up whenever an account joins, leaves, or is wanted differently. Give it to `deprovisioningHoldApprove` as you showed it.
    async fn version(&self) -> i64 {
        self.0.version
    }

    /// Why it was made.
    async fn reason(&self) -> DeprovisioningHoldReason {
        self.0.reason.into()
    }

    /// `reason` as a sentence for people, in English.
    async fn message(&self) -> &'static str {
        self.0.reason.sentence()
    }

    /// What asked for it; null with `BUDGET_SPENT`, where separate changes came together.
    async fn cause(&self) -> Option<DeprovisioningCause> {
        self.0.cause.map(Into::into)
    }

    /// Whose change it was; null with `BUDGET_SPENT`.
    async fn caused_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        person(ctx, self.0.caused_by).await
    }

    /// Whether `deprovisioningHoldApprove` is open to the viewer. Takes `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn viewer_can_approve(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.require_configure().is_ok())
    }

    /// Whether `deprovisioningHoldDiscard` is open to the viewer: as `viewerCanApprove`.
    async fn viewer_can_discard(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.require_configure().is_ok())
    }

    /// Accounts in it. While it is open, whoever changed since does not count.
    async fn account_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        self.count(ctx, Removal::ALL).await
    }

    /// Of those, how many are to be deactivated and not deleted.
    async fn deactivation_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        self.count(ctx, &[Removal::Deactivate]).await
    }

    /// Of those, how many are to be deleted.
    async fn deletion_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        self.count(ctx, &[Removal::Delete]).await
    }

    /// The accounts, those first that came first. Of a hold that was decided they are exactly those that the decision was about, whatever became of
    /// them since.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those to which this is done; absent or null: all.")] kind: Option<
            DeprovisioningKind,
        >,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<DeprovisioningHoldAccountConnection> {
        let page = PageArgs::new(first, after, last, before);
        let request = page.request(Listing::DeprovisioningHoldAccounts, false)?;
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let removal = kind.map(Removal::from);
        let rows = deprovisioning::accounts_of(services, viewer, &self.0, removal, request).await;
        let hold = self.0.clone();
        let total = TotalCount::new(move |services, viewer| {
            let hold = hold.clone();
            async move {
                let counts = deprovisioning::counts(&services, &viewer, &hold).await?;
                let these = counts
                    .into_iter()
                    .filter(|(of, _)| removal.is_none_or(|removal| removal == *of));
                Ok(these.map(|(_, count)| count).sum())
            }
        });
        Ok(paging::connection(
            Listing::DeprovisioningHoldAccounts,
            rows.map_err(error::public)?,
            total,
            DeprovisioningHoldAccount,
        ))
    }

    /// Who approved or discarded it; null while nobody did.
    async fn decided_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        person(ctx, self.0.decided_by).await
    }

    /// When it was approved or discarded, or the last account left it; null while it is open.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at.map(context::time)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }
}

async fn person(ctx: &Context<'_>, id: Option<Uuid>) -> async_graphql::Result<Option<User>> {
    match id {
        Some(id) => people::maybe(ctx, id).await,
        None => Ok(None),
    }
}

/// An account in a hold.
#[derive(Clone, Copy, Debug)]
pub struct DeprovisioningHoldAccount(HeldAccount);

/// An account in a hold.
#[Object]
impl DeprovisioningHoldAccount {
    /// What is to be done to it in Okta.
    async fn kind(&self) -> DeprovisioningKind {
        self.0.removal.into()
    }

    /// When it joined the hold.
    async fn held_at(&self) -> DateTime<Utc> {
        context::time(self.0.held_at)
    }

    /// The account as it is now: `account.user` says whose it is, `account.assignment` whether the person has the app, and
    /// `account.nextAttemptAt` when it goes on by itself.
    async fn account(&self, ctx: &Context<'_>) -> async_graphql::Result<Account> {
        let found = ctx.data::<DataLoader<AccountLoader>>()?;
        let found = found.load_one(self.0.account_id).await;
        let found = found.map_err(|e| error::public_ref(&e))?;
        let missing = || error::coded(Code::Internal, "Something went wrong on our side.");
        found.map(Account::from).ok_or_else(missing)
    }
}

/// Holds as a connection, newest first.
///
/// # Errors
/// As the use case; `BAD_USER_INPUT` for impossible paging.
pub async fn list(
    ctx: &Context<'_>,
    app: Uuid,
    statuses: Option<Vec<DeprovisioningHoldStatus>>,
    page: PageArgs,
) -> async_graphql::Result<DeprovisioningHoldConnection> {
    let request = page.request(Listing::DeprovisioningHolds, true)?;
    let statuses = statuses.filter(|statuses| !statuses.is_empty());
    let statuses: Option<Vec<HoldStatus>> =
        statuses.map(|statuses| statuses.into_iter().map(Into::into).collect());
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let rows = deprovisioning::list(services, viewer, app, statuses.as_deref(), request).await;
    let total = TotalCount::new(move |services, viewer| {
        let statuses = statuses.clone();
        async move { deprovisioning::count(&services, &viewer, app, statuses.as_deref()).await }
    });
    Ok(paging::connection(
        Listing::DeprovisioningHolds,
        rows.map_err(error::public)?,
        total,
        DeprovisioningHold,
    ))
}
