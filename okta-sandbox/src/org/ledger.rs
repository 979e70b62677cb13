//! What the sandbox remembers for its observers: requests received and effects applied.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Org, serial_key};

/// One request to the org, in order of arrival.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestEntry {
    /// Position; strictly growing, with gaps.
    pub seq: u64,
    /// When it arrived, by the org's clock.
    pub time: DateTime<Utc>,
    /// HTTP method.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query as sent, without `?`. Empty for sign-in and consent.
    pub query: String,
    /// `SSWS`, `Bearer`, `Basic` or `None`.
    pub auth_kind: String,
    /// The OAuth client that the credential belongs to.
    pub client_id: Option<String>,
    /// The administrator on whose behalf it came.
    pub user_id: Option<String>,
    /// SHA-256 of the body in hexadecimal; `None` without a body.
    pub body_sha256: Option<String>,
    /// The body of a changing call when it was JSON, with passwords removed.
    pub body: Option<Value>,
    /// HTTP status that was answered, or would have been.
    pub status: u16,
    /// `X-Okta-Request-Id`.
    pub request_id: String,
    /// The fault that struck, by name.
    pub fault: Option<String>,
    /// Whether a whole answer left for the caller.
    pub answered: bool,
}

/// One change that took place in the org.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EffectEntry {
    /// Position; strictly growing, with gaps.
    pub seq: u64,
    /// When, by the org's clock.
    pub time: DateTime<Utc>,
    /// `user.create`, `user.update`, `user.activate`, `user.reactivate`, `user.deactivate`, `user.suspend`,
    /// `user.unsuspend`, `user.unlock`, `user.delete`, `user.password`, `role.grant`, `role.revoke`,
    /// `schema.update`, `token.issue`, `token.refresh`, `token.revoke`, `token.reuse`.
    pub kind: String,
    /// The user concerned.
    pub user_id: Option<String>,
    /// That user's login after the change.
    pub login: Option<String>,
    /// What was, limited to what changed. `None` when there was nothing.
    pub before: Option<Value>,
    /// What is now, limited to what changed. `None` when nothing is left.
    pub after: Option<Value>,
    /// `X-Okta-Request-Id` of the request that caused it.
    pub request_id: String,
}

/// An effect before it has a place in the ledger.
#[derive(Debug, Default)]
pub(crate) struct Effect {
    pub kind: &'static str,
    pub user: Option<(String, String)>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Org {
    pub fn record_effect(&mut self, effect: Effect, request_id: &str, now: DateTime<Utc>) {
        let seq = self.next_serial();
        let (user_id, login) = effect.user.unzip();
        let entry = EffectEntry {
            seq,
            time: now,
            kind: effect.kind.into(),
            user_id,
            login,
            before: effect.before,
            after: effect.after,
            request_id: request_id.into(),
        };
        self.effects.insert(serial_key(seq), entry);
    }

    pub fn record_request(&mut self, entry: RequestEntry) {
        self.requests.insert(serial_key(entry.seq), entry);
    }
}
