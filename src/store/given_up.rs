//! Whether work with the database was given up in the middle, so that a connection may come back in a state that nobody foresaw.
//!
//! To ask each connection costs the server more than many a statement; so it is asked only when there is a reason.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::{Clock as _, SystemClock};

/// How long after work was given up every connection that comes back is asked. Its own comes back at once. If this process is stopped before that, for
/// longer, then PostgreSQL has ended the session whose transaction stood still, and the connection does not answer.
const SUSPECT_FOR: Duration = Duration::from_secs(30);

/// When work was given up last.
#[derive(Clone, Debug, Default)]
pub(super) struct GivenUp(Arc<AtomicU64>);

impl GivenUp {
    /// Carries work out; when it is dropped before its end, that is remembered before it is dropped itself.
    pub(super) async fn watch<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        // Made after the work, so dropped before it.
        let mut unfinished = Unfinished(Some(self));
        let output = work.as_mut().await;
        unfinished.0 = None;
        output
    }

    /// Whether a connection that comes back now may be one of work that was given up.
    pub(super) fn lately(&self) -> bool {
        let last = self.0.load(Ordering::SeqCst);
        last > 0 && now() <= last.saturating_add(millis(SUSPECT_FOR))
    }
}

struct Unfinished<'a>(Option<&'a GivenUp>);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(given_up) = self.0 {
            given_up.0.fetch_max(now(), Ordering::SeqCst);
        }
    }
}

/// Never 0.
fn now() -> u64 {
    SystemClock.monotonic_ms().saturating_add(1)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    /// Notes, when it is dropped, whether it was known by then that it is given up.
    struct Witness<'a>(&'a GivenUp, Arc<AtomicU64>);

    impl Drop for Witness<'_> {
        fn drop(&mut self) {
            self.1.store(u64::from(self.0.lately()), Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn work_that_ends_leaves_no_suspicion() {
        let given_up = GivenUp::default();
        assert_eq!(given_up.watch(async { 1 }).await, 1);
        assert!(!given_up.lately());
    }

    #[tokio::test]
    async fn work_that_is_given_up_is_known_before_what_it_holds_is_let_go() {
        let given_up = GivenUp::default();
        let known = Arc::new(AtomicU64::new(9));
        let witness = Witness(&given_up, Arc::clone(&known));
        let work = async move {
            let _held = witness;
            std::future::pending::<()>().await;
        };
        assert!(given_up.watch(work).now_or_never().is_none());
        assert!(given_up.lately());
        assert_eq!(known.load(Ordering::SeqCst), 1);
    }
}
