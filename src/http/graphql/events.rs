//! Operations over server-sent events: the `graphql-sse` protocol in its distinct connections mode.

use std::convert::Infallible;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request};
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt as _};
use http::{HeaderValue, header};

use super::report::Report;
use crate::clock::SharedClock;
use crate::http::deadline::{reached, within};
use crate::http::error::ErrorAnswer;
use crate::http::request_id::RequestId;
use crate::http::session::Session;
use crate::http::{HttpState, execution, ws};

/// Proxies commonly cut a silent connection after 30 or 60 seconds.
const KEEP_ALIVE_MS: u64 = 15_000;
/// A comment, which clients skip.
const KEEP_ALIVE: &str = ":\n\n";
/// Browsers drop an event without a `data` line.
const COMPLETE: &str = "event: complete\ndata:\n\n";

/// One `next` event per result, then `complete`. Ends early, without `complete`, with the session or the process.
pub(super) fn stream<E: Executor>(
    state: &HttpState<E>,
    request: Request,
    kind: OperationType,
    session: &Session,
    request_id: RequestId,
) -> Result<Response, ErrorAnswer> {
    let permit = state
        .streams
        .clone()
        .try_acquire_owned()
        .map_err(|_| ws::busy())?;
    let slot = session.caller().map(|caller| state.callers.stream(caller));
    let slot = slot.transpose()?;
    let results = execution::results(state, request, kind, request_id);
    let (clock, shutdown, expiry) = (
        state.clock.clone(),
        state.shutdown.clone(),
        session.expires_at_ms(),
    );
    let end = async move {
        let _held = (permit, slot);
        match expiry {
            Some(at) => {
                tokio::select! { () = reached(clock, at) => {}, () = shutdown.cancelled() => {} }
            }
            None => shutdown.cancelled().await,
        }
    };
    let events = events(state.clock.clone(), results)
        .take_until(end)
        .map(Ok::<_, Infallible>);
    let content_type = [(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    )];
    Ok((content_type, Body::from_stream(events)).into_response())
}

fn events(clock: SharedClock, results: BoxStream<'static, Report>) -> impl Stream<Item = String> {
    stream::unfold(Some((clock, results)), async |running| {
        let (clock, mut results) = running?;
        match within(&clock, KEEP_ALIVE_MS, results.next()).await {
            Some(Some(report)) => Some((next(&report), Some((clock, results)))),
            Some(None) => Some((COMPLETE.to_owned(), None)),
            None => Some((KEEP_ALIVE.to_owned(), Some((clock, results)))),
        }
    })
}

fn next(report: &Report) -> String {
    match serde_json::to_string(report) {
        Ok(data) => format!("event: next\ndata: {data}\n\n"),
        Err(error) => {
            tracing::error!(%error, "a result cannot be written as JSON");
            KEEP_ALIVE.to_owned()
        }
    }
}
