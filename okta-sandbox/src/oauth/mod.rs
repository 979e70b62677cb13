//! The org authorization server: `/oauth2/v1/…` with the org's URL as issuer.

pub(crate) mod assertion;
pub(crate) mod authorize;
pub(crate) mod client_auth;
pub(crate) mod consent;
pub(crate) mod introspect;
pub(crate) mod issue;
pub(crate) mod keys;
pub(crate) mod metadata;
pub(crate) mod pending;
pub(crate) mod refresh;
pub(crate) mod revoke;
pub(crate) mod scopes;
pub(crate) mod token;
pub(crate) mod userinfo;
