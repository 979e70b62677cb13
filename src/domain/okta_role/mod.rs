//! Okta's predefined admin roles: which there are, which can be assigned, and who may hand out which.
//!
//! Types and labels are Okta's (contract §5; developer.okta.com, guides/roles).

mod ceiling;

use super::code::codes;

pub use ceiling::{
    RoleCeiling, RoleRefusal, check_takes_admin, is_high, out_of_reach, parse_assignable,
};

codes! {
    /// A type of Okta admin role.
    pub enum RoleType {
        /// Everything.
        SuperAdmin = "SUPER_ADMIN",
        /// Almost everything in the org.
        OrgAdmin = "ORG_ADMIN",
        /// Apps and their assignments.
        AppAdmin = "APP_ADMIN",
        /// Users and groups; Okta shows it as Group Administrator.
        UserAdmin = "USER_ADMIN",
        /// Members of groups.
        GroupMembershipAdmin = "GROUP_MEMBERSHIP_ADMIN",
        /// Passwords, factors and unlocking.
        HelpDeskAdmin = "HELP_DESK_ADMIN",
        /// Reads everything.
        ReadOnlyAdmin = "READ_ONLY_ADMIN",
        /// Reports.
        ReportAdmin = "REPORT_ADMIN",
        /// Authorization servers and scopes.
        ApiAccessManagementAdmin = "API_ACCESS_MANAGEMENT_ADMIN",
        /// Devices; withdrawn by Okta.
        MobileAdmin = "MOBILE_ADMIN",
        /// Okta Workflows; licensed, IAM-based.
        WorkflowsAdmin = "WORKFLOWS_ADMIN",
        /// Access certifications; licensed, IAM-based.
        AccessCertificationsAdmin = "ACCESS_CERTIFICATIONS_ADMIN",
        /// Access requests; licensed, IAM-based.
        AccessRequestsAdmin = "ACCESS_REQUESTS_ADMIN",
        /// A role that the org defined itself.
        Custom = "CUSTOM",
    }
}

codes! {
    /// Why a role cannot be assigned.
    pub enum NotAssignable {
        /// Custom roles need a resource set and are managed in Okta.
        CustomRole = "CUSTOM_ROLE",
        /// The role depends on a licence and a resource set, and is managed in Okta.
        LicensedRole = "LICENSED_ROLE",
        /// Okta withdrew the role.
        WithdrawnByOkta = "WITHDRAWN_BY_OKTA",
    }
}

impl RoleType {
    /// Okta's name of the role.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SuperAdmin => "Super Administrator",
            Self::OrgAdmin => "Organization Administrator",
            Self::AppAdmin => "Application Administrator",
            Self::UserAdmin => "Group Administrator",
            Self::GroupMembershipAdmin => "Group Membership Administrator",
            Self::HelpDeskAdmin => "Help Desk Administrator",
            Self::ReadOnlyAdmin => "Read-only Administrator",
            Self::ReportAdmin => "Report Administrator",
            Self::ApiAccessManagementAdmin => "API Access Management Administrator",
            Self::MobileAdmin => "Mobile Administrator",
            Self::WorkflowsAdmin => "Workflows Administrator",
            Self::AccessCertificationsAdmin => "Access Certifications Administrator",
            Self::AccessRequestsAdmin => "Access Requests Administrator",
            Self::Custom => "Custom role",
        }
    }

    /// What the role lets its holder do, in one sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::SuperAdmin => {
                "Full control of the Okta org, including the admin roles of everybody else."
            }
            Self::OrgAdmin => {
                "Manages most of the org: users, groups and settings, but not other admins."
            }
            Self::AppAdmin => "Manages all apps of the org and who is assigned to them.",
            Self::UserAdmin => "Manages users and groups of the org.",
            Self::GroupMembershipAdmin => "Adds people to groups and removes them.",
            Self::HelpDeskAdmin => "Resets passwords and factors, and unlocks people.",
            Self::ReadOnlyAdmin => "Sees the whole Admin Console and changes nothing.",
            Self::ReportAdmin => "Sees and creates reports, and reads the system log.",
            Self::ApiAccessManagementAdmin => "Manages authorization servers, scopes and claims.",
            Self::MobileAdmin => "Managed mobile devices; Okta no longer offers this role.",
            Self::WorkflowsAdmin => "Manages Okta Workflows.",
            Self::AccessCertificationsAdmin => "Runs access certification campaigns.",
            Self::AccessRequestsAdmin => "Manages access requests.",
            Self::Custom => "A role that was put together in this Okta org.",
        }
    }

    /// Why the role cannot be assigned; `None` when it can.
    pub const fn not_assignable(self) -> Option<NotAssignable> {
        match self {
            Self::Custom => Some(NotAssignable::CustomRole),
            Self::MobileAdmin => Some(NotAssignable::WithdrawnByOkta),
            Self::WorkflowsAdmin | Self::AccessCertificationsAdmin | Self::AccessRequestsAdmin => {
                Some(NotAssignable::LicensedRole)
            }
            _ => None,
        }
    }

    /// Whether the role is offered in lists. Custom roles are listed one by one instead, under their own names.
    pub const fn is_listed(self) -> bool {
        !matches!(self, Self::MobileAdmin | Self::Custom)
    }

    /// Whether only an `OWNER` or `ADMIN` may hand it out or take it away.
    pub const fn is_above_ceiling(self) -> bool {
        matches!(self, Self::SuperAdmin | Self::OrgAdmin)
    }
}

/// The predefined roles to show, in Okta's order.
pub fn listed_roles() -> impl Iterator<Item = RoleType> {
    RoleType::ALL
        .iter()
        .copied()
        .filter(|role| role.is_listed())
}

#[cfg(test)]
mod tests {
    use super::RoleType::{MobileAdmin, WorkflowsAdmin};
    use super::*;

    #[test]
    fn withdrawn_and_custom_roles_are_not_listed() {
        let listed: Vec<RoleType> = listed_roles().collect();
        assert!(!listed.contains(&MobileAdmin) && !listed.contains(&RoleType::Custom));
        assert!(listed.contains(&WorkflowsAdmin));
        assert_eq!(
            WorkflowsAdmin.not_assignable(),
            Some(NotAssignable::LicensedRole)
        );
        assert_eq!(
            listed
                .iter()
                .filter(|role| role.not_assignable().is_none())
                .count(),
            9
        );
    }
}
