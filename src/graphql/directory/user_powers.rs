//! What the viewer may do to a person.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Object};

use crate::graphql::loaders::StandingLoader;
use crate::graphql::{context, error};
use crate::service::users::{Powers, Subject};

/// What the viewer may do to a person.
#[derive(Clone, Copy, Debug)]
pub struct UserPowers(pub Subject);

impl UserPowers {
    async fn powers(&self, ctx: &Context<'_>) -> async_graphql::Result<Powers> {
        let loader = ctx.data::<DataLoader<StandingLoader>>()?;
        let standing = loader.load_one(self.0).await;
        let standing = standing.map_err(|e| error::public_ref(&e))?;
        let viewer = context::viewer(ctx)?;
        Ok(standing.map_or_else(Powers::default, |standing| Powers::of(viewer, &standing)))
    }
}

/// What the viewer may do to a person.
#[Object]
impl UserPowers {
    /// Whether `userUpdate` is open to the viewer: it takes `MANAGE_USERS` and at least this person's standing, and where the person is an Okta
    /// `SUPER_ADMIN` or `ORG_ADMIN`, an owner or admin. What people sign in by a personal access token may not change even so.
    async fn viewer_can_update(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(self.powers(ctx).await?.update)
    }

    /// Whether `userActivate` is open to the viewer: as `viewerCanUpdate`.
    async fn viewer_can_activate(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(self.powers(ctx).await?.update)
    }

    /// Whether `userDeactivate` is open to the viewer: as `viewerCanUpdate`, and neither for himself nor for the last active owner.
    async fn viewer_can_deactivate(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(self.powers(ctx).await?.end)
    }

    /// Whether `userDelete` is open to the viewer: as `viewerCanDeactivate`.
    async fn viewer_can_delete(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(self.powers(ctx).await?.end)
    }

    /// Whether `userAdminRoleSet` is open to the viewer, with any of the roles whose `viewerCanAssign` is true: it takes `MANAGE_ADMIN_ROLES` and at least
    /// this person's standing; the last active owner stays one.
    async fn viewer_can_set_admin_role(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(self.powers(ctx).await?.set_admin_role)
    }
}
