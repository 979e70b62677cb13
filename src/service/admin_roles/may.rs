//! What the viewer may do with a role, for a panel that shows or hides its buttons. The changes themselves ask the same questions again.

use super::AdminRole;
use crate::domain::permission::{
    AdminRole as Standing, AdminRoleChange, Permission, check_role_definition,
};
use crate::service::Viewer;
use crate::service::users::RoleRef;

/// Whether the viewer may change the role: built-in ones nobody, others whoever has all of their permissions.
#[must_use]
pub fn may_update(viewer: &Viewer, role: &AdminRole) -> bool {
    let as_it_is = &role.permissions;
    is_custom(role) && check_role_definition(&viewer.role, Some(as_it_is), as_it_is, false).is_ok()
}

/// Whether the viewer may delete the role once nobody has it.
#[must_use]
pub fn may_delete(viewer: &Viewer, role: &AdminRole) -> bool {
    is_custom(role) && viewer.can(Permission::ManageAdminRoles)
}

/// Whether the viewer may give the role to somebody who may be given another one by him.
#[must_use]
pub fn may_assign(viewer: &Viewer, role: &AdminRole) -> bool {
    let change = AdminRoleChange {
        actor: &viewer.role,
        own: false,
        current: &Standing::Member,
        wanted: &role.standing(),
        // Whoever has no role yet is no owner to be the last.
        owners: 0,
    };
    change.check().is_ok()
}

fn is_custom(role: &AdminRole) -> bool {
    matches!(role.role, RoleRef::Custom(_))
}
