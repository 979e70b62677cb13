//! The journal: every call that changed Okta, or was meant to.

pub mod filter;
pub mod operation;
