//! Who a request is from: the contract between the transport and whatever verifies tokens.

use std::fmt;
use std::sync::Arc;

use async_graphql::Request;
use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::error::ErrorAnswer;
use crate::graphql::error::Code;

/// Verifies bearer tokens.
#[async_trait]
pub trait Authenticate: Send + Sync + 'static {
    /// The session that the token stands for. `bearer` is the token alone; `None` when the client sent none.
    ///
    /// # Errors
    /// [`AuthFailure`] when the token is missing, not accepted, or cannot be verified just now.
    async fn authenticate(&self, bearer: Option<&str>) -> Result<Session, AuthFailure>;
}

/// Why there is no session.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthFailure {
    /// No token was sent, and one is needed.
    #[error("A bearer token is required.")]
    Missing,
    /// The token is malformed, expired, revoked or not ours. The reason is public and names nothing of the token.
    #[error("The bearer token is not accepted: {reason}.")]
    Invalid {
        /// A few words, without quotes: they stand in a header.
        reason: &'static str,
    },
    /// Keys or storage are out of reach; the token may be good.
    #[error("Tokens cannot be verified just now; try again.")]
    Unavailable,
}

type Attach = dyn Fn(Request) -> Request + Send + Sync;

/// An authenticated client. Cheap to clone.
#[derive(Clone)]
pub struct Session {
    caller: Option<Uuid>,
    keys_of: Option<Uuid>,
    expires_at_ms: Option<i64>,
    attach: Arc<Attach>,
}

impl Session {
    /// A session that ends at `expires_at_ms` (epoch milliseconds; `None`: never). `attach` runs once per operation and puts the
    /// viewer and fresh loaders into the request's data.
    pub fn new(
        expires_at_ms: Option<i64>,
        attach: impl Fn(Request) -> Request + Send + Sync + 'static,
    ) -> Self {
        Self {
            caller: None,
            keys_of: None,
            expires_at_ms,
            attach: Arc::new(attach),
        }
    }

    /// The same session, of a person whose requests are counted together, whatever tokens they come with.
    #[must_use]
    pub fn of(mut self, caller: Uuid) -> Self {
        self.caller = Some(caller);
        self
    }

    /// The same session, whose `Idempotency-Key`s are not all its person's, but those of this token, or of sessions
    /// with the same bounds. Else it would be given answers that its person got, and that it may not see.
    #[must_use]
    pub fn with_keys_of(mut self, owner: Uuid) -> Self {
        self.keys_of = Some(owner);
        self
    }

    /// Whose the `Idempotency-Key`s are that come with this session.
    pub(super) fn keys_of(&self) -> Option<Uuid> {
        self.keys_of.or(self.caller)
    }

    pub(super) fn caller(&self) -> Option<Uuid> {
        self.caller
    }

    pub(super) fn expires_at_ms(&self) -> Option<i64> {
        self.expires_at_ms
    }

    pub(super) fn attach(&self, request: Request) -> Request {
        (self.attach)(request)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("expires_at_ms", &self.expires_at_ms)
            .finish_non_exhaustive()
    }
}

impl From<AuthFailure> for ErrorAnswer {
    fn from(failure: AuthFailure) -> Self {
        let challenge = match failure {
            AuthFailure::Missing => HeaderValue::from_static("Bearer"),
            AuthFailure::Invalid { reason } => {
                let challenge =
                    format!(r#"Bearer error="invalid_token", error_description="{reason}""#);
                HeaderValue::try_from(challenge)
                    .unwrap_or(HeaderValue::from_static(r#"Bearer error="invalid_token""#))
            }
            AuthFailure::Unavailable => return Self::unavailable(failure.to_string()),
        };
        Self::new(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            failure.to_string(),
        )
        .with_header(header::WWW_AUTHENTICATE, challenge)
    }
}

/// The token of the `Authorization` header (RFC 6750, §2.1); `None` when there is no such header or it is empty.
///
/// # Errors
/// [`AuthFailure::Invalid`] for another scheme or several headers.
pub(super) fn bearer_of(headers: &HeaderMap) -> Result<Option<&str>, AuthFailure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if value.is_empty() => Ok(None),
        (Some(value), None) => value
            .to_str()
            .ok()
            .and_then(bearer)
            .map(Some)
            .ok_or(NOT_BEARER),
        (Some(_), Some(_)) => Err(NOT_BEARER),
    }
}

/// The token in `Bearer TOKEN`.
pub(super) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Credentials of another kind.
pub(super) const NOT_BEARER: AuthFailure = AuthFailure::Invalid {
    reason: "not of the form Bearer TOKEN",
};
