//! `/health/live`: the process answers. `/health/ready`: it can also do its work.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::deadline::within;
use super::error::ErrorAnswer;
use crate::clock::SharedClock;

/// A probe that waits longer than an orchestrator does is of no use; theirs are commonly one to five seconds.
const CHECK_LIMIT_MS: u64 = 2_000;

/// Tells whether the process can do its work.
#[async_trait]
pub trait Readiness: Send + Sync + 'static {
    /// Looks at what every request needs.
    ///
    /// # Errors
    /// [`Unready`] with a reason that may be shown.
    async fn check(&self) -> Result<(), Unready>;
}

/// The process cannot do its work now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unready {
    /// A public sentence, for example "The database cannot be written."
    pub reason: &'static str,
}

/// What the readiness handler needs.
#[derive(Clone)]
pub(super) struct Probe {
    pub readiness: Arc<dyn Readiness>,
    pub clock: SharedClock,
}

pub(super) async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

pub(super) async fn ready(State(probe): State<Probe>) -> Result<impl IntoResponse, ErrorAnswer> {
    match within(&probe.clock, CHECK_LIMIT_MS, probe.readiness.check()).await {
        Some(Ok(())) => Ok(Json(json!({ "status": "ready" }))),
        Some(Err(unready)) => Err(ErrorAnswer::unavailable(unready.reason)),
        None => Err(ErrorAnswer::unavailable(
            "The readiness check takes too long.",
        )),
    }
}
