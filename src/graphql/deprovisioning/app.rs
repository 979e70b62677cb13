//! The part of an app that is about taking accounts away.

use async_graphql::{Context, Object};
use uuid::Uuid;

use super::budget::DeprovisioningBudget;
use super::hold::{self, DeprovisioningHoldConnection, DeprovisioningHoldStatus};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::{context, error};
use crate::service::deprovisioning;

/// The part of an app that is about taking accounts away.
#[derive(Clone, Copy, Debug)]
pub struct AppDeprovisioning(pub Uuid);

/// The part of an app that is about taking accounts away.
#[Object]
impl AppDeprovisioning {
    /// How many accounts may still be deactivated and deleted today before something is held. Needs `VIEW_APPS`.
    async fn deprovisioning_budget(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<DeprovisioningBudget> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let budget = deprovisioning::budget(services, viewer, self.0).await;
        Ok(DeprovisioningBudget(budget.map_err(error::public)?))
    }

    /// Deactivations and deletions that were held because there were too many, newest first. Follow `syncStatus` to hear of new ones. Needs
    /// `VIEW_APPS`.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn deprovisioning_holds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only holds with one of these statuses; absent, null or empty: all.")]
        statuses: Option<Vec<DeprovisioningHoldStatus>>,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<DeprovisioningHoldConnection> {
        let page = PageArgs::new(first, after, last, before);
        hold::list(ctx, self.0, statuses, page).await
    }
}
