//! The integration suite: GraphQL over HTTP in, the sandbox's ledger out. Every test runs on SQLite and on PostgreSQL.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod support;

mod account_operations;
mod accounts;
mod admin_roles;
mod apps;
mod architecture;
mod assignments;
mod attacks;
mod audit;
mod audit_acts;
mod audit_chain;
mod authentication;
mod authorization;
mod bootstrap;
mod bulk_jobs;
mod command_line;
mod connection;
mod consent;
mod directory_fields;
mod doctor;
mod documents;
mod engine;
mod graphiql_tabs;
mod idempotency;
mod imports;
mod limits;
mod list_filters;
mod mappings;
mod metrics;
mod node;
mod oidc;
mod personal_access_tokens;
mod processes;
mod read_ahead;
mod schema;
mod state;
mod statements;
mod user_lists;
mod users;
mod watching;
