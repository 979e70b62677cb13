//! The worker of one app: holds its lease, takes its due accounts, a few at a time, and stops when the lease or the connection is lost.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Deps;
use super::context::{AppContext, Stop};
use super::gateway::Gateway;
use super::pass::Pass;
use super::{health, lease, reconcile};
use crate::domain::connection::ConnectionStatus;
use crate::store::apps::App;
use crate::store::leases::{self, Hold};
use crate::store::okta_orgs::OktaOrg;
use crate::store::{self, accounts, apps_worked};

/// How long an account is left alone after the database or a defect stopped its pass, milliseconds.
const COOLDOWN_MS: i64 = 5_000;
/// Longest sleep of a worker with nothing to do, milliseconds: how late it notices what nobody told it.
const IDLE_MS: i64 = 5_000;

/// What became of the passes.
type Passes = JoinSet<Result<(), Stop>>;

struct Worker {
    ctx: Arc<AppContext>,
    app: Uuid,
    wake: Arc<Notify>,
    shutdown: CancellationToken,
    passes: Passes,
    /// The accounts in hand, by task.
    in_hand: HashMap<Id, Uuid>,
    /// Accounts that are left alone until a time.
    cooling: HashMap<Uuid, i64>,
    last_beat_ms: u64,
}

/// Whether the worker goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    On,
    Over,
}

/// Works the app until it cannot be worked any more. Errors of the database end it; it is started again.
pub(super) async fn work(
    deps: Deps,
    app: Uuid,
    wake: Arc<Notify>,
    shutdown: CancellationToken,
) -> Result<(), store::Error> {
    let (store, clock) = (&deps.services.store, &deps.services.clock);
    let lease_ms = deps.config.lease_ms;
    let obtained = lease::obtain(store, clock, app, deps.process, lease_ms, &shutdown).await?;
    let Some(hold) = obtained else { return Ok(()) };
    let outcome = match apps_worked::workable(store, app).await? {
        None => Ok(()),
        Some((row, org)) => {
            tracing::info!(%app, epoch = hold.epoch, "working the app");
            let mut worker = Worker::new(&deps, &row, &org, hold, wake, shutdown);
            let outcome = worker.run(org.id).await;
            worker.drain().await;
            outcome
        }
    };
    store
        .transaction(|tx| async move { leases::release(&tx, hold).await })
        .await?;
    outcome
}

impl Worker {
    fn new(
        deps: &Deps,
        app: &App,
        org: &OktaOrg,
        hold: Hold,
        wake: Arc<Notify>,
        shutdown: CancellationToken,
    ) -> Self {
        let clock = deps.services.clock.clone();
        let last_beat_ms = clock.monotonic_ms();
        let sessions = Arc::clone(&deps.sessions);
        let gateway = Gateway::new(
            org.organization_id,
            org.id,
            sessions,
            clock,
            share(app),
            &deps.config,
        );
        let stopping = shutdown.child_token();
        let services = deps.services.clone();
        let organization = app.organization_id;
        let ctx = AppContext::new(services, gateway, deps.config, organization, hold, stopping);
        Self {
            ctx: Arc::new(ctx),
            app: app.id,
            wake,
            shutdown,
            passes: JoinSet::new(),
            in_hand: HashMap::new(),
            cooling: HashMap::new(),
            last_beat_ms,
        }
    }

    async fn run(&mut self, org: Uuid) -> Result<(), store::Error> {
        loop {
            self.reap();
            if self.shutdown.is_cancelled() || !self.beat().await? {
                return Ok(());
            }
            if self.turn(org).await? == Life::Over {
                return Ok(());
            }
            self.rest().await?;
        }
    }

    /// Looks at the connection, and takes up what is due if it works.
    async fn turn(&mut self, org: Uuid) -> Result<Life, store::Error> {
        let store = &self.ctx.services.store;
        let Some((row, current)) = apps_worked::workable(store, self.app).await? else {
            return Ok(Life::Over);
        };
        if current.id != org {
            return Ok(Life::Over);
        }
        self.ctx.gateway.set_share(share(&row));
        if current.status == ConnectionStatus::Quarantined {
            return self.quarantined(&current).await;
        }
        if self.ctx.gateway.failures() >= self.ctx.config.quarantine_after {
            return self.settle_stop(health::quarantine(&self.ctx).await);
        }
        self.take_up().await?;
        Ok(Life::On)
    }

