//! The org authorization server: consent, tokens, revocation.
//!
//! Only this server mints `okta.*` scopes; custom servers such as `/oauth2/default` never do (Okta developer
//! docs, implement OAuth for Okta).

mod error;
pub mod id_token;
pub mod scope;
mod server;
mod token;

pub use error::{OAuthError, OAuthErrorCode, OAuthRefusal};
pub use server::{AuthorizationRequest, OAuthApp, OrgAuthServer};
pub use token::TokenSet;
