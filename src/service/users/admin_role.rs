//! Who has which admin role.

use serde_json::json;
use uuid::Uuid;

use super::guard::{Promoted, check_gives_role};
use super::write::is_stale;
use super::{RoleRef, User, role_ref, standing};
use crate::domain::permission::{AdminRoleKind, Permission};
use crate::domain::plan::DirectoryStatus;
use crate::service::apps::Saving;
use crate::service::{Error, Result, Services, UserError, Viewer};
use crate::store;
use crate::store::audit::{self, Entry};

/// Gives the person an admin role, if nobody changed the person since the revision `expected`. Nobody raises himself, only owners make owners, nobody hands out more than he has, and an active owner
/// stays.
///
/// # Errors
/// Refusals; [`Forbidden`](Error::Forbidden) without `MANAGE_ADMIN_ROLES`.
pub async fn set_admin_role(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
    wanted: RoleRef,
    expected: Option<i64>,
) -> Result<Saving<User>> {
    viewer.require(Permission::ManageAdminRoles)?;
    let organization = viewer.organization_id;
    let now = services.clock.now_ms();
    let saving = services
        .store
        .transaction(|tx| async move {
            store::organizations::lock(&tx, organization).await?;
            let mut row = store::users::find_for_update(&tx, organization, id)
                .await?
                .ok_or_else(|| UserError::not_found("user", "userId"))?;
            let before = role_ref(&row)?;
            let wanted_role = match wanted {
                RoleRef::Custom(role)
                    if store::admin_roles::find(&tx, organization, role)
                        .await?
                        .is_none() =>
                {
                    return Err(UserError::not_found("admin role", "adminRoleId").into());
                }
                _ => standing(&tx, organization, wanted).await?,
            };
            let owners = store::users::active_owners(&tx, organization).await?;
            let person = Promoted {
                id,
                role: &standing(&tx, organization, before).await?,
                active: row.status == DirectoryStatus::Active.as_str(),
            };
            check_gives_role(viewer, person, &wanted_role, owners)?;
            if is_stale(&row, expected) {
                return Ok(Saving::Conflict(row));
            }
            if before == wanted {
                return Ok(Saving::Done(row));
            }
            (row.admin_role, row.admin_role_id) = columns(wanted);
            row.revision += 1;
            row.updated_at = now;
            store::users::save(&tx, row.clone()).await?;
            let entry = Entry::new(organization, now, viewer.actor(), "user.adminRoleSet")
                .user(id)
                .detail(json!({ "adminRole": { "from": named(before), "to": named(wanted) } }));
            audit::record(&tx, entry).await?;
            Ok::<_, Error>(Saving::Done(row))
        })
        .await?;
    Ok(saving.try_map(User::try_from)?)
}

fn columns(role: RoleRef) -> (String, Option<Uuid>) {
    match role {
        RoleRef::BuiltIn(kind) => (kind.as_str().to_owned(), None),
        RoleRef::Custom(id) => (AdminRoleKind::Custom.as_str().to_owned(), Some(id)),
    }
}

fn named(role: RoleRef) -> String {
    match role {
        RoleRef::BuiltIn(kind) => kind.as_str().to_owned(),
        RoleRef::Custom(id) => id.to_string(),
    }
}
