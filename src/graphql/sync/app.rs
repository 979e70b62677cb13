//! The part of an app that keeps Okta in step.

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::status::SyncStatus;
use crate::graphql::accounts::account::AccountConnection;
use crate::graphql::accounts::filter::{
    self as account_filter, AccountFilterInput, AccountOrderBy,
};
use crate::graphql::assignments::assignment::AssignmentConnection;
use crate::graphql::assignments::filter::{
    self as assignment_filter, AssignmentFilterInput, AssignmentOrderBy,
};
use crate::graphql::operations::filter::OperationFilterInput;
use crate::graphql::operations::operation::{self, OperationConnection};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::{context, error};
use crate::service::sync_status::sync_status;

/// The part of an app that keeps Okta in step.
#[derive(Clone, Copy, Debug)]
pub struct AppSync(pub Uuid);

/// The part of an app that keeps Okta in step.
#[Object]
impl AppSync {
    /// Who has the app. Needs `VIEW_APPS`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of the GraphQL field"
    )]
    async fn assignments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Words that must all occur in what `Query.users` searches.")]
        search: Option<String>,
        #[graphql(desc = "Which to take; absent or null: all.")] filter: Option<
            AssignmentFilterInput,
        >,
        #[graphql(
            desc = "The order. A cursor belongs to the order it came with.",
            default
        )]
        order_by: AssignmentOrderBy,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<AssignmentConnection> {
        let page = PageArgs::new(first, after, last, before);
        assignment_filter::list(ctx, self.0, search, filter, order_by, page).await
    }

    /// Everybody who has or once had the app, with where they stand in Okta. Needs `VIEW_APPS`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of the GraphQL field"
    )]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Words that must all occur in what `Query.users` searches; deleted people are found too."
        )]
        search: Option<String>,
        #[graphql(desc = "Which to take; absent or null: all.")] filter: Option<AccountFilterInput>,
        #[graphql(
            desc = "The order. A cursor belongs to the order it came with.",
            default
        )]
        order_by: AccountOrderBy,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<AccountConnection> {
        let page = PageArgs::new(first, after, last, before);
        account_filter::list(ctx, self.0, search, filter, order_by, page).await
    }

    /// The calls to Okta, newest first. Needs `VIEW_APPS`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of the GraphQL field"
    )]
    async fn operations(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Words that must all occur in what `Query.users` searches; deleted people are found too."
        )]
        search: Option<String>,
        #[graphql(desc = "Which to take; absent or null: all.")] filter: Option<
            OperationFilterInput,
        >,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<OperationConnection> {
        let page = PageArgs::new(first, after, last, before);
        operation::of_app(ctx, self.0, search, filter, page).await
    }

    /// How far the work is: counts by state, backlog, speed. Needs `VIEW_APPS`.
    async fn sync_status(&self, ctx: &Context<'_>) -> async_graphql::Result<SyncStatus> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let status = sync_status(services, viewer, self.0).await;
        Ok(SyncStatus(status.map_err(error::public)?))
    }
}
