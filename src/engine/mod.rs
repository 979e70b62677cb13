//! The worker that keeps Okta in step (design §3): level-triggered, journalled, fenced.
//!
//! Everything it knows is in the rows: which accounts are due, what was sent and is open, what is known of Okta. So it may be killed at any
//! moment; the next process resolves what is open by reading Okta before it sends anything more for that account.

mod act;
mod answers;
mod app_worker;
pub mod clients;
mod config;
mod context;
mod execute;
mod executor;
mod frozen;
mod gateway;
mod health;
mod imports;
mod jobs;
mod lag;
mod lease;
mod leave;
#[cfg(test)]
mod model;
mod operate;
mod outcome;
mod pace;
mod pass;
mod pause;
mod reading;
mod recheck;
mod reconcile;
mod resolve;
mod seen;
pub mod sessions;
mod settle;
mod tokens;
mod trust;
mod turns;
mod undo;
mod without_call;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

pub use config::EngineConfig;
pub use sessions::{Session, SessionError, Sessions};
pub use tokens::GrantSessions;

use crate::domain::account::WaitReason;
use crate::random;
use crate::service::{Event, Services};
use crate::store::apps_worked::{self, Idle};
use crate::store::{self, accounts};

/// The worker of all apps, in this process.
#[derive(Clone)]
pub struct Engine {
    deps: Deps,
}

/// What each worker is made from.
#[derive(Clone)]
struct Deps {
    services: Services,
    sessions: Arc<dyn Sessions>,
    config: EngineConfig,
    /// Tells this process from others, and from its own predecessor.
    process: Uuid,
}

struct Worked {
    wake: Arc<Notify>,
    /// Ends with the engine, also when that is dropped.
    task: AbortOnDropHandle<Result<(), store::Error>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("config", &self.deps.config)
            .field("process", &self.deps.process)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine that does nothing before it is run.
    #[must_use]
    pub fn new(services: Services, sessions: Arc<dyn Sessions>, config: EngineConfig) -> Self {
        Self {
            deps: Deps {
                services,
                sessions,
                config,
                process: random::new_id(),
            },
        }
    }

    /// Works until `shutdown` is cancelled: then it takes no new work at once, and returns when what is in flight is finished, or after
    /// [`EngineConfig::shutdown_ms`]. What is cut off then is resolved by the next process.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut workers: HashMap<Uuid, Worked> = HashMap::new();
        let clock = self.deps.services.clock.clone();
        let jobs = Arc::new(Notify::new());
        let _jobs = AbortOnDropHandle::new(tokio::spawn(jobs::work(
            self.deps.services.clone(),
            Arc::clone(&jobs),
            self.deps.config.poll_ms,
            shutdown.clone(),
        )));
        let imports = Arc::new(Notify::new());
        let _imports = AbortOnDropHandle::new(tokio::spawn(imports::work(
            self.deps.services.clone(),
            self.deps.process,
            Arc::clone(&imports),
            self.deps.config.poll_ms,
            shutdown.clone(),
        )));
        while !shutdown.is_cancelled() {
            jobs.notify_one();
            imports.notify_one();
            if let Err(error) = self.supervise(&mut workers, &shutdown).await {
                tracing::error!(%error, "the database refuses the engine; it tries again");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = self.deps.services.work.notified() => {}
                () = clock.sleep_ms(self.deps.config.poll_ms) => {}
            }
        }
        let finished = futures::future::join_all(workers.into_values().map(|worked| worked.task));
        tokio::select! {
            _ = finished => {}
            () = clock.sleep_ms(self.deps.config.shutdown_ms) => {
                tracing::warn!("calls in flight did not finish in time; the next process resolves them");
            }
        }
    }

    /// Starts a worker for each app that has work and none, and wakes the others.
    async fn supervise(
        &self,
        workers: &mut HashMap<Uuid, Worked>,
        shutdown: &CancellationToken,
    ) -> Result<(), store::Error> {
        workers.retain(|_, worked| !worked.task.is_finished());
        let store = &self.deps.services.store;
        let now = self.deps.services.clock.now_ms();
        for app in accounts::apps_with_work(store, now).await? {
            if let Some(worked) = workers.get(&app) {
                worked.wake.notify_one();
                continue;
            }
            match apps_worked::look(store, app).await? {
                Ok(_) => {
                    let started = self.start(app, shutdown.clone());
                    workers.insert(app, started);
                }
                Err(idle) => self.park(app, idle).await?,
            }
        }
        Ok(())
    }

    fn start(&self, app: Uuid, shutdown: CancellationToken) -> Worked {
        let wake = Arc::new(Notify::new());
        let (deps, woken) = (self.deps.clone(), Arc::clone(&wake));
        let task = AbortOnDropHandle::new(tokio::spawn(async move {
            let outcome = app_worker::work(deps, app, woken, shutdown).await;
            if let Err(error) = &outcome {
                tracing::error!(%app, %error, "the worker of an app broke off; it is started again");
            }
            outcome
        }));
        Worked { wake, task }
    }

    /// Shows on the accounts of an app why nothing happens to them.
    async fn park(&self, app: Uuid, idle: Idle) -> Result<(), store::Error> {
        let reason = match idle {
            Idle::Removed => return Ok(()),
            Idle::NeedsReauthorization => WaitReason::NeedsReauthorization,
            Idle::NotConnected => WaitReason::NotConnected,
        };
        let services = &self.deps.services;
        let now = services.clock.now_ms();
        let parked = services
            .store
            .transaction(|tx| async move {
                let organization = apps_worked::organization(&tx, app).await?;
                let count = accounts::park(&tx, app, reason, None, now).await?;
                Ok::<_, store::Error>(organization.filter(|_| count > 0))
            })
            .await?;
        if let Some(organization) = parked {
            services.events.publish(Event::App { organization, app });
        }
        Ok(())
    }
}
