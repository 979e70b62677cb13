//! What the viewer may do to people, for a panel that shows or hides its buttons. The changes themselves ask the same questions (`guard`) again.

use std::collections::HashMap;

use uuid::Uuid;

use super::guard::{Promoted, check_gives_role, check_leaves, check_manages, least_role};
use super::{RoleRef, User};
use crate::domain::okta_role::{RoleType, is_high};
use crate::domain::permission::{AdminRole, AdminRoleKind};
use crate::domain::plan::DirectoryStatus;
use crate::service::{Result, Services, Viewer, admin_roles};
use crate::store;

/// A person, as far as it matters who may change him.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The person.
    pub id: Uuid,
    /// His admin role.
    pub role: RoleRef,
    /// His status.
    pub status: DirectoryStatus,
}

impl From<&User> for Subject {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            role: user.role,
            status: user.status,
        }
    }
}

/// Where a person stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Who it is.
    pub subject: Subject,
    /// What his admin role lets him do.
    pub role: AdminRole,
    /// His admin roles in Okta, as far as they matter to the viewer.
    pub held: Vec<RoleType>,
    /// The active owners of the organisation; 0 where it matters to nobody.
    pub owners: u64,
}

/// Where these people of the viewer's organisation stand. It checks no permission, and shows nothing by itself.
///
/// # Errors
/// The database's own.
pub async fn standings(
    services: &Services,
    viewer: &Viewer,
    people: &[Subject],
) -> Result<HashMap<Subject, Standing>> {
    let (store, organization) = (&services.store, viewer.organization_id);
    let roles: Vec<_> = people.iter().map(|person| person.role).collect();
    let roles = admin_roles::standings(services, organization, &roles).await?;
    // Nobody is out of reach of those who may give every role.
    let held = if is_high(&viewer.role) {
        HashMap::new()
    } else {
        let ids: Vec<_> = people.iter().map(|person| person.id).collect();
        store::held_roles::of_people(store, organization, &ids).await?
    };
    let owner = RoleRef::BuiltIn(AdminRoleKind::Owner);
    let owners = if people.iter().any(|person| person.role == owner) {
        store::users::active_owners(store, organization).await?
    } else {
        0
    };
    let standing = |subject: &Subject| {
        let standing = Standing {
            subject: *subject,
            role: roles.get(&subject.role)?.clone(),
            held: held.get(&subject.id).cloned().unwrap_or_default(),
            owners,
        };
        Some((*subject, standing))
    };
    Ok(people.iter().filter_map(standing).collect())
}

/// What the viewer may do to a person. It is about rights alone: whether there is anything to do is another question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Powers {
    /// Change his values, and activate him.
    pub update: bool,
    /// Deactivate or delete him.
    pub end: bool,
    /// Give him some other admin role.
    pub set_admin_role: bool,
}

impl Powers {
    /// What the viewer may do to somebody who stands there; to a deleted person nothing.
    #[must_use]
    pub fn of(viewer: &Viewer, standing: &Standing) -> Self {
        let Standing {
            subject,
            role,
            held,
            owners,
        } = standing;
        if subject.status == DirectoryStatus::Deleted {
            return Self::default();
        }
        let (id, active) = (subject.id, subject.status == DirectoryStatus::Active);
        let update = check_manages(viewer, id, role, held).is_ok();
        let promoted = Promoted { id, role, active };
        Self {
            update,
            end: update && check_leaves(viewer, id, role, active, *owners).is_ok(),
            set_admin_role: check_gives_role(viewer, promoted, &least_role(), *owners).is_ok(),
        }
    }
}
