//! Admin roles and permissions.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::HoldersLoader;
use crate::graphql::{context, error};
use crate::service::admin_roles;
use crate::service::users::RoleRef;

/// A right within the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::permission::Permission")]
pub enum Permission {
    /// Reading apps, their settings, accounts and operations.
    ViewApps,
    /// Assigning apps, and seeing the people to assign them to.
    AssignApps,
    /// Importing people from Okta.
    ImportUsers,
    /// Reading the directory.
    ViewUsers,
    /// Changing the directory.
    ManageUsers,
    /// Defining admin roles and choosing who has which.
    ManageAdminRoles,
    /// Reading the audit log.
    ViewAuditLog,
}

/// The kinds of admin role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::permission::AdminRoleKind")]
pub enum AdminRoleKind {
    /// Has all permissions, and alone makes owners.
    Owner,
    /// Has all permissions.
    Admin,
    /// Has none.
    Member,
    /// Has the permissions that the organisation put together.
    Custom,
}

/// A permission with words for a panel.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct PermissionInfo {
    /// The permission.
    pub permission: Permission,
    /// Short name in English.
    pub label: &'static str,
    /// What it lets its holder do, in one English sentence.
    pub description: &'static str,
}

impl From<domain::permission::Permission> for PermissionInfo {
    fn from(permission: domain::permission::Permission) -> Self {
        Self {
            permission: permission.into(),
            label: permission.label(),
            description: permission.description(),
        }
    }
}

/// What its holders may do in the organisation: one of three built-in roles, or one that the organisation defined.
#[derive(Clone, Debug)]
pub struct AdminRole(pub admin_roles::AdminRole);

/// The global id of a role.
#[must_use]
pub fn id_of(role: RoleRef) -> ID {
    match role {
        RoleRef::BuiltIn(kind) => ids::global_key(NodeKind::AdminRole, kind.as_str()),
        RoleRef::Custom(id) => ids::global(NodeKind::AdminRole, id),
    }
}

/// The role that a global id names; for any other text a custom role that nobody has.
#[must_use]
pub fn role_of(id: &ID) -> RoleRef {
    let key = ids::key_of(id, NodeKind::AdminRole).unwrap_or_default();
    match key.parse() {
        Ok(domain::permission::AdminRoleKind::Custom) => RoleRef::Custom(Uuid::nil()),
        Ok(kind) => RoleRef::BuiltIn(kind),
        Err(_) => RoleRef::Custom(Uuid::try_parse(&key).unwrap_or(Uuid::nil())),
    }
}

impl AdminRole {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(id_of(self.0.role))
    }
}

/// What its holders may do in the organisation: one of three built-in roles, or one that the organisation defined.
#[Object]
impl AdminRole {
    /// Global id.
    async fn id(&self) -> ID {
        id_of(self.0.role)
    }

    /// Which kind. Only `CUSTOM` ones can be changed and deleted.
    async fn kind(&self) -> AdminRoleKind {
        match self.0.role {
            RoleRef::BuiltIn(kind) => kind.into(),
            RoleRef::Custom(_) => AdminRoleKind::Custom,
        }
    }

    /// Name, unique in the organisation; in English for the built-in ones.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the role is for; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What its holders may do.
    async fn permissions(&self) -> Vec<Permission> {
        self.0.permissions.iter().map(Into::into).collect()
    }

    /// How many people have the role. Needs a permission to see people or to manage roles.
    async fn user_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        let count = ctx
            .data::<DataLoader<HoldersLoader>>()?
            .load_one(self.0.role)
            .await
            .map_err(|e| error::public_ref(&e))?;
        Ok(i32::try_from(count.unwrap_or_default()).unwrap_or(i32::MAX))
    }

    /// Whether `adminRoleUpdate` is open to the viewer: never for built-in roles; it takes `MANAGE_ADMIN_ROLES`, and every permission that the role has.
    async fn viewer_can_update(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(admin_roles::may_update(context::viewer(ctx)?, &self.0))
    }

    /// Whether `adminRoleDelete` is open to the viewer: never for built-in roles; it takes `MANAGE_ADMIN_ROLES`. It is refused all the same while people
    /// have the role.
    async fn viewer_can_delete(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(admin_roles::may_delete(context::viewer(ctx)?, &self.0))
    }

    /// Whether the viewer may give the role to the people whose `viewerCanSetAdminRole` is true: it takes `MANAGE_ADMIN_ROLES`, and every permission that
    /// the role has; only owners make owners.
    async fn viewer_can_assign(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(admin_roles::may_assign(context::viewer(ctx)?, &self.0))
    }

    /// When it was changed last; null for a built-in one.
    async fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.0.updated_at.map(context::time)
    }
}
