//! Apps as clients see them: what can be added, setting up, switches, mapping, previews, what the Okta org offers.

pub mod app;
pub mod attribute;
pub mod available;
pub mod configuration;
pub mod configuration_mutations;
pub mod impact;
pub mod mapping;
pub mod mutations;
pub mod options;
pub mod pause;
pub mod preview;
pub mod queries;
pub mod role;
pub mod settings;
pub mod setup;
