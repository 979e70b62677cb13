//! What every route has in common: request id, log line, CORS, security headers, and JSON for every error.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;
use http::{HeaderName, HeaderValue, Method, header};
use tower::ServiceBuilder;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::request_id::{PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::trace::TraceLayer;

use super::error::ErrorAnswer;
use super::request_id::{self, NewId, RequestId};
use super::{callers, idempotency, origin};

/// How long a browser may keep the answer to a preflight; Chromium keeps none longer than two hours.
const PREFLIGHT_AGE: Duration = Duration::from_secs(3_600);

/// Filled in where a handler has set nothing else. The policy is for answers that are not pages.
const DEFAULT_HEADERS: [(HeaderName, HeaderValue); 7] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Puts the layers around the routes, the first one outermost.
pub(super) fn wrap(routes: Router, panel_origins: Vec<String>) -> Router {
    let layers = ServiceBuilder::new()
        .layer(SetSensitiveRequestHeadersLayer::new([
            header::AUTHORIZATION,
            header::COOKIE,
        ]))
        .layer(from_fn(request_id::drop_unusable))
        .layer(SetRequestIdLayer::new(request_id::HEADER, NewId))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(log)
                .on_failure(()),
        )
        .layer(PropagateRequestIdLayer::new(request_id::HEADER))
        .layer(from_fn(fill_headers))
        .layer(cors(panel_origins))
        .layer(from_fn(answer_errors));
    routes.layer(layers)
}

/// The path without its query: that holds variables, or an authorization code.
fn span<B>(request: &http::Request<B>) -> tracing::Span {
    let id = RequestId::of(request.extensions());
    tracing::info_span!(
        "request",
        request_id = id.as_str(),
        method = %request.method(),
        path = request.uri().path(),
        // Whoever asks, once it is known.
        caller = tracing::field::Empty
    )
}

fn log<B>(response: &http::Response<B>, latency: Duration, _: &tracing::Span) {
    tracing::info!(
        status = response.status().as_u16(),
        latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
}

/// Tokens travel in a header that pages set themselves, so no credentials of the browser are permitted.
fn cors(panel_origins: Vec<String>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            origin::is_panel(origin, &panel_origins)
        }))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            idempotency::KEY,
            request_id::HEADER,
        ])
        .expose_headers([
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            request_id::HEADER,
            idempotency::REPLAYED,
            callers::LEFT,
            callers::POLICY,
        ])
        .max_age(PREFLIGHT_AGE)
}

async fn fill_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in DEFAULT_HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Turns a panic into an answer, and writes the request's id into every error.
async fn answer_errors(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = outcome.unwrap_or_else(|_| {
        tracing::error!("a handler panicked");
        ErrorAnswer::internal().into_response()
    });
    match response.extensions_mut().remove::<ErrorAnswer>() {
        Some(answer) => answer.render(Some(&id)),
        None => response,
    }
}
