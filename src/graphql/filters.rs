//! What the filters of lists have in common.

use chrono::{DateTime, Utc};

use crate::service::search::TimeSpan;

/// The items as the use cases know them; `None` for none at all, which means all.
#[must_use]
pub fn some<T: Into<U>, U>(items: Option<Vec<T>>) -> Option<Vec<U>> {
    let items = items.filter(|items| !items.is_empty())?;
    Some(items.into_iter().map(Into::into).collect())
}

/// A span of time as the use cases know it.
#[must_use]
pub fn time_span(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> TimeSpan {
    TimeSpan {
        from: from.map(|at| at.timestamp_millis()),
        until: until.map(|at| at.timestamp_millis()),
    }
}
