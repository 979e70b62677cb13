//! Admin roles: the three that every organisation has, and those that it puts together itself.

mod may;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::users::{RoleRef, refused};
use super::{Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::directory::{is_hidden_control, match_key};
use crate::domain::permission::{
    AdminRole as Standing, AdminRoleKind, Permission, PermissionSet, check_role_definition,
};
use crate::random;
use crate::store::admin_roles::AdminRoleRow;
use crate::store::audit::{self, Entry};
use crate::store::{self, Access, Tx};

pub use may::{may_assign, may_delete, may_update};

/// Longest name of a role, in characters.
const MAX_NAME: usize = 100;
/// Longest description of a role, in characters.
const MAX_DESCRIPTION: usize = 1_000;
/// Most custom roles of an organisation: more than anybody can tell apart.
const MAX_ROLES: usize = 100;

/// An admin role.
#[derive(Clone, Debug, PartialEq)]
pub struct AdminRole {
    /// Which.
    pub role: RoleRef,
    /// Name shown to people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it lets its holders do.
    pub permissions: PermissionSet,
    /// When it was changed last, epoch milliseconds; null for a built-in one.
    pub updated_at: Option<i64>,
}

impl AdminRole {
    /// Where its holders stand.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.role {
            RoleRef::BuiltIn(AdminRoleKind::Owner) => Standing::Owner,
            RoleRef::BuiltIn(AdminRoleKind::Admin) => Standing::Admin,
            RoleRef::BuiltIn(AdminRoleKind::Member) => Standing::Member,
            RoleRef::BuiltIn(AdminRoleKind::Custom) | RoleRef::Custom(_) => {
                Standing::Custom(self.permissions.clone())
            }
        }
    }
}

/// The permissions with one of which somebody may see which roles there are.
pub const MAY_SEE_ROLES: [Permission; 3] = [
    Permission::ManageAdminRoles,
    Permission::ViewUsers,
    Permission::ManageUsers,
];

/// All roles: owner, admin and member first, then the organisation's own.
///
/// # Errors
/// [`Error::Forbidden`] without a permission to see people or manage roles.
pub async fn list(services: &Services, viewer: &Viewer) -> Result<Vec<AdminRole>> {
    viewer.require_any(&MAY_SEE_ROLES)?;
    let built_in = [
        AdminRoleKind::Owner,
        AdminRoleKind::Admin,
        AdminRoleKind::Member,
    ];
    let mut roles: Vec<_> = built_in.into_iter().filter_map(built_in_role).collect();
    for row in store::admin_roles::all(&services.store, viewer.organization_id).await? {
        roles.push(view(&row)?);
    }
    Ok(roles)
}

/// Every permission that a role can hold; the same for every organisation.
///
/// # Errors
/// As [`list`].
pub fn catalog(viewer: &Viewer) -> Result<&'static [Permission]> {
    viewer.require_any(&MAY_SEE_ROLES)?;
    Ok(Permission::ALL)
}

/// The role; null when the organisation has no such one.
///
/// # Errors
/// As [`list`].
pub async fn find(
    services: &Services,
    viewer: &Viewer,
    role: RoleRef,
) -> Result<Option<AdminRole>> {
    viewer.require_any(&MAY_SEE_ROLES)?;
    let mut found = many(services, viewer.organization_id, &[role]).await?;
    Ok(found.pop())
}

/// These roles, in any order. It checks no permission: it completes a person whom the viewer may see.
///
/// # Errors
/// The database's own.
pub async fn many(
    services: &Services,
    organization: Uuid,
    roles: &[RoleRef],
) -> Result<Vec<AdminRole>> {
    let mut found = Vec::with_capacity(roles.len());
    let mut custom = None;
    for role in roles {
        match role {
            RoleRef::BuiltIn(kind) => found.extend(built_in_role(*kind)),
            RoleRef::Custom(id) => {
                if custom.is_none() {
                    custom = Some(store::admin_roles::all(&services.store, organization).await?);
                }
                if let Some(row) = custom.iter().flatten().find(|row| row.id == *id) {
                    found.push(view(row)?);
                }
            }
        }
    }
    Ok(found)
}

/// Where the holders of these roles stand; roles that are not there are left out. It checks no permission.
///
/// # Errors
/// The database's own.
pub(super) async fn standings(
    services: &Services,
    organization: Uuid,
    roles: &[RoleRef],
) -> Result<HashMap<RoleRef, Standing>> {
    let found = many(services, organization, roles).await?.into_iter();
    Ok(found.map(|role| (role.role, role.standing())).collect())
}

