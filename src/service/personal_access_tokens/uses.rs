//! When tokens were used last: noted rarely, and behind the request's back, so that a read stays a read.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::service::Services;
use crate::store;
use crate::store::personal_access_tokens::TokenRow;

/// A use is noted so long after the last note. Who looks whether a token is still needed asks for the day.
const NOTED_EVERY_MS: i64 = 5 * 60_000;

/// Tokens whose use is being noted, so that a thousand requests at once make one note.
#[derive(Debug, Default)]
pub struct Uses(Mutex<BTreeSet<Uuid>>);

impl Uses {
    fn under_way(&self) -> MutexGuard<'_, BTreeSet<Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes in the background that the token was used. A note that fails is only logged: the next request makes another.
pub(super) fn note(services: &Services, row: &TokenRow, now: i64) {
    let fresh = |at: i64| at <= now && now.saturating_sub(at) <= NOTED_EVERY_MS;
    if row.last_used_at.is_some_and(fresh) || !services.token_uses.under_way().insert(row.id) {
        return;
    }
    let (services, id) = (services.clone(), row.id);
    tokio::spawn(async move {
        let noted = services.store.transaction(async |tx| {
            store::personal_access_tokens::note_use(&tx, id, now, NOTED_EVERY_MS).await
        });
        if let Err(error) = noted.await {
            tracing::warn!(%error, token = %id, "the use of a personal access token could not be noted");
        }
        services.token_uses.under_way().remove(&id);
    });
}
