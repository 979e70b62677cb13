//! How much of Okta's rate limits is left where least is left. Connections are told apart inside, and never shown.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

/// How long a bucket without news is shown as full before it is forgotten, milliseconds.
const FORGET_AFTER_MS: i64 = 600_000;

#[derive(Clone, Copy, Debug)]
struct Left {
    ratio: f64,
    until_ms: i64,
}

/// What was last heard of each bucket of each connection.
#[derive(Debug, Default)]
pub(super) struct Headroom(Mutex<HashMap<(Uuid, &'static str), Left>>);

impl Headroom {
    /// Notes how many calls are `left` of how many.
    pub(super) fn note(
        &self,
        connection: Uuid,
        bucket: &'static str,
        (left, limit): (u32, u32),
        until_ms: i64,
    ) {
        let ratio = f64::from(left) / f64::from(limit.max(1));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert((connection, bucket), Left { ratio, until_ms });
    }

    /// The least share that is left, by bucket: 1 where the window is over.
    pub(super) fn tightest(&self, now_ms: i64) -> BTreeMap<&'static str, f64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tightest = BTreeMap::new();
        for ((_, bucket), left) in known.iter() {
            let ratio = if left.until_ms > now_ms {
                left.ratio
            } else {
                1.0
            };
            let least = tightest.entry(*bucket).or_insert(ratio);
            *least = ratio.min(*least);
        }
        known.retain(|_, left| left.until_ms.saturating_add(FORGET_AFTER_MS) > now_ms);
        tightest
    }
}

#[cfg(test)]
mod tests {
    use super::{FORGET_AFTER_MS, Headroom};
    use uuid::Uuid;

    #[test]
    fn the_tightest_connection_counts_while_its_window_lasts() {
        let headroom = Headroom::default();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        headroom.note(one, "logs", (30, 60), 100);
        headroom.note(other, "logs", (6, 60), 50);
        let seen = |now| headroom.tightest(now).get("logs").copied();
        assert_eq!(seen(0), Some(0.1));
        assert_eq!(seen(60), Some(0.5));
        assert_eq!(seen(100), Some(1.0));
        assert_eq!(seen(100 + FORGET_AFTER_MS), Some(1.0));
        assert_eq!(seen(101 + FORGET_AFTER_MS), None);
    }
}
