//! The way to one Okta org: paced, authorized, and learning from every answer what the org allows, what time it has, and how it feels.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use okta_client::{Answer, Call, Error, Meta, RateBucket};
use uuid::Uuid;

use tokio::sync::Notify;

use super::answers::is_org_failing;
use super::config::EngineConfig;
use super::pace::{Allowance, Grant, Pace};
use super::sessions::{Session, SessionError, Sessions};
use crate::clock::SharedClock;
use crate::metrics::Metrics;
use crate::random;
use crate::store::paces::AllowedPace;

/// The way to one Okta org.
pub(super) struct Gateway {
    pub(super) okta_org: Uuid,
    organization: Uuid,
    sessions: Arc<dyn Sessions>,
    clock: SharedClock,
    pace: Mutex<Pace>,
    /// Okta's clock minus ours, milliseconds, as of the last answer.
    ahead_ms: AtomicI64,
    /// Whether Okta's clock was seen yet.
    time_known: AtomicBool,
    /// Failures since the last answer that was none.
    failures: AtomicU32,
    /// Told of each answer.
    heard: Notify,
    metrics: Arc<Metrics>,
}

/// How much `Date` may be behind without a clock having been set: the second that it leaves out, and two on the way.
const DATE_DOUBT_MS: i64 = 3_000;
/// Longest pause that a proxy in between may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// How long to wait for the first answer of all before going back to the end of the queue, milliseconds.
const FIRST_ANSWER_MS: u64 = 2_000;

/// Leave to make one call. Give it back by [`Gateway::call`].
#[must_use]
pub(super) struct Permit {
    call: Call,
    session: Session,
}

/// Why a call was not made. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotNow {
    /// The rate limit is used up until this time, epoch milliseconds.
    Throttled(i64),
    /// There is no token.
    NoSession(SessionError),
}

/// How far Okta's clock is ahead of ours after an answer that says so. `Date` counts whole seconds and is some time on its way, so each
/// answer gives a lower bound, and the greatest counts: a reading must not seem to be older than the request before it. One that is lower
/// by far means that a clock was set.
fn ahead(known: Option<i64>, said: i64) -> i64 {
    match known {
        Some(known) if said < known && known - said <= DATE_DOUBT_MS => known,
        _ => said,
    }
}

