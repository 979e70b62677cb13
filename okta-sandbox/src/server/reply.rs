//! An answer before it becomes HTTP.

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue};
use serde_json::Value;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            body: body.to_string().into_bytes(),
            ..Self::new(status)
        }
        .with("content-type", "application/json")
    }

    pub fn html(status: u16, page: String) -> Self {
        Self {
            body: page.into_bytes(),
            ..Self::new(status)
        }
        .with("content-type", "text/html; charset=utf-8")
    }

    pub fn redirect(status: u16, location: &str) -> Self {
        Self::new(status).with("location", location)
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a header unless the answer has one of that name.
    pub fn or_with(self, name: &str, value: impl Into<String>) -> Self {
        if self
            .headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            self
        } else {
            self.with(name, value)
        }
    }

    /// The HTTP response. Headers that HTTP does not permit are left out.
    pub fn into_response(self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() = http::StatusCode::from_u16(self.status)
            .unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
