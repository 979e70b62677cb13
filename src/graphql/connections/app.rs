//! The part of an app that is its connection.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Object};
use uuid::Uuid;

use super::okta_org::OktaOrg;
use crate::graphql::error::{self, Code};
use crate::graphql::loaders::OktaOrgLoader;

/// The part of an app that is its connection.
#[derive(Clone, Copy, Debug)]
pub struct AppOktaOrg(pub Uuid);

/// The part of an app that is its connection.
#[Object]
impl AppOktaOrg {
    /// The connection to Okta; `NOT_CONFIGURED` until something is entered. Needs `VIEW_APPS`.
    async fn okta_org(&self, ctx: &Context<'_>) -> async_graphql::Result<OktaOrg> {
        let loader = ctx.data::<DataLoader<OktaOrgLoader>>()?;
        let found = loader
            .load_one(self.0)
            .await
            .map_err(|e| error::public_ref(&e))?;
        found
            .map(OktaOrg)
            .ok_or_else(|| error::coded(Code::NotFound, "There is no such thing here."))
    }
}
