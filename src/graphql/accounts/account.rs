//! An account: one person in the Okta org of one app.

use std::borrow::Cow;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::problem::{AccountProblem, AccountState, AccountWaitReason};
use crate::domain;
use crate::domain::account::OktaStatus;
use crate::graphql::assignments::assignment::{AssignedRole, Assignment};
use crate::graphql::cursor::Cursor;
use crate::graphql::deprovisioning::hold::DeprovisioningHold;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::{AssignmentsLoader, HoldLoader, LastOperationLoader};
use crate::graphql::operations::filter::OperationFilterInput;
use crate::graphql::operations::operation::{self, Operation, OperationConnection};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error, people};
use crate::service::accounts::{self, AccountView};
use crate::service::deletions::{self, DeletionDecision};
use crate::service::operations::OperationView;

/// How an Okta account came to be managed here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::account::Provenance")]
pub enum AccountProvenance {
    /// Created by this app.
    Created,
    /// It existed before and was found by its login.
    Linked,
    /// It existed before and was taken over by an import.
    Imported,
}

/// The status of a user in Okta. Okta may add further ones.
#[derive(Clone, Debug, SimpleObject)]
pub struct OktaUserStatus {
    /// Okta's name, such as `ACTIVE` or `DEPROVISIONED`; `DELETED` when Okta has no such user any more.
    pub code: String,
    /// As Okta's Admin Console words it; the code itself for one that we do not know.
    pub label: String,
}

impl From<&OktaStatus> for OktaUserStatus {
    fn from(status: &OktaStatus) -> Self {
        let label = match status {
            OktaStatus::Staged => "Staged",
            OktaStatus::Provisioned => "Pending user action",
            OktaStatus::Active => "Active",
            OktaStatus::Recovery => "Password reset",
            OktaStatus::PasswordExpired => "Password expired",
            OktaStatus::LockedOut => "Locked out",
            OktaStatus::Suspended => "Suspended",
            OktaStatus::Deprovisioned => "Deactivated",
            OktaStatus::Deleted => "Deleted",
            OktaStatus::Other(name) => name,
        };
        Self {
            code: status.as_str().to_owned(),
            label: label.to_owned(),
        }
    }
}

/// A list of accounts.
pub type AccountConnection = Connection<Cursor, Account, TotalCount, EmptyFields>;

/// How one person stands in the Okta org of one app. There is one from the first assignment on; it outlives the assignment and the person.
/// Needs `VIEW_APPS`; follow it with the subscription `accountChanged`.
#[derive(Clone, Debug)]
pub struct Account(AccountView, Option<Option<Operation>>);

impl From<AccountView> for Account {
    fn from(view: AccountView) -> Self {
        Self(view, None)
    }
}

impl Account {
    /// With its newest operation, where that was read with it.
    #[must_use]
    pub fn with_newest(view: AccountView, newest: Option<Option<OperationView>>) -> Self {
        Self(view, newest.map(|found| found.map(Operation)))
    }

    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::Account, self.0.id))
    }
}

