//! The directory as clients see it: people, fields, admin roles, the audit trail.

pub mod admin_role;
pub mod admin_role_mutations;
pub mod audit_event;
pub mod bootstrap_mutations;
pub mod directory_field;
pub mod directory_field_mutations;
pub mod mutations;
pub mod organization;
pub mod organization_powers;
pub mod personal_access_token;
pub mod personal_access_token_mutations;
pub mod queries;
pub mod user;
pub mod user_filter;
pub mod user_inputs;
pub mod user_mutations;
pub mod user_powers;
pub mod user_profile;
pub mod viewer;