impl Gateway {
    pub(super) fn new(
        organization: Uuid,
        okta_org: Uuid,
        sessions: Arc<dyn Sessions>,
        clock: SharedClock,
        share: u32,
        config: &EngineConfig,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            okta_org,
            organization,
            sessions,
            clock,
            pace: Mutex::new(Pace::new(share, config.interactive_percent)),
            ahead_ms: AtomicI64::new(0),
            time_known: AtomicBool::new(false),
            failures: AtomicU32::new(0),
            heard: Notify::new(),
            metrics,
        }
    }

    /// Okta's time, as far as we know it.
    pub(super) fn okta_now(&self) -> i64 {
        self.to_okta(self.clock.now_ms())
    }

    /// Whether Okta's time is known from an answer.
    pub(super) fn knows_time(&self) -> bool {
        self.time_known.load(Ordering::Relaxed)
    }

    /// Okta's time for a moment of ours.
    pub(super) fn to_okta(&self, ours: i64) -> i64 {
        ours + self.ahead_ms.load(Ordering::Relaxed)
    }

    /// Our time for a moment of Okta's.
    pub(super) fn to_ours(&self, okta: i64) -> i64 {
        okta - self.ahead_ms.load(Ordering::Relaxed)
    }

    /// Failures of the org since it last gave a sound answer.
    pub(super) fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Forgets the failures, when something was done about them.
    pub(super) fn forgive(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// How many calls Okta allows us, and when the present window ends by our clock; null while no limit is known.
    pub(super) fn allowed(&self) -> Option<AllowedPace> {
        self.pace().allowed()
    }

    /// Takes up where another process left off.
    pub(super) fn resume(&self, told: &AllowedPace, used: u64) {
        self.pace().resume(told, used, self.clock.now_ms());
    }

    /// Changes the share of the rate limit that may be used.
    pub(super) fn set_share(&self, share: u32) {
        self.pace().set_share(share);
    }

    /// Asks for leave to make a call now.
    pub(super) async fn permit(&self, call: Call) -> Result<Permit, NotNow> {
        let session = self
            .sessions
            .session(self.organization, self.okta_org)
            .await
            .map_err(NotNow::NoSession)?;
        loop {
            let heard = self.heard.notified();
            tokio::pin!(heard);
            heard.as_mut().enable();
            let now = self.clock.now_ms();
            let granted = self.pace().take(call.bucket(), now);
            match granted {
                Grant::Go => return Ok(Permit { call, session }),
                Grant::NotBefore(at) => return Err(NotNow::Throttled(at)),
                Grant::AfterFirst => {}
            }
            tokio::select! {
                () = heard => {}
                () = self.clock.sleep_ms(FIRST_ANSWER_MS) => {
                    return Err(NotNow::Throttled(self.clock.now_ms()));
                }
            }
        }
    }

    /// Gives back a permit that was not used.
    pub(super) fn unused(&self, permit: &Permit) {
        self.pace().unused(permit.call.bucket());
        self.heard.notify_waiters();
    }

    /// Makes the call and learns from the answer.
    pub(super) async fn call<T, F>(&self, permit: Permit, send: F) -> Result<Answer<T>, Error>
    where
        F: AsyncFnOnce(&Session) -> Result<Answer<T>, Error>,
    {
        let answer = send(&permit.session).await;
        self.learn(permit.call.bucket(), &answer);
        self.heard.notify_waiters();
        if let Err(error) = &answer
            && error.is_token_invalid()
        {
            self.renew(permit.session.token_version).await;
        }
        answer
    }

    /// Gets a new token, so that whoever tries again has it; a failure shows when he asks for leave.
    async fn renew(&self, rejected: i64) {
        if let Err(error) = self
            .sessions
            .renewed(self.organization, self.okta_org, rejected)
            .await
        {
            tracing::info!(okta_org = %self.okta_org, %error, "a rejected token was not renewed");
        }
    }

    fn learn<T>(&self, bucket: RateBucket, answer: &Result<Answer<T>, Error>) {
        let meta = match answer {
            Ok(answer) => Some(&answer.meta),
            Err(error) => error.meta(),
        };
        let now = self.clock.now_ms();
        if let Some(date) = meta.and_then(|meta| meta.date) {
            let said = date.timestamp_millis() - now;
            let known = self
                .knows_time()
                .then(|| self.ahead_ms.load(Ordering::Relaxed));
            self.ahead_ms.store(ahead(known, said), Ordering::Relaxed);
            self.time_known.store(true, Ordering::Relaxed);
        }
        match answer {
            Err(error) if is_org_failing(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
            }
            _ => self.forgive(),
        }
        if let Some(said) = meta.and_then(|meta| self.allowance(meta)) {
            let left = (said.remaining, said.limit);
            self.metrics
                .rate_limit(self.okta_org, bucket.name(), left, said.reset_at);
        }
        let mut pace = self.pace();
        match (answer, meta) {
            (Err(Error::RateLimited(_)), Some(meta)) => {
                pace.refused(bucket, self.allowance(meta), random::unit(), now);
                if let Some(after) = meta.retry_after {
                    let after = after.min(LONGEST_PAUSE).as_millis();
                    pace.pause(now.saturating_add(i64::try_from(after).unwrap_or_default()));
                }
            }
            (Ok(_) | Err(Error::Refused(_)), Some(meta)) => {
                pace.answered(bucket, self.allowance(meta), now);
            }
            _ => pace.unanswered(bucket),
        }
    }

    fn allowance(&self, meta: &Meta) -> Option<Allowance> {
        meta.rate_limit.map(|said| Allowance {
            limit: said.limit,
            remaining: said.remaining,
            reset_at: self.to_ours(said.reset.timestamp_millis()),
        })
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::ahead;

    #[test]
    fn the_date_header_never_sets_oktas_time_back_within_a_second() {
        assert_eq!(ahead(None, -400), -400);
        assert_eq!(ahead(Some(-400), -900), -400, "late in the same second");
        assert_eq!(ahead(Some(-400), -100), -100, "early in the next one");
        assert_eq!(ahead(Some(-100), -60_000), -60_000, "our clock was set");
        assert_eq!(ahead(Some(-100), 60_000), 60_000, "Okta's was");
    }
}