/// How one person stands in the Okta org of one app. There is one from the first assignment on; it outlives the assignment and the person.
/// Needs `VIEW_APPS`; follow it with the subscription `accountChanged`.
#[Object]
impl Account {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::Account, self.0.id)
    }

    /// Goes up with every change of the account: of two versions, the one with the higher revision is the newer.
    async fn revision(&self) -> i64 {
        self.0.revision
    }

    /// Where it stands.
    async fn state(&self) -> AccountState {
        self.0.state.into()
    }

    /// Why it is `BLOCKED` and what to do; null in every other state.
    async fn problem(&self) -> Option<AccountProblem> {
        self.0.problem.clone().map(Into::into)
    }

    /// What it is `WAITING` for; null in every other state.
    async fn wait_reason(&self) -> Option<AccountWaitReason> {
        self.0.wait.map(Into::into)
    }

    /// `waitReason` as a sentence for people, in English.
    async fn wait_message(&self) -> Option<&'static str> {
        self.0.wait.map(domain::account::WaitReason::sentence)
    }

    /// The open hold in which deactivating or deleting it waits; null in every state but `HELD`.
    async fn deprovisioning_hold(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Option<DeprovisioningHold>> {
        let Some(id) = self.0.hold_id else {
            return Ok(None);
        };
        let hold = ctx.data::<DataLoader<HoldLoader>>()?.load_one(id).await;
        Ok(hold
            .map_err(|e| error::public_ref(&e))?
            .map(DeprovisioningHold))
    }

    /// When it is tried again; null when no attempt is planned, or a person has to act first.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at.map(context::time)
    }

    /// The person, also when deleted from the directory since. Shown to everybody with `VIEW_APPS`.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<User> {
        people::person(ctx, self.0.user_id).await
    }

    /// The assignment; null when the person no longer has the app.
    async fn assignment(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Assignment>> {
        let theirs = ctx
            .data::<DataLoader<AssignmentsLoader>>()?
            .load_one(self.0.user_id)
            .await
            .map_err(|e| error::public_ref(&e))?
            .unwrap_or_default();
        let here = theirs.into_iter().find(|one| one.app_id == self.0.app_id);
        Ok(here.map(Into::into))
    }

    /// Global id of the app.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.0.app_id)
    }

    /// Okta's id of the user; null while no Okta account is linked.
    async fn okta_id(&self) -> Option<&str> {
        self.0.okta_id.as_deref()
    }

    /// Status in Okta when we last looked; null while no Okta account is linked.
    async fn okta_status(&self) -> Option<OktaUserStatus> {
        self.0.okta_status.as_ref().map(Into::into)
    }

    /// When Okta's answer last told us of the account; null when it never did.
    async fn observed_at(&self) -> Option<DateTime<Utc>> {
        self.0.observed_at.map(context::time)
    }

    /// How the Okta account came to be managed here; null while none is linked.
    async fn provenance(&self) -> Option<AccountProvenance> {
        self.0.provenance.map(Into::into)
    }

    /// The Okta admin role that was given and not yet taken back; null for none. It follows `assignment.role` with a delay.
    async fn granted_role(&self) -> Option<AssignedRole> {
        self.0.granted_role.map(Into::into)
    }

    /// The newest call to Okta; null when there was none.
    async fn last_operation(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Option<Cow<'_, Operation>>> {
        if let Some(read) = &self.1 {
            return Ok(read.as_ref().map(Cow::Borrowed));
        }
        let newest = ctx
            .data::<DataLoader<LastOperationLoader>>()?
            .load_one(self.0.id)
            .await
            .map_err(|e| error::public_ref(&e))?;
        Ok(newest.map(|view| Cow::Owned(Operation(view))))
    }

    /// The calls to Okta, newest first.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn operations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which to take; absent or null: all.")] filter: Option<
            OperationFilterInput,
        >,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<OperationConnection> {
        let args = PageArgs::new(first, after, last, before);
        // In a box: each field of an account needs room for the largest.
        Box::pin(operation::of_account(ctx, self.0.id, filter, args)).await
    }

    /// Whether `accountsRetry` is open to the viewer. Takes `VIEW_APPS` and `ASSIGN_APPS`.
    async fn viewer_can_retry(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.require_assign().is_ok())
    }

    /// Whether `accountLinkConfirm` is open to the viewer. Takes `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`; accounts that hold admin roles are confirmed by
    /// owners and admins only, by an admin not for himself.
    async fn viewer_can_confirm_link(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(accounts::may_confirm_link(viewer, &self.0))
    }

    /// Whether `accountDeletionsDecide` with `KEEP` is open to the viewer. Takes `VIEW_APPS` and `ASSIGN_APPS`.
    async fn viewer_can_keep(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(deletions::may_decide(viewer, DeletionDecision::Keep))
    }

    /// Whether `accountDeletionsDecide` with `DELETE_NOW` is open to the viewer. Takes `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn viewer_can_delete_now(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(deletions::may_decide(viewer, DeletionDecision::DeleteNow))
    }

    /// When the person was first assigned.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// When the account changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        context::time(self.0.updated_at)
    }
}
