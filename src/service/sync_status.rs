//! How far an app is: what is in step, what waits, why, and for how long still.

use uuid::Uuid;

use super::{Error, Result, Services, Viewer};
use crate::domain::account::{AccountState, WaitReason};
use crate::domain::permission::Permission;
use crate::store::sync_counts;

/// The speed is taken from the operations of this long, in milliseconds: short enough to follow a change of Okta's limits.
const SPEED_WINDOW_MS: i64 = 120_000;
/// Operations that must have succeeded within the window before anybody is told a time.
const SPEED_SAMPLE: u64 = 5;

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

    /// Accounts that are still to be brought in step and can be worked on now.
    #[must_use]
    pub fn backlog(&self) -> u64 {
        [
            AccountState::Pending,
            AccountState::Running,
            AccountState::Checking,
        ]
        .into_iter()
        .map(|state| self.in_state(state))
        .sum()
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
                at: now,
            };
            status.estimated_completion_at = estimate(status.backlog(), done, now);
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

/// One operation an account: most need no more (design §3, the certain path is one call).
fn estimate(backlog: u64, done: u64, now: i64) -> Option<i64> {
    if backlog == 0 || done < SPEED_SAMPLE {
        return None;
    }
    let window = SPEED_WINDOW_MS.unsigned_abs();
    let left = backlog.saturating_mul(window) / done;
    Some(now.saturating_add(i64::try_from(left).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_only_told_when_the_speed_is_known() {
        assert_eq!(estimate(0, 100, 0), None);
        assert_eq!(estimate(10, SPEED_SAMPLE - 1, 0), None);
        assert_eq!(estimate(60, 120, 1_000), Some(61_000));
    }

    #[test]
    fn every_state_is_counted() {
        let counts = complete(&[(AccountState::Blocked, 3)]);
        assert_eq!(counts.len(), AccountState::ALL.len());
        assert!(counts.contains(&(AccountState::Blocked, 3)));
        assert!(counts.contains(&(AccountState::InSync, 0)));
    }
}
