//! What a sandbox is started with.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::{net::TcpListener, sync::watch};

use crate::{
    clock::Clock,
    config::{AdminConfig, ClientConfig, Config, Settings},
    faults::{Faults, NoFaults},
    org::seeding::SeedError,
    persist::{Journal, StateError},
    sandbox::Sandbox,
    seed::Seed,
    world::{State, World},
};

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
    pub(crate) fn new() -> Self {
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
