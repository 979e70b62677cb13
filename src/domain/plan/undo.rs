//! The undo window: where the app asks for it, a deactivated account is kept for some days before it is deleted.
//!
//! The window begins when the account is first planned as deactivated with its assignment over, and its end moves with the option. It is
//! over when both clocks that we know of, ours and Okta's, say so: neither of them alone has anybody deleted.

use super::draft::Draft;
use super::{KnownAccount, Plan};
use crate::domain::account::{AccountState, OktaStatus, WaitReason};

/// What time it is, as far as anybody can say, epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// By the clock that is behind.
    pub earliest: i64,
    /// By the clock that is ahead.
    pub latest: i64,
}

impl Now {
    /// By one clock.
    pub const fn at(time: i64) -> Self {
        Self {
            earliest: time,
            latest: time,
        }
    }

    /// By two clocks.
    pub fn by_both(one: i64, other: i64) -> Self {
        Self {
            earliest: one.min(other),
            latest: one.max(other),
        }
    }
}

/// An account that waits for its deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    /// Since when, epoch milliseconds; to be recorded as [`KnownAccount::deletion_from`].
    pub from: i64,
    /// Until when.
    pub until: i64,
}

/// The window of an account that is to be deleted; `None` when it is over, or when there is none.
pub(super) fn window(draft: &Draft<'_>, account: &KnownAccount) -> Option<Awaited> {
    let delay = draft.desired.options.deletion_delay_ms;
    // Whose account is never deleted waits for nothing.
    if delay <= 0 || account.is_authorizing_admin {
        return None;
    }
    let now = draft.known.now;
    let begun = match account.status {
        OktaStatus::Deprovisioned => account.deletion_from,
        _ => None,
    };
    let from = begun.unwrap_or(now.latest);
    let until = from.saturating_add(delay);
    (now.earliest < until).then_some(Awaited { from, until })
}

/// Ends the plan of an account that waits for its deletion.
pub(super) fn wait(mut draft: Draft<'_>, awaited: Awaited) -> Plan {
    draft.wait(WaitReason::DeletionDelayed);
    let mut plan = draft.settle(AccountState::Waiting);
    plan.settlement.deletion = Some(awaited);
    plan
}
