//! Who asks.

use async_graphql::{Context, Object};

use super::admin_role::Permission;
use super::organization::Organization;
use super::personal_access_token::{
    self, PersonalAccessToken, PersonalAccessTokenConnection, PersonalAccessTokenStatus,
};
use super::user::User;
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::{context, error};
use crate::service::{self, organization, personal_access_tokens, users};

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

    /// What he may do; with a personal access token, what that leaves of it. Show or hide parts of a panel by it; the server checks in any case.
    async fn permissions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Permission>> {
        let permissions = context::viewer(ctx)?.role.permissions();
        Ok(permissions.iter().map(Into::into).collect())
    }

    /// Whether the viewer may make himself personal access tokens: not with such a token, not in a session that an identity provider bounds, and not without
    /// a permission that a token can have.
    async fn can_create_personal_access_tokens(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(personal_access_tokens::may_create(viewer))
    }

    /// The personal access token that came with the request; null for somebody who signed in himself.
    async fn personal_access_token(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Option<PersonalAccessToken>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let Some(token) = viewer.token else {
            return Ok(None);
        };
        let token = personal_access_tokens::find(services, viewer, token).await;
        Ok(token.map_err(error::public)?.map(PersonalAccessToken))
    }

    /// His personal access tokens, newest first. No permission needed; with a personal access token, that one only, unless it has `MANAGE_USERS`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn personal_access_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only tokens of these standings; absent, null or empty: all.")]
        statuses: Option<Vec<PersonalAccessTokenStatus>>,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only tokens behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only tokens before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<PersonalAccessTokenConnection> {
        let page = PageArgs::new(first, after, last, before);
        let user = context::viewer(ctx)?.user_id;
        personal_access_token::list(ctx, user, statuses, page).await
    }
}