    async fn quarantined(&mut self, org: &OktaOrg) -> Result<Life, store::Error> {
        let over = org.retry_at.is_none_or(|at| at <= self.ctx.now());
        if !over || !self.passes.is_empty() {
            return Ok(Life::On);
        }
        let probed = health::probe(&self.ctx, org).await;
        let life = self.settle_stop(probed)?;
        if life == Life::On {
            self.wake.notify_one();
        }
        Ok(life)
    }

    fn settle_stop(&self, outcome: Result<(), Stop>) -> Result<Life, store::Error> {
        match outcome {
            Ok(()) => Ok(Life::On),
            Err(Stop::LeaseLost) => Ok(Life::Over),
            Err(Stop::Store(error)) => Err(error),
            Err(Stop::Service(error)) => {
                tracing::error!(app = %self.app, %error, "the worker stops");
                Ok(Life::Over)
            }
        }
    }

    /// Starts passes over due accounts, as many as may be in hand.
    async fn take_up(&mut self) -> Result<(), store::Error> {
        let now = self.ctx.now();
        self.cooling.retain(|_, until| *until > now);
        let free = self.ctx.config.in_flight.saturating_sub(self.passes.len());
        if free == 0 {
            return Ok(());
        }
        let except = self.in_hand.values().chain(self.cooling.keys()).copied();
        let except = except.collect();
        let limit = u64::try_from(free).unwrap_or(u64::MAX);
        let store = &self.ctx.services.store;
        for account in accounts::due(store, self.app, now, limit, except).await? {
            let ctx = Arc::clone(&self.ctx);
            let task = self
                .passes
                .spawn(async move { reconcile::reconcile(Pass::new(&ctx, account)).await });
            self.in_hand.insert(task.id(), account);
        }
        Ok(())
    }

    /// Sleeps until a pass ends, somebody calls, or an account becomes due.
    async fn rest(&mut self) -> Result<(), store::Error> {
        let clock = self.ctx.services.clock.clone();
        let now = self.ctx.now();
        let beat = i64::try_from(self.ctx.config.lease_ms / 3).unwrap_or(IDLE_MS);
        let mut until = now + IDLE_MS.min(beat);
        if self.passes.len() < self.ctx.config.in_flight {
            let next = accounts::next_due(&self.ctx.services.store, self.app, now).await?;
            until = next.map_or(until, |next| until.min(next));
        }
        let sleep = clock.sleep_ms(u64::try_from(until - now).unwrap_or(1).max(1));
        tokio::select! {
            Some(ended) = self.passes.join_next_with_id() => self.ended(ended),
            () = self.wake.notified() => {}
            () = self.shutdown.cancelled() => {}
            () = sleep => {}
        }
        Ok(())
    }

    fn reap(&mut self) {
        while let Some(ended) = self.passes.try_join_next_with_id() {
            self.ended(ended);
        }
    }

    /// A pass that did not end well costs its account a pause, and nobody else anything.
    fn ended(&mut self, ended: Result<(Id, Result<(), Stop>), JoinError>) {
        let (id, trouble) = match ended {
            Ok((id, Ok(()))) => (id, None),
            Ok((id, Err(stop))) => (id, Some(stop.to_string())),
            Err(panicked) => (panicked.id(), Some(panicked.to_string())),
        };
        let Some(account) = self.in_hand.remove(&id) else {
            return;
        };
        if let Some(trouble) = trouble {
            tracing::error!(%account, %trouble, "a pass broke off; the account is tried again");
            let until = self.ctx.now() + COOLDOWN_MS;
            self.cooling.insert(account, until);
        }
    }

    /// Shows the other processes that we live. False: they do not believe it any more.
    async fn beat(&mut self) -> Result<bool, store::Error> {
        let now = self.ctx.services.clock.monotonic_ms();
        let store = &self.ctx.services.store;
        if !store.is_shared()
            || now.saturating_sub(self.last_beat_ms) < self.ctx.config.lease_ms / 3
        {
            return Ok(true);
        }
        let hold = self.ctx.hold;
        let ours = store
            .transaction(|tx| async move { leases::beat(&tx, hold).await })
            .await?;
        self.last_beat_ms = now;
        if !ours {
            tracing::warn!(app = %self.app, "the lease is lost");
        }
        Ok(ours)
    }

    /// Lets what is in flight finish its step; nothing new begins.
    async fn drain(&mut self) {
        self.ctx.stopping.cancel();
        while let Some(ended) = self.passes.join_next_with_id().await {
            self.ended(ended);
        }
    }
}

fn share(app: &App) -> u32 {
    u32::try_from(app.options.rate_limit_share).unwrap_or(1)
}
