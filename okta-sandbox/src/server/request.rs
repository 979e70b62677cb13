//! A request as handlers see it.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A request whose body was read.
#[derive(Debug)]
pub(crate) struct Request {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// What the route's placeholders stand for, percent-decoded.
    pub params: BTreeMap<&'static str, String>,
    /// `X-Okta-Request-Id` of the answer.
    pub id: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// A boolean query parameter.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.query(name)
            .map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(http::header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// The JSON object in the body.
    pub fn json(&self) -> Result<Map<String, Value>, Refusal> {
        let declared = self
            .header("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !self.body.is_empty() && !declared.contains("json") {
            return Err(Refusal::media_type());
        }
        serde_json::from_slice(&self.body).map_err(|_| Refusal::bad_json())
    }

    /// The form in the body. A field sent twice is refused, as RFC 6749 §3.2 demands.
    pub fn form(&self) -> Option<BTreeMap<String, String>> {
        let declared = self
            .header("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if !declared.starts_with("application/x-www-form-urlencoded") {
            return None;
        }
        fields(&self.body)
    }
}

/// The fields of a form or query; `None` when one occurs twice.
pub(crate) fn fields(encoded: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut fields = BTreeMap::new();
    for (key, value) in url::form_urlencoded::parse(encoded) {
        if fields
            .insert(key.into_owned(), value.into_owned())
            .is_some()
        {
            return None;
        }
    }
    Some(fields)
}
