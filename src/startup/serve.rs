//! The running server: HTTP side and engine, started together and stopped together.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::ready::DatabaseWorks;
use super::{Base, StartupError};
use crate::clock::SharedClock;
use crate::config::{Config, EngineSection, LimitsSection};
use crate::data_dir::ServingLock;
use crate::domain::resolve::ResolutionTimes;
use crate::engine::{Engine, EngineConfig, GrantSessions};
use crate::graphql::limits::{DocumentLimits, EngineLimits};
use crate::graphql::schema;
use crate::http::auth::BearerAuth;
use crate::http::connections;
use crate::http::metrics::Access;
use crate::http::{
    self, CallerLimits, GraphiqlConfig, HttpConfig, HttpState, ManifestError, SocketConfig,
    TrustedDocuments, metrics,
};
use crate::random;
use crate::service::oidc::Oidc;
use crate::service::{audit_chain, idempotency, signals};

/// How long calls in flight may take to end after a stop was asked for; below the 30 s that orchestrators commonly grant.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// How long the database may take to close after that: it may be gone.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// A server that answers and works.
#[derive(Debug)]
pub struct Server {
    /// Where it listens; the real port if 0 was asked for.
    pub address: SocketAddr,
    /// What it was started with.
    pub base: Base,
    shutdown: CancellationToken,
    http: JoinHandle<()>,
    engine: JoinHandle<()>,
    /// Ends the sealing of the audit trail, once the others have written their last.
    sealing: CancellationToken,
    sealer: JoinHandle<()>,
    _metrics: Option<AbortOnDropHandle<()>>,
    /// Tells other processes, and hears them.
    _signals: AbortOnDropHandle<()>,
    /// Forgets what is not needed any more.
    _tidier: AbortOnDropHandle<()>,
    _lock: Option<ServingLock>,
}

/// Starts the server; it answers when this returns.
///
/// # Errors
/// [`StartupError`], one line each.
pub async fn start(mut config: Config, clock: SharedClock) -> Result<Server, StartupError> {
    let trusted = trusted_documents(&config).map_err(StartupError::Manifest)?;
    let listen = config.listen;
    let refused = |source| StartupError::Listen {
        address: listen,
        source,
    };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    config.listen = listener.local_addr().map_err(refused)?;
    let base = Base::open(&config, clock).await?;
    let lock = if config.database_url.is_none() {
        Some(base.data_dir.lock()?)
    } else {
        None
    };
    audit_chain::adopt(&base.services.store).await?;
    let shutdown = CancellationToken::new();
    let metrics = serve_metrics(&base, &config, &shutdown).await?;
    let providers = Oidc::new(config.oidc.clone(), &base.services.clock)?;
    let http = tokio::spawn(connections::serve(
        listener,
        router(&base, providers, &config, trusted, &shutdown),
        connections::QUIET_FOR,
        shutdown.clone(),
    ));
    let sessions = GrantSessions::new(base.services.clone(), Arc::clone(&base.okta));
    let engine = Engine::new(
        base.services.clone(),
        Arc::new(sessions),
        engine_config(&config.engine),
    );
    let engine = tokio::spawn(engine.run(shutdown.clone()));
    let sealing = CancellationToken::new();
    let sealer = tokio::spawn(audit_chain::keep_sealed(
        base.services.clone(),
        sealing.clone(),
    ));
    let signals = AbortOnDropHandle::new(tokio::spawn(signals::keep_told(
        base.services.clone(),
        shutdown.clone(),
    )));
    let tidier = AbortOnDropHandle::new(tokio::spawn(idempotency::keep_tidy(
        base.services.clone(),
        shutdown.clone(),
    )));
    tracing::info!(address = %config.listen, public_url = %base.services.config.public_url, "provisioner serves");
    Ok(Server {
        address: config.listen,
        base,
        shutdown,
        http,
        engine,
        sealing,
        sealer,
        _metrics: metrics,
        _signals: signals,
        _tidier: tidier,
        _lock: lock,
    })
}

impl Server {
    /// Takes no new work, lets what is in flight end, seals the audit trail, and stops.
    pub async fn stop(self) {
        self.shutdown.cancel();
        let both = async {
            for ended in [self.http.await, self.engine.await] {
                if let Err(e) = ended {
                    tracing::error!(error = %e, "a part of the server ended badly");
                }
            }
        };
        if tokio::time::timeout(STOP_WITHIN, both).await.is_err() {
            tracing::warn!(
                "something in flight did not end in time; it is resolved at the next start"
            );
        }
        self.sealing.cancel();
        let store = self.base.services.store;
        let closing = async {
            if let Err(e) = self.sealer.await {
                tracing::error!(error = %e, "a part of the server ended badly");
            }
            if let Err(e) = store.close().await {
                tracing::warn!(error = %e, "the database did not close cleanly");
            }
        };
        if tokio::time::timeout(CLOSE_WITHIN, closing).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }

    /// The engine and the HTTP side end as if the process had been killed: nothing in flight is awaited.
    pub fn abort(self) {
        self.http.abort();
        self.engine.abort();
        self.sealer.abort();
    }
}

/// Completes when the process is asked to stop: SIGTERM, or Ctrl-C.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted => {}
            }
        }
        Err(_) => _ = interrupted.await,
    }
}

