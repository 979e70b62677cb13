//! Waiting no longer than is worth it, by the clock that was passed in.

use std::pin::pin;

use futures::future::{Either, select};

use crate::clock::SharedClock;

/// The future's result, or `None` when `limit_ms` passed first; the future is dropped then.
pub(super) async fn within<F: Future>(
    clock: &SharedClock,
    limit_ms: u64,
    future: F,
) -> Option<F::Output> {
    match select(pin!(future), clock.sleep_ms(limit_ms)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

/// Completes once the wall clock has reached `at_ms`. It looks again every minute, so that a clock that is set forward is noticed.
pub(super) async fn reached(clock: SharedClock, at_ms: i64) {
    const LOOK_AGAIN_MS: u64 = 60_000;
    loop {
        match u64::try_from(at_ms.saturating_sub(clock.now_ms())) {
            Ok(left) if left > 0 => clock.sleep_ms(left.min(LOOK_AGAIN_MS)).await,
            _ => return,
        }
    }
}
