//! A connection, as it changes.

use async_graphql::{Context, ID, Subscription};
use futures::Stream;

use crate::graphql::connections::okta_org::OktaOrg;
use crate::graphql::context;
use crate::graphql::error::public;
use crate::graphql::ids::{self, NodeKind};
use crate::service::okta_orgs;
use crate::service::watching::watch;

/// The connections' part of `Subscription`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectionSubscription;

/// The connections' part of `Subscription`.
#[Subscription]
impl ConnectionSubscription {
    /// The connection of an app, as it changes: first as it is now, then whenever it was configured, authorized, tested or ended, or a problem came or
    /// went. Needs `VIEW_APPS`.
    async fn okta_org_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the app.")] app_id: ID,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<OktaOrg>> + use<>> {
        let services = context::services(ctx)?.clone();
        let app = ids::row_of(&app_id, NodeKind::App);
        let mut watch = watch(&services, context::viewer(ctx)?, app)
            .await
            .map_err(public)?;
        Ok(async_stream::try_stream! {
            let mut shown = okta_orgs::of_app(&services, watch.viewer(), app).await.map_err(public)?;
            yield OktaOrg(shown.clone());
            while let Some(changes) = watch.next().await.map_err(public)? {
                if !changes.all && !changes.okta_org {
                    continue;
                }
                let now = okta_orgs::of_app(&services, watch.viewer(), app).await.map_err(public)?;
                if now != shown {
                    shown = now.clone();
                    yield OktaOrg(now);
                }
            }
        })
    }
}
