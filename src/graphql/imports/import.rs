//! An import of people who are already in Okta.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::candidate::ImportCandidateConnection;
use super::filter::{self, ImportCandidateFilterInput, ImportCandidateOrderBy};
use super::progress::{ImportProgress, int};
use super::summary::{ImportCategoryCount, ImportConfirmationSummary, ImportOutcomeCount};
use super::vocabulary::{
    ImportCategory, ImportMode, ImportOutcome, ImportProblemCode, ImportStatus, SourceProfile,
};
use crate::graphql::cursor::Cursor;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error, people};
use crate::service::imports;

/// Why an import failed, and what to do about it.
#[derive(Clone, Debug, SimpleObject)]
pub struct ImportProblem {
    /// For programs.
    pub code: ImportProblemCode,
    /// What went wrong, for people, in English.
    pub message: String,
    /// What to do about it, for people, in English.
    pub action: String,
    /// Okta's own words, for display only; null when it said nothing.
    pub detail: Option<String>,
}

/// A list of imports.
pub type ImportConnection = Connection<Cursor, Import, TotalCount, EmptyFields>;

/// An import of people who are already in Okta. It runs in the background and survives a restart. Needs `VIEW_APPS` and `IMPORT_USERS`.
#[derive(Clone, Debug)]
pub struct Import(pub imports::Import);

impl Import {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::Import, self.0.id))
    }
}

/// An import of people who are already in Okta. It runs in the background and survives a restart. Needs `VIEW_APPS` and `IMPORT_USERS`.
#[Object]
impl Import {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::Import, self.0.id)
    }

    /// Global id of the app.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.0.app_id)
    }

    /// How far it is.
    async fn status(&self) -> ImportStatus {
        self.0.status.into()
    }

    /// How much of the org it reads.
    async fn mode(&self) -> ImportMode {
        self.0.mode.into()
    }

    /// Whose values win, unless a candidate says otherwise.
    async fn source_profile(&self) -> SourceProfile {
        self.0.source_profile.into()
    }

    /// Why it failed; null unless `FAILED`.
    async fn problem(&self) -> Option<ImportProblem> {
        let problem = self.0.problem?;
        Some(ImportProblem {
            code: problem.into(),
            message: problem.sentence().to_owned(),
            action: problem.advice().to_owned(),
            detail: self.0.problem_detail.clone(),
        })
    }

    /// How far it is, in numbers.
    async fn progress(&self) -> ImportProgress {
        ImportProgress(self.0.clone())
    }

    /// Goes up with each change of ticks or sources, by whomever. Confirming names the version that was seen.
    async fn selection_version(&self) -> i64 {
        self.0.selection_version
    }

    /// Deactivations that wait for approval: `importDeactivationsApprove`.
    async fn held_deactivations(&self) -> i32 {
        int(self.0.held_deactivations)
    }

    /// Whether `importDeactivationsApprove` is open to the viewer: to owners and admins only. Everything else about an import is open to whoever sees it.
    async fn viewer_can_approve_deactivations(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<bool> {
        Ok(imports::may_approve(context::viewer(ctx)?))
    }

    /// How many candidates each category has; categories without any are absent.
    async fn counts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ImportCategoryCount>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let counts = imports::counts(services, viewer, self.0.id).await;
        let counts = counts.map_err(error::public)?;
        Ok(counts.into_iter().map(Into::into).collect())
    }

    /// How many candidates have which outcome; outcomes without any are absent. Empty before it was confirmed.
    async fn outcomes(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<ImportOutcomeCount>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let outcomes = imports::outcomes(services, viewer, self.0.id).await;
        let outcomes = outcomes.map_err(error::public)?;
        let count = |outcome: &imports::Outcome| {
            let count = outcomes.get(outcome)?;
            Some(ImportOutcomeCount::new(*outcome, *count))
        };
        Ok(imports::Outcome::ALL.iter().filter_map(count).collect())
    }

    /// What confirming the ticked candidates would do.
    async fn confirmation_summary(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<ImportConfirmationSummary> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let summary = imports::summary(services, viewer, self.0.id).await;
        Ok(summary.map_err(error::public)?.into())
    }

    /// The people found. While `FETCHING` the list still grows.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of the GraphQL field"
    )]
    async fn candidates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those of one of these categories; absent, null or empty: all.")]
        category: Option<Vec<ImportCategory>>,
        #[graphql(
            desc = "Words that must all occur in name, login or e-mail address, without regard to case; at most 254 characters and 8 words."
        )]
        search: Option<String>,
        #[graphql(desc = "True: only those that are ticked; false: only those that are not.")]
        selected: Option<bool>,
        #[graphql(desc = "True: only those with a conflict; false: only those without.")]
        conflict: Option<bool>,
        #[graphql(desc = "Those with one of these outcomes; absent, null or empty: all.")]
        outcome: Option<Vec<ImportOutcome>>,
        #[graphql(
            desc = "The order. A cursor belongs to the order it came with.",
            default
        )]
        order_by: ImportCandidateOrderBy,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<ImportCandidateConnection> {
        let filter = ImportCandidateFilterInput {
            category,
            search,
            selected,
            conflict,
            outcome,
        };
        let page = PageArgs::new(first, after, last, before);
        filter::list(ctx, &self.0, filter, order_by, page).await
    }

    /// Who started it.
    async fn started_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        people::maybe(ctx, self.0.started_by).await
    }

    /// Who confirmed it; null before.
    async fn confirmed_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.confirmed_by {
            Some(by) => people::maybe(ctx, by).await,
            None => Ok(None),
        }
    }

    /// When it was started.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// When everything was read; null before.
    async fn fetched_at(&self) -> Option<DateTime<Utc>> {
        self.0.fetched_at.map(context::time)
    }

    /// When it was confirmed; null before.
    async fn confirmed_at(&self) -> Option<DateTime<Utc>> {
        self.0.confirmed_at.map(context::time)
    }

    /// When it ended, however; null before.
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at.map(context::time)
    }
}
