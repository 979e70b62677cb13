//! An answer that is not a success, as far as it can be read.

use http::{HeaderMap, header};
use serde::Deserialize;
use serde_json::Value;

use crate::answer::Meta;
use crate::code::ErrorCode;

/// Characters kept of a text from an error body: enough to show, too little to flood a log or a database.
const LONGEST_TEXT: usize = 500;

/// Causes kept of one error body.
const MOST_CAUSES: usize = 20;

/// What Okta answered instead of doing what was asked.
///
/// Texts are for people and may change with any release; only `code` is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// `errorCode`; [`ErrorCode::Absent`] if the body was not one of Okta's.
    pub code: ErrorCode,
    /// `errorSummary`; empty if absent. May contain a login.
    pub summary: String,
    /// `errorId`, for Okta's support.
    pub error_id: Option<String>,
    /// `errorCauses`, in Okta's order.
    pub causes: Vec<String>,
    /// Scopes that the token lacks, if `WWW-Authenticate` says `insufficient_scope`; may be empty.
    pub missing_scope: Option<String>,
    /// Particulars of the answer.
    pub meta: Meta,
}

/// Only the code must be what it should be; an odd text must not hide it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody {
    error_code: ErrorCode,
    #[serde(default)]
    error_summary: Value,
    #[serde(default)]
    error_id: Value,
    #[serde(default)]
    error_causes: Value,
}

impl Refusal {
    pub(crate) fn read(meta: Meta, headers: &HeaderMap, body: &[u8]) -> Self {
        let body = serde_json::from_slice(body).unwrap_or(ErrorBody {
            error_code: ErrorCode::Absent,
            error_summary: Value::Null,
            error_id: Value::Null,
            error_causes: Value::Null,
        });
        let causes = body.error_causes.as_array().map(Vec::as_slice);
        Self {
            status: meta.status,
            code: body.error_code,
            summary: text(&body.error_summary).unwrap_or_default(),
            error_id: text(&body.error_id),
            causes: causes
                .unwrap_or_default()
                .iter()
                .filter_map(|cause| text(&cause["errorSummary"]))
                .take(MOST_CAUSES)
                .collect(),
            missing_scope: missing_scope(headers),
            meta,
        }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(shorten)
}

/// One line of bounded length: control characters disturb logs, and NUL has no place in PostgreSQL's texts.
fn shorten(text: &str) -> String {
    text.chars()
        .map(|each| if each.is_control() { ' ' } else { each })
        .take(LONGEST_TEXT)
        .collect()
}

/// The `scope` of a challenge with `error="insufficient_scope"` (RFC 6750 §3.1).
fn missing_scope(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find(|challenge| parameter(challenge, "error") == Some("insufficient_scope"))
        .map(|challenge| shorten(parameter(challenge, "scope").unwrap_or_default()))
}

/// A quoted parameter of a challenge. Okta's values contain no escaped quotes.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let opening = format!("{name}=\"");
    let start = challenge.match_indices(&opening).find(|(at, _)| {
        !challenge[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })?;
    let value = &challenge[start.0 + opening.len()..];
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;
    use http::{HeaderValue, StatusCode};

    const CHALLENGE: &str = r#"Bearer authorization_uri="https://acme.okta.com/oauth2/v1/authorize", realm="https://acme.okta.com", scope="okta.users.read", error="insufficient_scope", error_description="The access token provided does not contain the required scopes.", resource="/api/v1/users""#;

    fn read(headers: &HeaderMap, body: &str) -> Refusal {
        let meta = Meta::read(Call::GetUser, StatusCode::FORBIDDEN, headers);
        Refusal::read(meta, headers, body.as_bytes())
    }

    #[test]
    fn a_missing_scope_is_told_from_a_missing_right() {
        let mut headers = HeaderMap::new();
        assert_eq!(read(&headers, "{}").missing_scope, None);
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static(CHALLENGE),
        );
        assert_eq!(
            read(&headers, "{}").missing_scope.as_deref(),
            Some("okta.users.read")
        );
    }

    #[test]
    fn a_foreign_body_has_no_code() {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            "null",
            "{\"errorCode\":7}",
            "\u{fffd}",
        ] {
            assert_eq!(read(&HeaderMap::new(), body).code, ErrorCode::Absent);
        }
    }

    #[test]
    fn texts_are_one_line() {
        let body = r#"{"errorCode":"E0000001","errorSummary":"a\u0000b\u001b[31m\nc"}"#;
        assert_eq!(read(&HeaderMap::new(), body).summary, "a b [31m c");
    }

    #[test]
    fn unknown_codes_are_kept_and_long_texts_cut() {
        let long = "ü".repeat(LONGEST_TEXT + 1);
        let body = format!(
            r#"{{"errorCode":"E0009999","errorSummary":"{long}","errorId":7,"errorCauses":[null,{{}}]}}"#
        );
        let refusal = read(&HeaderMap::new(), &body);
        assert_eq!(refusal.code, ErrorCode::Other("E0009999".into()));
        assert_eq!(refusal.summary.chars().count(), LONGEST_TEXT);
        assert!(refusal.causes.is_empty());
    }
}
