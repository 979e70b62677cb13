//! Starting, handling and stopping a sandbox.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
use chrono::{DateTime, Utc};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    browser::{Browser, ConsentError},
    clock::Clock,
    config::{AdminConfig, ClientConfig, Config, Settings},
    control,
    faults::{Faults, NoFaults},
    org::{
        Org,
        late::LateRequest,
        ledger::{EffectEntry, RequestEntry},
        schema_change::{SchemaChange, SchemaChangeError},
        seeding::SeedError,
    },
    persist::{Journal, StateError},
    seed::Seed,
    server::{
        dispatch::dispatch,
        listener::{Cut, CuttableListener},
    },
    world::{State, World},
};

/// How long open connections may finish after a shutdown was asked for.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not loopback and remote callers were not permitted.
    #[error("{0} is not a loopback address; the sandbox must not be reachable from outside")]
    NotLoopback(SocketAddr),
    /// The address cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The state file cannot be written.
    #[error("cannot write the state file: {0}")]
    Commit(#[from] io::Error),
    /// The seed cannot be sown.
    #[error(transparent)]
    Seed(#[from] SeedError),
}

/// Settings of a sandbox to be started. Unlike the binary it takes a free port unless told otherwise.
pub struct Builder {
    config: Config,
    faults: Option<Arc<dyn Faults>>,
}

impl Builder {
    fn new() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            config: Config {
                listen,
                ..Config::default()
            },
            faults: None,
        }
    }

    /// Replaces the whole configuration.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Where to listen.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.config.listen = address;
        self
    }

    /// The API token for `Authorization: SSWS …`.
    pub fn api_token(mut self, token: impl Into<String>) -> Self {
        self.config.api_token = token.into();
        self
    }

    /// The registered OAuth web app.
    pub fn client(mut self, client: ClientConfig) -> Self {
        self.config.client = client;
        self
    }

    /// The app's redirect URIs.
    pub fn redirect_uris<U: Into<String>>(mut self, uris: impl IntoIterator<Item = U>) -> Self {
        self.config.client.redirect_uris = uris.into_iter().map(Into::into).collect();
        self
    }

    /// The `okta.*` scopes granted to the app.
    pub fn grants<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.config.client.grants = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The org's administrator.
    pub fn admin(mut self, admin: AdminConfig) -> Self {
        self.config.admin = admin;
        self
    }

    /// Latency, limits, refresh policy and the like.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.config.settings = settings;
        self
    }

    /// Who and what is in the org at first.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.config.seed = seed;
        self
    }

    /// The file in which the org survives.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config.state_file = Some(path.into());
        self
    }

    /// What goes wrong. Unless said, a plan that was running when the state file was last used goes on.
    pub fn faults(mut self, faults: Arc<dyn Faults>) -> Self {
        self.faults = Some(faults);
        self
    }

    /// Binds the address, restores or founds the org and serves it on the current Tokio runtime.
    ///
    /// # Errors
    /// When the address is not loopback or cannot be bound, or the state file cannot be used.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        let config = self.config;
        if !config.allow_remote && !config.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(config.listen));
        }
        let failed = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (journal, mut org) = Journal::open(config.state_file.as_deref())?;
        let clock = Clock::default();
        clock.restore(org.meta().clock_offset_ms);
        if org.is_new() {
            org.found(&config, clock.now())?;
        }
        org.register_web_app(&config.client);
        org.forget_past();
        let faults = self.faults.unwrap_or_else(|| match org.kept_plan() {
            Some(plan) => Arc::new(plan),
            None => Arc::new(NoFaults),
        });
        org.keep_plan(faults.plan());
        let mut state = State::new(org, journal);
        state.commit()?;
        let public_url = config.public_url.as_deref();
        let base_url = public_url.map_or_else(
            || format!("http://{address}"),
            |url| url.trim_end_matches('/').into(),
        );
        let hosts = hosts(address, &base_url);
        let (stop, stopped) = watch::channel(false);
        let world = World::new(config, base_url, hosts, clock, faults, state, stopped);
        Ok(Sandbox::serve(Arc::new(world), address, listener, stop))
    }
}

