//! How far an app is.

use async_graphql::{ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::domain::account::AccountState as State;
use crate::graphql::accounts::problem::{AccountState, AccountWaitReason};
use crate::graphql::apps::pause::ProvisioningPause;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::service::sync_status;

/// Accounts in one state.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct AccountStateCount {
    /// The state.
    pub state: AccountState,
    /// How many accounts are in it.
    pub count: i32,
}

/// Accounts that wait for one thing.
#[derive(Clone, Debug, SimpleObject)]
pub struct AccountWaitCount {
    /// What they wait for.
    pub reason: AccountWaitReason,
    /// The same for people, in English.
    pub message: String,
    /// How many accounts wait for it.
    pub count: i32,
}

/// How far an app is. Needs `VIEW_APPS`; follow it with the subscription `syncStatus`.
#[derive(Clone, Debug)]
pub struct SyncStatus(pub sync_status::SyncStatus);

/// How far an app is. Needs `VIEW_APPS`; follow it with the subscription `syncStatus`.
#[Object]
impl SyncStatus {
    /// Global id of the app.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.0.app_id)
    }

    /// Accounts by state; every state once.
    async fn counts(&self) -> Vec<AccountStateCount> {
        let counts = self.0.accounts.iter();
        let count = |(state, count): &(State, u64)| AccountStateCount {
            state: (*state).into(),
            count: int(*count),
        };
        counts.map(count).collect()
    }

    /// All accounts.
    async fn total(&self) -> i32 {
        int(self.0.total())
    }

    /// Accounts `IN_SYNC`.
    async fn in_sync(&self) -> i32 {
        self.count_of(State::InSync)
    }

    /// Accounts `PENDING`.
    async fn pending(&self) -> i32 {
        self.count_of(State::Pending)
    }

    /// Accounts `RUNNING` or `CHECKING`.
    async fn running(&self) -> i32 {
        let both = self.0.in_state(State::Running) + self.0.in_state(State::Checking);
        int(both)
    }

    /// Accounts `WAITING`; for what, says `waits`.
    async fn waiting(&self) -> i32 {
        self.count_of(State::Waiting)
    }

    /// Accounts `BLOCKED`: somebody has to do something.
    async fn blocked(&self) -> i32 {
        self.count_of(State::Blocked)
    }

    /// Accounts `HELD` for approval.
    async fn held(&self) -> i32 {
        self.count_of(State::Held)
    }

    /// What the waiting accounts wait for; reasons without accounts are absent.
    async fn waits(&self) -> Vec<AccountWaitCount> {
        let waits = self.0.waiting.iter();
        let count =
            |(reason, count): &(crate::domain::account::WaitReason, u64)| AccountWaitCount {
                reason: (*reason).into(),
                message: reason.sentence().to_owned(),
                count: int(*count),
            };
        waits.map(count).collect()
    }

    /// True when nothing is pending, running, being checked or waiting. Blocked and held accounts wait for people and do not count, nor do those
    /// that wait for the day of their deletion (`DELETION_DELAYED`).
    async fn settled(&self) -> bool {
        self.0.is_settled()
    }

    /// Who paused the app, when and why; null while it is not paused.
    async fn provisioning_pause(&self) -> Option<ProvisioningPause> {
        self.0.pause.clone().map(ProvisioningPause)
    }

    /// Since when the account that has waited longest is waiting; null when none does.
    async fn oldest_pending_at(&self) -> Option<DateTime<Utc>> {
        self.0.oldest_pending_at.map(context::time)
    }

    /// Calls that succeed in a minute at present, by the last two minutes.
    async fn operations_per_minute(&self) -> i32 {
        int(self.0.operations_per_minute)
    }

    /// When the work will be done, at the present speed and as far as Okta's rate limit allows; null when there is none, while the app is paused, or
    /// when the speed is not known yet. Accounts that wait for anything but the rate limit do not count.
    async fn estimated_completion(&self) -> Option<DateTime<Utc>> {
        self.0.estimated_completion_at.map(context::time)
    }

    /// As of when.
    async fn at(&self) -> DateTime<Utc> {
        context::time(self.0.at)
    }
}

impl SyncStatus {
    fn count_of(&self, state: State) -> i32 {
        int(self.0.in_state(state))
    }
}

fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
