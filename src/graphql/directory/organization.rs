//! The viewer's organisation.

use async_graphql::{Context, ID, MergedObject, Object};
use chrono::{DateTime, Utc};

use super::admin_role::{AdminRole, PermissionInfo};
use super::directory_field::DirectoryField;
use super::organization_powers::OrganizationPowers;
use crate::graphql::apps::available::OrganizationApps;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::{context, error};
use crate::service::{admin_roles, directory_fields, organization};

/// The viewer's organisation: its directory and what can be connected to it. Everybody sees his organisation's name; the rest needs
/// permissions, as each field says.
#[derive(Debug, MergedObject)]
pub struct Organization(
    pub OrganizationCore,
    pub OrganizationApps,
    pub OrganizationPowers,
);

impl From<organization::Organization> for Organization {
    fn from(organization: organization::Organization) -> Self {
        Self(
            OrganizationCore(organization),
            OrganizationApps,
            OrganizationPowers,
        )
    }
}

impl Organization {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::Organization, self.0.0.id))
    }
}

/// The organisation and its directory.
#[derive(Debug)]
pub struct OrganizationCore(organization::Organization);

/// The organisation and its directory.
#[Object]
impl OrganizationCore {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::Organization, self.0.id)
    }

    /// Name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was set up.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// The fields that people have: the standard ones first, then the organisation's own. Needs a permission to see people or apps.
    async fn directory_fields(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<DirectoryField>> {
        let fields = directory_fields::list(context::services(ctx)?, context::viewer(ctx)?).await;
        let fields = fields.map_err(error::public)?;
        Ok(fields.into_iter().map(Into::into).collect())
    }

    /// The departments of the people who are not deleted, in alphabetical order, at most 1,000: what `department` of a filter can be. Needs a permission to
    /// see people or apps.
    async fn departments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<String>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        directory_fields::departments(services, viewer)
            .await
            .map_err(error::public)
    }

    /// The admin roles: owner, admin and member first, then the organisation's own. Needs `MANAGE_ADMIN_ROLES`, `VIEW_USERS` or
    /// `MANAGE_USERS`.
    async fn admin_roles(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AdminRole>> {
        let roles = admin_roles::list(context::services(ctx)?, context::viewer(ctx)?).await;
        Ok(roles
            .map_err(error::public)?
            .into_iter()
            .map(AdminRole)
            .collect())
    }

    /// Every permission of which an admin role can be made. Needs `MANAGE_ADMIN_ROLES`, `VIEW_USERS` or `MANAGE_USERS`.
    async fn permission_catalog(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<PermissionInfo>> {
        let permissions = admin_roles::catalog(context::viewer(ctx)?).map_err(error::public)?;
        Ok(permissions.iter().copied().map(Into::into).collect())
    }
}
