//! Which operations a list shows.

use async_graphql::InputObject;
use chrono::{DateTime, Utc};

use super::operation::{OperationKind, OperationStatus};
use crate::graphql::filters::{some, time_span};
use crate::service::operations::OperationFilter;
use crate::service::search::PersonFilter;

/// Which operations to take; everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct OperationFilterInput {
    /// Only these kinds; absent, null or empty: all.
    pub kinds: Option<Vec<OperationKind>>,
    /// Only those that are so far; absent, null or empty: all.
    pub statuses: Option<Vec<OperationStatus>>,
    /// Only those sent at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Only those sent before this time.
    pub until: Option<DateTime<Utc>>,
}

impl OperationFilterInput {
    /// The filter as the use cases understand it.
    #[must_use]
    pub fn of(self, people: PersonFilter) -> OperationFilter {
        OperationFilter {
            people,
            kinds: some(self.kinds),
            statuses: some(self.statuses),
            sent: time_span(self.from, self.until),
        }
    }
}
