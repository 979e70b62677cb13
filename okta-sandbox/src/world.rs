//! One running org: its state behind a lock, its clock, limits and faults.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use tokio::sync::watch;

use crate::{
    clock::Clock,
    config::{Config, Settings},
    faults::Faults,
    limits::Limits,
    org::Org,
    persist::Journal,
    server::late,
};

/// Shared by every connection.
pub(crate) struct World {
    pub config: Config,
    /// `http://127.0.0.1:9090`, or the configured public URL.
    pub base_url: String,
    /// Hosts under which the org answers as itself, with ports.
    pub hosts: Vec<String>,
    pub clock: Clock,
    pub limits: Limits,
    settings: RwLock<Settings>,
    faults: RwLock<Arc<dyn Faults>>,
    state: Mutex<State>,
    stopped: watch::Receiver<bool>,
}

/// The org and where its changes go.
pub(crate) struct State {
    pub org: Org,
    journal: Journal,
}

impl State {
    pub fn new(org: Org, journal: Journal) -> Self {
        Self { org, journal }
    }

    /// Puts another org in the place of this one.
    pub fn replace(&mut self, org: Org) {
        self.org.become_like(org);
    }

    /// Makes what changed durable.
    pub fn commit(&mut self) -> io::Result<()> {
        self.org.remember();
        self.journal.commit(&mut self.org)
    }

    /// Gives the state file back; nothing is acknowledged from here on.
    pub fn close(&mut self) {
        self.journal.close();
    }
}

impl World {
    pub fn new(
        config: Config,
        base_url: String,
        hosts: Vec<String>,
        clock: Clock,
        faults: Arc<dyn Faults>,
        state: State,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        Self {
            stopped,
            settings: RwLock::new(config.settings.clone()),
            config,
            base_url,
            hosts,
            clock,
            limits: Limits::default(),
            faults: RwLock::new(faults),
            state: Mutex::new(state),
        }
    }

    /// The org, as it is at this moment of its clock: late effects whose time has come have landed.
    pub fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        late::land(self, &mut state, now);
        state.org.moment = now;
        state
    }

    /// Returns when the sandbox is asked to stop.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stopped = self.stopped.clone();
        async move {
            // An error means that the sandbox was dropped, which is a reason to stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    }

    pub fn settings(&self) -> Settings {
        self.settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub fn set_settings(&self, settings: Settings) {
        *self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = settings;
    }

    pub fn faults(&self) -> Arc<dyn Faults> {
        Arc::clone(&self.faults.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides what goes wrong from now on. A plan survives a restart.
    pub fn set_faults(&self, faults: Arc<dyn Faults>) -> io::Result<()> {
        let mut state = self.state();
        state.org.keep_plan(faults.plan());
        *self.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
        state.commit()
    }

    /// The URL under which a caller with this `Host` header reaches the org.
    pub fn url_for(&self, host: Option<&str>) -> String {
        match host.filter(|host| {
            self.hosts
                .iter()
                .any(|known| known.eq_ignore_ascii_case(host))
        }) {
            Some(host) if self.config.public_url.is_none() => {
                format!("http://{}", host.to_ascii_lowercase())
            }
            _ => self.base_url.clone(),
        }
    }
}
