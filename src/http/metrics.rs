//! `/metrics`: figures for Prometheus, and the counting of requests.
//!
//! The figures name nobody, but tell how much is going on. So they are served where the operator says: on an address of their own, or, on the
//! address of the API, to whoever has the token. Without either they are there while the server is for this machine alone.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, Method, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::HttpState;
use super::error::ErrorAnswer;
use super::graphql::Report;
use super::layers;
use super::origin::is_loopback;
use super::session::{AuthFailure, bearer_of};
use crate::clock::SharedClock;
use crate::graphql::error::Code;
use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::service::Services;
use crate::service::gauges::Gauge;

/// Who gets the figures on an address.
#[derive(Clone, Debug)]
pub enum Access {
    /// Whoever has the token.
    Token(SecretString),
    /// Whoever speaks to this machine by a name of its own: `localhost` or an address of loopback. Pages that a browser shows cannot, whatever
    /// their host resolves to.
    ThisMachine,
    /// Nobody.
    Nobody,
}

#[derive(Clone)]
struct Shared {
    services: Services,
    access: Access,
    gauge: Arc<Gauge>,
}

/// The route; without any when nobody may use it.
pub fn routes(services: Services, access: Access) -> Router {
    if matches!(access, Access::Nobody) {
        return Router::new();
    }
    let shared = Shared {
        services,
        access,
        gauge: Arc::default(),
    };
    Router::new()
        .route("/metrics", get(figures))
        .with_state(shared)
}

/// The routes of an address that serves nothing else.
pub fn alone(services: Services, access: Access) -> Router {
    layers::wrap(routes(services, access), Vec::new())
}

async fn figures(
    State(shared): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, ErrorAnswer> {
    shared.access.admit(&headers)?;
    let text = shared.gauge.text(&shared.services).await.map_err(|error| {
        tracing::error!(%error, "the figures cannot be written");
        ErrorAnswer::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response())
}

impl Access {
    fn admit(&self, headers: &HeaderMap) -> Result<(), ErrorAnswer> {
        match self {
            Self::ThisMachine if is_loopback(headers) => Ok(()),
            Self::ThisMachine | Self::Nobody => Err(ErrorAnswer::new(
                StatusCode::NOT_FOUND,
                Code::NotFound,
                "There is nothing here.",
            )),
            Self::Token(token) => {
                let given = bearer_of(headers)?.ok_or(AuthFailure::Missing)?;
                let known = token.expose_secret().as_bytes();
                if bool::from(known.ct_eq(given.as_bytes())) {
                    return Ok(());
                }
                let reason = "it is not the one for metrics";
                Err(AuthFailure::Invalid { reason }.into())
            }
        }
    }
}

#[derive(Clone)]
struct Measure {
    metrics: Arc<Metrics>,
    clock: SharedClock,
}

/// Counts what passes through the routes.
pub fn measured(routes: Router, services: &Services) -> Router {
    let measure = Measure {
        metrics: Arc::clone(&services.metrics),
        clock: Arc::clone(&services.clock),
    };
    routes.layer(from_fn_with_state(measure, count))
}

async fn count(State(measure): State<Measure>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = name(request.method());
    let begun = measure.clock.monotonic_ms();
    let response = next.run(request).await;
    let took = measure.clock.monotonic_ms().saturating_sub(begun);
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    let took = Duration::from_millis(took);
    measure.metrics.http_request(route, method, status, took);
    response
}

/// Counts a query or mutation.
pub(super) struct Stopwatch {
    measure: Measure,
    kind: &'static str,
    begun: u64,
}

impl Stopwatch {
    pub(super) fn start<E>(state: &HttpState<E>, kind: OperationType) -> Self {
        let measure = Measure {
            metrics: Arc::clone(&state.metrics),
            clock: Arc::clone(&state.clock),
        };
        let kind = match kind {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        let begun = measure.clock.monotonic_ms();
        Self {
            measure,
            kind,
            begun,
        }
    }

    /// `report` is null when time ran out.
    pub(super) fn stop(self, report: Option<&Report>) {
        let outcome = match report {
            None => "timeout",
            Some(report) if report.is_refusal() => "refused",
            Some(report) if !report.errors.is_empty() => "errors",
            Some(_) => "ok",
        };
        let took = self.measure.clock.monotonic_ms().saturating_sub(self.begun);
        let took = Duration::from_millis(took);
        self.measure.metrics.graphql(self.kind, outcome, took);
    }
}

/// A method that we know, so that nobody makes up figures.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
