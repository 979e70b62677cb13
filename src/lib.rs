//! Makes an organisation's directory the single source of truth for its Okta org.

pub mod clock;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod engine;
pub mod graphql;
pub mod http;
pub mod key_file;
pub mod keys;
pub mod random;
pub mod service;
pub mod store;
pub mod telemetry;
