//! Why a use case did not happen; knows no transport.

use std::fmt;

use super::user_error::{UserError, UserErrorCode};
use crate::domain::permission::Permission;
use crate::{crypto, store};

/// A result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Expected refusals, one per fault; nothing was changed.
    #[error("refused: {}", Messages(.0))]
    Refused(Vec<UserError>),
    /// The viewer lacks all of these permissions, each of which would do; there is at least one.
    #[error("needs a permission of {0:?}")]
    Forbidden(Vec<Permission>),
    /// Nothing with this id is there for this viewer.
    #[error("not found")]
    NotFound,
    /// An argument outside a mutation's input is malformed; the sentence is public.
    #[error("{0}")]
    BadInput(String),
    /// Okta or the database cannot be reached just now; the same call may succeed later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A defect or a fault of the machine; the text is for the log only.
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Refused(_)
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::BadInput(_)
            | Self::Internal(_) => false,
        }
    }
}

struct Messages<'a>(&'a [UserError]);

impl fmt::Display for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<_> = self.0.iter().map(|error| error.message.as_str()).collect();
        f.write_str(&messages.join(" "))
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        Self::Refused(vec![error])
    }
}

impl From<Vec<UserError>> for Error {
    fn from(errors: Vec<UserError>) -> Self {
        Self::Refused(errors)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Duplicate(_) => UserError::new(
                UserErrorCode::AlreadyExists,
                "Somebody else just saved the same thing.",
            )
            .into(),
            store::Error::Conflict(_) | store::Error::Unreachable(_) => {
                Self::Unavailable(error.to_string())
            }
            store::Error::Reference(_)
            | store::Error::Corrupt { .. }
            | store::Error::LeakedTransaction
            | store::Error::Database(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<crypto::Error> for Error {
    fn from(error: crypto::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
