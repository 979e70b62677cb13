//! Activating, deactivating and deleting people.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::guard::check_leaves;
use super::write::is_stale;
use super::{Raise, User, announce, managed, raise};
use crate::domain::permission::{AdminRole, Permission};
use crate::domain::plan::DirectoryStatus;
use crate::service::apps::Saving;
use crate::service::{Event, Result, Services, Viewer};
use crate::store::audit::{self, Entry};
use crate::store::users::UserRow;
use crate::store::{self, Tx};

/// Lets the person work again, if nobody changed the person since the revision `expected`. Done twice it changes nothing.
///
/// # Errors
/// Refusals; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn activate(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
) -> Result<Saving<User>> {
    change_status(services, viewer, id, expected, DirectoryStatus::Active).await
}

/// Keeps the person from working, if nobody changed the person since the revision `expected`. Done twice it changes nothing.
///
/// # Errors
/// Refusals, among them for oneself and for the last owner; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn deactivate(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
) -> Result<Saving<User>> {
    change_status(services, viewer, id, expected, DirectoryStatus::Inactive).await
}

/// Deletes the person, if nobody changed the person since the revision `expected`: takes all apps away and leaves a tombstone until Okta is settled. Name
/// and address are free again at once.
///
/// # Errors
/// Refusals, among them for oneself and for the last owner; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn delete(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
) -> Result<Saving<User>> {
    change_status(services, viewer, id, expected, DirectoryStatus::Deleted).await
}

async fn change_status(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
    wanted: DirectoryStatus,
) -> Result<Saving<User>> {
    viewer.require(Permission::ManageUsers)?;
    let now = services.clock.now_ms();
    let (saving, events) = services
        .store
        .transaction(|tx| async move {
            store::organizations::lock(&tx, viewer.organization_id).await?;
            let (mut row, role) = managed(&tx, viewer, id).await?;
            let there = row.status == wanted.as_str();
            if !there && wanted != DirectoryStatus::Active {
                check_may_leave(&tx, viewer, &row, &role).await?;
            }
            if is_stale(&row, expected) {
                return Ok((Saving::Conflict(row), Vec::new()));
            }
            if there {
                return Ok((Saving::Done(row), Vec::new()));
            }
            let events = enter(&tx, viewer, &mut row, wanted, now).await?;
            Ok::<_, crate::service::Error>((Saving::Done(row), events))
        })
        .await?;
    announce(services, events);
    Ok(saving.try_map(User::try_from)?)
}

async fn check_may_leave(
    tx: &Arc<Tx>,
    viewer: &Viewer,
    row: &UserRow,
    role: &AdminRole,
) -> Result<()> {
    let active = row.status == DirectoryStatus::Active.as_str();
    let owners = store::users::active_owners(tx, viewer.organization_id).await?;
    check_leaves(viewer, row.id, role, active, owners)
}

async fn enter(
    tx: &Arc<Tx>,
    viewer: &Viewer,
    row: &mut UserRow,
    wanted: DirectoryStatus,
    now: i64,
) -> Result<Vec<Event>> {
    let before = std::mem::replace(&mut row.status, wanted.as_str().to_owned());
    row.revision += 1;
    row.updated_at = now;
    let action = match wanted {
        DirectoryStatus::Active => "user.activate",
        DirectoryStatus::Inactive => "user.deactivate",
        DirectoryStatus::Deleted => {
            row.deleted_at = Some(now);
            store::users::remove_assignments(tx, row.organization_id, row.id).await?;
            let (organization, user) = (row.organization_id, row.id);
            store::personal_access_tokens::revoke_all(tx, organization, user, now).await?;
            "user.delete"
        }
    };
    store::users::save(tx, row.clone()).await?;
    let entry = Entry::new(row.organization_id, now, viewer.actor(), action)
        .user(row.id)
        .detail(json!({ "status": { "from": before, "to": wanted }, "userName": row.user_name }));
    audit::record(tx, entry).await?;
    let how = match wanted {
        DirectoryStatus::Active => Raise::Activated,
        DirectoryStatus::Inactive | DirectoryStatus::Deleted => Raise::Ended(viewer.user_id),
    };
    raise(tx, row, how, now).await
}
