//! Makes an organisation's directory the single source of truth for its Okta org.

pub mod cli;
pub mod clock;
pub mod config;
pub mod crash;
pub mod crypto;
pub mod data_dir;
pub mod demo;
pub mod doctor;
pub mod domain;
pub mod engine;
pub mod graphql;
pub mod http;
pub mod key_file;
pub mod keys;
pub mod metrics;
pub mod random;
pub mod service;
pub mod startup;
pub mod store;
pub mod telemetry;
