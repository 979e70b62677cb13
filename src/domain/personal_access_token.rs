//! Personal access tokens: what they may be called, how long they live, and when they count.

use super::code::codes;

/// Longest life of a token, in days: a year, and a leap day. Whoever forgot a token is rid of it by then.
pub const MAX_DAYS: i32 = 366;
/// Most tokens of a person that count at the same time: more than anybody can tell apart.
pub const MAX_ACTIVE: u64 = 50;
/// Longest name of a token, in characters.
pub const MAX_NAME: usize = 100;
/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

codes! {
    /// Whether a token counts.
    pub enum PersonalAccessTokenStatus {
        /// It lets its holder in, while its person is active.
        Active = "ACTIVE",
        /// Its time is over.
        Expired = "EXPIRED",
        /// Somebody ended it.
        Revoked = "REVOKED",
    }
}

impl PersonalAccessTokenStatus {
    /// Whether a token counts at `now`. A revoked one stays revoked when its time is over.
    #[must_use]
    pub const fn of(expires_at: i64, revoked_at: Option<i64>, now: i64) -> Self {
        if revoked_at.is_some() {
            Self::Revoked
        } else if expires_at <= now {
            Self::Expired
        } else {
            Self::Active
        }
    }
}

/// When a token of so many days ends that is made at `now`; `None` for less than one day or more than [`MAX_DAYS`].
#[must_use]
pub fn expiry(now: i64, days: i32) -> Option<i64> {
    (1..=MAX_DAYS)
        .contains(&days)
        .then(|| now.saturating_add(i64::from(days) * DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::PersonalAccessTokenStatus::{Active, Expired, Revoked};
    use super::{MAX_DAYS, PersonalAccessTokenStatus, expiry};

    #[test]
    fn a_token_counts_until_its_end() {
        for (expires_at, revoked_at, status) in [
            (11, None, Active),
            (10, None, Expired),
            (9, None, Expired),
            (11, Some(10), Revoked),
            (11, Some(12), Revoked),
            (9, Some(8), Revoked),
        ] {
            let found = PersonalAccessTokenStatus::of(expires_at, revoked_at, 10);
            assert_eq!(found, status, "{expires_at} {revoked_at:?}");
        }
    }

    #[test]
    fn a_life_has_at_least_a_day_and_at_most_a_year() {
        assert_eq!(expiry(5, 1), Some(86_400_005));
        assert_eq!(expiry(5, MAX_DAYS), Some(366 * 86_400_000 + 5));
        for days in [i32::MIN, -1, 0, MAX_DAYS + 1, i32::MAX] {
            assert_eq!(expiry(5, days), None, "{days}");
        }
    }
}