/// How many people have each of these roles.
///
/// # Errors
/// [`Error::Forbidden`] without a permission to see roles.
pub async fn holders(
    services: &Services,
    viewer: &Viewer,
    roles: &[RoleRef],
) -> Result<HashMap<RoleRef, u64>> {
    viewer.require_any(&MAY_SEE_ROLES)?;
    let (store, organization) = (&services.store, viewer.organization_id);
    let mut counts = HashMap::new();
    let mut custom = Vec::new();
    for role in roles {
        match *role {
            RoleRef::BuiltIn(kind) => {
                let count = store::users::role_holders(store, organization, kind).await?;
                counts.insert(*role, count);
            }
            RoleRef::Custom(id) => custom.push(id),
        }
    }
    if !custom.is_empty() {
        let found = store::users::custom_role_holders(store, organization, &custom).await?;
        for (id, count) in found {
            let count = u64::try_from(count).unwrap_or_default();
            counts.insert(RoleRef::Custom(id), count);
        }
    }
    Ok(counts)
}

async fn custom_holders(db: &impl Access, organization: Uuid, id: Uuid) -> Result<u64> {
    let counts: BTreeMap<_, _> = store::users::custom_role_holders(db, organization, &[id])
        .await?
        .into_iter()
        .collect();
    Ok(counts
        .get(&id)
        .and_then(|count| u64::try_from(*count).ok())
        .unwrap_or_default())
}

fn built_in_role(kind: AdminRoleKind) -> Option<AdminRole> {
    let (name, description, permissions) = match kind {
        AdminRoleKind::Owner => (
            "Owner",
            "Has all permissions, and alone makes other owners.",
            PermissionSet::all(),
        ),
        AdminRoleKind::Admin => ("Admin", "Has all permissions.", PermissionSet::all()),
        AdminRoleKind::Member => ("Member", "Sees nothing but himself.", PermissionSet::none()),
        AdminRoleKind::Custom => return None,
    };
    Some(AdminRole {
        role: RoleRef::BuiltIn(kind),
        name: name.to_owned(),
        description: description.to_owned(),
        permissions,
        updated_at: None,
    })
}

/// The permissions that a row keeps.
pub(super) fn permissions_of(row: &AdminRoleRow) -> Result<PermissionSet> {
    let read = serde_json::from_value(row.permissions.clone());
    Ok(read.map_err(|_| store::Error::Corrupt {
        table: "admin_role",
        row: row.id.to_string(),
        what: "permissions",
        value: row.permissions.to_string(),
    })?)
}

fn view(row: &AdminRoleRow) -> Result<AdminRole> {
    Ok(AdminRole {
        role: RoleRef::Custom(row.id),
        name: row.name.clone(),
        description: row.description.clone(),
        permissions: permissions_of(row)?,
        updated_at: Some(row.updated_at),
    })
}

/// A role to add.
#[derive(Clone, Debug)]
pub struct NewAdminRole {
    /// Name shown to people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it lets its holders do.
    pub permissions: PermissionSet,
}

/// Adds a role. Its author must have every permission in it.
///
/// # Errors
/// Refusals; [`Error::Forbidden`] without `MANAGE_ADMIN_ROLES`.
pub async fn create(
    services: &Services,
    viewer: &Viewer,
    input: NewAdminRole,
) -> Result<AdminRole> {
    viewer.require(Permission::ManageAdminRoles)?;
    check_role_definition(&viewer.role, None, &input.permissions, false)
        .map_err(|r| refused(r, "permissions"))?;
    let now = services.clock.now_ms();
    services
        .store
        .transaction(|tx| async move {
            store::organizations::lock(&tx, viewer.organization_id).await?;
            let name = input.name.trim().to_owned();
            let row = AdminRoleRow {
                id: random::new_id(),
                organization_id: viewer.organization_id,
                name_key: match_key(&name),
                name,
                description: input.description.trim().to_owned(),
                permissions: json!(input.permissions),
                version: 1,
                created_at: now,
                updated_at: now,
            };
            check(&tx, &row).await?;
            store::admin_roles::insert(&tx, row.clone()).await?;
            let detail =
                json!({ "adminRoleId": row.id, "name": row.name, "permissions": row.permissions });
            record(&tx, viewer, now, "adminRole.create", detail).await?;
            view(&row)
        })
        .await
}

/// Changes to a role; none keeps what is there.
#[derive(Clone, Debug)]
pub struct AdminRoleChange {
    /// The role; the nil id for an id that names no custom role.
    pub role: Uuid,
    /// Name shown to people.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it lets its holders do.
    pub permissions: Option<PermissionSet>,
}

