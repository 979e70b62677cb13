//! What the authorization server remembers. Secrets are kept as digests only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Org;

/// A signed-in browser.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    pub user_id: String,
    pub signed_in_at: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// An authorization code that was not redeemed yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorizationCode {
    pub client_id: String,
    pub user_id: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub code_challenge: Option<String>,
    pub nonce: Option<String>,
    pub auth_time: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// One consent: every token that came out of it dies with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Grant {
    pub id: String,
    pub client_id: String,
    /// `None` when a service acts for itself.
    pub user_id: Option<String>,
    pub scopes: Vec<String>,
    pub auth_time: DateTime<Utc>,
    pub nonce: Option<String>,
    /// End of the refresh tokens; rotation does not move it.
    pub refresh_expires: DateTime<Utc>,
    pub revoked: bool,
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessToken {
    pub jti: String,
    pub grant_id: String,
    pub scopes: Vec<String>,
    pub issued: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

/// A refresh token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshToken {
    pub grant_id: String,
    pub issued: DateTime<Utc>,
    /// When rotation replaced it; `None` while it is the newest.
    pub superseded: Option<DateTime<Utc>>,
}

impl Org {
    /// Ends a consent: all its access and refresh tokens stop working.
    pub fn revoke_grant(&mut self, grant_id: &str) {
        if let Some(grant) = self.grants.get_mut(grant_id) {
            grant.revoked = true;
        }
        self.access_tokens
            .retain(|token| token.grant_id != grant_id);
        self.refresh_tokens
            .retain(|token| token.grant_id != grant_id);
    }

    /// Ends all consents.
    pub fn revoke_all_grants(&mut self) {
        let live: Vec<_> = self
            .grants
            .values()
            .filter(|grant| !grant.revoked)
            .map(|grant| grant.id.clone())
            .collect();
        for id in live {
            self.revoke_grant(&id);
        }
    }

    /// Keys of a consent's refresh tokens that rotation has not replaced.
    pub fn current_refresh_tokens(&self, grant_id: &str) -> Vec<String> {
        self.refresh_tokens
            .entries()
            .filter(|(_, token)| token.grant_id == grant_id && token.superseded.is_none())
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Forgets what expired, so that a long-lived org does not grow without end.
    pub fn forget_expired(&mut self, now: DateTime<Utc>) {
        self.sessions.retain(|session| session.expires > now);
        self.codes.retain(|code| code.expires > now);
        self.access_tokens.retain(|token| token.expires > now);
    }
}
