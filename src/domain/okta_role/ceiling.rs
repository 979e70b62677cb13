//! Who may give and take which Okta role (design §1 step 7, and the attack table on assigners).

use super::{NotAssignable, RoleType};
use crate::domain::code::codes;
use crate::domain::permission::AdminRole;

codes! {
    /// Why a role cannot be given to, or taken from, a user.
    pub enum RoleRefusal {
        /// Custom roles are managed in Okta.
        CustomRoleNotAssignable = "CUSTOM_ROLE_NOT_ASSIGNABLE",
        /// There is no such role.
        UnknownRole = "UNKNOWN_ROLE",
        /// The role exists, but not for assigning from here.
        RoleNotAssignable = "ROLE_NOT_ASSIGNABLE",
        /// The app narrows the roles that can be given.
        RoleNotAllowedByApp = "ROLE_NOT_ALLOWED_BY_APP",
        /// Only an `OWNER` or `ADMIN` may give or take this role.
        RoleAboveCeiling = "ROLE_ABOVE_CEILING",
        /// An `ADMIN` cannot give this role to himself.
        RoleNotToYourself = "ROLE_NOT_TO_YOURSELF",
    }
}

impl RoleRefusal {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CustomRoleNotAssignable => {
                "Custom Okta roles cannot be assigned from here; assign them in Okta's Admin Console."
            }
            Self::UnknownRole => "Okta has no such role.",
            Self::RoleNotAssignable => "This Okta role cannot be assigned from here.",
            Self::RoleNotAllowedByApp => "This app does not allow that role.",
            Self::RoleAboveCeiling => "Only an owner or an admin can give or take this role.",
            Self::RoleNotToYourself => "You cannot give this role to yourself; ask an owner.",
        }
    }
}

/// Whether `granter` may agree that an Okta account is managed although others made it an admin; `own` says that it would become his own. It gives
/// whoever is linked to the account its roles, of whatever type they are by then.
///
/// # Errors
/// `ROLE_ABOVE_CEILING` for everybody but an `OWNER` or `ADMIN`, `ROLE_NOT_TO_YOURSELF` for an `ADMIN` on his own account.
pub fn check_takes_admin(granter: &AdminRole, own: bool) -> Result<(), RoleRefusal> {
    match granter {
        AdminRole::Owner => Ok(()),
        AdminRole::Admin if own => Err(RoleRefusal::RoleNotToYourself),
        AdminRole::Admin => Ok(()),
        AdminRole::Member | AdminRole::Custom(_) => Err(RoleRefusal::RoleAboveCeiling),
    }
}

/// The role among `held` because of which `granter` may not change its holder: whoever sets the login or the address of an Okta admin can become him, so
/// the ceiling covers the holders too. `None` when he may.
pub fn out_of_reach(granter: &AdminRole, held: &[RoleType]) -> Option<RoleType> {
    let mut high = held.iter().copied().filter(|role| role.is_above_ceiling());
    high.next().filter(|_| !is_high(granter))
}

/// Whether every role may be given by `granter`, so that nobody is [`out_of_reach`] of him.
pub fn is_high(granter: &AdminRole) -> bool {
    matches!(granter, AdminRole::Owner | AdminRole::Admin)
}

/// Reads the name of a role that can be assigned. `custom_roles` are the ids and labels of the org's own roles.
///
/// # Errors
/// `CUSTOM_ROLE_NOT_ASSIGNABLE` for `CUSTOM` and the org's own roles, `ROLE_NOT_ASSIGNABLE` for predefined ones that
/// Okta manages otherwise, `UNKNOWN_ROLE` for the rest.
pub fn parse_assignable(name: &str, custom_roles: &[&str]) -> Result<RoleType, RoleRefusal> {
    let Ok(role) = name.parse::<RoleType>() else {
        let custom = custom_roles.contains(&name) || is_custom_role_id(name);
        return Err(if custom {
            RoleRefusal::CustomRoleNotAssignable
        } else {
            RoleRefusal::UnknownRole
        });
    };
    match role.not_assignable() {
        None => Ok(role),
        Some(NotAssignable::CustomRole) => Err(RoleRefusal::CustomRoleNotAssignable),
        Some(_) => Err(RoleRefusal::RoleNotAssignable),
    }
}

/// Okta's ids of custom roles begin with `cr0` and have twenty characters (contract §5, `/api/v1/iam/roles`).
fn is_custom_role_id(name: &str) -> bool {
    name.len() == 20
        && name.starts_with("cr0")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Who may hand out which role: the ceiling for one granter and one app.
#[derive(Debug, Clone, Copy)]
pub struct RoleCeiling<'a> {
    /// The granter's standing in the organisation.
    pub granter: &'a AdminRole,
    /// The roles to which the app narrows the choice; `None` when it does not.
    pub allowed: Option<&'a [RoleType]>,
}

