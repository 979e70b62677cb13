//! The messages of `graphql-transport-ws`
//! (<https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>) and the codes that close its sockets.

use async_graphql::ServerError;
use axum::extract::ws::{CloseFrame, Message};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::http::graphql::{Params, Report};

/// Name of the subprotocol.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";
/// Ids are the client's; the reference client uses UUIDs.
const MAX_ID_BYTES: usize = 128;
/// A close frame carries at most 125 bytes, two of which are the code (RFC 6455 §5.5).
const MAX_REASON_BYTES: usize = 123;

/// What a client says.
#[derive(Debug, PartialEq)]
pub(super) enum ClientMessage {
    /// Opens the session; the payload may carry the token.
    ConnectionInit(Map<String, Value>),
    /// Wants a pong with the same payload.
    Ping(Option<Value>),
    /// Answers a ping, or comes by itself as a heartbeat.
    Pong,
    /// Starts an operation.
    Subscribe { id: String, params: Params },
    /// Stops an operation.
    Complete { id: String },
}

impl ClientMessage {
    /// Reads a text frame. The error is the reason to close with 4400.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
            return Err("Invalid message: not a JSON object");
        };
        let payload = fields
            .remove("payload")
            .filter(|payload| !payload.is_null());
        let kind = fields
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match (kind, payload) {
            ("connection_init", None) => Ok(Self::ConnectionInit(Map::new())),
            ("connection_init", Some(Value::Object(payload))) => Ok(Self::ConnectionInit(payload)),
            ("ping", payload @ (None | Some(Value::Object(_)))) => Ok(Self::Ping(payload)),
            ("pong", None | Some(Value::Object(_))) => Ok(Self::Pong),
            ("subscribe", Some(payload @ Value::Object(_))) => {
                let params = Params::from_value(payload)
                    .map_err(|_| "Invalid message: bad subscribe payload")?;
                Ok(Self::Subscribe {
                    id: id(&mut fields)?,
                    params,
                })
            }
            ("complete", _) => Ok(Self::Complete {
                id: id(&mut fields)?,
            }),
            ("connection_init" | "ping" | "pong" | "subscribe", _) => {
                Err("Invalid message: the payload must be an object")
            }
            _ => Err("Invalid message: unknown type"),
        }
    }
}

fn id(fields: &mut Map<String, Value>) -> Result<String, &'static str> {
    match fields.remove("id") {
        Some(Value::String(id)) if (1..=MAX_ID_BYTES).contains(&id.len()) => Ok(id),
        _ => Err("Invalid message: bad id"),
    }
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ServerMessage<'a> {
    /// The session is open.
    ConnectionAck,
    /// Answers a ping.
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    /// A result.
    Next { id: &'a str, payload: &'a Report },
    /// The operation was refused or broke; nothing follows.
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    /// The operation is over.
    Complete { id: &'a str },
}

impl ServerMessage<'_> {
    /// The text frame; `None` when the message cannot be written as JSON.
    pub fn frame(&self) -> Option<Message> {
        serde_json::to_string(self)
            .ok()
            .map(|text| Message::Text(text.into()))
    }
}

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Close {
    /// The code, of the protocol or of RFC 6455.
    pub code: u16,
    reason: &'static str,
}

impl Close {
    pub const GOING_AWAY: Self = Self::new(1001, "The server is shutting down");
    pub const TOO_LONG: Self = Self::new(1009, "The message is too long");
    pub const TOO_MANY: Self = Self::new(1013, "Too many streams are open already");
    pub const TRY_AGAIN_LATER: Self = Self::new(1013, "Try again later");
    pub const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub const EXPIRED: Self = Self::new(4401, "The token has expired");
    pub const BAD_SUBPROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    pub const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub const DUPLICATE_ID: Self = Self::new(4409, "Subscriber for this id already exists");
    pub const SECOND_INIT: Self = Self::new(4429, "Too many initialisation requests");

    /// A message that is not one of the protocol's.
    pub const fn invalid(reason: &'static str) -> Self {
        Self::new(4400, reason)
    }

    const fn new(code: u16, reason: &'static str) -> Self {
        assert!(reason.len() <= MAX_REASON_BYTES);
        Self { code, reason }
    }

    /// The close frame.
    pub fn frame(self) -> Message {
        Message::Close(Some(CloseFrame {
            code: self.code,
            reason: self.reason.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_the_protocol_are_read_and_others_are_not() {
        let query = r#"{"type":"subscribe","id":"1","payload":{"query":"{a}"}}"#;
        for good in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"type":"ping","payload":{"n":1}}"#,
            r#"{"type":"pong"}"#,
            r#"{"type":"complete","id":"1"}"#,
            query,
        ] {
            assert!(ClientMessage::parse(good).is_ok(), "{good}");
        }
        let long = format!(
            r#"{{"type":"complete","id":"{}"}}"#,
            "x".repeat(MAX_ID_BYTES + 1)
        );
        for bad in [
            "",
            "[]",
            r#"{"id":"1"}"#,
            r#"{"type":"start"}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"ping","payload":1}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            &long,
        ] {
            assert!(ClientMessage::parse(bad).is_err(), "{bad}");
        }
    }
}
