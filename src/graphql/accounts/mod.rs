//! Accounts: how each person stands in Okta, and what to do when one is stuck.

pub mod account;
pub mod deletions;
pub mod filter;
pub mod mutations;
pub mod problem;
