//! Who has which app, with which Okta role. Assigning is a wish: Okta follows through the account, later.
//!
//! Reading needs `VIEW_APPS`, and shows the names and addresses of those concerned: nobody can assign people whom he cannot see. Changing
//! needs `ASSIGN_APPS` as well, and the role ceiling (`domain::okta_role`): who may not give a role may not take it away either, be it by a
//! role change or by taking the whole assignment.

mod change;
mod decide;
mod rows;

use uuid::Uuid;

pub use crate::store::assignment_lists::{AssignmentKey, Detail, With};
pub use crate::store::assignments::{Assignment, AssignmentFilter};
pub(super) use change::assignable;
pub use change::{Answer, Targets, change};
pub(super) use decide::refused as role_refused;
pub use decide::{Change, Wish, may_change};
pub(super) use rows::Rows;
pub use rows::{Done, Row};

use super::accounts::AccountView;
use super::operations::OperationView;
use super::users::User;
use super::{Result, Services, Viewer};
use crate::domain::permission::Permission;
use crate::store::page::{Page, PageRequest};
use crate::store::{assignment_lists, assignments};

/// A page of an app's assignments, in an order, each with what is asked for.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    filter: &AssignmentFilter,
    order: (AssignmentKey, With),
    request: PageRequest,
) -> Result<Page<Listed>> {
    viewer.require(Permission::ViewApps)?;
    let (store, organization) = (&services.store, viewer.organization_id);
    let page = assignment_lists::list(store, organization, app, filter, order, request).await?;
    page.try_map(|row| {
        let person = row.person.map(User::try_from).transpose()?;
        Ok(Listed {
            assignment: row.assignment,
            person,
            account: row.account,
            operation: row.operation,
        })
    })
}

/// An assignment with what was read with it. What was not asked for ([`With`]) has the default of its type.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The assignment.
    pub assignment: Assignment,
    /// The person; `None` when not asked for.
    pub person: Option<User>,
    /// The account; `None` when not asked for, `Some(None)` when there is none.
    pub account: Option<Option<AccountView>>,
    /// The newest operation of the account, likewise.
    pub operation: Option<Option<OperationView>>,
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
