//! What one person's assignment becomes under a wish, and when the wish is refused.

use serde::{Deserialize, Serialize};

use super::Assignment;
use crate::domain::bulk_job::BulkJobKind;
use crate::domain::okta_role::{RoleCeiling, RoleRefusal, RoleType, parse_assignable};
use crate::service::{UserError, UserErrorCode, Viewer};

/// What is asked for everybody concerned, as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// They shall have the app, with this role.
    Assign {
        /// Name of the role; `None` for none.
        role: Option<String>,
    },
    /// They shall not have the app.
    Unassign,
    /// Those who have the app shall have this role.
    ChangeRole {
        /// Name of the role, the inner `None` for none; the outer when nothing was said, which is refused.
        role: Option<Option<String>>,
    },
}

/// A wish whose role was understood. Bulk jobs keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Change {
    /// They shall have the app, with this role. Without one, those who have the app keep the role they have.
    Assign {
        /// The role.
        role: Option<RoleType>,
    },
    /// They shall not have the app.
    Unassign,
    /// Those who have the app shall have this role.
    ChangeRole {
        /// The role; `None` for none.
        role: Option<RoleType>,
    },
}

impl Change {
    /// The job's kind.
    #[must_use]
    pub fn kind(self) -> BulkJobKind {
        match self {
            Self::Assign { .. } => BulkJobKind::Assign,
            Self::Unassign => BulkJobKind::Unassign,
            Self::ChangeRole { .. } => BulkJobKind::RoleChange,
        }
    }

    /// Whether it concerns only those who have the app.
    #[must_use]
    pub fn needs_assignment(self) -> bool {
        !matches!(self, Self::Assign { .. })
    }
}

/// Reads the role of a wish. `custom` are ids and labels of the org's own roles, which get a sentence of their own.
///
/// # Errors
/// The refusal, at `role`.
pub(super) fn understand(wish: &Wish, custom: &[&str]) -> Result<Change, UserError> {
    let read = |role: &Option<String>| {
        let name = role.as_deref().map(str::trim);
        name.map(|name| parse_assignable(name, custom))
            .transpose()
            .map_err(|refusal| refused(refusal).at(["role"]))
    };
    Ok(match wish {
        Wish::Assign { role } => Change::Assign { role: read(role)? },
        Wish::Unassign => Change::Unassign,
        Wish::ChangeRole { role: None } => return Err(role_missing()),
        Wish::ChangeRole { role: Some(role) } => Change::ChangeRole { role: read(role)? },
    })
}

fn role_missing() -> UserError {
    let sentence = "Give the role; null takes it away.";
    UserError::new(UserErrorCode::Required, sentence).at(["role"])
}

/// Whether the role of a change may be given at all by this granter, before anybody is looked at.
///
/// # Errors
/// The refusal, at `role`.
pub(super) fn check_role(change: Change, ceiling: RoleCeiling<'_>) -> Result<(), UserError> {
    let (Change::Assign { role } | Change::ChangeRole { role }) = change else {
        return Ok(());
    };
    ceiling
        .check(None, role, false)
        .map_err(|refusal| refused(refusal).at(["role"]))
}

/// What is to be done about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is already so.
    Keep,
    /// Assign, with this role.
    Insert(Option<RoleType>),
    /// Set this role.
    SetRole(Option<RoleType>),
    /// Take the assignment away.
    Remove,
}

/// Decides for one person. `own` says that it is the granter himself.
///
/// # Errors
/// Why this person cannot be changed.
pub(super) fn decide(
    change: Change,
    current: Option<&Assignment>,
    ceiling: RoleCeiling<'_>,
    own: bool,
) -> Result<Step, UserError> {
    let check = |from, to| ceiling.check(from, to, own).map_err(refused);
    match (change, current) {
        (Change::Assign { role }, None) => check(None, role).map(|()| Step::Insert(role)),
        (Change::Assign { role }, Some(now)) if role.is_none() || role == now.role => {
            Ok(Step::Keep)
        }
        (Change::Assign { .. }, Some(now)) => Err(has_other_role(now.role)),
        (Change::Unassign, None) => Ok(Step::Keep),
        (Change::Unassign, Some(now)) => check(now.role, None).map(|()| Step::Remove),
        (Change::ChangeRole { .. }, None) => Err(not_assigned()),
        (Change::ChangeRole { role }, Some(now)) if role == now.role => Ok(Step::Keep),
        (Change::ChangeRole { role }, Some(now)) => {
            check(now.role, role).map(|()| Step::SetRole(role))
        }
    }
}

/// Whether the viewer may make such a change of an assignment.
#[must_use]
pub fn may_change(viewer: &Viewer, assignment: &Assignment, change: Change) -> bool {
    let ceiling = RoleCeiling {
        granter: &viewer.role,
        allowed: None,
    };
    let own = assignment.user_id == viewer.user_id;
    viewer.require_assign().is_ok() && decide(change, Some(assignment), ceiling, own).is_ok()
}

