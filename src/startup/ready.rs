//! Ready means that the database can be written; Okta being away is no reason to take the server out of service.

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::http::{Readiness, Unready};
use crate::service::Services;
use crate::store;

/// How long a finding is good, milliseconds: whoever asks more often, and anybody may, costs no writing.
const GOOD_FOR_MS: u64 = 1_000;

/// Looks by writing, for one at a time.
pub(super) struct DatabaseWorks {
    services: Services,
    last: Mutex<Option<(u64, Result<(), Unready>)>>,
}

impl DatabaseWorks {
    pub(super) fn new(services: Services) -> Self {
        Self {
            services,
            last: Mutex::default(),
        }
    }
}

#[async_trait]
impl Readiness for DatabaseWorks {
    /// When the caller loses patience meanwhile, nothing is remembered, and the next one looks himself.
    async fn check(&self) -> Result<(), Unready> {
        let clock = &self.services.clock;
        let mut last = self.last.lock().await;
        if let Some((at, found)) = *last
            && clock.monotonic_ms().saturating_sub(at) < GOOD_FOR_MS
        {
            return found;
        }
        let written = self.services.store.write_probe(clock.now_ms()).await;
        let found = written.map_err(|error| {
            tracing::warn!(%error, "not ready");
            unready(&error)
        });
        *last = Some((clock.monotonic_ms(), found));
        found
    }
}

fn unready(error: &store::Error) -> Unready {
    let reason = match error {
        store::Error::Unreachable(_) => "The database does not answer.",
        store::Error::Duplicate(_)
        | store::Error::Reference(_)
        | store::Error::Conflict(_)
        | store::Error::Corrupt { .. }
        | store::Error::LeakedTransaction
        | store::Error::Database(_) => "The database cannot be written.",
    };
    Unready { reason }
}
