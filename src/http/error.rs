//! An answer that is an error of the request itself, before or instead of a GraphQL response.
//!
//! Handlers return an [`ErrorAnswer`]; the error layer (`layers.rs`) writes the request's id into it on its way out.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::graphql::Media;
use super::request_id::RequestId;
use crate::graphql::error::Code;

/// `{"errors":[{"message", "extensions":{"code","requestId"}}]}` with an HTTP status.
#[derive(Clone, Debug)]
pub struct ErrorAnswer {
    status: StatusCode,
    code: Code,
    message: String,
    media: Media,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ErrorAnswer {
    /// An answer in `application/json`. The message is public.
    #[must_use]
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            media: Media::Json,
            headers: Vec::new(),
        }
    }

    /// A request that is not well formed: 400, `BAD_REQUEST`.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// A fault of ours: 500, `INTERNAL`. What happened belongs in the log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            Code::Internal,
            "Internal error",
        )
    }

    /// Something that is not there just now: 503, `UNAVAILABLE`.
    #[must_use]
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message)
    }

    /// 405 with the methods that would do.
    #[must_use]
    pub fn method_not_allowed(allow: &'static str, message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::MethodNotAllowed,
            message,
        )
        .with_header(header::ALLOW, HeaderValue::from_static(allow))
    }

    /// The same answer with one header more.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same answer with several headers more.
    #[must_use]
    pub fn with_headers(
        mut self,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The same answer in the media type that the client asked for.
    #[must_use]
    pub fn in_media(mut self, media: Media) -> Self {
        self.media = media;
        self
    }

    /// The answer with the request's id.
    #[must_use]
    pub fn render(self, request_id: Option<&RequestId>) -> Response {
        let mut extensions = json!({ "code": self.code.as_str() });
        if let Some(id) = request_id {
            extensions["requestId"] = json!(id.as_str());
        }
        let body = json!({ "errors": [{ "message": self.message, "extensions": extensions }] });
        let content_type = [(header::CONTENT_TYPE, self.media.content_type())];
        let mut response = (self.status, content_type, body.to_string()).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl IntoResponse for ErrorAnswer {
    fn into_response(self) -> Response {
        let mut response = self.clone().render(None);
        response.extensions_mut().insert(self);
        response
    }
}
