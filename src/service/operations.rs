//! The journal of calls to Okta, as a panel may see it: with `VIEW_APPS`, names of what changed, never values or secrets.

use std::collections::HashMap;

use uuid::Uuid;

pub use crate::store::operation_lists::{OperationFilter, OperationView};

use super::{Result, Services, Viewer};
use crate::domain::permission::Permission;
use crate::store::operation_lists;
use crate::store::page::{Page, PageRequest};

/// A page of an app's operations, in the order in which they were begun.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    filter: &OperationFilter,
    request: PageRequest,
) -> Result<Page<OperationView>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    Ok(operation_lists::list(&services.store, organization, app, filter, request).await?)
}

/// The same page of the operations of each of these accounts.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn pages(
    services: &Services,
    viewer: &Viewer,
    accounts: &[Uuid],
    filter: &OperationFilter,
    request: &PageRequest,
) -> Result<HashMap<Uuid, Page<OperationView>>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    Ok(operation_lists::pages(&services.store, organization, accounts, filter, request).await?)
}

/// How many operations [`pages`] goes through for each of these accounts; those without any are absent.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn counts(
    services: &Services,
    viewer: &Viewer,
    accounts: &[Uuid],
    filter: &OperationFilter,
) -> Result<HashMap<Uuid, u64>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    Ok(operation_lists::counts(&services.store, organization, accounts, filter).await?)
}

/// How many operations [`list`] goes through.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn count(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    filter: &OperationFilter,
) -> Result<u64> {
    viewer.require(Permission::ViewApps)?;
    Ok(operation_lists::count(&services.store, viewer.organization_id, app, filter).await?)
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
