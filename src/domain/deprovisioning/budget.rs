//! The budget: a rolling day, and a share of the accounts.

/// The length of the rolling window, milliseconds: a day.
pub const WINDOW_MS: i64 = 86_400_000;
/// Removals that an app may always make within a day: ordinary leavers.
const LEAST: u64 = 10;
/// Percent of an app's accounts that may be removed within a day.
const PERCENT: u64 = 5;

/// How many removals an app with so many accounts may make within a day (design §3): five percent, rounded down, and ten at least.
pub const fn limit(accounts: u64) -> u64 {
    let share = accounts.saturating_mul(PERCENT) / 100;
    if share > LEAST { share } else { LEAST }
}

/// What may happen to removals that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// All may go.
    Admit,
    /// None may go before an administrator approves.
    HoldWhole,
    /// The single one waits until there is room.
    Wait,
}

/// The budget of an app at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    limit: u64,
    /// Removals of the last day whose request was sent.
    sent: u64,
    /// When each removal that counts leaves the window, in order; those about to be sent, a day from now.
    leaving: Vec<i64>,
}

impl Budget {
    /// A budget at `now`. `accounts` counts the live ones, without those whose removal was sent: together they are what the app had a day ago.
    /// `sent` says when each of those leaves the window; `admitted` counts removals that have leave and are not sent yet.
    pub fn new(accounts: u64, mut sent: Vec<i64>, admitted: u64, now: i64) -> Self {
        let count = sent.len() as u64;
        let last = now.saturating_add(WINDOW_MS);
        sent.extend((0..admitted).map(|_| last));
        sent.sort_unstable();
        Self {
            limit: limit(accounts.saturating_add(count)),
            sent: count,
            leaving: sent,
        }
    }

    /// Removals within a day.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Removals of the last day whose request was sent.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Removals of the last day, and those about to be sent.
    pub const fn used(&self) -> u64 {
        self.leaving.len() as u64
    }

    /// Removals that may still be made.
    pub const fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used())
    }

    /// What may happen to `wanted` removals that belong together, at least one.
    pub const fn decide(&self, wanted: u64) -> Decision {
        if wanted <= self.left() {
            Decision::Admit
        } else if wanted > 1 {
            Decision::HoldWhole
        } else {
            Decision::Wait
        }
    }

    /// Removals beyond the limit, as after an approval: as many leave the window without making room.
    const fn beyond(&self) -> u64 {
        self.used().saturating_sub(self.limit)
    }

    /// When there is room for somebody who waits behind `ahead` others, if nobody else comes in between; `None` when there is room now.
    pub fn turn(&self, ahead: u64) -> Option<i64> {
        let nth = ahead
            .checked_sub(self.left())?
            .saturating_add(self.beyond());
        if let Some(at) = usize::try_from(nth)
            .ok()
            .and_then(|nth| self.leaving.get(nth))
        {
            return Some(*at);
        }
        // Those who go first fill the window again, and it empties once a day.
        let last = self.leaving.last().copied()?;
        let days = 1 + nth.saturating_sub(self.used()) / self.limit;
        let pause = WINDOW_MS.saturating_mul(i64::try_from(days).unwrap_or(i64::MAX));
        Some(last.saturating_add(pause))
    }

    /// When `left` goes up next, if nothing more is sent; `None` when nothing is in the window.
    pub fn grows_at(&self) -> Option<i64> {
        let nth = usize::try_from(self.beyond()).ok()?;
        self.leaving.get(nth).copied()
    }
}
