//! What can happen to a request.

use std::time::Duration;

use super::{malformed::Malformed, paging::Paging};
use crate::org::schema_change::SchemaChange;

/// How long a connection is held open in silence unless told otherwise: longer than any client's patience.
pub const HOLD: Duration = Duration::from_secs(600);

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed without an answer and nothing happens in the org.
    DropBefore,
    /// The effect takes place, then the connection is closed without an answer.
    DropAfterEffect,
    /// This answer instead of the effect.
    AnswerInstead(Answer),
    /// The effect takes place, but this is what the caller sees.
    AnswerAfterEffect(Answer),
    /// The effect takes place; the answer's head and half of its body are sent, then the connection is closed.
    TruncateAfterEffect,
    /// Waits, then all is as usual.
    DelayBefore(Duration),
    /// The effect takes place at once, the answer comes later.
    DelayAfterEffect(Duration),
    /// 429 E0000047 instead of the effect, as when the bucket is empty: `Remaining` is 0 and `Reset` lies this far
    /// ahead by the org's clock, in whole seconds. On `/oauth2` the error is `invalid_grant`, as Okta has it there.
    RateLimit {
        /// Time until the bucket is full again.
        reset: Duration,
    },
    /// 429 E0000047 instead of the effect, as when too many requests are served at once: `Limit` and `Remaining` are
    /// 0 and `Reset` is only a hint.
    ConcurrencyLimit,
    /// A failure on Okta's side.
    ServerError {
        /// Which one.
        error: ServerError,
        /// Whether the effect takes place all the same.
        effect: bool,
    },
    /// No answer: the connection stays open in silence, then it is closed.
    Timeout {
        /// Whether the effect takes place.
        effect: bool,
        /// How long the connection is held, in real time. It costs no thread. See [`HOLD`].
        hold: Duration,
    },
    /// Something else is seen now, and the effect lands later by the org's clock, as if the request had waited in a
    /// queue. Credentials are checked now, everything else then. What is refused then leaves no trace.
    Late {
        /// How much later.
        by: Duration,
        /// What the caller sees.
        seen: Seen,
    },
    /// A read of users or roles shows the org of this long ago by its clock, ten minutes at most. Other requests are
    /// served as usual.
    StaleRead(Duration),
    /// Every consent ends first: access and refresh tokens of all clients stop working, so that this request and all
    /// later ones are refused as Okta refuses them. The API token is not touched.
    RevokeTokens,
    /// All access tokens end first; refresh tokens go on.
    ExpireAccessTokens,
    /// The user schema changes first. A change that does not fit the schema does nothing.
    ChangeSchema(SchemaChange),
    /// The answer is malformed.
    Malformed {
        /// How.
        shape: Malformed,
        /// Whether the effect takes place. Without it, a change is tried and undone, to know what a good answer would be.
        effect: bool,
    },
    /// A list's link to its next page leads astray. Answers that are no lists are as usual.
    Paging(Paging),
    /// A redirect.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// Where to. Of an origin such as `https://elsewhere.example` the same path and query.
        to: String,
        /// Whether the effect takes place.
        effect: bool,
    },
    /// An activation, deactivation or deletion is acknowledged at once and done this much later by the org's clock;
    /// meanwhile the user shows `transitioningToStatus` and cannot be changed. Other requests are served as usual.
    Asynchronous(Duration),
}

impl Fault {
    /// The name in the ledger of requests.
    pub fn name(&self) -> String {
        let name = match self {
            Self::DropBefore => "DROP_BEFORE",
            Self::DropAfterEffect => "DROP_AFTER_EFFECT",
            Self::AnswerInstead(_) => "ANSWER_INSTEAD",
            Self::AnswerAfterEffect(_) => "ANSWER_AFTER_EFFECT",
            Self::TruncateAfterEffect => "TRUNCATE_AFTER_EFFECT",
            Self::DelayBefore(_) => "DELAY_BEFORE",
            Self::DelayAfterEffect(_) => "DELAY_AFTER_EFFECT",
            Self::RateLimit { .. } => "RATE_LIMIT",
            Self::ConcurrencyLimit => "CONCURRENCY_LIMIT",
            Self::ServerError { error, effect } => {
                return format!("{}{}", error.name(), after(*effect));
            }
            Self::Timeout { effect: false, .. } => "TIMEOUT",
            Self::Timeout { effect: true, .. } => "TIMEOUT_AFTER_EFFECT",
            Self::Late { seen, .. } => return format!("LATE_EFFECT {}", seen.name()),
            Self::StaleRead(_) => "STALE_READ",
            Self::RevokeTokens => "REVOKE_TOKENS",
            Self::ExpireAccessTokens => "EXPIRE_ACCESS_TOKENS",
            Self::ChangeSchema(_) => "CHANGE_SCHEMA",
            Self::Malformed { shape, effect } => {
                return format!("MALFORMED{} {}", after(*effect), shape.name());
            }
            Self::Paging(paging) => return format!("PAGING {}", paging.name()),
            Self::Redirect { effect, .. } => return format!("REDIRECT{}", after(*effect)),
            Self::Asynchronous(_) => "ASYNCHRONOUS",
        };
        name.into()
    }
}

fn after(effect: bool) -> &'static str {
    if effect { "_AFTER_EFFECT" } else { "" }
}

/// A failure on Okta's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerError {
    /// 500 E0000009.
    Internal,
    /// 502 with a page in HTML, as from a proxy before Okta: no request id, no limits.
    BadGateway,
    /// 503 E0000010: the org is read-only for maintenance.
    Unavailable,
    /// 504 with a page in HTML, as from a proxy before Okta.
    GatewayTimeout,
}

impl ServerError {
    fn name(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL_ERROR",
            Self::BadGateway => "BAD_GATEWAY",
            Self::Unavailable => "UNAVAILABLE",
            Self::GatewayTimeout => "GATEWAY_TIMEOUT",
        }
    }
}

/// What the caller sees of a request whose effect is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nothing; the connection is held in silence for this long in real time. See [`HOLD`].
    Timeout(Duration),
    /// The connection closes without an answer.
    Drop,
    /// 502 with a page in HTML.
    BadGateway,
}

impl Seen {
    fn name(self) -> &'static str {
        match self {
            Self::Timeout(_) => "TIMEOUT",
            Self::Drop => "DROP",
            Self::BadGateway => "BAD_GATEWAY",
        }
    }
}

/// A made-up answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers beside those that every answer has; one of the same name replaces it.
    pub headers: Vec<(String, String)>,
    /// Body as sent. Any bytes.
    pub body: Vec<u8>,
}

impl Answer {
    /// A JSON answer with this body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), "application/json".into())],
            body: body.to_string().into_bytes(),
        }
    }
}
