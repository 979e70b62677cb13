//! What Okta says about its limits in the headers of every answer.

use chrono::{DateTime, Utc};
use http::HeaderMap;

/// State of one bucket, as of the answer that carried it.
///
/// Source: `X-Rate-Limit-Limit`, `-Remaining` and `-Reset` (Okta developer docs, rate limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls allowed per window.
    pub limit: u32,
    /// Calls left in this window.
    pub remaining: u32,
    /// Start of the next window, by Okta's clock.
    pub reset: DateTime<Utc>,
}

impl RateLimit {
    /// Reads the three headers; `None` unless all are there and numbers.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        Some(Self {
            limit: number(headers, "x-rate-limit-limit")?,
            remaining: number(headers, "x-rate-limit-remaining")?,
            reset: DateTime::from_timestamp(number(headers, "x-rate-limit-reset")?, 0)?,
        })
    }

    /// Whether this describes the limit on concurrent calls rather than a window.
    ///
    /// Then `limit` and `remaining` are both zero and `reset` is only a hint: back off with jitter
    /// (Okta developer docs, rl2-monitor).
    #[must_use]
    pub fn is_concurrency_breach(&self) -> bool {
        self.limit == 0 && self.remaining == 0
    }
}

/// A header that holds one whole number.
pub(crate) fn number<N: std::str::FromStr>(headers: &HeaderMap, name: &str) -> Option<N> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
