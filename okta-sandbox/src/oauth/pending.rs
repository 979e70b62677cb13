//! Authorization requests that wait for a person: in memory only, like a page in a browser.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::{
    org::Org,
    server::{call::Call, reply::Reply, request::Request},
};

/// How long a page waits.
const PATIENCE: Duration = Duration::minutes(15);

/// Most pages waiting at once; beyond it the oldest give way.
const MOST: usize = 1000;

/// A validated authorization request.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// Digest of the cookie of the browser that asked; no other one may answer.
    pub browser: String,
    /// The request's parameters without `prompt`, for starting over.
    pub query: String,
    pub client_id: String,
    pub redirect_uri: String,
    pub response_mode: String,
    pub state: String,
    pub requested: Vec<String>,
    pub code_challenge: Option<String>,
    pub nonce: Option<String>,
    pub login_hint: String,
    pub asked: DateTime<Utc>,
}

/// Waiting requests by their one-time number.
pub(crate) type PendingRequests = BTreeMap<String, Pending>;

impl Org {
    /// Keeps a request until the person answers.
    pub fn await_person(&mut self, number: String, pending: Pending, now: DateTime<Utc>) {
        self.pending.retain(|_, other| other.asked + PATIENCE > now);
        if self.pending.len() >= MOST {
            let oldest = self
                .pending
                .iter()
                .min_by_key(|(_, other)| other.asked)
                .map(|(number, _)| number.clone());
            if let Some(oldest) = oldest {
                self.pending.remove(&oldest);
            }
        }
        self.pending.insert(number, pending);
    }

    /// The waiting request of this number, for the browser that made it only.
    pub fn waiting(&self, number: &str, browser: &str, now: DateTime<Utc>) -> Option<&Pending> {
        let pending = self.pending.get(number)?;
        (pending.browser == browser && pending.asked + PATIENCE > now).then_some(pending)
    }
}

impl Pending {
    /// Sends the browser back to the client with these parameters and the state.
    pub fn answer(&self, parameters: &[(&str, &str)]) -> Reply {
        respond(
            &self.redirect_uri,
            &self.response_mode,
            &self.state,
            parameters,
        )
    }

    /// The requested scopes that the app was granted; the others are missing in the token.
    pub fn granted(&self, org: &Org) -> Vec<String> {
        granted(org, &self.client_id, &self.requested)
    }
}

/// The part of the requested scopes that the client gets: its grants, and all that need none.
pub(crate) fn granted(org: &Org, client_id: &str, requested: &[String]) -> Vec<String> {
    let client = org.client(client_id);
    let permitted = |scope: &&String| {
        super::scopes::STANDARD.contains(&scope.as_str())
            || client.is_some_and(|client| client.is_granted(scope))
    };
    requested.iter().filter(permitted).cloned().collect()
}

/// An answer to the client, in the mode it asked for.
pub(crate) fn respond(
    redirect_uri: &str,
    mode: &str,
    state: &str,
    parameters: &[(&str, &str)],
) -> Reply {
    let mut all = parameters.to_vec();
    if !state.is_empty() {
        all.push(("state", state));
    }
    if mode == "form_post" {
        return crate::pages::form_post(redirect_uri, &all);
    }
    let encoded = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(all)
        .finish();
    let location = if mode == "fragment" {
        format!("{redirect_uri}#{encoded}")
    } else if redirect_uri.contains('?') {
        format!("{redirect_uri}&{encoded}")
    } else {
        format!("{redirect_uri}?{encoded}")
    };
    Reply::redirect(302, &location)
}

/// Names of this org's cookies. Cookies of one host are shared by all its ports, so they carry the org's id.
pub(crate) fn cookie_name(org: &Org, purpose: &str) -> String {
    format!("okta_{purpose}_{}", org.meta().org_id)
}

/// The secret in one of this org's cookies.
pub(crate) fn cookie<'a>(call: &Call<'_>, request: &'a Request, purpose: &str) -> Option<&'a str> {
    request
        .cookie(&cookie_name(call.org, purpose))
        .filter(|value| !value.is_empty())
}

/// A cookie that scripts cannot read and that other sites' forms do not carry.
pub(crate) fn set_cookie(call: &Call<'_>, purpose: &str, value: &str) -> String {
    format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax",
        cookie_name(call.org, purpose)
    )
}
