//! Working off bulk changes beside the accounts: batch by batch, for as long as there is something to do.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::service::{Services, bulk_jobs};

/// Works jobs until told to stop; a batch that has begun is finished.
pub(super) async fn work(
    services: Services,
    wake: Arc<Notify>,
    poll_ms: u64,
    shutdown: CancellationToken,
) {
    while !shutdown.is_cancelled() {
        match bulk_jobs::work_one(&services).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "a batch of a bulk job broke off; it is tried again")
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = wake.notified() => {}
            () = services.clock.sleep_ms(poll_ms) => {}
        }
    }
}