/// The names under which a browser reaches the org: those of this machine, and the public one.
fn hosts(address: SocketAddr, base_url: &str) -> Vec<String> {
    let port = address.port();
    let mut hosts = vec![address.to_string()];
    hosts.extend(["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}")));
    hosts.extend(base_url.split_once("://").map(|(_, host)| host.to_owned()));
    hosts
}

/// A running org. Dropping it stops it without waiting.
pub struct Sandbox {
    /// The org's URL, such as `http://127.0.0.1:9090`; what Okta calls the domain, with its scheme.
    pub base_url: String,
    /// The address that was bound.
    pub address: SocketAddr,
    world: Arc<World>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts to describe a sandbox.
    pub fn builder() -> Builder {
        Builder::new()
    }

    fn serve(
        world: Arc<World>,
        address: SocketAddr,
        listener: TcpListener,
        stop: watch::Sender<bool>,
    ) -> Self {
        let stopped = world.stopped();
        let service = service(&world);
        let base_url = world.base_url.clone();
        let server = tokio::spawn(async move {
            let finished = axum::serve(CuttableListener(listener), service)
                .with_graceful_shutdown(stopped)
                .await;
            if let Err(error) = finished {
                tracing::error!(%error, "the sandbox stopped serving");
            }
        });
        Self {
            base_url,
            address,
            world,
            stop,
            server,
        }
    }

