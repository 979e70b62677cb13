//! The people of the directory.

mod admin_role;
mod guard;
mod lifecycle;
mod list;
mod powers;
mod profile;
mod write;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Error, Event, Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::deprovisioning::Cause;
use crate::domain::directory::{FieldValues, match_key};
use crate::domain::permission::{AdminRole, AdminRoleKind, AdminRoleRefusal, Permission};
use crate::domain::plan::DirectoryStatus;
use crate::random;
use crate::store::directory_changes::{self, DirectoryChange};
use crate::store::generations::{self, Scope};
use crate::store::users::{Person, UserRow};
use crate::store::{self, Access, Tx};

pub use crate::store::user_lists::{AppFilter, RoleFilter, UserFilter, UserOrder};
pub use admin_role::set_admin_role;
pub(super) use guard::is_above;
pub use lifecycle::{activate, deactivate, delete};
pub use list::{UserListQuery, condition, count, list};
pub use powers::{Powers, Standing, Subject, standings};
pub use profile::{CustomValue, ProfilePatch};
pub(super) use profile::{new_row, write as write_values};
pub use write::{NewUser, UserChange, conflict, create, update};
pub(super) use write::{changes, plain};

/// A person of the directory.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The row.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// Whether the person may work; `Deleted` only where an account outlived the person.
    pub status: DirectoryStatus,
    /// Name to sign in with.
    pub user_name: String,
    /// Address that mail goes to.
    pub primary_email: String,
    /// Name shown to people, never empty.
    pub display_name: String,
    /// Every value of a standard or custom field, by field id.
    pub fields: FieldValues,
    /// Which admin role.
    pub role: RoleRef,
    /// Goes up with each change; starts at 1.
    pub revision: i64,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub updated_at: i64,
}

impl User {
    /// What lists are ordered by in their default order.
    #[must_use]
    pub fn sort_name(&self) -> String {
        match_key(&self.display_name)
    }
}

/// Names an admin role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RoleRef {
    /// `OWNER`, `ADMIN` or `MEMBER`.
    BuiltIn(AdminRoleKind),
    /// One that the organisation defined.
    Custom(Uuid),
}

impl TryFrom<UserRow> for User {
    type Error = store::Error;

    fn try_from(row: UserRow) -> std::result::Result<Self, store::Error> {
        Person::from(row).try_into()
    }
}

impl TryFrom<Person> for User {
    type Error = store::Error;

