//! How far an app is: what is in step, what waits, why, and for how long still.

use uuid::Uuid;

use super::estimate::{self, Pace, Speed, completion};
use super::provisioning_pause::Pause;
use super::{Error, Result, Services, Viewer};
use crate::domain::account::{AccountState, WaitReason};
use crate::domain::permission::Permission;
use crate::store::{Access, apps, paces, sync_counts};

/// The speed is taken from the operations of this long, in milliseconds: short enough to follow a change of Okta's limits.
const SPEED_WINDOW_MS: i64 = 120_000;

/// How far an app is.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncStatus {
    /// The app.
    pub app_id: Uuid,
    /// Accounts by state, every state once, in the order of the vocabulary.
    pub accounts: Vec<(AccountState, u64)>,
    /// Waiting accounts by what they wait for; reasons without accounts are absent.
    pub waiting: Vec<(WaitReason, u64)>,
    /// When the account of the backlog that has waited longest was last changed, epoch milliseconds; `None` without a backlog.
    pub oldest_pending_at: Option<i64>,
    /// Operations that succeed in a minute at present.
    pub operations_per_minute: u64,
    /// When the backlog will be done at this speed, epoch milliseconds; `None` without a backlog or a known speed.
    pub estimated_completion_at: Option<i64>,
    /// Who paused the app; `None` while it is not paused.
    pub pause: Option<Pause>,
    /// As of when, epoch milliseconds.
    pub at: i64,
}

impl SyncStatus {
    /// Accounts in this state.
    #[must_use]
    pub fn in_state(&self, state: AccountState) -> u64 {
        let found = self.accounts.iter().find(|(known, _)| *known == state);
        found.map_or(0, |(_, count)| *count)
    }

    /// Accounts that are still to be brought in step, and for which nothing but Okta's rate limit has to be waited for.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        let states = [
            AccountState::Pending,
            AccountState::Running,
            AccountState::Checking,
        ];
        let working: u64 = states.into_iter().map(|state| self.in_state(state)).sum();
        working + self.waiting_for(WaitReason::RateLimited)
    }

    /// Whether nothing is left to do but what waits for people or for the day of a deletion.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let waiting = self.in_state(AccountState::Waiting);
        self.backlog() == 0 && waiting == self.waiting_for(WaitReason::DeletionDelayed)
    }

    fn waiting_for(&self, reason: WaitReason) -> u64 {
        let found = self.waiting.iter().find(|(known, _)| *known == reason);
        found.map_or(0, |(_, count)| *count)
    }

    /// Whether nobody would see a difference: all but the time is the same.
    #[must_use]
    pub fn looks_like(&self, other: &Self) -> bool {
        let same_time = Self {
            at: other.at,
            estimated_completion_at: other.estimated_completion_at,
            ..self.clone()
        };
        same_time == *other
    }

    /// All accounts.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.accounts.iter().map(|(_, count)| count).sum()
    }
}

/// How far the app is.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn sync_status(services: &Services, viewer: &Viewer, app: Uuid) -> Result<SyncStatus> {
    viewer.require(Permission::ViewApps)?;
    let now = services.clock.now_ms();
    let organization = viewer.organization_id;
    services
        .store
        .snapshot(async |tx| {
            let by_state = sync_counts::by_state(&*tx, organization, app).await?;
            let waiting = sync_counts::by_wait(&*tx, organization, app).await?;
            let oldest = sync_counts::oldest_pending(&*tx, organization, app).await?;
            let since = now - SPEED_WINDOW_MS;
            let done = sync_counts::succeeded_since(&*tx, organization, app, since).await?;
            let pause = apps::find(&*tx, organization, app).await?;
            let pause = pause.and_then(|app| app.pause);
            let speed = Speed {
                done,
                since: sync_counts::first_sent_since(&*tx, organization, app, since).await?,
            };
            let pace = pace(&*tx, organization, app).await?;
            let mut status = SyncStatus {
                app_id: app,
                accounts: complete(&by_state),
                waiting: waiting
                    .into_iter()
                    .map(|(why, n)| (why, positive(n)))
                    .collect(),
                oldest_pending_at: oldest,
                operations_per_minute: done * 60_000 / SPEED_WINDOW_MS.unsigned_abs(),
                estimated_completion_at: None,
                pause,
                at: now,
            };
            if status.pause.is_none() {
                status.estimated_completion_at = completion(status.backlog(), speed, pace, now);
            }
            Ok::<_, Error>(status)
        })
        .await
}

fn complete(by_state: &[(AccountState, i64)]) -> Vec<(AccountState, u64)> {
    let count = |state: AccountState| {
        let found = by_state.iter().find(|(known, _)| *known == state);
        found.map_or(0, |(_, count)| positive(*count))
    };
    let states = AccountState::ALL.iter().copied();
    states.map(|state| (state, count(state))).collect()
}

fn positive(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// The pace that Okta allows, and how much of the present window is used.
async fn pace(tx: &impl Access, organization: Uuid, app: Uuid) -> Result<Option<Pace>> {
    let Some(allowed) = paces::find(tx, app).await? else {
        return Ok(None);
    };
    let begun = estimate::window_begun(allowed.window_ends_at);
    let used = sync_counts::sent_since(tx, organization, app, begun).await?;
    let before = estimate::window_before_begun(allowed.window_ends_at);
    let both = sync_counts::sent_since(tx, organization, app, before).await?;
    Ok(Some(Pace {
        usable: positive(allowed.usable),
        window_ends_at: allowed.window_ends_at,
        used,
        used_before: both.saturating_sub(used),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_counted() {
        let counts = complete(&[(AccountState::Blocked, 3)]);
        assert_eq!(counts.len(), AccountState::ALL.len());
        assert!(counts.contains(&(AccountState::Blocked, 3)));
        assert!(counts.contains(&(AccountState::InSync, 0)));
    }
}
