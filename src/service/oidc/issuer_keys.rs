//! The keys of one issuer, kept and fetched anew.
//!
//! What anybody can send must not make this server ask: a key id that is not known leads to one fetch, and the next only after a pause, however many
//! tokens with made-up ids come. One fetch is under way at a time, and goes on when whoever waited for it has gone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use okta_client::{BuildError, DocumentError, Documents};
use serde::Deserialize;
use url::Url;

use super::issuer::Algorithm;
use super::key_set::{Key, KeySet};
use crate::clock::SharedClock;

/// Where an issuer describes itself (OpenID Connect Discovery, §4).
const DISCOVERY: &str = "/.well-known/openid-configuration";
/// Keys are kept for no less than this, however short the issuer says, and for no more: a key that was withdrawn has to go.
const LEAST_AGE_MS: u64 = 60_000;
const MOST_AGE_MS: u64 = 3_600_000;
/// When the issuer says nothing.
const USUAL_AGE_MS: u64 = 600_000;
/// Keys count for so long after they were fetched while the issuer cannot be reached; then nobody of it is let in.
const STALE_AGE_MS: u64 = 4 * 3_600_000;
/// Between two fetches for key ids that are not known.
const PAUSE_MS: u64 = 10_000;
/// Before an issuer that failed is asked again while nothing is known of it, and while its old keys still serve: each time somebody waits for it.
const RETRY_MS: u64 = 5_000;
const STALE_RETRY_MS: u64 = 30_000;

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The issuer has no such key.
    Unknown,
    /// It cannot be told: the issuer does not answer.
    Unavailable,
}

/// Why the keys could not be fetched; for the log.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}: {1}")]
    Document(&'static str, DocumentError),
    #[error("{0}")]
    Content(&'static str),
}

type Flight = Shared<BoxFuture<'static, ()>>;

#[derive(Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    fetched_at: u64,
    fresh_until: u64,
    next_fetch_at: u64,
    /// The last fetch failed.
    failing: bool,
    flight: Option<Flight>,
}

/// The keys of one issuer.
pub(super) struct IssuerKeys {
    issuer: String,
    documents: Documents,
    clock: SharedClock,
    state: Mutex<State>,
}

impl IssuerKeys {
    pub fn new(issuer: &str, on_loopback: bool, clock: SharedClock) -> Result<Self, BuildError> {
        let name = concat!("provisioner/", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            issuer: issuer.to_owned(),
            documents: Documents::new(on_loopback, name)?,
            clock,
            state: Mutex::default(),
        })
    }

    /// The key with this id, for this algorithm.
    pub async fn find(self: &Arc<Self>, id: &str, algorithm: Algorithm) -> Result<Key, Missing> {
        if let Some(key) = self.fresh(id, algorithm) {
            return Ok(key);
        }
        if let Some(flight) = self.fetch_soon() {
            flight.await;
        }
        let now = self.clock.monotonic_ms();
        let state = self.state();
        let kept = state.keys.as_ref();
        let keys = kept.filter(|_| now < state.fetched_at.saturating_add(STALE_AGE_MS));
        match keys.and_then(|keys| keys.find(id, algorithm)) {
            Some(key) => Ok(key.clone()),
            None if keys.is_none() || state.failing => Err(Missing::Unavailable),
            None => Err(Missing::Unknown),
        }
    }

    /// Whether the keys can be fetched now.
    pub async fn reach(&self) -> Result<(), String> {
        match self.fetch().await {
            Ok((keys, _)) if keys.is_empty() => {
                Err("there is no key in its set that can be used".to_owned())
            }
            Ok(_) => Ok(()),
            Err(fault) => Err(fault.to_string()),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(&self, id: &str, algorithm: Algorithm) -> Option<Key> {
        let now = self.clock.monotonic_ms();
        let state = self.state();
        let keys = state.keys.as_ref().filter(|_| now < state.fresh_until)?;
        keys.find(id, algorithm).cloned()
    }

    /// The fetch that is under way, or a new one if it is time for it.
    fn fetch_soon(self: &Arc<Self>) -> Option<Flight> {
        let mut state = self.state();
        if state.flight.is_some() {
            return state.flight.clone();
        }
        if self.clock.monotonic_ms() < state.next_fetch_at {
            return None;
        }
        let this = Arc::clone(self);
        let fetch = tokio::spawn(async move { this.settle(this.fetch().await) });
        let flight = fetch.map(|_| ()).boxed().shared();
        state.flight = Some(flight.clone());
        Some(flight)
    }

    fn settle(&self, fetched: Result<(KeySet, u64), Fault>) {
        let now = self.clock.monotonic_ms();
        let mut state = self.state();
        state.flight = None;
        state.failing = fetched.is_err();
        match fetched {
            Ok((keys, age)) => {
                state.keys = Some(Arc::new(keys));
                state.fetched_at = now;
                state.fresh_until = now.saturating_add(age);
                state.next_fetch_at = now.saturating_add(PAUSE_MS);
            }
            Err(fault) => {
                let retry = match state.keys {
                    Some(_) => STALE_RETRY_MS,
                    None => RETRY_MS,
                };
                state.next_fetch_at = now.saturating_add(retry);
                tracing::warn!(issuer = self.issuer, %fault, "the keys of an identity provider could not be fetched");
            }
        }
    }

    async fn fetch(&self) -> Result<(KeySet, u64), Fault> {
        #[derive(Deserialize)]
        struct Discovery {
            issuer: String,
            jwks_uri: Url,
        }
        let address = format!("{}{DISCOVERY}", self.issuer.trim_end_matches('/'));
        let address = Url::parse(&address).map_err(|_| Fault::Content("the issuer is no URL"))?;
        let failed = |e| Fault::Document("discovery document", e);
        let document = self.documents.get(&address).await.map_err(failed)?;
        let discovery: Discovery = serde_json::from_slice(&document.body)
            .map_err(|_| Fault::Content("the discovery document is none"))?;
        if discovery.issuer != self.issuer {
            return Err(Fault::Content(
                "the discovery document is of another issuer",
            ));
        }
        let failed = |e| Fault::Document("keys", e);
        let document = self
            .documents
            .get(&discovery.jwks_uri)
            .await
            .map_err(failed)?;
        let keys = KeySet::read(&document.body).map_err(Fault::Content)?;
        Ok((keys, age(document.max_age)))
    }
}

fn age(told: Option<Duration>) -> u64 {
    let told = told.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
    told.unwrap_or(USUAL_AGE_MS)
        .clamp(LEAST_AGE_MS, MOST_AGE_MS)
}
