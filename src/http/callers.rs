//! What one caller may ask for at once and in a minute. Whoever asks for more is refused before anything is looked up.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::{NoOpMiddleware, StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use http::{HeaderName, HeaderValue, StatusCode, header};
use moka::future::Cache;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::error::ErrorAnswer;
use crate::clock::SharedClock;
use crate::graphql::error::Code;

/// What is allowed and what is left (draft-ietf-httpapi-ratelimit-headers, revision 10).
pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(super) const LEFT: HeaderName = HeaderName::from_static("ratelimit");
/// The name of the one policy.
const NAME: &str = "caller";
/// Seconds of the policy's window.
const WINDOW_S: u32 = 60;

/// Tokens whose callers are remembered; a forgotten one is looked up again.
const REMEMBERED: u64 = 10_000;
/// Callers whose rate is remembered before those who were not seen for a while are dropped.
const CALLERS: usize = 10_000;

/// What one person may ask for, with all his tokens together.
#[derive(Clone, Debug)]
pub struct CallerLimits {
    /// Operations in a minute; as many may come at once after a minute of silence.
    pub requests_per_minute: NonZeroU32,
    /// Queries and mutations at once, over HTTP.
    pub concurrent_requests: usize,
    /// WebSocket connections and event streams at once.
    pub streams: usize,
}

impl Default for CallerLimits {
    fn default() -> Self {
        Self {
            // A script that creates a thousand people one by one is not held up; a panel asks for about one a second.
            requests_per_minute: NonZeroU32::MIN.saturating_add(2_999),
            // A screen asks for about five things at once, and a browser keeps six connections.
            concurrent_requests: 20,
            // A tab of a panel has one connection.
            streams: 50,
        }
    }
}

/// What callers have asked for.
pub(super) struct Callers {
    limits: CallerLimits,
    rate: RateLimiter<Uuid, HashMapStateStore<Uuid>, Ticks, StateInformationMiddleware>,
    clock: Ticks,
    /// Whose a token is, by its digest.
    known: Cache<[u8; 32], Uuid>,
    /// Tokens that were refused, by their digests.
    refused: Cache<[u8; 32], ()>,
    running: Arc<Slots>,
    streams: Arc<Slots>,
}

/// The process's clock in the limiter's terms.
#[derive(Clone)]
struct Ticks(SharedClock);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.monotonic_ms())
    }
}

/// Something that one caller has only so many of at once.
struct Slots {
    most: usize,
    taken: Mutex<HashMap<Uuid, usize>>,
}

impl Slots {
    fn new(most: usize) -> Arc<Self> {
        let taken = Mutex::default();
        Arc::new(Self { most, taken })
    }

    fn take(self: &Arc<Self>, caller: Uuid) -> Option<Slot> {
        let mut all = self.all();
        let taken = all.entry(caller).or_default();
        if *taken >= self.most {
            return None;
        }
        *taken += 1;
        let slots = Arc::clone(self);
        Some(Slot { slots, caller })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of a caller's slots, given back when it is dropped.
#[must_use]
pub(super) struct Slot {
    slots: Arc<Slots>,
    caller: Uuid,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut all = self.slots.all();
        if let Some(taken) = all.get_mut(&self.caller) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                all.remove(&self.caller);
            }
        }
    }
}

/// What a caller has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    limit: u32,
    remaining: u32,
    /// Seconds until all of it is there again.
    reset_s: u32,
}

impl Left {
    /// The header fields that tell it.
    pub fn headers(self) -> [(HeaderName, HeaderValue); 2] {
        let Self {
            limit,
            remaining,
            reset_s,
        } = self;
        let policy = format!(r#""{NAME}";q={limit};w={WINDOW_S}"#);
        let left = format!(r#""{NAME}";r={remaining};t={reset_s}"#);
        [(POLICY, policy), (LEFT, left)]
            .map(|(name, value)| (name, HeaderValue::try_from(value).unwrap_or(EMPTY)))
    }
}

const EMPTY: HeaderValue = HeaderValue::from_static("");

/// Why a caller has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// Too many requests in a minute; the next is taken after so many seconds.
    Rate { left: Left, after_s: u32 },
    /// Too many requests at once.
    Concurrent(usize),
    /// Too many streams at once.
    Streams(usize),
}

impl Refused {
    /// The code for programs.
    pub const fn code(self) -> Code {
        match self {
            Self::Rate { .. } => Code::RateLimited,
            Self::Concurrent(_) | Self::Streams(_) => Code::TooManyOperations,
        }
    }

