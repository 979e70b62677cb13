//! Taking the lease of an app: at once where this process is alone, else when the holder's heartbeat stood still for a whole lease by our
//! own monotonic clock.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock::SharedClock;
use crate::store::leases::{self, Hold, Sighting};
use crate::store::{self, Store};

/// What was seen of the lease, and since when it looks like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Watch {
    seen: Option<Sighting>,
    since_ms: u64,
}

impl Watch {
    fn new(seen: Option<Sighting>, now_ms: u64) -> Self {
        Self {
            seen,
            since_ms: now_ms,
        }
    }

    /// Notes how the lease looks now; answers whether it may be taken over.
    fn look(&mut self, seen: Option<Sighting>, now_ms: u64, lease_ms: u64) -> bool {
        if seen != self.seen {
            *self = Self::new(seen, now_ms);
        }
        let free = seen.is_none_or(|seen| seen.holder.is_none());
        free || now_ms.saturating_sub(self.since_ms) >= lease_ms
    }
}

/// Waits until the lease is ours; null when told to stop first.
///
/// # Errors
/// The database's own.
pub(super) async fn obtain(
    store: &Store,
    clock: &SharedClock,
    app: Uuid,
    process: Uuid,
    lease_ms: u64,
    stop: &CancellationToken,
) -> Result<Option<Hold>, store::Error> {
    if !store.is_shared() {
        let hold = store
            .transaction(|tx| async move { leases::acquire_now(&tx, app, process).await })
            .await?;
        return Ok(Some(hold));
    }
    let mut watch = Watch::new(leases::sight(store, app).await?, clock.monotonic_ms());
    loop {
        let seen = leases::sight(store, app).await?;
        if watch.look(seen, clock.monotonic_ms(), lease_ms) {
            let hold = store
                .transaction(|tx| async move { leases::take_over(&tx, app, process, seen).await })
                .await?;
            if hold.is_some() {
                return Ok(hold);
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(None),
            () = clock.sleep_ms(lease_ms / 5) => {}
        }
    }
}

/// Shows the other processes that we live, until `lost` is cancelled, or cancels it when they do not believe it any more.
pub(super) async fn keep(
    store: Store,
    clock: SharedClock,
    hold: Hold,
    lease_ms: u64,
    lost: CancellationToken,
) {
    while !lost.is_cancelled() {
        tokio::select! {
            () = lost.cancelled() => return,
            () = clock.sleep_ms(lease_ms / 3) => {}
        }
        match store
            .transaction(|tx| async move { leases::beat(&tx, hold).await })
            .await
        {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(app = %hold.app, "the lease is lost");
                lost.cancel();
            }
            Err(error) => tracing::warn!(app = %hold.app, %error, "no sign of life could be given"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(heartbeat: i64) -> Option<Sighting> {
        Some(Sighting {
            holder: Some(Uuid::nil()),
            epoch: 1,
            heartbeat,
        })
    }

    #[test]
    fn a_living_holder_is_left_alone() {
        let mut watch = Watch::new(held(0), 0);
        for beat in 0..10 {
            let now = u64::try_from(beat).unwrap() * 9;
            assert!(!watch.look(held(beat), now, 10), "{beat}");
        }
    }

    #[test]
    fn a_lease_that_stood_still_is_taken() {
        let mut watch = Watch::new(held(3), 100);
        assert!(!watch.look(held(3), 109, 10));
        assert!(watch.look(held(3), 110, 10));
    }

    #[test]
    fn a_free_lease_is_taken_at_once() {
        let free = held(0).map(|seen| Sighting {
            holder: None,
            ..seen
        });
        assert!(Watch::new(free, 0).look(free, 0, 10));
        assert!(Watch::new(None, 0).look(None, 0, 10));
    }
}
