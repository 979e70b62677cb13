//! Numbers of the engine, each with its reason.

use crate::domain::resolve::ResolutionTimes;

/// How the engine works. Tests shorten the times; operators have no reason to.
#[derive(Clone, Copy, Debug)]
pub struct EngineConfig {
    /// Accounts of one app in hand at a time. Okta allows 35 concurrent calls per org at least (contract §7); eight keep it busy and
    /// leave the rest to others.
    pub in_flight: usize,
    /// How long a lease may stand still before another process takes over, milliseconds.
    pub lease_ms: u64,
    /// How often the database is asked for apps with work, in case a wake-up was missed (another process), milliseconds.
    pub poll_ms: u64,
    /// How long the calls in flight may take to finish when the process is told to stop, milliseconds.
    pub shutdown_ms: u64,
    /// When a request is believed to have had no effect.
    pub times: ResolutionTimes,
    /// Consecutive failures of an org after which it is left alone: more than one bad request causes, fewer than annoy it.
    pub quarantine_after: u32,
    /// Percent of a rate limit that is kept for what people wait for on a screen.
    pub interactive_percent: u32,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            in_flight: 8,
            lease_ms: 15_000,
            poll_ms: 2_000,
            shutdown_ms: 20_000,
            times: ResolutionTimes::default(),
            quarantine_after: 5,
            interactive_percent: 5,
        }
    }
}