    /// The sentence for people.
    pub fn message(self) -> String {
        match self {
            Self::Rate { left, after_s } => format!(
                "You may send {} requests a minute; try again in {after_s} seconds.",
                left.limit
            ),
            Self::Concurrent(most) => {
                format!("You have {most} requests under way already; wait for one of them.")
            }
            Self::Streams(most) => format!("You have {most} streams open already; close one."),
        }
    }
}

impl From<Refused> for ErrorAnswer {
    fn from(refused: Refused) -> Self {
        let answer = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            refused.code(),
            refused.message(),
        );
        match refused {
            Refused::Rate { left, after_s } => answer
                .with_header(header::RETRY_AFTER, HeaderValue::from(after_s))
                .with_headers(left.headers()),
            Refused::Concurrent(_) | Refused::Streams(_) => {
                answer.with_header(header::RETRY_AFTER, HeaderValue::from(1))
            }
        }
    }
}

impl Callers {
    pub fn new(limits: CallerLimits, clock: SharedClock) -> Self {
        let clock = Ticks(clock);
        let quota = Quota::per_minute(limits.requests_per_minute);
        let rate = RateLimiter::<_, _, _, NoOpMiddleware<Duration>>::new(
            quota,
            HashMapStateStore::default(),
            clock.clone(),
        )
        .with_middleware();
        Self {
            rate,
            clock,
            known: Cache::new(REMEMBERED),
            refused: Cache::new(REMEMBERED),
            running: Slots::new(limits.concurrent_requests),
            streams: Slots::new(limits.streams),
            limits,
        }
    }

    /// Whose this token is, if it was accepted before.
    pub async fn known(&self, token: &str) -> Option<Uuid> {
        self.known.get(&digest(token)).await
    }

    /// Counts the token itself, if it was refused before: whoever still sends it uses up nothing of its person's, and is held up like anybody else.
    ///
    /// # Errors
    /// [`Refused::Rate`].
    pub async fn count_refused(&self, token: &str) -> Result<(), Refused> {
        let digest = digest(token);
        if self.refused.get(&digest).await.is_some() {
            let itself = Uuid::from_u128(u128::from_le_bytes(first_half(digest)));
            self.count(itself)?;
        }
        Ok(())
    }

    /// Remembers whose a token is that was accepted. It says nothing of whether it still is.
    pub async fn remember(&self, token: &str, caller: Uuid) {
        let digest = digest(token);
        self.refused.invalidate(&digest).await;
        self.known.insert(digest, caller).await;
    }

    /// Remembers that a token was refused.
    pub async fn refuse(&self, token: &str) {
        let digest = digest(token);
        self.known.invalidate(&digest).await;
        self.refused.insert(digest, ()).await;
    }

    /// Counts one operation of a caller.
    ///
    /// # Errors
    /// [`Refused::Rate`].
    pub fn count(&self, caller: Uuid) -> Result<Left, Refused> {
        if self.rate.len() > CALLERS {
            self.rate.retain_recent();
        }
        match self.rate.check_key(&caller) {
            Ok(state) => Ok(self.left(&state)),
            Err(not_yet) => {
                let wait = not_yet.wait_time_from(self.clock.now());
                let after_s = seconds_up(wait).max(1);
                let limit = self.limits.requests_per_minute.get();
                let left = Left {
                    limit,
                    remaining: 0,
                    reset_s: WINDOW_S,
                };
                Err(Refused::Rate { left, after_s })
            }
        }
    }

    /// Begins a query or mutation of a caller, which runs until the slot is dropped.
    ///
    /// # Errors
    /// [`Refused::Concurrent`].
    pub fn run(&self, caller: Uuid) -> Result<Slot, Refused> {
        let most = self.limits.concurrent_requests;
        self.running.take(caller).ok_or(Refused::Concurrent(most))
    }

    /// As [`Self::run`], and counts it.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn begin(&self, caller: Uuid) -> Result<(Left, Slot), Refused> {
        let slot = self.run(caller)?;
        Ok((self.count(caller)?, slot))
    }

    /// Opens a stream of a caller, until the slot is dropped.
    ///
    /// # Errors
    /// [`Refused::Streams`].
    pub fn stream(&self, caller: Uuid) -> Result<Slot, Refused> {
        let most = self.limits.streams;
        self.streams.take(caller).ok_or(Refused::Streams(most))
    }

    fn left(&self, state: &StateSnapshot) -> Left {
        let limit = self.limits.requests_per_minute.get();
        let remaining = state.remaining_burst_capacity();
        let missing = limit.saturating_sub(remaining);
        let reset = u64::from(missing) * u64::from(WINDOW_S);
        Left {
            limit,
            remaining,
            reset_s: u32::try_from(reset.div_ceil(u64::from(limit))).unwrap_or(WINDOW_S),
        }
    }
}

fn seconds_up(wait: Duration) -> u32 {
    let seconds = wait.as_millis().div_ceil(1_000);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

fn first_half(digest: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| digest[at])
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
