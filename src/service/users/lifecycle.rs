//! Activating, deactivating and deleting people.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::write::refuse_stale;
use super::{Raise, User, announce, managed, raise, refused};
use crate::domain::permission::{AdminRole, Permission, check_owner_stays};
use crate::domain::plan::DirectoryStatus;
use crate::service::{Event, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::audit::{self, Entry};
use crate::store::users::UserRow;
use crate::store::{self, Tx};

/// Lets the person work again. Done twice it changes nothing.
///
/// # Errors
/// Refusals; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn activate(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
) -> Result<User> {
    change_status(services, viewer, id, expected, DirectoryStatus::Active).await
}

/// Keeps the person from working. Done twice it changes nothing.
///
/// # Errors
/// Refusals, among them for oneself and for the last owner; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn deactivate(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
) -> Result<User> {
    change_status(services, viewer, id, expected, DirectoryStatus::Inactive).await
}

/// Deletes the person: takes all apps away and leaves a tombstone until Okta is settled. Name and address are free again at once.
///
/// # Errors
/// Refusals, among them for oneself and for the last owner; [`Forbidden`](crate::service::Error::Forbidden) without `MANAGE_USERS`.
pub async fn delete(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
) -> Result<Uuid> {
    let user = change_status(services, viewer, id, expected, DirectoryStatus::Deleted).await?;
    Ok(user.id)
}

async fn change_status(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    expected: Option<i64>,
    wanted: DirectoryStatus,
) -> Result<User> {
    viewer.require(Permission::ManageUsers)?;
    let now = services.clock.now_ms();
    let (row, events) = services
        .store
        .transaction(|tx| async move {
            store::organizations::lock(&tx, viewer.organization_id).await?;
            let (mut row, role) = managed(&tx, viewer, id).await?;
            refuse_stale(&row, expected)?;
            if row.status == wanted.as_str() {
                return Ok((row, Vec::new()));
            }
            if wanted != DirectoryStatus::Active {
                check_may_leave(&tx, viewer, &row, &role).await?;
            }
            let events = enter(&tx, viewer, &mut row, wanted, now).await?;
            Ok::<_, crate::service::Error>((row, events))
        })
        .await?;
    announce(services, events);
    Ok(row.try_into()?)
}

async fn check_may_leave(
    tx: &Arc<Tx>,
    viewer: &Viewer,
    row: &UserRow,
    role: &AdminRole,
) -> Result<()> {
    if row.id == viewer.user_id {
        let message = "You cannot deactivate or delete yourself.";
        return Err(UserError::new(UserErrorCode::NotAllowedToYourself, message)
            .at(["userId"])
            .into());
    }
    if row.status != DirectoryStatus::Active.as_str() {
        return Ok(());
    }
    let owners = store::users::active_owners(tx, viewer.organization_id).await?;
    check_owner_stays(role, false, owners).map_err(|r| refused(r, "userId"))
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
