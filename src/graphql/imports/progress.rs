//! How far an import is.

use async_graphql::Object;
use chrono::{DateTime, Utc};

use crate::graphql::context;
use crate::service::imports::{self, Import};

/// How far an import is. Follow it with the subscription `importProgress`.
#[derive(Clone, Debug)]
pub struct ImportProgress(pub Import);

/// How far an import is. Follow it with the subscription `importProgress`.
#[Object]
impl ImportProgress {
    /// Okta accounts read so far.
    async fn fetched(&self) -> i32 {
        int(self.0.fetched)
    }

    /// Those of them that belong to somebody of the directory.
    async fn matched(&self) -> i32 {
        int(self.0.matched)
    }

    /// Those of them that agree with the directory, and are not listed.
    async fn in_sync(&self) -> i32 {
        int(self.0.in_sync)
    }

    /// Those of them that nothing is to be done about: deactivated in Okta, and not in the directory.
    async fn ignored(&self) -> i32 {
        int(self.0.ignored)
    }

    /// Okta accounts that are probably still to be read; null when nothing is known to estimate it from.
    async fn remaining_estimate(&self) -> Option<i32> {
        imports::remaining(&self.0).map(int)
    }

    /// Calls to Okta so far.
    async fn calls(&self) -> i32 {
        int(self.0.calls)
    }

    /// When reading will be done at the present pace; null when it is done, or not known.
    async fn estimated_completion(&self) -> Option<DateTime<Utc>> {
        imports::completion(&self.0).map(context::time)
    }

    /// Linked accounts that are no longer in Okta.
    async fn vanished(&self) -> i32 {
        int(self.0.vanished)
    }

    /// When Okta is asked again after a failure; null when nothing is in the way.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at.map(context::time)
    }
}

pub(super) fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
