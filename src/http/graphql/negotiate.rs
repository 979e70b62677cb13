//! Which media type an answer has, by the request's `Accept` (RFC 9110 §12.5.1; GraphQL over HTTP §6).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::graphql::error::Code;
use crate::http::error::ErrorAnswer;

/// Media types that `/graphql` answers with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Media {
    /// `application/json`: errors in the document come with status 200.
    Json,
    /// `application/graphql-response+json`: errors in the document come with status 400.
    GraphqlResponse,
    /// `text/event-stream`, the `graphql-sse` protocol's distinct connections; for clients that take no JSON.
    EventStream,
}

impl Media {
    /// Value of `Content-Type`. Errors before a stream are JSON.
    pub(crate) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json | Self::EventStream => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        })
    }

    /// Status for a request whose document, operation name or variables are refused.
    pub(crate) fn refusal(self) -> StatusCode {
        match self {
            Self::Json => StatusCode::OK,
            Self::GraphqlResponse | Self::EventStream => StatusCode::BAD_REQUEST,
        }
    }
}

/// Chooses the best that the client takes; without `Accept`, `application/json`.
///
/// # Errors
/// 406 when the client takes none of ours.
pub(super) fn negotiate(headers: &HeaderMap) -> Result<Media, ErrorAnswer> {
    let Some(accept) = Accept::of(headers) else {
        return Ok(Media::Json);
    };
    let json = accept.quality("application", "json");
    let graphql = accept.quality("application", "graphql-response+json");
    let asked_by_name = accept.named("application/graphql-response+json").is_some();
    if graphql > 0.0 && ((asked_by_name && graphql >= json) || json <= 0.0) {
        return Ok(Media::GraphqlResponse);
    }
    if json > 0.0 {
        return Ok(Media::Json);
    }
    if accept.named("text/event-stream").is_some_and(|q| q > 0.0) {
        return Ok(Media::EventStream);
    }
    let ours = "Accept must permit application/graphql-response+json, application/json or text/event-stream.";
    Err(ErrorAnswer::new(
        StatusCode::NOT_ACCEPTABLE,
        Code::NotAcceptable,
        ours,
    ))
}

/// Whether a browser asks for a page: `text/html` by name, and no JSON that it likes better.
pub(super) fn prefers_html(headers: &HeaderMap) -> bool {
    let Some(accept) = Accept::of(headers) else {
        return false;
    };
    let json = ["application/json", "application/graphql-response+json"];
    let json = json
        .iter()
        .filter_map(|name| accept.named(name))
        .fold(0.0, f32::max);
    accept
        .named("text/html")
        .is_some_and(|html| html > 0.0 && html >= json)
}

/// Checks that a body is JSON in UTF-8, the only type that a page of another site cannot send without asking first.
///
/// # Errors
/// 415 for every other type and for none.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), ErrorAnswer> {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (name, parameters) = split(value);
    let utf8 = parameters
        .iter()
        .all(|(name, value)| *name != "charset" || is_utf8(value));
    if name == "application/json" && utf8 {
        return Ok(());
    }
    let message = "Send the request as application/json in UTF-8.";
    Err(ErrorAnswer::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::UnsupportedMediaType,
        message,
    ))
}

/// Media ranges with their weights.
struct Accept(Vec<(String, f32)>);

impl Accept {
    /// `None` without the header, or when it is empty: everything is taken then.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let values = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let ranges = values
            .flat_map(|value| value.split(','))
            .filter(|range| !range.trim().is_empty());
        let mut ranges = ranges.peekable();
        ranges.peek()?;
        Some(Self(ranges.filter_map(weighted).collect()))
    }

    fn named(&self, name: &str) -> Option<f32> {
        self.0
            .iter()
            .filter(|(range, _)| range == name)
            .map(|(_, q)| *q)
            .reduce(f32::max)
    }

    /// Weight of the most specific range that covers the type.
    fn quality(&self, kind: &str, subtype: &str) -> f32 {
        let ranges = [
            format!("{kind}/{subtype}"),
            format!("{kind}/*"),
            "*/*".to_owned(),
        ];
        ranges
            .iter()
            .find_map(|range| self.named(range))
            .unwrap_or(0.0)
    }
}

/// One range with its weight; `None` when it asks for an encoding other than UTF-8.
fn weighted(range: &str) -> Option<(String, f32)> {
    let (name, parameters) = split(range);
    let mut weight = 1.0;
    for (parameter, value) in parameters {
        match parameter.as_str() {
            "q" => {
                weight = value
                    .parse()
                    .ok()
                    .filter(|q| (0.0..=1.0).contains(q))
                    .unwrap_or(0.0)
            }
            "charset" if !is_utf8(value) => return None,
            _ => {}
        }
    }
    Some((name, weight))
}

fn split(value: &str) -> (String, Vec<(String, &str)>) {
    let mut parts = value.split(';');
    let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let parameters = parts.filter_map(|part| part.split_once('='));
    (
        name,
        parameters
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim()))
            .collect(),
    )
}

fn is_utf8(charset: &str) -> bool {
    let charset = charset.trim_matches('"');
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_best_type_that_the_client_takes_is_chosen() {
        let (json, graphql, events) = (
            Some(Media::Json),
            Some(Media::GraphqlResponse),
            Some(Media::EventStream),
        );
        let cases = [
            ("", json),
            ("*/*", json),
            ("application/*", json),
            ("application/json", json),
            ("application/json, multipart/mixed", json),
            ("application/graphql-response+json", graphql),
            (
                "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
                graphql,
            ),
            (
                "application/graphql-response+json, application/json;q=0.9",
                graphql,
            ),
            (
                "application/graphql-response+json;q=0.5, application/json",
                json,
            ),
            ("application/graphql-response+json;q=0.5, */*", json),
            ("application/json;q=0, */*", graphql),
            ("text/event-stream", events),
            ("text/event-stream, application/json;q=0.1", json),
            ("text/event-stream, */*", json),
            ("text/event-stream;q=0", None),
            ("application/json; charset=iso-8859-1", None),
            ("application/json;q=2", None),
            ("text/html", None),
        ];
        for (accept, expected) in cases {
            assert_eq!(
                negotiate(&headers(header::ACCEPT, accept)).ok(),
                expected,
                "{accept}"
            );
        }
        assert_eq!(negotiate(&HeaderMap::new()).ok(), json);
    }

    #[test]
    fn only_json_in_utf8_is_read() {
        for good in [
            "application/json",
            "application/json; charset=UTF-8",
            "Application/JSON;charset=\"utf-8\"",
        ] {
            assert!(
                require_json(&headers(header::CONTENT_TYPE, good)).is_ok(),
                "{good}"
            );
        }
        for bad in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json; charset=utf-16",
            "multipart/form-data",
        ] {
            assert!(
                require_json(&headers(header::CONTENT_TYPE, bad)).is_err(),
                "{bad}"
            );
        }
        assert!(require_json(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_page_is_for_those_who_ask_for_html() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(prefers_html(&headers(header::ACCEPT, browser)));
        assert!(!prefers_html(&headers(
            header::ACCEPT,
            "application/json, text/html;q=0.9"
        )));
        assert!(!prefers_html(&headers(header::ACCEPT, "*/*")));
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
