//! The journal of calls to Okta, as a panel may see it: with `VIEW_APPS`, names of what changed, never values or secrets.

use uuid::Uuid;

pub use crate::store::operation_lists::{OperationFilter, OperationView, OperationsOf};

use super::{Result, Services, Viewer};
use crate::domain::permission::Permission;
use crate::store::operation_lists;
use crate::store::page::{Page, PageRequest};

/// A page of operations, in the order in which they were begun.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    of: OperationsOf,
    filter: &OperationFilter,
    request: PageRequest,
) -> Result<Page<OperationView>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    Ok(operation_lists::list(&services.store, organization, of, filter, request).await?)
}

/// How many operations [`list`] goes through.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn count(
    services: &Services,
    viewer: &Viewer,
    of: OperationsOf,
    filter: &OperationFilter,
) -> Result<u64> {
    viewer.require(Permission::ViewApps)?;
    Ok(operation_lists::count(&services.store, viewer.organization_id, of, filter).await?)
}

/// The operations with these ids that the viewer may see.
///
/// # Errors
/// The database's own.
pub async fn by_ids(
    services: &Services,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<Vec<OperationView>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    Ok(operation_lists::by_ids(&services.store, viewer.organization_id, ids).await?)
}

/// The newest operation of each of these accounts, as far as the viewer may see them.
///
/// # Errors
/// The database's own.
pub async fn newest_of(
    services: &Services,
    viewer: &Viewer,
    accounts: &[Uuid],
) -> Result<Vec<OperationView>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    Ok(operation_lists::newest_of(&services.store, viewer.organization_id, accounts).await?)
}
