//! Time that passes as usual, and can be put forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use provisioner::clock::{Clock, SystemClock};
use tokio::sync::Notify;

/// The machine's time plus what was added. Sleepers wake when the time that they wait for comes, however it comes.
#[derive(Clone, Debug, Default)]
pub struct TestClock(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    added_ms: AtomicU64,
    /// How far the wall clock alone was set.
    set_ms: AtomicI64,
    moved: Notify,
}

impl TestClock {
    /// Puts the time forward, for wall clock and monotonic clock alike.
    pub fn advance(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap();
        self.0.added_ms.fetch_add(ms, Ordering::SeqCst);
        self.0.moved.notify_waiters();
    }
}

impl TestClock {
    /// Sets the wall clock forward, or back with a negative number; the monotonic clock goes on as before.
    pub fn set_by_ms(&self, ms: i64) {
        self.0.set_ms.fetch_add(ms, Ordering::SeqCst);
        self.0.moved.notify_waiters();
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        let added = i64::try_from(self.0.added_ms.load(Ordering::SeqCst)).unwrap();
        SystemClock.now_ms() + added + self.0.set_ms.load(Ordering::SeqCst)
    }

    fn monotonic_ms(&self) -> u64 {
        SystemClock.monotonic_ms() + self.0.added_ms.load(Ordering::SeqCst)
    }

    fn sleep_ms(&self, ms: u64) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        let until = clock.monotonic_ms().saturating_add(ms);
        Box::pin(async move {
            loop {
                let moved = clock.0.moved.notified();
                tokio::pin!(moved);
                moved.as_mut().enable();
                let left = until.saturating_sub(clock.monotonic_ms());
                if left == 0 {
                    return;
                }
                tokio::select! {
                    () = SystemClock.sleep_ms(left) => {}
                    () = moved => {}
                }
            }
        })
    }
}
