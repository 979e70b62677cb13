//! Who may change whom: the questions that every change of a person asks with the person held, and that [`powers`] asks beforehand for a panel.
//!
//! [`powers`]: super::powers

use uuid::Uuid;

use super::refused;
use crate::domain::okta_role::{RoleType, is_high, out_of_reach};
use crate::domain::permission::{
    AdminRole, AdminRoleChange, PermissionSet, check_manages_user, check_owner_stays,
};
use crate::service::{Result, UserError, UserErrorCode, Viewer};

/// Whether the viewer may change the person at all: nobody changes those above him, here or in Okta. `held` are the person's Okta admin roles.
///
/// # Errors
/// The refusal.
pub(super) fn check_manages(
    viewer: &Viewer,
    id: Uuid,
    role: &AdminRole,
    held: &[RoleType],
) -> Result<()> {
    check_manages_user(&viewer.role, role).map_err(|r| refused(r, "userId"))?;
    if is_himself(viewer, id) {
        return Ok(());
    }
    let Some(role) = out_of_reach(&viewer.role, held) else {
        return Ok(());
    };
    let sentence =
        "This person has an Okta admin role; only an owner or an admin can change such people.";
    let error = UserError::new(UserErrorCode::RoleAboveCeiling, sentence).at(["userId"]);
    Err(error.with("role", role).into())
}

/// Whether the person stands above the viewer, here or in Okta, whatever the viewer wants of him.
pub(in crate::service) fn is_above(
    viewer: &Viewer,
    id: Uuid,
    role: &AdminRole,
    held: &[RoleType],
) -> bool {
    let out_of_reach = !is_himself(viewer, id) && out_of_reach(&viewer.role, held).is_some();
    !viewer.role.reaches(role) || out_of_reach
}

/// His own admin role in Okta keeps nobody from himself; it does keep a token of his, which is less than he is: whoever stole it could change what Okta
/// lets an administrator back in by.
fn is_himself(viewer: &Viewer, id: Uuid) -> bool {
    id == viewer.user_id && !viewer.is_narrowed()
}

/// Whether [`check_manages`] looks at the person's Okta admin roles.
pub(super) fn asks_for_held_roles(viewer: &Viewer, id: Uuid) -> bool {
    !is_himself(viewer, id) && !is_high(&viewer.role)
}

/// Whether the person may be deactivated or deleted. `owners` are the active owners, the person among them if he is one.
///
/// # Errors
/// `NOT_ALLOWED_TO_YOURSELF`, `LAST_OWNER`.
pub(super) fn check_leaves(
    viewer: &Viewer,
    id: Uuid,
    role: &AdminRole,
    active: bool,
    owners: u64,
) -> Result<()> {
    if id == viewer.user_id {
        let message = "You cannot deactivate or delete yourself.";
        return Err(UserError::new(UserErrorCode::NotAllowedToYourself, message)
            .at(["userId"])
            .into());
    }
    if !active {
        return Ok(());
    }
    check_owner_stays(role, false, owners).map_err(|r| refused(r, "userId"))
}

/// Somebody whose admin role is to be another one.
#[derive(Clone, Copy)]
pub(super) struct Promoted<'a> {
    pub id: Uuid,
    /// His standing now.
    pub role: &'a AdminRole,
    pub active: bool,
}

/// Whether the viewer may give the person a role. `owners` are the active owners of the organisation.
///
/// # Errors
/// The refusal.
pub(super) fn check_gives_role(
    viewer: &Viewer,
    person: Promoted<'_>,
    wanted: &AdminRole,
    owners: u64,
) -> Result<()> {
    let change = AdminRoleChange {
        actor: &viewer.role,
        own: person.id == viewer.user_id,
        current: person.role,
        wanted,
        owners: owners + u64::from(!person.active),
    };
    change.check().map_err(|r| refused(r, "adminRoleId"))
}

/// The least that a role can be. Who may not give it to somebody may give him no other one than he has.
pub(super) fn least_role() -> AdminRole {
    AdminRole::Custom(PermissionSet::none())
}
