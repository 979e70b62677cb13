//! The directory's part of `Query`.

use async_graphql::{Context, ID, Object};

use super::audit_event::{AuditEvent, AuditEventConnection, AuditEventFilterInput};
use super::organization::Organization;
use super::user::{User, UserConnection};
use super::user_filter::{self, UserFilterInput, UserOrderBy};
use super::viewer::Viewer;
use crate::graphql::cursor::Listing;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error};
use crate::service::audit::{self, AuditFilter};
use crate::service::{organization, users};

/// The directory's part of `Query`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DirectoryQuery;

/// The directory's part of `Query`.
#[Object]
impl DirectoryQuery {
    /// The person whose token came with the request. No permission needed.
    async fn viewer(&self, ctx: &Context<'_>) -> async_graphql::Result<Viewer> {
        context::viewer(ctx)?;
        Ok(Viewer)
    }

    /// The viewer's organisation. Needs any permission; people without one find its name in `viewer`.
    async fn organization(&self, ctx: &Context<'_>) -> async_graphql::Result<Organization> {
        let found = organization::open(context::services(ctx)?, context::viewer(ctx)?).await;
        Ok(found.map_err(error::public)?.into())
    }

    /// The people of the organisation, without deleted ones. Needs `VIEW_USERS`, `MANAGE_USERS` or `ASSIGN_APPS`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of the GraphQL field"
    )]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Words that must all occur in names, e-mail addresses, title, department or employee number, in any order and \
                          without regard to case. At most 254 characters and 8 words."
        )]
        search: Option<String>,
        #[graphql(desc = "Which people to take; absent or null: all.")] filter: Option<
            UserFilterInput,
        >,
        #[graphql(
            desc = "The order. A cursor belongs to the order it came with.",
            default
        )]
        order_by: UserOrderBy,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only people behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only people before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<UserConnection> {
        let (order, list, descending) = order_by.parts();
        let request = PageArgs::new(first, after, last, before).request(list, descending)?;
        let query = user_filter::query(search, filter);
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let page = users::list(services, viewer, query.clone(), order, request)
            .await
            .map_err(error::public)?;
        let total = TotalCount::new(move |services, viewer| {
            let query = query.clone();
            async move { users::count(&services, &viewer, query).await }
        });
        Ok(paging::connection(list, page, total, User::from))
    }

    /// A person; null when there is none with this id. Needs `VIEW_USERS`, `MANAGE_USERS` or `ASSIGN_APPS`, except for yourself.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the person.")] id: ID,
    ) -> async_graphql::Result<Option<User>> {
        let id = ids::row_of(&id, NodeKind::User);
        let user = users::find(context::services(ctx)?, context::viewer(ctx)?, id).await;
        Ok(user.map_err(error::public)?.map(Into::into))
    }

    /// Who did what and when, newest first. Needs `VIEW_AUDIT_LOG`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn audit_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which acts to take; absent or null: all.")] filter: Option<
            AuditEventFilterInput,
        >,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only acts behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only acts before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<AuditEventConnection> {
        let list = Listing::AuditEvents;
        let request = PageArgs::new(first, after, last, before).request(list, true)?;
        let filter = AuditFilter::from(filter.unwrap_or_default());
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let page = audit::list(services, viewer, &filter, request)
            .await
            .map_err(error::public)?;
        let total = TotalCount::new(move |services, viewer| {
            let filter = filter.clone();
            async move { audit::count(&services, &viewer, &filter).await }
        });
        Ok(paging::connection(list, page, total, AuditEvent))
    }
}
