//! Working imports beside the accounts: each in a task of its own, for as long as there is something to do.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::service::{Services, imports};

/// Imports worked at a time in one process: each is one app's, and holds a page or two in memory.
const AT_ONCE: usize = 4;

/// Works imports until told to stop; a step that has begun is finished.
pub(super) async fn work(
    services: Services,
    process: Uuid,
    wake: Arc<Notify>,
    poll_ms: u64,
    shutdown: CancellationToken,
) {
    let mut tasks = JoinSet::new();
    let mut in_hand = HashSet::new();
    while !shutdown.is_cancelled() {
        start(
            &services,
            process,
            poll_ms,
            &shutdown,
            &mut tasks,
            &mut in_hand,
        )
        .await;
        let pause = pause(&services, poll_ms).await;
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = wake.notified() => {}
            Some(ended) = tasks.join_next() => reap(ended, &mut in_hand),
            () = services.clock.sleep_ms(pause) => {}
        }
        while let Some(ended) = tasks.try_join_next() {
            reap(ended, &mut in_hand);
        }
    }
    while tasks.join_next().await.is_some() {}
}

type Ended = Result<Uuid, tokio::task::JoinError>;

async fn start(
    services: &Services,
    process: Uuid,
    poll_ms: u64,
    shutdown: &CancellationToken,
    tasks: &mut JoinSet<Uuid>,
    in_hand: &mut HashSet<Uuid>,
) {
    if tasks.is_empty() {
        // A task that panicked could not say which import it worked.
        in_hand.clear();
    }
    let found = match imports::runnable(services, process).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "imports cannot be looked for; it is tried again");
            return;
        }
    };
    for import in found {
        if tasks.len() >= AT_ONCE || !in_hand.insert(import) {
            continue;
        }
        let (services, shutdown) = (services.clone(), shutdown.clone());
        tasks.spawn(async move {
            if let Err(error) = imports::work(&services, process, import, &shutdown).await {
                tracing::error!(%import, %error, "a step of an import broke off; it is tried again");
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = services.clock.sleep_ms(poll_ms) => {}
                }
            }
            import
        });
    }
}

fn reap(ended: Ended, in_hand: &mut HashSet<Uuid>) {
    match ended {
        Ok(import) => _ = in_hand.remove(&import),
        Err(error) => tracing::error!(%error, "the work on an import broke off; it is tried again"),
    }
}

/// Until the next import may go on, but no longer than `poll_ms`.
async fn pause(services: &Services, poll_ms: u64) -> u64 {
    let next = imports::next_due(services).await.ok().flatten();
    let left = next.map(|at| at - services.clock.now_ms());
    let left = left.and_then(|left| u64::try_from(left.max(20)).ok());
    left.unwrap_or(poll_ms).min(poll_ms)
}
