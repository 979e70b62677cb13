//! `totalCount` of every connection: counted only when a query asks for it.

use async_graphql::{Context, Object};
use futures::future::BoxFuture;

use super::{context, error};
use crate::service::{self, Services, Viewer};

type Count = dyn Fn(Services, Viewer) -> BoxFuture<'static, service::Result<u64>> + Send + Sync;

/// The fields that every connection has besides Relay's.
pub struct TotalCount(Box<Count>);

impl std::fmt::Debug for TotalCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TotalCount").finish_non_exhaustive()
    }
}

impl TotalCount {
    /// Counts with `count` when asked.
    pub fn new<F, Fut>(count: F) -> Self
    where
        F: Fn(Services, Viewer) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = service::Result<u64>> + Send + 'static,
    {
        Self(Box::new(move |services, viewer| {
            Box::pin(count(services, viewer))
        }))
    }
}

/// The fields that every connection has besides Relay's.
#[Object]
impl TotalCount {
    /// How many items there are on all pages together. It is counted when you ask for it, so ask only where you show it.
    async fn total_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let count = (self.0)(services.clone(), viewer.clone())
            .await
            .map_err(error::public)?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}
