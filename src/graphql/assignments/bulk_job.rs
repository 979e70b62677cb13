//! A change for everybody who matches, under way in the background.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use crate::domain;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::user_error::UserErrorCode;
use crate::graphql::{context, error, people};
use crate::service::bulk_jobs::{self, Failure};

/// What a bulk job does to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::bulk_job::BulkJobKind")]
pub enum BulkJobKind {
    /// Assigns the app.
    Assign,
    /// Takes the app away.
    Unassign,
    /// Changes the role.
    RoleChange,
}

/// How far a bulk job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::bulk_job::BulkJobStatus")]
pub enum BulkJobStatus {
    /// Nobody was handled yet.
    Queued,
    /// Some were handled.
    Running,
    /// Everybody was handled; some may have been refused, see `failures`.
    Completed,
    /// Stopped before the end; see `problem`. What was done stays.
    Failed,
}

/// A list of those whom a job could not change.
pub type BulkJobFailureConnection = Connection<Cursor, BulkJobFailure, EmptyFields, EmptyFields>;

/// A change for all users who match a filter. It survives restarts, takes users as they are when it reaches them, and stops when whoever started it
/// loses `VIEW_APPS` or `ASSIGN_APPS`. Needs `VIEW_APPS`.
#[derive(Clone, Debug)]
pub struct BulkJob(pub bulk_jobs::BulkJob);

impl BulkJob {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::BulkJob, self.0.id))
    }
}

/// A change for all users who match a filter. It survives restarts, takes users as they are when it reaches them, and stops when whoever started it
/// loses `VIEW_APPS` or `ASSIGN_APPS`. Needs `VIEW_APPS`.
#[Object]
impl BulkJob {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::BulkJob, self.0.id)
    }

    /// Global id of the app.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.0.app_id)
    }

    /// What it does.
    async fn kind(&self) -> BulkJobKind {
        self.0.kind.into()
    }

    /// How far it is.
    async fn status(&self) -> BulkJobStatus {
        self.0.status.into()
    }

    /// Users who matched when it was accepted.
    async fn total(&self) -> i32 {
        int(self.0.total)
    }

    /// Users handled so far. In the end it may differ from `total`: users who no longer match when it reaches them are passed over.
    async fn processed(&self) -> i32 {
        int(self.0.processed)
    }

    /// Users changed, or already as asked.
    async fn succeeded(&self) -> i32 {
        int(self.0.succeeded)
    }

    /// Users refused; see `failures`.
    async fn failed(&self) -> i32 {
        int(self.0.failed)
    }

    /// Why it stopped before the end, for people, in English; null unless `FAILED`.
    async fn problem(&self) -> Option<&str> {
        self.0.problem.as_deref()
    }

    /// Those who could not be changed.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn failures(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<BulkJobFailureConnection> {
        let list = Listing::BulkJobFailures;
        let request = PageArgs::new(first, after, last, before).request(list, false)?;
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let rows = bulk_jobs::failures(services, viewer, self.0.id, request)
            .await
            .map_err(error::public)?;
        Ok(paging::connection(list, rows, EmptyFields, BulkJobFailure))
    }

    /// Who started it.
    async fn started_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        people::maybe(ctx, self.0.started_by).await
    }

    /// When it was accepted.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// When it ended; null while it is under way.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at.map(context::time)
    }
}

fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Somebody whom a job could not change.
#[derive(Clone, Debug)]
pub struct BulkJobFailure(pub Failure);

/// Somebody whom a job could not change.
#[Object]
impl BulkJobFailure {
    /// The user; null when deleted for good since.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        people::maybe(ctx, self.0.user_id).await
    }

    /// Why, for programs.
    async fn code(&self) -> UserErrorCode {
        self.0.code.into()
    }

    /// Why, for people, in English.
    async fn message(&self) -> &str {
        &self.0.message
    }
}
