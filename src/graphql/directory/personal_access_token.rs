//! Personal access tokens, without the tokens themselves.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::admin_role::Permission;
use super::user::User;
use crate::domain;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::RevocableLoader;
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error, people};
use crate::service::personal_access_tokens::{self, PersonalAccessTokenQuery};

/// Whether a personal access token counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::personal_access_token::PersonalAccessTokenStatus")]
pub enum PersonalAccessTokenStatus {
    /// It lets its holder in, as long as its person is active.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody ended it before its time. It stays `REVOKED` when its time is over.
    Revoked,
}

/// A list of personal access tokens.
pub type PersonalAccessTokenConnection =
    Connection<Cursor, PersonalAccessToken, TotalCount, EmptyFields>;

/// A personal access token: lets a program in under a person's name, for less than the person may do.
#[derive(Clone, Debug)]
pub struct PersonalAccessToken(pub personal_access_tokens::PersonalAccessToken);

impl PersonalAccessToken {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::PersonalAccessToken, self.0.id))
    }
}

/// A personal access token: lets a program in under a person's name, for less than the person may do. The token itself is shown once, by
/// `personalAccessTokenCreate`, and is kept nowhere.
///
/// Everybody sees his own, others need `MANAGE_USERS`; who came with a token without `MANAGE_USERS` sees that one only.
#[Object]
impl PersonalAccessToken {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::PersonalAccessToken, self.0.id)
    }

    /// The person under whose name it acts. The person may be deleted by now.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<User> {
        people::person(ctx, self.0.user_id).await
    }

    /// What the person called it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it may do at most. At any moment it may do as much of this as its person may do; what is reserved to owners and admins it may never do.
    async fn scopes(&self) -> Vec<Permission> {
        self.0.scopes.iter().map(Into::into).collect()
    }

    /// Whether it counts. An `ACTIVE` token lets nobody in while its person is inactive.
    async fn status(&self) -> PersonalAccessTokenStatus {
        self.0.status.into()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// From this time on it counts for nothing.
    async fn expires_at(&self) -> DateTime<Utc> {
        context::time(self.0.expires_at)
    }

    /// When it was used last, give or take five minutes; null until it is used.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at.map(context::time)
    }

    /// When it was ended before its time; null unless `status` is `REVOKED`.
    async fn revoked_at(&self) -> Option<DateTime<Utc>> {
        self.0.revoked_at.map(context::time)
    }

    /// Whether `personalAccessTokenRevoke` is open to the viewer: for his own, and with `MANAGE_USERS` for those of people who do not stand higher; to who
    /// came with a personal access token for that one only.
    async fn viewer_can_revoke(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let loader = ctx.data::<DataLoader<RevocableLoader>>()?;
        let may = loader.load_one((self.0.id, self.0.user_id)).await;
        Ok(may.map_err(|e| error::public_ref(&e))?.is_some())
    }
}

/// A person's tokens as a connection, newest first.
///
/// # Errors
/// As the use case; `BAD_USER_INPUT` for impossible paging.
pub async fn list(
    ctx: &Context<'_>,
    user: Uuid,
    statuses: Option<Vec<PersonalAccessTokenStatus>>,
    page: PageArgs,
) -> async_graphql::Result<PersonalAccessTokenConnection> {
    let list = Listing::PersonalAccessTokens;
    let request = page.request(list, true)?;
    let statuses = statuses.unwrap_or_default().into_iter();
    let query = PersonalAccessTokenQuery {
        user,
        statuses: statuses.map(Into::into).collect(),
    };
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let rows = personal_access_tokens::list(services, viewer, query.clone(), request).await;
    let total = TotalCount::new(move |services, viewer| {
        let query = query.clone();
        async move { personal_access_tokens::count(&services, &viewer, query).await }
    });
    let rows = rows.map_err(error::public)?;
    Ok(paging::connection(list, rows, total, PersonalAccessToken))
}