/// Changes a role, at once for everybody who has it. Nobody adds to a role what he has not, nor to his own.
///
/// # Errors
/// Refusals; [`Error::Forbidden`] without `MANAGE_ADMIN_ROLES`.
pub async fn update(
    services: &Services,
    viewer: &Viewer,
    input: AdminRoleChange,
) -> Result<AdminRole> {
    viewer.require(Permission::ManageAdminRoles)?;
    let now = services.clock.now_ms();
    services
        .store
        .transaction(|tx| async move {
            let before = find_for_update(&tx, viewer, input.role).await?;
            let mut row = before.clone();
            if let Some(name) = input.name {
                row.name = name.trim().to_owned();
                row.name_key = match_key(&row.name);
            }
            if let Some(description) = input.description {
                row.description = description.trim().to_owned();
            }
            let wanted = match input.permissions {
                Some(wanted) => wanted,
                None => permissions_of(&before)?,
            };
            row.permissions = json!(wanted);
            if row == before {
                return view(&row);
            }
            check_definition(&tx, viewer, &before, &wanted).await?;
            check(&tx, &row).await?;
            row.version += 1;
            row.updated_at = now;
            store::admin_roles::save(&tx, row.clone()).await?;
            let detail = json!({
                "adminRoleId": row.id,
                "name": { "from": before.name, "to": row.name },
                "permissions": { "from": before.permissions, "to": row.permissions },
            });
            record(&tx, viewer, now, "adminRole.update", detail).await?;
            view(&row)
        })
        .await
}

async fn check_definition(
    tx: &Arc<Tx>,
    viewer: &Viewer,
    before: &AdminRoleRow,
    wanted: &PermissionSet,
) -> Result<()> {
    let own = store::users::find(tx, viewer.organization_id, viewer.user_id).await?;
    let holds = own.is_some_and(|user| user.admin_role_id == Some(before.id));
    check_role_definition(&viewer.role, Some(&permissions_of(before)?), wanted, holds)
        .map_err(|r| refused(r, "permissions"))
}

/// Deletes a role that nobody has.
///
/// # Errors
/// Refusals; [`Error::Forbidden`] without `MANAGE_ADMIN_ROLES`.
pub async fn delete(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Uuid> {
    viewer.require(Permission::ManageAdminRoles)?;
    let now = services.clock.now_ms();
    services
        .store
        .transaction(|tx| async move {
            let row = find_for_update(&tx, viewer, id).await?;
            let holders = custom_holders(&tx, viewer.organization_id, id).await?;
            if holders > 0 {
                let message = "People have this role; give them another one first.";
                return Err(UserError::new(UserErrorCode::InUse, message)
                    .at(["adminRoleId"])
                    .with("users", holders)
                    .into());
            }
            store::admin_roles::delete(&tx, viewer.organization_id, id).await?;
            let detail = json!({ "adminRoleId": id, "name": row.name });
            record(&tx, viewer, now, "adminRole.delete", detail).await?;
            Ok::<_, Error>(id)
        })
        .await
}

/// Reads a custom role to change. The organisation is locked, so that nobody gets the role at the same moment.
async fn find_for_update(tx: &Arc<Tx>, viewer: &Viewer, id: Uuid) -> Result<AdminRoleRow> {
    store::organizations::lock(tx, viewer.organization_id).await?;
    let row = store::admin_roles::find_for_update(tx, viewer.organization_id, id).await?;
    row.ok_or_else(|| UserError::not_found("custom admin role", "adminRoleId").into())
}

async fn check(tx: &Arc<Tx>, row: &AdminRoleRow) -> Result<()> {
    let others = store::admin_roles::all(tx, row.organization_id).await?;
    let others: Vec<_> = others.iter().filter(|other| other.id != row.id).collect();
    let mut errors = Vec::new();
    let mut fault =
        |code, message: &str, field| errors.push(UserError::new(code, message).at([field]));
    if row.name.is_empty() {
        fault(UserErrorCode::Required, "A role needs a name.", "name");
    }
    let built_in = ["owner", "admin", "member"].contains(&row.name_key.as_str());
    if built_in || others.iter().any(|other| other.name_key == row.name_key) {
        fault(
            UserErrorCode::AlreadyExists,
            "There is a role with this name.",
            "name",
        );
    }
    for (text, field) in [(&row.name, "name"), (&row.description, "description")] {
        if text.chars().any(|c| is_hidden_control(c) && c != '\n') {
            fault(
                UserErrorCode::InvalidValue,
                "The text has characters that cannot be shown.",
                field,
            );
        }
    }
    errors.extend(too_long(&row.name, MAX_NAME, "name"));
    errors.extend(too_long(&row.description, MAX_DESCRIPTION, "description"));
    if others.len() >= MAX_ROLES {
        errors.push(
            UserError::new(UserErrorCode::TooMany, "There are too many roles.")
                .with("max", MAX_ROLES),
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.into())
    }
}

fn too_long(text: &str, max: usize, field: &'static str) -> Option<UserError> {
    let error = || {
        UserError::new(UserErrorCode::TooLong, "The text is too long.")
            .at([field])
            .with("max", max)
    };
    (text.chars().count() > max).then(error)
}

async fn record(
    tx: &Arc<Tx>,
    viewer: &Viewer,
    now: i64,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<()> {
    let actor = viewer.actor();
    let entry = Entry::new(viewer.organization_id, now, actor, action).detail(detail);
    Ok(audit::record(tx, entry).await?)
}
