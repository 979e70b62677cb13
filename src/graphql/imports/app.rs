//! The part of an app that is its imports.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::import::{Import, ImportConnection};
use super::vocabulary::ImportAdviceReason;
use crate::graphql::cursor::Listing;
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error};
use crate::service::imports;

/// Whether an import is advisable now.
#[derive(Clone, Debug, SimpleObject)]
pub struct ImportAdvice {
    /// Whether one is.
    pub advisable: bool,
    /// Why; null when it is not.
    pub reason: Option<ImportAdviceReason>,
    /// The same for people, in English; null when it is not advisable.
    pub message: Option<String>,
    /// Since when; null when it is not advisable, or when it always was.
    pub since: Option<DateTime<Utc>>,
}

impl From<imports::Advice> for ImportAdvice {
    fn from(advice: imports::Advice) -> Self {
        Self {
            advisable: advice.advisable,
            message: advice.reason.map(|reason| reason.sentence().to_owned()),
            reason: advice.reason.map(Into::into),
            since: advice.since.map(context::time),
        }
    }
}

/// The part of an app that is its imports.
#[derive(Clone, Copy, Debug)]
pub struct AppImports(pub Uuid);

/// The part of an app that is its imports.
#[Object]
impl AppImports {
    /// The imports, newest first. Needs `VIEW_APPS` and `IMPORT_USERS`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<ImportConnection> {
        let request = PageArgs::new(first, after, last, before).request(Listing::Imports, true)?;
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = self.0;
        let page = imports::list(services, viewer, app, request).await;
        let total = TotalCount::new(move |services, viewer| async move {
            imports::count(&services, &viewer, app).await
        });
        Ok(paging::connection(
            Listing::Imports,
            page.map_err(error::public)?,
            total,
            Import,
        ))
    }

    /// The import to go on with: the newest that is fetching, ready or being applied; null when there is none. Needs `VIEW_APPS` and
    /// `IMPORT_USERS`.
    async fn current_import(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Import>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let current = imports::current(services, viewer, self.0).await;
        Ok(current.map_err(error::public)?.map(Import))
    }

    /// Whether an import is advisable now, and why. Needs `VIEW_APPS` and `IMPORT_USERS`.
    async fn import_advice(&self, ctx: &Context<'_>) -> async_graphql::Result<ImportAdvice> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let advice = imports::advice(services, viewer, self.0).await;
        Ok(advice.map_err(error::public)?.into())
    }
}
