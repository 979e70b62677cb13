//! Names of the scopes that matter for managing users.
//!
//! `manage` implies `read`. A scope is issued if the app was granted it in the Admin Console, whatever the
//! administrator may do: the call itself then answers 403 (Okta developer docs, implement OAuth for Okta).

/// Asks for an ID token: who authorized.
pub const OPENID: &str = "openid";
/// Asks for the name of the person in the ID token.
pub const PROFILE: &str = "profile";
/// Asks for the email address of the person in the ID token.
pub const EMAIL: &str = "email";
/// Asks for a refresh token.
pub const OFFLINE_ACCESS: &str = "offline_access";
/// Users and their lifecycle.
pub const USERS_MANAGE: &str = "okta.users.manage";
/// Administrator roles.
pub const ROLES_MANAGE: &str = "okta.roles.manage";
/// The user schema.
pub const SCHEMAS_READ: &str = "okta.schemas.read";
/// The system log.
pub const LOGS_READ: &str = "okta.logs.read";

/// What a provisioning client asks for.
pub const PROVISIONING: [&str; 8] = [
    OPENID,
    PROFILE,
    EMAIL,
    OFFLINE_ACCESS,
    USERS_MANAGE,
    ROLES_MANAGE,
    SCHEMAS_READ,
    LOGS_READ,
];
