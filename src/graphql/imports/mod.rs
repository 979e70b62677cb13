//! Imports as clients see them: people who are already in Okta, taken into the directory after a look and a confirmation.

pub mod app;
pub mod candidate;
pub mod filter;
pub mod import;
pub mod inputs;
pub mod mutations;
pub mod payloads;
pub mod progress;
pub mod summary;
pub mod vocabulary;
