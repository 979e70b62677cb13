//! The HTTP side: routes, and what every request passes through. Business is behind the GraphQL executor.

pub mod auth;
mod callers;
pub mod connections;
mod deadline;
mod documents;
pub mod error;
mod execution;
mod graphiql;
mod graphql;
mod health;
mod idempotency;
mod landing;
mod layers;
pub mod metrics;
pub mod oauth;
mod origin;
mod request_id;
pub mod session;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod ws;

use std::collections::HashSet;
use std::sync::Arc;

use async_graphql::Executor;
use axum::Router;
use axum::routing::{any, get};
use http::StatusCode;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use self::callers::CallerLimits;
pub use self::documents::{ManifestError, TrustedDocuments};
pub use self::graphiql::{GraphiqlConfig, is_built_in as has_graphiql};
pub use self::graphql::Media;
pub use self::health::{Readiness, Unready};
pub use self::request_id::RequestId;
pub use self::ws::SocketConfig;

use self::callers::Callers;
use self::documents::Documents;
use self::error::ErrorAnswer;
use self::session::Authenticate;
use crate::clock::SharedClock;
use crate::graphql::error::Code;
use crate::graphql::limits::DocumentLimits;
use crate::metrics::Metrics;
use crate::service::Services;

/// Limits and origins. Times are milliseconds.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Origins of the admin panels, as browsers send them: `https://panel.example`, without a path.
    pub panel_origins: Vec<String>,
    /// Length of a request's body. The largest real one is a bulk mutation of 100 rows, about 50 KB.
    pub max_body_bytes: usize,
    /// For the body to arrive.
    pub body_timeout_ms: u64,
    /// For one query or mutation; nothing that people wait for takes longer.
    pub execution_timeout_ms: u64,
    /// WebSocket connections and event streams at once.
    pub max_streams: usize,
    /// What one caller may ask for.
    pub caller: CallerLimits,
    /// What one document may ask.
    pub document: DocumentLimits,
    /// Names of the types that variables may have; null: any name will do.
    pub input_types: Option<HashSet<String>>,
    /// The documents of the operator's manifest.
    pub trusted_documents: TrustedDocuments,
    /// Whether only those are run.
    pub only_trusted_documents: bool,
    /// What one WebSocket connection may do.
    pub socket: SocketConfig,
    /// How GraphiQL opens; null: there is none.
    pub graphiql: Option<GraphiqlConfig>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            panel_origins: Vec::new(),
            max_body_bytes: 256 * 1024,
            body_timeout_ms: 10_000,
            execution_timeout_ms: 30_000,
            max_streams: 1_000,
            caller: CallerLimits::default(),
            document: DocumentLimits::default(),
            input_types: None,
            trusted_documents: TrustedDocuments::default(),
            only_trusted_documents: false,
            socket: SocketConfig::default(),
            graphiql: Some(GraphiqlConfig::default()),
        }
    }
}

/// What the routes need. Cheap to clone.
#[derive(Clone)]
pub struct HttpState<E> {
    executor: E,
    authenticate: Arc<dyn Authenticate>,
    readiness: Arc<dyn Readiness>,
    clock: SharedClock,
    config: Arc<HttpConfig>,
    shutdown: CancellationToken,
    streams: Arc<Semaphore>,
    callers: Arc<Callers>,
    documents: Arc<Documents>,
    metrics: Arc<Metrics>,
    /// Keeps the answers to requests with an `Idempotency-Key`; null where nothing is kept.
    services: Option<Services>,
}

impl<E: Executor> HttpState<E> {
    /// `shutdown` ends WebSocket connections and event streams, which would otherwise outlast a graceful shutdown.
    pub fn new(
        executor: E,
        authenticate: Arc<dyn Authenticate>,
        readiness: Arc<dyn Readiness>,
        clock: SharedClock,
        config: HttpConfig,
        shutdown: CancellationToken,
        metrics: Arc<Metrics>,
    ) -> Self {
        let streams = Arc::new(Semaphore::new(config.max_streams));
        let callers = Arc::new(Callers::new(config.caller.clone(), clock.clone()));
        let trusted = config.trusted_documents.clone();
        let documents = Arc::new(Documents::new(trusted, config.only_trusted_documents));
        Self {
            executor,
            authenticate,
            readiness,
            clock,
            config: Arc::new(config),
            shutdown,
            streams,
            callers,
            documents,
            metrics,
            services: None,
        }
    }

    /// The same, with a memory for answers to requests with an `Idempotency-Key`.
    #[must_use]
    pub fn remembering(mut self, services: Services) -> Self {
        self.services = Some(services);
        self
    }
}

/// All routes with their layers. `extra` are routes of others, which pass through the same layers.
pub fn router<E: Executor>(state: HttpState<E>, extra: Router) -> Router {
    let panel_origins = state.config.panel_origins.clone();
    let probe = health::Probe {
        readiness: state.readiness.clone(),
        clock: state.clock.clone(),
    };
    let health = Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .with_state(probe);
    let graphiql = state.config.graphiql.clone();
    let has_graphiql = graphiql.is_some();
    let graphiql = graphiql.map(graphiql::routes).unwrap_or_default();
    let routes = Router::new()
        .route("/graphql", any(graphql::endpoint::<E>))
        .with_state(state)
        .route("/", get(async move || landing::index(has_graphiql)))
        .merge(graphiql)
        .merge(health)
        .merge(extra)
        .fallback(async || {
            ErrorAnswer::new(
                StatusCode::NOT_FOUND,
                Code::NotFound,
                "There is nothing here.",
            )
        })
        .method_not_allowed_fallback(async || {
            ErrorAnswer::new(
                StatusCode::METHOD_NOT_ALLOWED,
                Code::MethodNotAllowed,
                "Not with this method.",
            )
        });
    layers::wrap(routes, panel_origins)
}
