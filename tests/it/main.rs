//! The integration suite: GraphQL over HTTP in, the sandbox's ledger out. Every test runs on SQLite and on PostgreSQL.

mod support;

mod admin_roles;
mod architecture;
mod audit;
mod authentication;
mod authorization;
mod directory_fields;
mod node;
mod user_lists;
mod users;
