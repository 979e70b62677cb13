//! One running org: its state behind a lock, its clock, limits and faults.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use crate::{
    clock::Clock,
    config::{Config, Settings},
    faults::Faults,
    limits::Limits,
    org::Org,
    persist::Journal,
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
    ) -> Self {
        Self {
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

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

    pub fn set_faults(&self, faults: Arc<dyn Faults>) {
        *self.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
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