    fn try_from(row: Person) -> std::result::Result<Self, store::Error> {
        let id = row.id;
        let corrupt = |what, value: String| store::Error::Corrupt {
            table: "directory_user",
            row: id.to_string(),
            what,
            value,
        };
        let status = row
            .status
            .parse()
            .map_err(|_| corrupt("status", row.status.clone()))?;
        let role = role_named(id, &row.admin_role, row.admin_role_id)?;
        let fields = serde_json::from_value(row.fields)
            .map_err(|e| corrupt("field value", e.to_string()))?;
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id,
            status,
            user_name: row.user_name,
            primary_email: row.primary_email,
            display_name: row.display_name,
            fields,
            role,
            revision: row.revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn role_ref(row: &UserRow) -> std::result::Result<RoleRef, store::Error> {
    role_named(row.id, &row.admin_role, row.admin_role_id)
}

fn role_named(
    person: Uuid,
    kind: &str,
    custom: Option<Uuid>,
) -> std::result::Result<RoleRef, store::Error> {
    match (kind.parse(), custom) {
        (Ok(AdminRoleKind::Custom), Some(id)) => Ok(RoleRef::Custom(id)),
        (Ok(kind), None) => Ok(RoleRef::BuiltIn(kind)),
        _ => Err(store::Error::Corrupt {
            table: "directory_user",
            row: person.to_string(),
            what: "admin role",
            value: kind.to_owned(),
        }),
    }
}

/// The permissions with one of which somebody may look at people. Whoever manages or assigns people must be able to see them.
pub const MAY_SEE_USERS: [Permission; 3] = [
    Permission::ViewUsers,
    Permission::ManageUsers,
    Permission::AssignApps,
];

/// The person; null when there is none, or not in the viewer's organisation. Everybody may look at himself.
///
/// # Errors
/// [`Error::Forbidden`] for anybody else without a permission of [`MAY_SEE_USERS`].
pub async fn find(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Option<User>> {
    if id != viewer.user_id {
        viewer.require_any(&MAY_SEE_USERS)?;
    }
    let row = store::users::find(&services.store, viewer.organization_id, id).await?;
    Ok(row.map(User::try_from).transpose()?)
}

/// These people of an organisation, deleted ones among them, in any order. It checks no permission: it completes what the viewer was
/// allowed to see, such as an account with its person.
///
/// # Errors
/// The database's own.
pub async fn many(services: &Services, organization: Uuid, ids: &[Uuid]) -> Result<Vec<User>> {
    let rows = store::users::find_many(&services.store, organization, ids).await?;
    let users: std::result::Result<_, _> = rows.into_iter().map(User::try_from).collect();
    Ok(users?)
}

/// What the role lets its holder do.
pub(super) async fn standing(
    db: &impl Access,
    organization: Uuid,
    role: RoleRef,
) -> Result<AdminRole> {
    match role {
        RoleRef::BuiltIn(AdminRoleKind::Owner) => Ok(AdminRole::Owner),
        RoleRef::BuiltIn(AdminRoleKind::Admin) => Ok(AdminRole::Admin),
        RoleRef::BuiltIn(AdminRoleKind::Member) => Ok(AdminRole::Member),
        RoleRef::BuiltIn(AdminRoleKind::Custom) => {
            Err(Error::Internal("a custom role without an id".to_owned()))
        }
        RoleRef::Custom(id) => {
            let row = store::admin_roles::find(db, organization, id).await?;
            let row = row.ok_or_else(|| Error::Internal(format!("admin role {id} is missing")))?;
            Ok(AdminRole::Custom(super::admin_roles::permissions_of(&row)?))
        }
    }
}

/// What the person's admin role lets him do.
pub(super) async fn standing_of(db: &impl Access, row: &UserRow) -> Result<AdminRole> {
    standing(db, row.organization_id, role_ref(row)?).await
}

/// Reads a person to change, held until the transaction ends, and checks that the viewer may manage people of that standing, here and in Okta.
async fn managed(tx: &Arc<Tx>, viewer: &Viewer, id: Uuid) -> Result<(UserRow, AdminRole)> {
    let row = store::users::find_for_update(tx, viewer.organization_id, id)
        .await?
        .ok_or_else(|| UserError::not_found("user", "userId"))?;
    let role = standing(tx, viewer.organization_id, role_ref(&row)?).await?;
    let held = if guard::asks_for_held_roles(viewer, id) {
        store::held_roles::of_person(tx, viewer.organization_id, id).await?
    } else {
        Vec::new()
    };
    guard::check_manages(viewer, id, &role, &held)?;
    Ok((row, role))
}

/// The refusal of a change of roles as the API says it.
pub(super) fn refused(refusal: AdminRoleRefusal, field: &'static str) -> Error {
    let code = match refusal {
        AdminRoleRefusal::Forbidden | AdminRoleRefusal::OnlyOwner | AdminRoleRefusal::AboveOwn => {
            UserErrorCode::Forbidden
        }
        AdminRoleRefusal::NotToYourself => UserErrorCode::NotAllowedToYourself,
        AdminRoleRefusal::LastOwner => UserErrorCode::LastOwner,
    };
    UserError::new(code, refusal.sentence())
        .at([field])
        .with("reason", refusal)
        .into()
}

/// How a person is changed, as far as the worker is concerned.
#[derive(Clone, Copy)]
enum Raise {
    /// New values.
    Values,
    /// The person may work again.
    Activated,
    /// Access is taken away, by this viewer.
    Ended(Uuid),
}

/// Makes the person's accounts due in the same transaction as the change, and says which events to publish after the commit.
async fn raise(tx: &Arc<Tx>, row: &UserRow, how: Raise, now: i64) -> Result<Vec<Event>> {
    let organization = row.organization_id;
    let scope = Scope::User(row.id);
    let deleted = row.deleted_at.is_some();
    match how {
        Raise::Ended(by) => {
            let change = DirectoryChange {
                id: random::new_id(),
                organization_id: organization,
                cause: if deleted {
                    Cause::UserDelete
                } else {
                    Cause::UserDeactivate
                },
                user_id: Some(by),
                created_at: now,
            };
            directory_changes::record(tx, change).await?;
            if deleted {
                generations::raise_ended(tx, organization, &scope, change.id, now).await?;
            } else {
                generations::raise_urgently(tx, organization, &scope, Some(change.id), now).await?;
            }
        }
        Raise::Values if row.status == DirectoryStatus::Inactive.as_str() => {
            generations::raise_urgently(tx, organization, &scope, None, now).await?;
        }
        Raise::Values | Raise::Activated => {
            let activation = matches!(how, Raise::Activated);
            generations::raise(tx, organization, &scope, activation, now).await?;
        }
    }
    let accounts = store::users::account_ids(tx, organization, row.id).await?;
    let event = |(app, account)| Event::Account {
        organization,
        app,
        account,
    };
    Ok(accounts.into_iter().map(event).collect())
}

/// Tells watchers and the worker what was committed.
fn announce(services: &Services, events: Vec<Event>) {
    if events.is_empty() {
        return;
    }
    for event in events {
        services.events.publish(event);
    }
    services.work.notify_one();
}
