//! Why a call has no answer, and what that says about Okta's state.

use crate::answer::Meta;
use crate::code::ErrorCode;
use crate::refusal::Refusal;

/// What became of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Okta's state is as if the call had never been made.
    NotApplied,
    /// The call may have been applied, may still be, or may never have arrived: read before repeating.
    Unknown,
}

/// Why a call failed. No variant's text or `Debug` shows a credential or a URL.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an id of Okta's, so that it could name another resource; nothing was sent.
    #[error("not an Okta id")]
    InvalidId,
    /// A login with a slash can only be read by its user's id (Okta, get a user); nothing was sent.
    #[error("a login that contains a slash cannot be looked up")]
    LoginNeedsId,
    /// Not a login: empty, or a word with a meaning of its own in a path; nothing was sent.
    #[error("not a login that can be looked up")]
    InvalidLogin,
    /// The token contains characters that no token has; nothing was sent.
    #[error("the credential is malformed")]
    InvalidCredential,
    /// A cursor leads away from the listing it belongs to. It was not followed.
    #[error("a page link leads elsewhere")]
    ForeignLink {
        /// The page that carried the link; `None` if the caller brought the cursor.
        meta: Option<Box<Meta>>,
    },
    /// The host resolves only to addresses that the policy forbids; nothing was sent.
    #[error("the host resolves to a forbidden address")]
    AddressRefused,
    /// No connection: name, network, TLS. Nothing was sent.
    #[error("cannot connect")]
    Connect(#[source] reqwest::Error),
    /// No complete answer in time.
    #[error("no complete answer in time")]
    Timeout,
    /// The connection broke before the answer was complete.
    #[error("the connection broke")]
    Dropped(#[source] reqwest::Error),
    /// A redirect, which is never followed: Okta's API sends none.
    #[error("unexpected redirect ({})", .0.status)]
    Redirected(Box<Meta>),
    /// The answer is larger than the configured cap.
    #[error("answer larger than {limit} bytes")]
    TooLarge {
        /// The cap, in bytes.
        limit: usize,
        /// Particulars of the answer.
        meta: Box<Meta>,
    },
    /// A success whose body is not what Okta answers to this call.
    #[error("unreadable answer ({}): {reason}", .meta.status)]
    Garbled {
        /// What is wrong, without any of the content.
        reason: String,
        /// Particulars of the answer.
        meta: Box<Meta>,
    },
    /// Status 5xx or 408, from Okta or from something in between.
    #[error("server failure ({} {})", .0.status, .0.code)]
    Server(Box<Refusal>),
    /// Status 429: too many calls in the window, or at once. See [`Meta::wait`].
    #[error("too many calls ({})", .0.code)]
    RateLimited(Box<Refusal>),
    /// Any other 4xx: Okta understood and declined.
    #[error("refused ({} {})", .0.status, .0.code)]
    Refused(Box<Refusal>),
}

impl Error {
    /// What became of the call. For calls that change nothing it says only whether Okta's word was read.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::InvalidId
            | Self::LoginNeedsId
            | Self::InvalidLogin
            | Self::InvalidCredential
            | Self::ForeignLink { .. }
            | Self::AddressRefused
            | Self::Connect(_)
            | Self::RateLimited(_)
            | Self::Refused(_) => Outcome::NotApplied,
            Self::Timeout
            | Self::Dropped(_)
            | Self::Redirected(_)
            | Self::TooLarge { .. }
            | Self::Garbled { .. }
            | Self::Server(_) => Outcome::Unknown,
        }
    }

    /// Whether the same call may succeed later although nobody changes anything.
    ///
    /// It does not say that repeating is safe: that is [`Self::outcome`].
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Connect(_)
            | Self::Timeout
            | Self::Dropped(_)
            | Self::Garbled { .. }
            | Self::Server(_)
            | Self::RateLimited(_) => true,
            Self::Refused(refusal) => matches!(
                refusal.code,
                ErrorCode::ActivationInProgress | ErrorCode::RoleLocked
            ),
            Self::InvalidId
            | Self::LoginNeedsId
            | Self::InvalidLogin
            | Self::InvalidCredential
            | Self::ForeignLink { .. }
            | Self::AddressRefused
            | Self::Redirected(_)
            | Self::TooLarge { .. } => false,
        }
    }

    /// Particulars of the answer, if there was one.
    #[must_use]
    pub fn meta(&self) -> Option<&Meta> {
        match self {
            Self::Redirected(meta) | Self::TooLarge { meta, .. } | Self::Garbled { meta, .. } => {
                Some(meta)
            }
            Self::ForeignLink { meta } => meta.as_deref(),
            Self::Server(refusal) | Self::RateLimited(refusal) | Self::Refused(refusal) => {
                Some(&refusal.meta)
            }
            Self::InvalidId
            | Self::LoginNeedsId
            | Self::InvalidLogin
            | Self::InvalidCredential
            | Self::AddressRefused
            | Self::Connect(_)
            | Self::Timeout
            | Self::Dropped(_) => None,
        }
    }

    /// The refusal, if Okta (or something in between) answered with 4xx or 5xx.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Server(refusal) | Self::RateLimited(refusal) | Self::Refused(refusal) => {
                Some(refusal)
            }
            _ => None,
        }
    }

    /// Okta's error code, if there was an error body.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        let code = &self.refusal()?.code;
        (*code != ErrorCode::Absent).then_some(code)
    }

    /// Okta says that the object does not exist. A bare 404 of a proxy does not count.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is(404, &ErrorCode::NotFound)
    }

    /// The token is unknown, expired or revoked. Other 401s, such as a feature that is off, do not count.
    #[must_use]
    pub fn is_token_invalid(&self) -> bool {
        self.is(401, &ErrorCode::InvalidToken)
    }

    /// The administrator behind the token lacks the right, although the token has the scope.
    #[must_use]
    pub fn is_capability_denied(&self) -> bool {
        self.is(403, &ErrorCode::NoPermission) && self.insufficient_scope().is_none()
    }

    /// The scopes that the token lacks for this call; may be empty. `None` if scopes are not the reason.
    #[must_use]
    pub fn insufficient_scope(&self) -> Option<&str> {
        self.refusal()?.missing_scope.as_deref()
    }

    /// The body was refused as invalid, which is also how a login that another user holds is refused.
    ///
    /// Okta has no code of its own for a duplicate login, and its texts are not stable (developer docs,
    /// core-okta-api): look the login up to know. Logins are compared without case and diacritics, and
    /// DEPROVISIONED users hold theirs too.
    #[must_use]
    pub fn may_be_login_conflict(&self) -> bool {
        self.is(400, &ErrorCode::Validation)
    }

    fn is(&self, status: u16, code: &ErrorCode) -> bool {
        self.refusal()
            .is_some_and(|refusal| refusal.status == status && refusal.code == *code)
    }
}
