//! What an app and a person have to do with keeping Okta in step: assignments, accounts, journal, progress.

pub mod app;
pub mod status;
pub mod user;
