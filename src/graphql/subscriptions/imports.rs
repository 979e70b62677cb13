//! An import, as it goes on.

use async_graphql::{Context, ID, Subscription};
use futures::Stream;
use uuid::Uuid;

use crate::graphql::context;
use crate::graphql::error::public;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::imports::import::Import;
use crate::service::watching::{Watch, watch};
use crate::service::{self, Services, Viewer, imports};

/// The imports' part of `Subscription`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportSubscription;

/// The imports' part of `Subscription`.
#[Subscription]
impl ImportSubscription {
    /// An import, as it goes on: first as it is now, then as it changes, at most about five times a second, and for the last time when it has ended;
    /// then the stream ends. Needs `VIEW_APPS` and `IMPORT_USERS`.
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the import.")] id: ID,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Import>> + use<>> {
        let services = context::services(ctx)?.clone();
        let viewer = context::viewer(ctx)?;
        let id = ids::row_of(&id, NodeKind::Import);
        let app = find(&services, viewer, id).await.map_err(public)?.app_id;
        let watch = watch(&services, viewer, app).await.map_err(public)?;
        Ok(progress(services, watch, id))
    }
}

fn progress(
    services: Services,
    mut watch: Watch,
    id: Uuid,
) -> impl Stream<Item = async_graphql::Result<Import>> {
    async_stream::try_stream! {
        let mut shown = find(&services, watch.viewer(), id).await.map_err(public)?;
        yield Import(shown.clone());
        while !shown.status.has_ended() {
            let Some(changes) = watch.next().await.map_err(public)? else { break };
            if !changes.all && !changes.imports.contains(&id) {
                continue;
            }
            let import = find(&services, watch.viewer(), id).await.map_err(public)?;
            if import != shown {
                shown = import;
                yield Import(shown.clone());
            }
        }
    }
}

async fn find(services: &Services, viewer: &Viewer, id: Uuid) -> service::Result<imports::Import> {
    let found = imports::find(services, viewer, id).await?;
    found.ok_or(service::Error::NotFound)
}