    /// Stops accepting, lets requests under way finish for some seconds, then returns.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(SHUTDOWN_PATIENCE, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
        self.world.state().close();
    }

    /// Waits until the server ends, which it does only on failure.
    pub async fn wait(&mut self) {
        if let Err(error) = (&mut self.server).await {
            tracing::error!(%error, "the sandbox ended");
        }
    }

    /// The configuration it was started with.
    pub fn config(&self) -> &Config {
        &self.world.config
    }

    /// The org's clock, which can be moved forward.
    pub fn clock(&self) -> &Clock {
        &self.world.clock
    }

    /// The present moment by the org's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.world.clock.now()
    }

    /// The settings as they are.
    pub fn settings(&self) -> Settings {
        self.world.settings()
    }

    /// Changes settings for the requests that arrive from now on.
    pub fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.world.settings();
        change(&mut settings);
        self.world.set_settings(settings);
    }

    /// Decides what goes wrong from now on. Late effects and lifecycle operations under way land all the same.
    pub fn set_faults(&self, faults: Arc<dyn Faults>) {
        if let Err(error) = self.world.set_faults(faults) {
            tracing::error!(%error, "the state file cannot be written");
        }
    }

    /// Late effects and lifecycle operations under way that have not landed yet, in the order in which they will.
    pub fn pending_effects(&self) -> Vec<PendingEffect> {
        let state = self.world.state();
        state.org.late.values().map(PendingEffect::of).collect()
    }

    /// Changes the user schema as an administrator would in the Admin Console. It enters no ledger.
    ///
    /// # Errors
    /// When the change does not fit the schema.
    pub fn change_schema(&self, change: &SchemaChange) -> Result<(), SchemaChangeError> {
        let mut state = self.world.state();
        let now = state.org.moment;
        state.org.change_schema(change, now)?;
        if let Err(error) = state.commit() {
            tracing::error!(%error, "the state file cannot be written");
        }
        Ok(())
    }

    /// Requests received, after this position.
    pub fn requests_since(&self, seq: u64) -> Vec<RequestEntry> {
        self.world
            .state()
            .org
            .requests
            .after(&crate::org::serial_key(seq))
            .cloned()
            .collect()
    }

    /// Effects applied, after this position.
    pub fn effects_since(&self, seq: u64) -> Vec<EffectEntry> {
        self.world
            .state()
            .org
            .effects
            .after(&crate::org::serial_key(seq))
            .cloned()
            .collect()
    }

    /// The position of the newest entry of either ledger: pass it to see only what comes later.
    pub fn position(&self) -> u64 {
        self.world.state().org.meta().serial
    }

    /// A user by id, login or short name, in the form of Okta's answer with `roles` added
    /// (`[{type, label, fromGroup}]`); deactivated ones too.
    pub fn user(&self, key: &str) -> Option<serde_json::Value> {
        let state = self.world.state();
        state
            .org
            .find_user(key)
            .map(|user| control::user_with_roles(&state.org, user))
    }

    /// All users, in the form of [`Sandbox::user`].
    pub fn users(&self) -> Vec<serde_json::Value> {
        let state = self.world.state();
        state
            .org
            .users
            .values()
            .map(|user| control::user_with_roles(&state.org, user))
            .collect()
    }

    /// Adds what a seed holds, without effects.
    ///
    /// # Errors
    /// When a login is taken or a status or role is unknown.
    pub fn sow(&self, seed: &Seed) -> Result<(), StartError> {
        let now = self.now();
        let mut state = self.world.state();
        state.org.sow(seed, now)?;
        Ok(state.commit()?)
    }

    /// Does what the administrator would do in a browser with this authorization URL: sign in and allow.
    /// Answers the redirect to the client, with the code, or with an error that the org reports this way.
    ///
    /// # Errors
    /// When the org shows an error page, as it does for a bad client or redirect URI.
    pub async fn consent(&self, authorize_url: &str) -> Result<String, ConsentError> {
        Browser::new(Arc::clone(&self.world))
            .decide(authorize_url, "allow")
            .await
    }

    /// Like [`Sandbox::consent`], but denies.
    ///
    /// # Errors
    /// When the org shows an error page.
    pub async fn deny(&self, authorize_url: &str) -> Result<String, ConsentError> {
        Browser::new(Arc::clone(&self.world))
            .decide(authorize_url, "deny")
            .await
    }

    /// Ends every token of the registered web app; answers how many consents that were.
    ///
    /// # Errors
    /// When the state file cannot be written.
    pub fn revoke_grants(&self) -> io::Result<usize> {
        let mut state = self.world.state();
        let ended = control::revoke_all(&mut state.org, &self.world.config.client.id);
        state.commit()?;
        Ok(ended)
    }
}

/// An effect that is going to land.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingEffect {
    /// When, by the org's clock.
    pub due: DateTime<Utc>,
    /// Method of the request that causes it.
    pub method: String,
    /// Path of that request.
    pub path: String,
    /// `X-Okta-Request-Id` of that request.
    pub request_id: String,
}

impl PendingEffect {
    pub(crate) fn of(late: &LateRequest) -> Self {
        Self {
            due: late.due,
            method: late.method.clone(),
            path: late.path.clone(),
            request_id: late.request_id.clone(),
        }
    }
}

impl World {
    /// The org as at its first start; the clock goes on.
    pub fn reset(&self) -> Result<(), SeedError> {
        let now = self.clock.now();
        let mut fresh = Org::empty();
        fresh.found(&self.config, now)?;
        fresh.register_web_app(&self.config.client);
        let offset_ms = self.clock.offset_ms();
        fresh.change_meta(|meta| meta.clock_offset_ms = offset_ms);
        fresh.forget_past();
        fresh.keep_plan(self.faults().plan());
        self.limits.reset();
        self.state().replace(fresh);
        Ok(())
    }
}

fn service(world: &Arc<World>) -> IntoMakeServiceWithConnectInfo<Router, Cut> {
    control::router(Arc::clone(world))
        .fallback(dispatch)
        .with_state(Arc::clone(world))
        .into_make_service_with_connect_info::<Cut>()
}
