//! The budget.

use async_graphql::Object;
use chrono::{DateTime, Utc};

use crate::domain::deprovisioning::Budget;
use crate::graphql::context;

/// How many Okta accounts the app may still deactivate and delete before something is held: a rolling 24 hours, so it grows bit by bit and not at
/// midnight. Imports that deactivate people draw on it as well. Needs `VIEW_APPS`.
#[derive(Clone, Debug)]
pub struct DeprovisioningBudget(pub Budget);

/// How many Okta accounts the app may still deactivate and delete before something is held: a rolling 24 hours, so it grows bit by bit and not at
/// midnight. Imports that deactivate people draw on it as well. Needs `VIEW_APPS`.
#[Object]
impl DeprovisioningBudget {
    /// Removals in 24 hours: 5 % of the accounts that were active in Okta 24 hours ago, rounded down, and 10 at least.
    async fn limit(&self) -> i32 {
        int(self.0.limit())
    }

    /// Accounts that were deactivated or deleted in the last 24 hours, or are about to be, approved ones too. Deactivating and then deleting the same
    /// account counts once. It can exceed `limit`, after an approval.
    async fn used(&self) -> i32 {
        int(self.0.used())
    }

    /// Removals that may still be made now; never below 0. One change that takes away more accounts than this is held whole.
    async fn left(&self) -> i32 {
        int(self.0.left())
    }

    /// When `left` grows next if nothing more is removed until then; null when nothing was removed in the last 24 hours.
    async fn grows_at(&self) -> Option<DateTime<Utc>> {
        self.0.grows_at().map(context::time)
    }
}

pub(super) fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
