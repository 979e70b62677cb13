//! The apps' part of `Query`.

use async_graphql::{Context, ID, Object};

use super::app::{App, AppConnection};
use crate::graphql::cursor::Listing;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error};
use crate::service::apps;

/// The apps' part of `Query`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AppQuery;

/// The apps' part of `Query`.
#[Object]
impl AppQuery {
    /// The organisation's apps, oldest first. Needs `VIEW_APPS`.
    #[graphql(
        complexity = "paging::cost(Some(first.or(last).unwrap_or(10)), None, child_complexity)"
    )]
    async fn apps(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<AppConnection> {
        let request = PageArgs::new(first, after, last, before).request(Listing::Apps, false)?;
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let page = apps::list(services, viewer, request).await;
        let total =
            TotalCount::new(async move |services, viewer| apps::count(&services, &viewer).await);
        Ok(paging::connection(
            Listing::Apps,
            page.map_err(error::public)?,
            total,
            App::from,
        ))
    }

    /// An app; null when there is none with this id. Needs `VIEW_APPS`.
    async fn app(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the app.")] id: ID,
    ) -> async_graphql::Result<Option<App>> {
        let id = ids::row_of(&id, NodeKind::App);
        let app = apps::find(context::services(ctx)?, context::viewer(ctx)?, id).await;
        Ok(app.map_err(error::public)?.map(Into::into))
    }
}
