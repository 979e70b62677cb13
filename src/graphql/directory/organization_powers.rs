//! What the viewer may do in his organisation, apart from what he may do to single people, roles and apps.

use async_graphql::{Context, Object};

use crate::domain::permission::Permission;
use crate::graphql::context;
use crate::service::{admin_roles, users};

/// What the viewer may do in his organisation.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationPowers;

/// What the viewer may do in his organisation.
#[Object]
impl OrganizationPowers {
    /// Whether the viewer may see people: `Query.users`. Takes `VIEW_USERS`, `MANAGE_USERS` or `ASSIGN_APPS`.
    async fn viewer_can_view_users(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(viewer.require_any(&users::MAY_SEE_USERS).is_ok())
    }

    /// Whether the viewer may add people: `userCreate`. Takes `MANAGE_USERS`.
    async fn viewer_can_create_users(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.can(Permission::ManageUsers))
    }

    /// Whether the viewer may add fields to the directory: `directoryFieldCreate`. Takes `MANAGE_USERS`.
    async fn viewer_can_create_directory_fields(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.can(Permission::ManageUsers))
    }

    /// Whether the viewer may see the admin roles: `adminRoles`, `permissionCatalog`. Takes `MANAGE_ADMIN_ROLES`, `VIEW_USERS` or `MANAGE_USERS`.
    async fn viewer_can_view_admin_roles(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(viewer.require_any(&admin_roles::MAY_SEE_ROLES).is_ok())
    }

    /// Whether the viewer may add admin roles: `adminRoleCreate`. Takes `MANAGE_ADMIN_ROLES`; the permissions in them he must have himself.
    async fn viewer_can_create_admin_roles(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.can(Permission::ManageAdminRoles))
    }

    /// Whether the viewer may see apps: `Query.apps`, `availableApps`. Takes `VIEW_APPS`.
    async fn viewer_can_view_apps(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.can(Permission::ViewApps))
    }

    /// Whether the viewer may add apps: `appAdd`. Takes `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`. Whether there is room for another one,
    /// `AvailableApp.viewerCanAdd` says.
    async fn viewer_can_add_apps(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.require_configure().is_ok())
    }

    /// Whether the viewer may see who did what: `Query.auditEvents`. Takes `VIEW_AUDIT_LOG`.
    async fn viewer_can_view_audit_log(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.can(Permission::ViewAuditLog))
    }
}