impl RoleCeiling<'_> {
    /// Whether the granter may change a user's role from `current` to `wanted`; `None` means no role. `own` says that
    /// the user is the granter himself.
    ///
    /// Leaving a role as it is needs no right. Taking `SUPER_ADMIN` or `ORG_ADMIN` away is as much a matter for an
    /// `OWNER` or `ADMIN` as giving it; everybody who may take it may give up his own.
    ///
    /// # Errors
    /// The first rule that is broken: assignable at all, allowed by the app, the ceiling, not to oneself.
    pub fn check(
        &self,
        current: Option<RoleType>,
        wanted: Option<RoleType>,
        own: bool,
    ) -> Result<(), RoleRefusal> {
        if current == wanted {
            return Ok(());
        }
        if current.is_some_and(RoleType::is_above_ceiling) && !is_high(self.granter) {
            return Err(RoleRefusal::RoleAboveCeiling);
        }
        wanted.map_or(Ok(()), |role| self.check_grant(role, own))
    }

    fn check_grant(&self, role: RoleType, own: bool) -> Result<(), RoleRefusal> {
        parse_assignable(role.as_str(), &[])?;
        if self.allowed.is_some_and(|allowed| !allowed.contains(&role)) {
            return Err(RoleRefusal::RoleNotAllowedByApp);
        }
        if role.is_above_ceiling() && !is_high(self.granter) {
            return Err(RoleRefusal::RoleAboveCeiling);
        }
        if role.is_above_ceiling() && own && self.granter != &AdminRole::Owner {
            return Err(RoleRefusal::RoleNotToYourself);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::RoleType::{AppAdmin, HelpDeskAdmin, OrgAdmin, SuperAdmin, WorkflowsAdmin};
    use super::*;
    use crate::domain::permission::PermissionSet;

    #[test]
    fn names_are_told_apart() {
        let parse = |name| parse_assignable(name, &["Night shift"]);
        assert_eq!(parse("SUPER_ADMIN"), Ok(SuperAdmin));
        assert_eq!(parse("CUSTOM"), Err(RoleRefusal::CustomRoleNotAssignable));
        assert_eq!(
            parse("Night shift"),
            Err(RoleRefusal::CustomRoleNotAssignable)
        );
        assert_eq!(
            parse("cr0Yq6IJxGIr0ouum0g3"),
            Err(RoleRefusal::CustomRoleNotAssignable)
        );
        assert_eq!(
            parse("WORKFLOWS_ADMIN"),
            Err(RoleRefusal::RoleNotAssignable)
        );
        assert_eq!(parse("MOBILE_ADMIN"), Err(RoleRefusal::RoleNotAssignable));
        assert_eq!(parse("KING"), Err(RoleRefusal::UnknownRole));
        assert_eq!(parse("super_admin"), Err(RoleRefusal::UnknownRole));
        assert_eq!(parse(""), Err(RoleRefusal::UnknownRole));
    }

    #[test]
    fn the_ceiling() {
        let custom = AdminRole::Custom(PermissionSet::all());
        let (owner, admin) = (AdminRole::Owner, AdminRole::Admin);
        let rows = [
            (&owner, None, Some(SuperAdmin), false, ""),
            (&owner, None, Some(SuperAdmin), true, ""),
            (&admin, None, Some(SuperAdmin), false, ""),
            (&admin, None, Some(SuperAdmin), true, "ROLE_NOT_TO_YOURSELF"),
            (&admin, None, Some(OrgAdmin), true, "ROLE_NOT_TO_YOURSELF"),
            (&admin, None, Some(AppAdmin), true, ""),
            (&admin, Some(SuperAdmin), None, true, ""),
            (
                &admin,
                Some(SuperAdmin),
                Some(OrgAdmin),
                true,
                "ROLE_NOT_TO_YOURSELF",
            ),
            (&custom, None, Some(SuperAdmin), false, "ROLE_ABOVE_CEILING"),
            (&custom, None, Some(OrgAdmin), true, "ROLE_ABOVE_CEILING"),
            (&custom, None, Some(AppAdmin), false, ""),
            (&custom, Some(SuperAdmin), None, false, "ROLE_ABOVE_CEILING"),
            (
                &custom,
                Some(SuperAdmin),
                Some(HelpDeskAdmin),
                false,
                "ROLE_ABOVE_CEILING",
            ),
            (&custom, Some(SuperAdmin), Some(SuperAdmin), false, ""),
            (&custom, Some(HelpDeskAdmin), None, false, ""),
            (
                &owner,
                None,
                Some(WorkflowsAdmin),
                false,
                "ROLE_NOT_ASSIGNABLE",
            ),
            (
                &owner,
                None,
                Some(RoleType::Custom),
                false,
                "CUSTOM_ROLE_NOT_ASSIGNABLE",
            ),
        ];
        for (granter, current, wanted, own, expected) in rows {
            let ceiling = RoleCeiling {
                granter,
                allowed: None,
            };
            let got = ceiling
                .check(current, wanted, own)
                .err()
                .map_or("", RoleRefusal::as_str);
            assert_eq!(
                got, expected,
                "{granter:?} {current:?} -> {wanted:?} (own: {own})"
            );
        }
    }

    #[test]
    fn the_app_narrows_even_for_owners() {
        let ceiling = RoleCeiling {
            granter: &AdminRole::Owner,
            allowed: Some(&[HelpDeskAdmin]),
        };
        assert_eq!(ceiling.check(None, Some(HelpDeskAdmin), false), Ok(()));
        assert_eq!(
            ceiling.check(None, Some(AppAdmin), false),
            Err(RoleRefusal::RoleNotAllowedByApp)
        );
        assert_eq!(ceiling.check(Some(AppAdmin), None, false), Ok(()));
    }
}
