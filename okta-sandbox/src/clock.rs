//! The org's clock. Every expiry, window and timestamp reads it, so that a test can move time.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// The system's clock, moved by an offset that only ever grows.
#[derive(Debug, Default)]
pub struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// The present moment by this clock, in whole milliseconds.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the system's clock"
        )]
        let system = Utc::now();
        (system + Duration::milliseconds(self.offset_ms())).trunc_subsecs(3)
    }

    /// How far this clock runs ahead of the system's, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// Moves the clock forward; a step back is ignored, because issued timestamps must stay in order.
    pub fn advance(&self, by: std::time::Duration) {
        let step = i64::try_from(by.as_millis()).unwrap_or(0);
        self.offset_ms.fetch_add(step.max(0), Ordering::SeqCst);
    }

    pub(crate) fn restore(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::SeqCst);
    }
}

/// A moment in the form that Okta's API uses everywhere: `YYYY-MM-DDTHH:mm:ss.SSSZ`.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A moment in the form of the HTTP `Date` header.
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
