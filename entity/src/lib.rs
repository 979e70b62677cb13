//! SeaORM entities, one file a table.
//!
//! Rows as the database keeps them: times are epoch milliseconds, enums are their names in
//! SCREAMING_SNAKE_CASE. They never leave `store`'s callers: `service` turns them into domain values and views.

pub mod account;
pub mod admin_role;
pub mod app;
pub mod app_lease;
pub mod app_pace;
pub mod archived_link;
pub mod assignment;
pub mod attribute_mapping;
pub mod audit_chain;
pub mod audit_event;
pub mod bootstrap_token;
pub mod bulk_job;
pub mod bulk_job_failure;
pub mod deprovisioning_hold;
pub mod deprovisioning_hold_account;
pub mod directory_change;
pub mod directory_field;
pub mod import_candidate;
pub mod import_seen;
pub mod kept_answer;
pub mod oidc_subject;
pub mod okta_authorization;
pub mod okta_import;
pub mod okta_org;
pub mod okta_snapshot;
pub mod operation;
pub mod organization;
pub mod personal_access_token;
pub mod user;
pub mod write_probe;
