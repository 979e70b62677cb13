//! Rate-limit buckets and the concurrency limit.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use chrono::{DateTime, Duration, Utc};

use crate::config::RateLimit;

/// Shown when nothing is limited; real orgs show no such number, so it is recognisable.
const UNLIMITED: u32 = 10_000;

/// A group of endpoints that share one budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bucket {
    /// List and create users.
    Users,
    /// Read one user.
    UserRead,
    /// Update or delete one user.
    UserWrite,
    /// System log.
    Logs,
    /// The rest of `/api/v1`.
    Api,
    /// Tokens.
    Token,
    /// Sign-in and consent.
    Authorize,
    /// Metadata and keys: never limited.
    Unlimited,
}

/// What the `X-Rate-Limit-*` headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    pub limit: u32,
    pub remaining: u32,
    /// UTC epoch seconds.
    pub reset: i64,
    pub exceeded: bool,
}

/// Counts requests in windows of a minute that start with their first request.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: Mutex<HashMap<Bucket, Window>>,
    in_flight: AtomicU32,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    ends: DateTime<Utc>,
    used: u32,
}

impl Limits {
    /// Counts one request against its bucket.
    pub fn count(&self, bucket: Bucket, limit: RateLimit, now: DateTime<Utc>) -> Budget {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows
            .entry(bucket)
            .or_insert(Window { ends: now, used: 0 });
        if window.ends <= now {
            *window = Window {
                ends: now + Duration::seconds(60),
                used: 0,
            };
        }
        let allowed = per_minute(bucket, limit);
        let limit = allowed.unwrap_or(UNLIMITED);
        let exceeded = allowed.is_some_and(|allowed| window.used >= allowed);
        if !exceeded {
            window.used = window.used.saturating_add(1);
        }
        let reset = (window.ends + Duration::milliseconds(999)).timestamp();
        Budget {
            limit,
            remaining: limit.saturating_sub(window.used),
            reset,
            exceeded,
        }
    }

    /// Takes a place among the requests being served, or `None` when all are taken.
    pub fn enter(&self, limit: Option<u32>) -> Option<Place<'_>> {
        let before = self.in_flight.fetch_add(1, Ordering::SeqCst);
        let place = Place(&self.in_flight);
        limit.is_none_or(|limit| before < limit).then_some(place)
    }

    /// Starts all windows anew.
    pub fn reset(&self) {
        self.windows
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// A place among the requests being served, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a AtomicU32);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Requests a minute; `None` is without limit. Last published defaults, of which every token and app
/// gets half (rl-global-mgmt, rl2-token-oauth).
fn per_minute(bucket: Bucket, limit: RateLimit) -> Option<u32> {
    if bucket == Bucket::Unlimited {
        return None;
    }
    let published = |[integrator, enterprise, workforce]: [u32; 3]| match limit {
        RateLimit::Off => None,
        RateLimit::PerMinute(limit) => Some(limit),
        RateLimit::Integrator => Some(integrator / 2),
        RateLimit::Enterprise => Some(enterprise / 2),
        RateLimit::Workforce => Some(workforce / 2),
    };
    published(match bucket {
        Bucket::Users | Bucket::UserWrite => [100, 600, 600],
        Bucket::UserRead => [100, 1000, 2000],
        Bucket::Logs => [20, 50, 120],
        Bucket::Authorize => [120, 120, 120],
        Bucket::Token => [300, 300, 300],
        Bucket::Api | Bucket::Unlimited => [100, 600, 1200],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_takes_its_limit_and_no_more_until_it_ends() {
        let limits = Limits::default();
        let start = DateTime::UNIX_EPOCH + Duration::milliseconds(1500);
        let count = |now| limits.count(Bucket::Users, RateLimit::PerMinute(2), now);
        assert_eq!(
            count(start),
            Budget {
                limit: 2,
                remaining: 1,
                reset: 62,
                exceeded: false
            }
        );
        assert_eq!(
            count(start),
            Budget {
                limit: 2,
                remaining: 0,
                reset: 62,
                exceeded: false
            }
        );
        assert!(count(start + Duration::seconds(59)).exceeded);
        assert!(!count(start + Duration::seconds(60)).exceeded);
    }

    #[test]
    fn buckets_do_not_share() {
        let limits = Limits::default();
        let now = DateTime::UNIX_EPOCH;
        assert!(
            !limits
                .count(Bucket::Users, RateLimit::PerMinute(1), now)
                .exceeded
        );
        assert!(
            !limits
                .count(Bucket::Api, RateLimit::PerMinute(1), now)
                .exceeded
        );
        assert!(
            limits
                .count(Bucket::Users, RateLimit::PerMinute(1), now)
                .exceeded
        );
    }

    #[test]
    fn places_are_given_back() {
        let limits = Limits::default();
        let first = limits.enter(Some(1));
        assert!(first.is_some());
        assert!(limits.enter(Some(1)).is_none());
        drop(first);
        assert!(limits.enter(Some(1)).is_some());
    }
}
