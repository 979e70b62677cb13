//! Top-level GraphQL errors: the codes, and how a use case's error becomes one. Expected refusals are `userErrors` instead.

use async_graphql::{Error, ErrorExtensions as _, Pos, ServerError};

use crate::domain::permission::Permission;
use crate::service;

/// Every value of `errors[].extensions.code`: those that a resolver gives, and those of the transport.
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
    /// The document is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// No document is known by this SHA-256; the client sends its text once more.
    PersistedQueryNotFound,
    /// The server runs only the documents of its manifest, and this is none of them.
    DocumentNotTrusted,
    /// The document is beyond one of the [`limits`](super::limits).
    QueryTooComplex,
    /// The HTTP request is not a GraphQL request.
    BadRequest,
    /// The operation may not be sent with this HTTP method.
    MethodNotAllowed,
    /// None of the media types in `Accept` can be produced.
    NotAcceptable,
    /// The body is larger than accepted.
    PayloadTooLarge,
    /// The body is not `application/json`.
    UnsupportedMediaType,
    /// The caller, the connection or the process already carries as many operations as it may.
    TooManyOperations,
    /// The caller asked for more in a minute than he may.
    RateLimited,
    /// A request with this `Idempotency-Key` is under way.
    IdempotencyKeyInUse,
    /// This `Idempotency-Key` came with another request before.
    IdempotencyKeyReused,
    /// Nobody knows what came of the request with this `Idempotency-Key`.
    IdempotencyOutcomeUnknown,
    /// The operation took longer than it may and was stopped.
    Timeout,
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
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::BadRequest => "BAD_REQUEST",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::NotAcceptable => "NOT_ACCEPTABLE",
            Self::PayloadTooLarge => "PAYLOAD_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::TooManyOperations => "TOO_MANY_OPERATIONS",
            Self::IdempotencyKeyInUse => "IDEMPOTENCY_KEY_IN_USE",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::IdempotencyOutcomeUnknown => "IDEMPOTENCY_OUTCOME_UNKNOWN",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
        }
    }

    /// An error found before execution, at its place in the document if it has one.
    #[must_use]
    pub fn at(self, position: Option<Pos>, message: impl Into<String>) -> ServerError {
        let mut error = ServerError::new(message, position);
        error
            .extensions
            .get_or_insert_default()
            .set("code", self.as_str());
        error
    }
}

/// An error with its code.
pub fn coded(code: Code, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// Each of these permissions would do.
fn forbidden(permissions: &[Permission]) -> Error {
    let names: Vec<_> = permissions.iter().map(|one| one.as_str()).collect();
    let sentence = match names.as_slice() {
        [one] => format!("This needs the permission {one}."),
        any => format!("This needs one of the permissions {}.", any.join(", ")),
    };
    coded(Code::Forbidden, sentence).extend_with(|_, extensions| {
        extensions.set("permission", names.first().copied().unwrap_or_default());
        extensions.set("permissions", names.as_slice());
    })
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
        service::Error::Forbidden(permissions) => forbidden(permissions),
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
