//! Handling and stopping a sandbox. Starting one is in `builder`.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
use chrono::{DateTime, Utc};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    browser::{Browser, ConsentError},
    builder::{Builder, StartError},
    clock::Clock,
    config::{Config, Settings},
    control,
    faults::{FaultPlan, Faults},
    org::{
        Org,
        late::PendingEffect,
        ledger::{EffectEntry, RequestEntry},
        schema_change::{SchemaChange, SchemaChangeError},
        seeding::SeedError,
    },
    seed::Seed,
    server::{
        dispatch::dispatch,
        listener::{Cut, CuttableListener},
    },
    world::World,
};

/// How long open connections may finish after a shutdown was asked for.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(5);

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

    pub(crate) fn serve(
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

    /// The plan of faults that is followed, if any.
    pub fn fault_plan(&self) -> Option<FaultPlan> {
        self.world
            .faults()
            .plan()
            .map(|faults| faults.plan().clone())
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
