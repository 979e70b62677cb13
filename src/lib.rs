//! Makes an organisation's directory the single source of truth for its Okta org.

pub mod clock;
pub mod crypto;
pub mod domain;
pub mod random;
pub mod store;
