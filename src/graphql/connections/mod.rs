//! The connection of an app to its Okta org: what it is, entering and authorizing it.

pub mod app;
pub mod authorization;
pub mod mutations;
pub mod okta_org;
pub mod problem;
