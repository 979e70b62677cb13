//! Requests whose effect lands later than their answer, by the org's clock.
//!
//! A request with a password or a token in it is kept in memory only, since the state file holds no secrets:
//! a restart forgets it, and its effect never lands.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};

use super::{Org, serial_key, status::UserStatus};
use crate::server::{auth::Actor, request::Request};

/// The headers that decide what a request does, once it is known who sent it.
const DECISIVE: [&str; 4] = ["content-type", "content-length", "if-match", "prefer"];

/// A request that was let in and has no effect yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LateRequest {
    /// When it takes effect.
    pub due: DateTime<Utc>,
    /// Its position in the ledger of requests.
    pub seq: u64,
    pub method: String,
    pub path: String,
    query: String,
    headers: Vec<(String, String)>,
    /// `None` when it holds a secret; then `secret` has it until the next restart.
    body: Option<String>,
    #[serde(skip)]
    secret: Option<Bytes>,
    pub actor: Actor,
    pub base_url: String,
    pub request_id: String,
    /// For an operation that was acknowledged beforehand.
    pub promise: Option<Promise>,
}

/// What the answer to an operation under way already said.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promise {
    pub user_id: String,
    /// The status to come; `None` when the user is going to be deleted.
    pub status: Option<UserStatus>,
    /// Digest of the token in the activation link that was answered.
    pub link_digest: Option<String>,
}

impl LateRequest {
    /// Keeps a request for later. `secret` says that it must not be written to the state file.
    pub fn new(request: &Request, seq: u64, due: DateTime<Utc>, secret: bool) -> Self {
        let header = |name: &str| {
            let value = request.header(name)?;
            Some((name.to_owned(), value.to_owned()))
        };
        Self {
            due,
            seq,
            method: request.method.to_string(),
            path: request.path.clone(),
            query: request.query.clone(),
            headers: DECISIVE.into_iter().filter_map(header).collect(),
            body: (!secret).then(|| String::from_utf8_lossy(&request.body).into_owned()),
            secret: secret.then(|| request.body.clone()),
            actor: Actor::Nobody,
            base_url: String::new(),
            request_id: request.id.clone(),
            promise: None,
        }
    }

    /// The request as it came, or `None` when a restart has forgotten its body.
    pub fn request(&self) -> Option<Request> {
        let body = match &self.body {
            Some(body) => Bytes::copy_from_slice(body.as_bytes()),
            None => self.secret.clone()?,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name.as_str()),
                HeaderValue::try_from(value.as_str()),
            ) {
                headers.append(name, value);
            }
        }
        Some(Request {
            method: Method::try_from(self.method.as_str()).ok()?,
            path: self.path.clone(),
            query: self.query.clone(),
            headers,
            body,
            params: Default::default(),
            id: self.request_id.clone(),
        })
    }
}

impl Org {
    /// Keeps a request whose effect is going to land.
    pub fn postpone(&mut self, late: LateRequest) {
        let due = u64::try_from(late.due.timestamp_millis()).unwrap_or(0);
        let key = format!("{}-{}", serial_key(due), serial_key(late.seq));
        self.late.insert(key, late);
    }

    /// Takes the next request whose time has come.
    pub fn take_due(&mut self, now: DateTime<Utc>) -> Option<LateRequest> {
        let (key, next) = self.late.first()?;
        if next.due > now {
            return None;
        }
        let key = key.clone();
        self.late.remove(&key)
    }
}
