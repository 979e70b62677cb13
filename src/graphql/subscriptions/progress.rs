//! How far an app and its bulk jobs are, as they go on.

use async_graphql::{Context, ID, Subscription};
use futures::Stream;
use uuid::Uuid;

use crate::domain::permission::Permission;
use crate::graphql::assignments::bulk_job::BulkJob;
use crate::graphql::context;
use crate::graphql::error::public;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::sync::status::SyncStatus;
use crate::service::sync_status;
use crate::service::watching::{Watch, watch};
use crate::service::{self, Services, Viewer, bulk_jobs};

/// The progress' part of `Subscription`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProgressSubscription;

/// The progress' part of `Subscription`.
#[Subscription]
impl ProgressSubscription {
    /// How far an app is, as it goes on: at most about five times a second. Needs `VIEW_APPS`.
    async fn sync_status(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the app.")] app_id: ID,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<SyncStatus>> + use<>> {
        let services = context::services(ctx)?.clone();
        let app = ids::row_of(&app_id, NodeKind::App);
        let mut watch = watch(&services, context::viewer(ctx)?, app)
            .await
            .map_err(public)?;
        Ok(async_stream::try_stream! {
            let mut shown = sync_status::sync_status(&services, watch.viewer(), app).await.map_err(public)?;
            yield SyncStatus(shown.clone());
            while watch.next().await.map_err(public)?.is_some() {
                let status = sync_status::sync_status(&services, watch.viewer(), app).await.map_err(public)?;
                if !status.looks_like(&shown) {
                    shown = status.clone();
                    yield SyncStatus(status);
                }
            }
        })
    }

    /// A bulk job, as it goes on: first as it is now, then after each step, and for the last time when it has ended; then the stream ends. Needs
    /// `VIEW_APPS`.
    async fn bulk_job_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the job.")] id: ID,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<BulkJob>> + use<>> {
        let services = context::services(ctx)?.clone();
        let viewer = context::viewer(ctx)?;
        let id = ids::row_of(&id, NodeKind::BulkJob);
        let app = find(&services, viewer, id).await.map_err(public)?.app_id;
        let watch = watch(&services, viewer, app).await.map_err(public)?;
        Ok(progress(services, watch, id))
    }
}

fn progress(
    services: Services,
    mut watch: Watch,
    id: Uuid,
) -> impl Stream<Item = async_graphql::Result<BulkJob>> {
    async_stream::try_stream! {
        let mut shown = find(&services, watch.viewer(), id).await.map_err(public)?;
        yield BulkJob(shown.clone());
        while !shown.has_ended() {
            let Some(changes) = watch.next().await.map_err(public)? else { break };
            if !changes.all && !changes.jobs.contains(&id) {
                continue;
            }
            let job = find(&services, watch.viewer(), id).await.map_err(public)?;
            if job != shown {
                shown = job;
                yield BulkJob(shown.clone());
            }
        }
    }
}

async fn find(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
) -> service::Result<bulk_jobs::BulkJob> {
    viewer.require(Permission::ViewApps)?;
    let found = bulk_jobs::by_ids(services, viewer, &[id]).await?;
    found.into_iter().next().ok_or(service::Error::NotFound)
}
