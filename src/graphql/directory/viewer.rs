//! Who asks.

use async_graphql::{Context, Object};

use super::admin_role::Permission;
use super::organization::Organization;
use super::user::User;
use crate::graphql::{context, error};
use crate::service::{self, organization, users};

/// The person whose token came with the request.
#[derive(Debug)]
pub struct Viewer;

/// The person whose token came with the request.
#[Object]
impl Viewer {
    /// Himself. No permission needed.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<User> {
        let viewer = context::viewer(ctx)?;
        let user = users::find(context::services(ctx)?, viewer, viewer.user_id)
            .await
            .map_err(error::public)?;
        user.map(Into::into)
            .ok_or_else(|| error::public(service::Error::NotFound))
    }

    /// His organisation. Its name needs no permission.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let organization = organization::get(context::services(ctx)?, context::viewer(ctx)?).await;
        Ok(organization.map_err(error::public)?.into())
    }

    /// What he may do. Show or hide parts of a panel by it; the server checks in any case.
    async fn permissions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Permission>> {
        let permissions = context::viewer(ctx)?.role.permissions();
        Ok(permissions.iter().map(Into::into).collect())
    }
}
