//! `totalCount` of every connection: counted only when a query asks for it.

use std::hash::Hash;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Object};
use futures::future::BoxFuture;

use super::loaders::LoadError;
use super::{context, error};
use crate::service::{self, Services, Viewer};

type Count =
    dyn for<'a> Fn(&'a Context<'a>) -> BoxFuture<'a, async_graphql::Result<u64>> + Send + Sync;

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
        Self(Box::new(move |ctx| {
            let found = context::services(ctx).and_then(|services| {
                let viewer = context::viewer(ctx)?;
                Ok(count(services.clone(), viewer.clone()))
            });
            Box::pin(async move { found?.await.map_err(error::public) })
        }))
    }

    /// Asks a loader for the number when asked; what it doesn't know is none.
    pub fn loaded<L, K>(of: K) -> Self
    where
        L: Loader<K, Value = u64, Error = LoadError>,
        K: Clone + Eq + Hash + Send + Sync + 'static,
    {
        Self(Box::new(move |ctx| {
            let of = of.clone();
            Box::pin(async move {
                let loader = ctx.data::<DataLoader<L>>()?;
                let count = loader.load_one(of).await;
                Ok(count
                    .map_err(|e| error::public_ref(&e))?
                    .unwrap_or_default())
            })
        }))
    }
}

/// The fields that every connection has besides Relay's.
#[Object]
impl TotalCount {
    /// How many items there are on all pages together. It is counted when you ask for it, so ask only where you show it.
    async fn total_count(&self, ctx: &Context<'_>) -> async_graphql::Result<i32> {
        let count = (self.0)(ctx).await?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}
