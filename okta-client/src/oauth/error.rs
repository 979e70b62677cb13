//! Why there is no token.

use crate::answer::Meta;
use crate::error::{Error, Outcome};
use crate::vocabulary::vocabulary;

vocabulary! {
    /// `error` of a token answer or of a redirect back from the consent page.
    ///
    /// Sources: RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6, RFC 9449 §5 and §8, Okta's OAuth error catalogue.
    OAuthErrorCode {
        /// The request is malformed, for instance with two kinds of client authentication.
        InvalidRequest = "invalid_request",
        /// Client id or secret is wrong.
        InvalidClient = "invalid_client",
        /// The code or refresh token is used up, expired, revoked or another client's.
        InvalidGrant = "invalid_grant",
        /// The app may not use this grant.
        UnauthorizedClient = "unauthorized_client",
        /// The grant is unknown or not enabled.
        UnsupportedGrantType = "unsupported_grant_type",
        /// The response type is unknown or not enabled.
        UnsupportedResponseType = "unsupported_response_type",
        /// A scope is unknown to the server.
        InvalidScope = "invalid_scope",
        /// The person declined, is not assigned to the app, or may not consent.
        AccessDenied = "access_denied",
        /// None of the scopes was granted to the app.
        ConsentRequired = "consent_required",
        /// Nobody is signed in and the request forbade to ask.
        LoginRequired = "login_required",
        /// The person must do something and the request forbade to ask.
        InteractionRequired = "interaction_required",
        /// A failure inside the server, told by redirect.
        ServerError = "server_error",
        /// The server is overloaded, told by redirect.
        TemporarilyUnavailable = "temporarily_unavailable",
        /// The app demands DPoP.
        InvalidDpopProof = "invalid_dpop_proof",
        /// The app demands DPoP with a nonce.
        UseDpopNonce = "use_dpop_nonce",
    }
}

impl OAuthErrorCode {
    /// Whether the same request may succeed later although nobody changes anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::ServerError | Self::TemporarilyUnavailable => true,
            Self::InvalidRequest
            | Self::InvalidClient
            | Self::InvalidGrant
            | Self::UnauthorizedClient
            | Self::UnsupportedGrantType
            | Self::UnsupportedResponseType
            | Self::InvalidScope
            | Self::AccessDenied
            | Self::ConsentRequired
            | Self::LoginRequired
            | Self::InteractionRequired
            | Self::InvalidDpopProof
            | Self::UseDpopNonce
            | Self::Other(_) => false,
        }
    }
}

/// An OAuth error of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthRefusal {
    /// The error's code.
    pub code: OAuthErrorCode,
    /// Okta's words, for people.
    pub description: Option<String>,
    /// Particulars of the answer.
    pub meta: Meta,
}

/// Why a token call failed. No variant's text or `Debug` shows a token or the client's secret.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// The server understood and declined.
    #[error("refused: {}", .0.code)]
    Refused(Box<OAuthRefusal>),
    /// Status 5xx, 408 or 429, whatever the body says: a 429 may carry `invalid_grant` (Okta's catalogue,
    /// `user_rate_limited`) and yet leave the grant alive.
    #[error("the authorization server is unavailable ({})", .0.status)]
    Unavailable(Box<Meta>),
    /// The app is set to DPoP, which this client does not speak.
    #[error("the app demands DPoP tokens")]
    DpopRequired(Box<Meta>),
    /// The answer is not one of an authorization server.
    #[error("unreadable answer ({})", .0.status)]
    Garbled(Box<Meta>),
    /// The client's own settings do not make a request; nothing was sent.
    #[error("the request could not be made")]
    BadRequest,
    /// No complete answer.
    #[error(transparent)]
    Transport(#[from] Error),
}

impl OAuthError {
    /// Whether the same call may succeed later although nobody changes anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Garbled(_) => true,
            Self::Refused(refusal) => refusal.code.retryable(),
            Self::Transport(error) => error.retryable(),
            Self::DpopRequired(_) | Self::BadRequest => false,
        }
    }

    /// Whether the grant is gone for good, so that only a new consent helps.
    #[must_use]
    pub fn is_dead_grant(&self) -> bool {
        self.code() == Some(&OAuthErrorCode::InvalidGrant)
    }

    /// Whether the client's id or secret is wrong.
    #[must_use]
    pub fn is_bad_client(&self) -> bool {
        matches!(
            self.code(),
            Some(OAuthErrorCode::InvalidClient | OAuthErrorCode::UnauthorizedClient)
        )
    }

    /// The server's code, if it declined.
    #[must_use]
    pub fn code(&self) -> Option<&OAuthErrorCode> {
        match self {
            Self::Refused(refusal) => Some(&refusal.code),
            _ => None,
        }
    }

    /// Whether the server may have acted: used up the code, or rotated the refresh token.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Refused(_) | Self::BadRequest => Outcome::NotApplied,
            Self::Unavailable(meta) if meta.status == 429 => Outcome::NotApplied,
            Self::Unavailable(_) | Self::DpopRequired(_) | Self::Garbled(_) => Outcome::Unknown,
            Self::Transport(error) => error.outcome(),
        }
    }

    /// Particulars of the answer, if there was one.
    #[must_use]
    pub fn meta(&self) -> Option<&Meta> {
        match self {
            Self::Refused(refusal) => Some(&refusal.meta),
            Self::Unavailable(meta) | Self::DpopRequired(meta) | Self::Garbled(meta) => Some(meta),
            Self::Transport(error) => error.meta(),
            Self::BadRequest => None,
        }
    }
}
