//! Operations over WebSocket, by the protocol `graphql-transport-ws`.

mod connection;
mod operations;
mod protocol;
#[cfg(test)]
mod tests;

use async_graphql::Executor;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts as _, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use tracing::Instrument as _;

use super::HttpState;
use super::error::ErrorAnswer;
use super::origin;
use super::request_id::RequestId;
use super::session::bearer_of;
use crate::graphql::error::Code;
use connection::{Connection, Upgraded};

/// Limits of one WebSocket connection. Times are milliseconds.
#[derive(Clone, Debug)]
pub struct SocketConfig {
    /// From the upgrade to `connection_init`; a client sends it at once.
    pub init_timeout_ms: u64,
    /// Between pings of the server; proxies commonly cut a silent connection after 30 or 60 seconds.
    pub ping_interval_ms: u64,
    /// For one frame to leave; a client that does not read is cut off.
    pub send_timeout_ms: u64,
    /// Length of one message.
    pub max_message_bytes: usize,
    /// Operations at once on one connection; a screen of the panel has about five subscriptions.
    pub max_operations: usize,
}

impl Default for SocketConfig {
    fn default() -> Self {
        Self {
            init_timeout_ms: 5_000,
            ping_interval_ms: 15_000,
            send_timeout_ms: 10_000,
            max_message_bytes: 256 * 1024,
            max_operations: 50,
        }
    }
}

/// A message beyond the limit is answered with a close code; one this many times longer is not even read.
const CUT_OFF_FACTOR: usize = 4;

/// Whether the client wants to change to WebSocket.
pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    let upgrade = headers
        .get(header::UPGRADE)
        .and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

/// The answer when no further stream is taken.
pub(super) fn busy() -> ErrorAnswer {
    let message = "Too many connections are open; try again later.";
    ErrorAnswer::new(
        StatusCode::SERVICE_UNAVAILABLE,
        Code::TooManyOperations,
        message,
    )
}

/// Changes to WebSocket and serves the connection in a task of its own.
pub(super) async fn upgrade<E: Executor>(state: HttpState<E>, request: Request) -> Response {
    try_upgrade(state, request)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn try_upgrade<E: Executor>(
    state: HttpState<E>,
    request: Request,
) -> Result<Response, ErrorAnswer> {
    let (mut parts, _) = request.into_parts();
    if !origin::permitted(&parts.headers, &state.config.panel_origins) {
        let message = "Pages of this origin may not connect.";
        return Err(ErrorAnswer::new(
            StatusCode::FORBIDDEN,
            Code::Forbidden,
            message,
        ));
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &state)
        .await
        .map_err(|rejection| ErrorAnswer::bad_request(rejection.body_text()))?;
    let permit = state
        .streams
        .clone()
        .try_acquire_owned()
        .map_err(|_| busy())?;
    let request_id = RequestId::of(&parts.extensions);
    let bearer = bearer_of(&parts.headers).map(|token| token.map(str::to_owned));
    let limit = state
        .config
        .socket
        .max_message_bytes
        .saturating_mul(CUT_OFF_FACTOR);
    let upgrade = upgrade
        .protocols([protocol::SUBPROTOCOL])
        .max_message_size(limit)
        .max_frame_size(limit);
    let span = tracing::info_span!("socket", request_id = request_id.as_str());
    Ok(upgrade.on_upgrade(move |socket| {
        let upgraded = Upgraded {
            request_id,
            bearer,
            _permit: permit,
        };
        Connection::new(state, upgraded, socket)
            .serve()
            .instrument(span)
    }))
}
