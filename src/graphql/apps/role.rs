//! The admin roles of an Okta org.

use async_graphql::{Enum, SimpleObject};

use crate::service;
use crate::service::okta_catalog::Role;

/// Why a role cannot be assigned from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::okta_catalog::RoleReason")]
pub enum OktaRoleReason {
    /// The org defined it; custom roles are assigned in Okta's Admin Console.
    CustomRole,
    /// It depends on a licence and is assigned in Okta's Admin Console.
    LicensedRole,
    /// Okta no longer offers it.
    WithdrawnByOkta,
    /// The app's options do not allow it.
    RoleNotAllowedByApp,
    /// Only owners and admins may give it, and the viewer is neither.
    RoleAboveCeiling,
    /// The administrator who authorized the connection may not grant roles: a super administrator has to authorize.
    ManageRolesDenied,
}

/// An admin role of the org, as the viewer may use it in this app.
#[derive(Clone, Debug, SimpleObject)]
pub struct OktaRole {
    /// Okta's name of a predefined role, such as `HELP_DESK_ADMIN`: what the mutations take as `role`. `CUSTOM` for a custom one.
    #[graphql(name = "type")]
    pub role_type: String,
    /// Okta's id of a custom role; null for predefined ones.
    pub custom_role_id: Option<String>,
    /// As Okta's Admin Console words it.
    pub label: String,
    /// What it lets its holder do; null when Okta does not say.
    pub description: Option<String>,
    /// Whether the viewer can assign it in this app. `SUPER_ADMIN` and `ORG_ADMIN` an admin can give to others, not to himself.
    pub assignable: bool,
    /// Why it cannot be assigned; null when it can.
    pub reason_code: Option<OktaRoleReason>,
}

impl From<Role> for OktaRole {
    fn from(role: Role) -> Self {
        Self {
            role_type: role.role_type.as_str().to_owned(),
            custom_role_id: role.custom_id,
            label: role.label,
            description: role.description,
            assignable: role.reason.is_none(),
            reason_code: role.reason.map(Into::into),
        }
    }
}
