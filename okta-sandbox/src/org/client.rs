//! OAuth clients registered in the org.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::ids;

/// An OAuth client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Client {
    pub id: String,
    pub name: String,
    /// `None` for clients that sign assertions.
    pub secret_digest: Option<String>,
    pub redirect_uris: Vec<String>,
    /// `okta.*` scopes granted by an administrator.
    pub grants: Vec<String>,
    /// Public keys of a client that authenticates with `private_key_jwt`.
    pub jwks: Option<serde_json::Value>,
    /// A service acts for itself (client credentials), a web app for the person who consented.
    pub service: bool,
}

impl Client {
    pub fn secret_matches(&self, secret: &str) -> bool {
        let given = ids::digest(secret);
        self.secret_digest
            .as_ref()
            .is_some_and(|digest| digest.as_bytes().ct_eq(given.as_bytes()).into())
    }

    /// Whether an administrator granted this scope. `manage` implies `read`.
    pub fn is_granted(&self, scope: &str) -> bool {
        covers(&self.grants, scope)
    }
}

/// Whether these scopes include the one asked for; `okta.x.manage` includes `okta.x.read`.
pub(crate) fn covers(scopes: &[String], wanted: &str) -> bool {
    scopes.iter().any(|scope| {
        scope == wanted
            || scope
                .strip_suffix(".manage")
                .is_some_and(|resource| wanted.strip_suffix(".read") == Some(resource))
    })
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn manage_implies_read_of_the_same_resource_only() {
        let scopes = ["okta.users.manage".to_owned(), "okta.logs.read".to_owned()];
        assert!(covers(&scopes, "okta.users.read"));
        assert!(covers(&scopes, "okta.logs.read"));
        assert!(!covers(&scopes, "okta.logs.manage"));
        assert!(!covers(&scopes, "okta.roles.read"));
    }
}
