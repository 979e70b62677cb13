//! Top-level GraphQL errors: the codes, and how a use case's error becomes one. Expected refusals are `userErrors` instead.

use async_graphql::{Error, ErrorExtensions as _};

use crate::service;

/// Every value of `errors[].extensions.code` that a resolver gives; the transport adds those of malformed requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An argument is malformed or out of range.
    BadUserInput,
    /// No valid token came with the request.
    Unauthenticated,
    /// The viewer lacks a permission; `extensions.permission` names it.
    Forbidden,
    /// Nothing with this id is there for this viewer.
    NotFound,
    /// The database or Okta cannot be reached just now; the same request may succeed later.
    Unavailable,
    /// A defect; the log has the details under `requestId`.
    Internal,
}

impl Code {
    /// The code as clients see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error with its code.
pub fn coded(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// A use case's error for the client. Internals go to the log only.
#[must_use]
pub fn public(error: service::Error) -> Error {
    public_ref(&error)
}

/// As [`public`], of an error that several resolvers share.
#[must_use]
pub fn public_ref(error: &service::Error) -> Error {
    match error {
        service::Error::Forbidden(permission) => coded(
            Code::Forbidden,
            format!("This needs the permission {}.", permission.as_str()),
        )
        .extend_with(|_, extensions| extensions.set("permission", permission.as_str())),
        service::Error::NotFound => coded(Code::NotFound, "There is no such thing here."),
        service::Error::BadInput(sentence) => coded(Code::BadUserInput, sentence.clone()),
        service::Error::Refused(errors) => {
            let sentences: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
            coded(Code::BadUserInput, sentences.join(" "))
        }
        service::Error::Unavailable(context) => {
            tracing::warn!(error = %context, "a request could not be served just now");
            coded(
                Code::Unavailable,
                "This cannot be done just now; please try again.",
            )
        }
        service::Error::Internal(context) => {
            tracing::error!(error = %context, "a request failed");
            coded(Code::Internal, "Something went wrong on our side.")
        }
    }
}
