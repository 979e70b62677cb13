//! The id under which a request is found in the log: the caller's `x-request-id` if it is usable, else a new one.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{Extensions, HeaderName, HeaderValue, Request as AnyRequest};
use tower_http::request_id::{self, MakeRequestId};

use crate::random;

/// Header in requests and responses.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// A UUID has 36, a W3C trace context 55.
const MAX_LENGTH: usize = 64;

/// The id of the request that a resolver works for; in every operation's context data and in every error's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id that the request-id layer gave, or a new one where that layer is absent.
    pub(super) fn of(extensions: &Extensions) -> Self {
        let given = extensions
            .get::<request_id::RequestId>()
            .and_then(|id| id.header_value().to_str().ok());
        Self(given.map_or_else(|| random::new_id().to_string().into(), Into::into))
    }
}

/// Makes ids for requests that bring none.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewId;

impl MakeRequestId for NewId {
    fn make_request_id<B>(&mut self, _: &AnyRequest<B>) -> Option<request_id::RequestId> {
        HeaderValue::try_from(random::new_id().to_string())
            .ok()
            .map(request_id::RequestId::new)
    }
}

/// Drops an id that could disturb a log line.
pub(super) async fn drop_unusable(mut request: Request, next: Next) -> Response {
    if request.headers().get(&HEADER).is_some_and(|id| !usable(id)) {
        request.headers_mut().remove(&HEADER);
    }
    next.run(request).await
}

fn usable(id: &HeaderValue) -> bool {
    let permitted = |b: &u8| b.is_ascii_alphanumeric() || b"-_.:".contains(b);
    (1..=MAX_LENGTH).contains(&id.len()) && id.as_bytes().iter().all(permitted)
}
