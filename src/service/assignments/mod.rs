//! Who has which app, with which Okta role. Assigning is a wish: Okta follows through the account, later.
//!
//! Reading needs `VIEW_APPS`, and shows the names and addresses of those concerned: nobody can assign people whom he cannot see. Changing
//! needs `ASSIGN_APPS` as well, and the role ceiling (`domain::okta_role`): who may not give a role may not take it away either, be it by a
//! role change or by taking the whole assignment.

mod change;
mod decide;
mod rows;

use uuid::Uuid;

pub use crate::store::assignments::{Assignment, AssignmentFilter, AssignmentKey};
pub(super) use change::assignable;
pub use change::{Answer, Targets, change};
pub(super) use decide::refused as role_refused;
pub use decide::{Change, Wish, may_change};
pub(super) use rows::Rows;
pub use rows::{Done, Row};

use super::{Result, Services, Viewer};
use crate::domain::permission::Permission;
use crate::store::assignments;
use crate::store::page::{Page, PageRequest};

/// A page of an app's assignments.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    filter: &AssignmentFilter,
    key: AssignmentKey,
    request: PageRequest,
) -> Result<Page<Assignment>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    Ok(assignments::list(&services.store, organization, app, filter, key, request).await?)
}

/// How many assignments [`list`] goes through.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn count(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    filter: &AssignmentFilter,
) -> Result<u64> {
    viewer.require(Permission::ViewApps)?;
    Ok(assignments::count(&services.store, viewer.organization_id, app, filter).await?)
}

/// The assignments with these ids that the viewer may see.
///
/// # Errors
/// The database's own.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<Assignment>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    Ok(assignments::by_ids(&services.store, viewer.organization_id, ids).await?)
}

/// The assignments of these people, as far as the viewer may see them.
///
/// # Errors
/// The database's own.
pub async fn of_people(
    services: &Services,
    viewer: &Viewer,
    users: &[Uuid],
) -> Result<Vec<Assignment>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    Ok(assignments::of_people(&services.store, viewer.organization_id, users).await?)
}