fn has_other_role(role: Option<RoleType>) -> UserError {
    let error = UserError::new(
        UserErrorCode::AlreadyExists,
        "This person has the app already, with another role; change it with assignmentsRoleChange.",
    );
    match role {
        Some(role) => error.with("role", role),
        None => error,
    }
}

fn not_assigned() -> UserError {
    UserError::new(
        UserErrorCode::NotFound,
        "This person does not have the app; assign it first.",
    )
}

pub(in crate::service) fn refused(refusal: RoleRefusal) -> UserError {
    let code = match refusal {
        RoleRefusal::CustomRoleNotAssignable | RoleRefusal::RoleNotAssignable => {
            UserErrorCode::CustomRoleNotAssignable
        }
        RoleRefusal::UnknownRole => UserErrorCode::UnknownRole,
        RoleRefusal::RoleNotAllowedByApp => UserErrorCode::RoleNotAllowedByApp,
        RoleRefusal::RoleAboveCeiling => UserErrorCode::RoleAboveCeiling,
        RoleRefusal::RoleNotToYourself => UserErrorCode::NotAllowedToYourself,
    };
    UserError::new(code, refusal.sentence())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::okta_role::RoleType::{HelpDeskAdmin, ReadOnlyAdmin, SuperAdmin};
    use crate::domain::permission::{AdminRole, PermissionSet};
    use crate::store::assignments;
    use uuid::Uuid;

    fn assigned(role: Option<RoleType>) -> Assignment {
        let id = Uuid::from_u128;
        assignments::new(id(1), id(2), id(3), role, id(4), 0)
    }

    fn decided(
        granter: &AdminRole,
        change: Change,
        current: Option<Option<RoleType>>,
        own: bool,
    ) -> Result<Step, UserErrorCode> {
        let ceiling = RoleCeiling {
            granter,
            allowed: None,
        };
        let current = current.map(assigned);
        decide(change, current.as_ref(), ceiling, own).map_err(|error| error.code)
    }

    #[test]
    fn what_is_so_already_is_kept() {
        let role = Some(HelpDeskAdmin);
        for (change, current) in [
            (Change::Assign { role }, Some(role)),
            (Change::Assign { role: None }, Some(role)),
            (Change::Unassign, None),
            (Change::ChangeRole { role }, Some(role)),
            (Change::ChangeRole { role: None }, Some(None)),
        ] {
            assert_eq!(
                decided(&AdminRole::Admin, change, current, false),
                Ok(Step::Keep)
            );
        }
    }

    #[test]
    fn assigning_again_never_changes_a_role() {
        let wish = Change::Assign {
            role: Some(ReadOnlyAdmin),
        };
        for current in [None, Some(HelpDeskAdmin)] {
            assert_eq!(
                decided(&AdminRole::Owner, wish, Some(current), false),
                Err(UserErrorCode::AlreadyExists)
            );
        }
    }

    #[test]
    fn who_may_not_give_a_role_may_not_take_it_away() {
        let custom = AdminRole::Custom(PermissionSet::all());
        let holder = Some(Some(SuperAdmin));
        for change in [Change::Unassign, Change::ChangeRole { role: None }] {
            assert_eq!(
                decided(&custom, change, holder, false),
                Err(UserErrorCode::RoleAboveCeiling)
            );
            assert!(decided(&AdminRole::Admin, change, holder, false).is_ok());
        }
    }

    #[test]
    fn an_admin_raises_others_but_not_himself() {
        let wish = Change::Assign {
            role: Some(SuperAdmin),
        };
        assert_eq!(
            decided(&AdminRole::Admin, wish, None, true),
            Err(UserErrorCode::NotAllowedToYourself)
        );
        assert_eq!(
            decided(&AdminRole::Admin, wish, None, false),
            Ok(Step::Insert(Some(SuperAdmin)))
        );
        assert_eq!(
            decided(&AdminRole::Owner, wish, None, true),
            Ok(Step::Insert(Some(SuperAdmin)))
        );
    }

    #[test]
    fn a_role_change_needs_an_assignment() {
        assert_eq!(
            decided(
                &AdminRole::Owner,
                Change::ChangeRole { role: None },
                None,
                false
            ),
            Err(UserErrorCode::NotFound)
        );
    }

    #[test]
    fn roles_are_read_by_name() {
        let named = |name: &str| {
            let wish = Wish::Assign {
                role: Some(name.to_owned()),
            };
            understand(&wish, &["Night shift"]).map_err(|error| error.code)
        };
        let role = Some(HelpDeskAdmin);
        assert_eq!(named(" HELP_DESK_ADMIN "), Ok(Change::Assign { role }));
        assert_eq!(named("KING"), Err(UserErrorCode::UnknownRole));
        for custom in ["CUSTOM", "Night shift", "cr0Yq6IJxGIr0ouum0g3"] {
            assert_eq!(named(custom), Err(UserErrorCode::CustomRoleNotAssignable));
        }
    }
}
