//! Who may do what in the organisation: permissions, admin roles, and who may set whose (design §1, §5).

mod standing;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::code::codes;

pub use standing::{
    AdminRole, AdminRoleChange, AdminRoleKind, AdminRoleRefusal, check_manages_user,
    check_owner_stays, check_role_definition,
};

codes! {
    /// A right within the organisation.
    pub enum Permission {
        /// Reading apps.
        ViewApps = "VIEW_APPS",
        /// Assigning apps.
        AssignApps = "ASSIGN_APPS",
        /// Importing people.
        ImportUsers = "IMPORT_USERS",
        /// Reading the directory.
        ViewUsers = "VIEW_USERS",
        /// Changing the directory.
        ManageUsers = "MANAGE_USERS",
        /// Changing who has which admin role.
        ManageAdminRoles = "MANAGE_ADMIN_ROLES",
        /// Reading the audit log.
        ViewAuditLog = "VIEW_AUDIT_LOG",
    }
}

impl Permission {
    /// Whether a personal access token may have it as a scope. Whoever holds a token must not be able to make himself, or it, more than it is.
    pub const fn is_scope(self) -> bool {
        match self {
            Self::ManageAdminRoles => false,
            Self::ViewApps
            | Self::AssignApps
            | Self::ImportUsers
            | Self::ViewUsers
            | Self::ManageUsers
            | Self::ViewAuditLog => true,
        }
    }

    /// Short name for a panel.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ViewApps => "View apps",
            Self::AssignApps => "Assign apps",
            Self::ImportUsers => "Import users",
            Self::ViewUsers => "View users",
            Self::ManageUsers => "Manage users",
            Self::ManageAdminRoles => "Manage admin roles",
            Self::ViewAuditLog => "View audit log",
        }
    }

    /// What the permission lets its holder do, in one sentence.
    pub const fn description(self) -> &'static str {
        match self {
            Self::ViewApps => {
                "See the organisation's apps, their settings, accounts and operations."
            }
            Self::AssignApps => {
                "Assign people to apps, take them off, and choose their role in the app."
            }
            Self::ImportUsers => "Take people who are already in Okta into the directory.",
            Self::ViewUsers => "See the people of the directory and their profiles.",
            Self::ManageUsers => {
                "Create, change, activate, deactivate and delete people and directory fields."
            }
            Self::ManageAdminRoles => {
                "Define custom admin roles and choose who has which admin role."
            }
            Self::ViewAuditLog => "Read who did what and when.",
        }
    }
}

/// A set of permissions, in the order of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PermissionSet(BTreeSet<Permission>);

impl PermissionSet {
    /// Every permission.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// No permission.
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether the permission is in the set.
    pub fn contains(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// Whether every permission of `other` is in the set.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.is_subset(&self.0)
    }

    /// The permissions that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// The permissions, in the order of the catalogue.
    pub fn iter(&self) -> impl Iterator<Item = Permission> + '_ {
        self.0.iter().copied()
    }

    /// Whether the holder may configure provisioning: that takes `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`
    /// together (design §1).
    pub fn may_configure(&self) -> bool {
        [
            Permission::ViewApps,
            Permission::AssignApps,
            Permission::ImportUsers,
        ]
        .into_iter()
        .all(|permission| self.contains(permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set<const N: usize>(permissions: [Permission; N]) -> PermissionSet {
        permissions.into_iter().collect()
    }

    #[test]
    fn configuring_takes_all_three() {
        use Permission::{AssignApps, ImportUsers, ViewApps, ViewUsers};
        assert!(set([ViewApps, AssignApps, ImportUsers]).may_configure());
        for missing in [ViewApps, AssignApps, ImportUsers] {
            let rest: PermissionSet = PermissionSet::all()
                .iter()
                .filter(|each| *each != missing)
                .collect();
            assert!(!rest.may_configure(), "{missing}");
        }
        assert!(!set([ViewUsers]).may_configure());
        assert!(!PermissionSet::none().may_configure());
    }
}