fn router(
    base: &Base,
    providers: Oidc,
    config: &Config,
    trusted: TrustedDocuments,
    shutdown: &CancellationToken,
) -> axum::Router {
    let services = base.services.clone();
    let schema = schema::build(services.clone(), engine_limits(&config.limits));
    let auth = BearerAuth::new(services.clone(), Arc::clone(&base.signing_key));
    let auth = Arc::new(auth.trusting(providers));
    let ready = Arc::new(DatabaseWorks::new(services.clone()));
    let clock = Arc::clone(&services.clock);
    let state = HttpState::new(
        schema,
        auth,
        ready,
        clock,
        http_config(config, trusted),
        shutdown.clone(),
        Arc::clone(&services.metrics),
    )
    .remembering(services.clone());
    let extra = http::oauth::routes(services.clone())
        .merge(metrics::routes(services.clone(), metrics_access(config)));
    metrics::measured(http::router(state, extra), &services)
}

/// Who gets the figures on the address of the API: nobody once they have an address of their own, or browsers reach this one through a proxy.
fn metrics_access(config: &Config) -> Access {
    let own_address = config.metrics.listen.is_some();
    let for_this_machine = config.listen.ip().is_loopback() && config.public_url.is_none();
    match &config.metrics.token {
        _ if own_address => Access::Nobody,
        Some(token) => Access::Token(token.clone()),
        None if for_this_machine => Access::ThisMachine,
        None => Access::Nobody,
    }
}

/// Serves the figures on an address of their own, if the operator wants that.
async fn serve_metrics(
    base: &Base,
    config: &Config,
    shutdown: &CancellationToken,
) -> Result<Option<AbortOnDropHandle<()>>, StartupError> {
    let Some(address) = config.metrics.listen else {
        return Ok(None);
    };
    let refused = |source| StartupError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let access = match &config.metrics.token {
        Some(token) => Access::Token(token.clone()),
        None => Access::ThisMachine,
    };
    let served = connections::serve(
        listener,
        metrics::alone(base.services.clone(), access),
        connections::QUIET_FOR,
        shutdown.clone(),
    );
    Ok(Some(AbortOnDropHandle::new(tokio::spawn(served))))
}

fn engine_config(section: &EngineSection) -> EngineConfig {
    let ms = |seconds: u64| i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
    let defaults = EngineConfig::default();
    EngineConfig {
        lease_ms: section.lease_seconds.saturating_mul(1_000).max(1_000),
        times: ResolutionTimes {
            negative_gap_ms: ms(section.negative_gap_seconds),
            negative_after_ms: ms(section.negative_after_seconds),
            recheck_after_ms: ms(section.recheck_after_seconds),
            ..defaults.times
        },
        ..defaults
    }
}

/// The documents of the manifests that are configured.
///
/// # Errors
/// What is wrong with the first of them that cannot be used.
pub fn trusted_documents(config: &Config) -> Result<TrustedDocuments, ManifestError> {
    let files = &config.trusted_documents.manifests;
    TrustedDocuments::read(files, &document_limits(&config.limits))
}

fn document_limits(limits: &LimitsSection) -> DocumentLimits {
    DocumentLimits {
        bytes: limits.document_bytes,
        tokens: limits.tokens,
        spreads: limits.fragment_spreads,
        directives: limits.directives,
        aliases: limits.aliases,
        root_fields: limits.root_fields,
        ..DocumentLimits::default()
    }
}

fn http_config(config: &Config, trusted_documents: TrustedDocuments) -> HttpConfig {
    // A demo is a new organisation each time, so its tabs start afresh; elsewhere people keep their tabs across restarts.
    let demo = config.graphiql_token.is_some();
    let workspace = if demo {
        random::new_id().to_string()
    } else {
        "provisioner".to_owned()
    };
    // Whoever reaches the port has the token, whatever headers a browser would send.
    let token = config.graphiql_token.clone();
    let graphiql = GraphiqlConfig {
        token: token.filter(|_| config.listen.ip().is_loopback()),
        workspace,
    };
    let limits = &config.limits;
    let defaults = HttpConfig::default();
    HttpConfig {
        panel_origins: config.panel_origins.clone(),
        graphiql: config.graphiql.then_some(graphiql),
        max_body_bytes: limits.body_bytes,
        execution_timeout_ms: limits.execution_seconds.saturating_mul(1_000),
        max_streams: limits.streams,
        caller: CallerLimits {
            requests_per_minute: NonZeroU32::new(limits.requests_per_minute)
                .unwrap_or(defaults.caller.requests_per_minute),
            concurrent_requests: limits.concurrent_requests_per_caller,
            streams: limits.streams_per_caller,
        },
        document: document_limits(limits),
        input_types: Some(schema::input_types()),
        trusted_documents,
        only_trusted_documents: config.trusted_documents.only,
        socket: SocketConfig {
            max_message_bytes: limits.body_bytes,
            max_operations: limits.operations_per_socket,
            ..defaults.socket
        },
        ..defaults
    }
}

fn engine_limits(section: &LimitsSection) -> EngineLimits {
    EngineLimits {
        depth: section.depth,
        complexity: section.complexity,
    }
}
