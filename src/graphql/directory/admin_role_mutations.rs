//! Adding, changing and removing custom admin roles.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::admin_role::{AdminRole, Permission, id_of};
use crate::domain::permission::PermissionSet;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::admin_roles::{self, AdminRoleChange, NewAdminRole};
use crate::service::users::RoleRef;

/// The admin roles' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdminRoleMutation;

/// An admin role to add. An organisation may have 100.
#[derive(Clone, Debug, InputObject)]
pub struct AdminRoleCreateInput {
    /// Name: 1 to 100 characters, unique without regard to case.
    pub name: String,
    /// What it is for; at most 1,000 characters.
    #[graphql(default)]
    pub description: String,
    /// What its holders may do; you must have each yourself. May be empty.
    pub permissions: Vec<Permission>,
}

/// Changes to a custom admin role. What is absent or null stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct AdminRoleUpdateInput {
    /// The role; built-in ones cannot be changed.
    pub admin_role_id: ID,
    /// Name: 1 to 100 characters, unique without regard to case.
    pub name: Option<String>,
    /// What it is for; at most 1,000 characters.
    pub description: Option<String>,
    /// All that its holders may do from now on; you must have each yourself, and each that the role had.
    pub permissions: Option<Vec<Permission>>,
}

/// A custom admin role to delete.
#[derive(Clone, Debug, InputObject)]
pub struct AdminRoleDeleteInput {
    /// The role; built-in ones cannot be deleted.
    pub admin_role_id: ID,
}

/// Answer of `adminRoleCreate`.
#[derive(SimpleObject)]
pub struct AdminRoleCreatePayload {
    /// The new role; null when refused.
    pub admin_role: Option<AdminRole>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Answer of `adminRoleUpdate`.
#[derive(SimpleObject)]
pub struct AdminRoleUpdatePayload {
    /// The role as changed; null when refused.
    pub admin_role: Option<AdminRole>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Answer of `adminRoleDelete`.
#[derive(SimpleObject)]
pub struct AdminRoleDeletePayload {
    /// Global id of the role that was deleted; null when refused.
    pub deleted_admin_role_id: Option<ID>,
    /// Why it was refused, with `IN_USE` while people have the role; empty when it was done.
    pub user_errors: Vec<UserError>,
}

fn set(permissions: Vec<Permission>) -> PermissionSet {
    permissions.into_iter().map(Into::into).collect()
}

/// The admin roles' part of `Mutation`.
#[Object]
impl AdminRoleMutation {
    /// Adds a custom admin role. Needs `MANAGE_ADMIN_ROLES`.
    async fn admin_role_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The role.")] input: AdminRoleCreateInput,
    ) -> async_graphql::Result<AdminRoleCreatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let new = NewAdminRole {
            name: input.name,
            description: input.description,
            permissions: set(input.permissions),
        };
        let (admin_role, user_errors) = split(admin_roles::create(services, viewer, new).await)?;
        Ok(AdminRoleCreatePayload {
            admin_role,
            user_errors,
        })
    }

    /// Changes a custom admin role, at once for everybody who has it. Needs `MANAGE_ADMIN_ROLES`.
    async fn admin_role_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role to change, and what.")] input: AdminRoleUpdateInput,
    ) -> async_graphql::Result<AdminRoleUpdatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let change = AdminRoleChange {
            role: ids::row_of(&input.admin_role_id, NodeKind::AdminRole),
            name: input.name,
            description: input.description,
            permissions: input.permissions.map(set),
        };
        let (admin_role, user_errors) = split(admin_roles::update(services, viewer, change).await)?;
        Ok(AdminRoleUpdatePayload {
            admin_role,
            user_errors,
        })
    }

    /// Deletes a custom admin role that nobody has. Needs `MANAGE_ADMIN_ROLES`.
    async fn admin_role_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which role to delete.")] input: AdminRoleDeleteInput,
    ) -> async_graphql::Result<AdminRoleDeletePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.admin_role_id, NodeKind::AdminRole);
        Ok(
            match settle(admin_roles::delete(services, viewer, id).await)? {
                Ok(id) => AdminRoleDeletePayload {
                    deleted_admin_role_id: Some(id_of(RoleRef::Custom(id))),
                    user_errors: Vec::new(),
                },
                Err(user_errors) => AdminRoleDeletePayload {
                    deleted_admin_role_id: None,
                    user_errors,
                },
            },
        )
    }
}

fn split(
    result: crate::service::Result<admin_roles::AdminRole>,
) -> async_graphql::Result<(Option<AdminRole>, Vec<UserError>)> {
    Ok(match settle(result)? {
        Ok(role) => (Some(AdminRole(role)), Vec::new()),
        Err(errors) => (None, errors),
    })
}
