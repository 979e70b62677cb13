//! Okta's error answers. Codes and statuses from the error catalogue; only codes are stable.

use serde_json::{Value, json};

use super::reply::Reply;
use crate::{ids, org::validate::Violation};

/// Why a request is refused, and how that is said.
#[derive(Debug, Clone)]
pub(crate) enum Refusal {
    /// `/api/v1`: Okta's error object.
    Api {
        status: u16,
        code: &'static str,
        summary: String,
        causes: Vec<String>,
        /// A challenge, when a scope is missing.
        challenge: Option<String>,
    },
    /// `/oauth2`: RFC 6749's error object.
    OAuth {
        status: u16,
        error: &'static str,
        description: String,
        challenge: Option<String>,
    },
    /// A ready answer: an error page or a redirect that carries the error.
    Ready(Reply),
}

impl Refusal {
    pub fn api(status: u16, code: &'static str, summary: impl Into<String>) -> Self {
        Self::Api {
            status,
            code,
            summary: summary.into(),
            causes: Vec::new(),
            challenge: None,
        }
    }

    pub fn oauth(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Self::OAuth {
            status,
            error,
            description: description.into(),
            challenge: None,
        }
    }

    /// Adds a cause.
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        if let Self::Api { causes, .. } = &mut self {
            causes.push(cause.into());
        }
        self
    }

    /// Sets the `WWW-Authenticate` header.
    pub fn challenging(mut self, value: String) -> Self {
        if let Self::Api { challenge, .. } | Self::OAuth { challenge, .. } = &mut self {
            *challenge = Some(value);
        }
        self
    }

    pub fn validation(subject: &str, cause: impl Into<String>) -> Self {
        Self::api(400, "E0000001", format!("Api validation failed: {subject}")).because(cause)
    }

    /// All violations in one answer, named after the first.
    pub fn violations(found: &[Violation]) -> Self {
        let subject = found.first().map_or("", |violation| &violation.subject);
        let refusal = Self::api(400, "E0000001", format!("Api validation failed: {subject}"));
        found.iter().fold(refusal, |refusal, violation| {
            refusal.because(&violation.cause)
        })
    }

    pub fn bad_json() -> Self {
        Self::api(400, "E0000003", "The request body was not well-formed.")
    }

    pub fn media_type() -> Self {
        Self::api(
            415,
            "E0000021",
            "Bad request. Accept and/or Content-Type headers likely do not match supported values.",
        )
    }

    pub fn forbidden() -> Self {
        Self::api(
            403,
            "E0000006",
            "You do not have permission to perform the requested action",
        )
    }

    pub fn not_found(key: &str, kind: &str) -> Self {
        Self::api(
            404,
            "E0000007",
            format!("Not found: Resource not found: {key} ({kind})"),
        )
    }

    pub fn no_such_path() -> Self {
        Self::api(404, "E0000008", "The requested path was not found")
    }

    pub fn internal() -> Self {
        Self::api(500, "E0000009", "Internal Server Error")
    }

    /// Okta's edge answers this one, without an error object.
    pub fn too_large() -> Self {
        Self::Ready(Reply::new(413))
    }

    pub fn invalid_token() -> Self {
        Self::api(401, "E0000011", "Invalid token provided")
    }

    pub fn feature_off() -> Self {
        Self::api(
            401,
            "E0000015",
            "You do not have permission to access the feature you are requesting",
        )
    }

    pub fn method_not_allowed() -> Self {
        Self::api(
            405,
            "E0000022",
            "The endpoint does not support the provided HTTP method",
        )
    }

    pub fn invalid_search(cause: impl Into<String>) -> Self {
        Self::api(400, "E0000031", "Invalid search criteria.").because(cause)
    }

    pub fn invalid_paging() -> Self {
        Self::api(400, "E0000029", "Invalid paging request.")
    }

    pub fn wrong_status() -> Self {
        Self::api(
            403,
            "E0000038",
            "This operation is not allowed in the user's current status.",
        )
    }

    /// On `/oauth2` it has that endpoint's form, with `invalid_grant` for its code (error catalogue, `user_rate_limited`).
    pub fn too_many_requests(route: &str) -> Self {
        const SUMMARY: &str = "API call exceeded rate limit due to too many requests.";
        if route.starts_with("/oauth2/") {
            Self::oauth(429, "invalid_grant", SUMMARY)
        } else {
            Self::api(429, "E0000047", SUMMARY)
        }
    }

    pub fn read_only() -> Self {
        Self::api(503, "E0000010", "Service is in read only mode")
    }

    pub fn still_activating() -> Self {
        Self::api(
            409,
            "E0000112",
            "Cannot update this user because they are still being activated. Please try again in a few minutes.",
        )
    }

    pub fn into_reply(self) -> Reply {
        let (reply, challenge) = match self {
            Self::Api {
                status,
                code,
                summary,
                causes,
                challenge,
            } => (
                Reply::json(status, &error_object(code, &summary, &causes)),
                challenge,
            ),
            Self::OAuth {
                status,
                error,
                description,
                challenge,
            } => {
                let body = json!({ "error": error, "error_description": description });
                (Reply::json(status, &body), challenge)
            }
            Self::Ready(reply) => (reply, None),
        };
        match challenge {
            Some(challenge) => reply.with("www-authenticate", challenge),
            None => reply,
        }
    }
}

fn error_object(code: &str, summary: &str, causes: &[String]) -> Value {
    let causes: Vec<_> = causes
        .iter()
        .map(|cause| json!({ "errorSummary": cause }))
        .collect();
    json!({
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": ids::error_id(),
        "errorCauses": causes,
    })
}
