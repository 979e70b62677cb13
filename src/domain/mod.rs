//! Pure types and rules: what the directory's state means in Okta, and nothing about how it gets there.
//!
//! No input or output, no clock, no randomness: every function answers from its arguments alone, so that the
//! rules can be tested over every combination. Times are epoch milliseconds. This room imports nothing of ours.

pub mod account;
pub mod app_setup;
pub mod audit_chain;
pub mod backoff;
pub mod bulk_job;
pub mod code;
pub mod connection;
pub mod deprovisioning;
pub mod directory;
pub mod import;
pub mod journal;
pub mod link;
pub mod mapping;
pub mod okta_role;
pub mod permission;
pub mod personal_access_token;
pub mod plan;
pub mod resolve;
pub mod value;
