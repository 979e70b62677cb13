//! What a resolver takes from the request: who asks, and the use cases.

use async_graphql::Context;
use chrono::{DateTime, Utc};

use super::error::{self, Code};
use crate::service::{Services, Viewer};

/// The person who asks.
///
/// # Errors
/// `UNAUTHENTICATED` when the request carried no valid token.
pub fn viewer<'a>(ctx: &Context<'a>) -> async_graphql::Result<&'a Viewer> {
    ctx.data_opt::<Viewer>()
        .ok_or_else(|| error::coded(Code::Unauthenticated, "This needs a valid bearer token."))
}

/// The use cases.
///
/// # Errors
/// `INTERNAL` when the schema was built without them, which is a defect.
pub fn services<'a>(ctx: &Context<'a>) -> async_graphql::Result<&'a Services> {
    ctx.data::<Services>()
        .map_err(|_| error::coded(Code::Internal, "Something went wrong on our side."))
}

/// Epoch milliseconds as the API shows times: RFC 3339, UTC.
#[must_use]
pub fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}
