//! The worker of one app: holds its lease, takes its due accounts, a few at a time, and stops when the lease or the connection is lost.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;
use uuid::Uuid;

use super::Deps;
use super::context::{AppContext, Stop};
use super::gateway::Gateway;
use super::pass::Pass;
use super::turns::Turns;
use super::{health, lease, pause, reconcile};
use crate::domain::account::Urgency;
use crate::domain::connection::ConnectionStatus;
use crate::service::estimate;
use crate::store::apps::App;
use crate::store::leases::{self, Hold};
use crate::store::okta_orgs::OktaOrg;
use crate::store::paces::{self, AllowedPace};
use crate::store::{self, accounts, apps_worked, sync_counts};

/// How long an account is left alone after the database or a defect stopped its pass, milliseconds.
const COOLDOWN_MS: i64 = 5_000;
/// Longest sleep of a worker with nothing to do, milliseconds: how late it notices what nobody told it.
const IDLE_MS: i64 = 5_000;

/// Accounts of each urgency that are asked of the database at a time: so many that the asking does not count.
const BATCH: usize = 32;
/// How long a worker without anything to do stays, milliseconds: a little longer than Okta's rate limits have to be remembered.
const LINGER_MS: u64 = 90_000;

/// What became of the passes.
type Passes = JoinSet<Result<Option<i64>, Stop>>;

struct Worker {
    ctx: Arc<AppContext>,
    app: Uuid,
    wake: Arc<Notify>,
    shutdown: CancellationToken,
    /// Cancelled when another process works the app by now.
    lost: CancellationToken,
    passes: Passes,
    /// Due accounts whose turn is to come.
    turns: Turns,
    /// The pace that was told last.
    told: Option<AllowedPace>,
    /// The accounts in hand, by task.
    in_hand: HashMap<Id, (Uuid, Urgency)>,
    /// When it last had something to do, by the monotonic clock.
    busy_ms: u64,
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
            let lost = CancellationToken::new();
            let _heart = store.is_shared().then(|| {
                let beating =
                    lease::keep(store.clone(), clock.clone(), hold, lease_ms, lost.clone());
                AbortOnDropHandle::new(tokio::spawn(beating))
            });
            let mut worker = Worker::new(&deps, &row, &org, hold, wake, shutdown, lost);
            let outcome = match worker.resume_pace().await {
                Ok(()) => worker.run(org.id).await,
                Err(error) => Err(error),
            };
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
        lost: CancellationToken,
    ) -> Self {
        let clock = deps.services.clock.clone();
        let busy_ms = clock.monotonic_ms();
        let sessions = Arc::clone(&deps.sessions);
        let gateway = Gateway::new(
            org.organization_id,
            org.id,
            sessions,
            clock,
            share(app),
            &deps.config,
            Arc::clone(&deps.services.metrics),
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
            lost,
            passes: JoinSet::new(),
            turns: Turns::default(),
            told: None,
            in_hand: HashMap::new(),
            busy_ms,
        }
    }

    async fn run(&mut self, org: Uuid) -> Result<(), store::Error> {
        loop {
            self.reap();
            if self.shutdown.is_cancelled() || self.lost.is_cancelled() {
                return Ok(());
            }
            if self.turn(org).await? == Life::Over {
                return Ok(());
            }
            self.rest().await?;
        }
    }

    /// Takes up what is due, if the connection works.
    async fn turn(&mut self, org: Uuid) -> Result<Life, store::Error> {
        let most = self.ctx.config.quarantine_after;
        if self.ctx.gateway.failures() >= most || self.ctx.trust.is_lost(most) {
            self.turns.clear();
            return self.settle_stop(health::quarantine(&self.ctx).await);
        }
        if self.turns.is_empty() && self.free() > 0 {
            let life = self.look(org).await?;
            if life == Life::Over {
                return Ok(Life::Over);
            }
        }
        if self.ctx.trust.take_healed() {
            health::healed(&self.ctx).await?;
        }
        self.take_up();
        self.tell_pace().await?;
        Ok(self.linger())
    }

    /// Looks at the connection, and for what is due.
    async fn look(&mut self, org: Uuid) -> Result<Life, store::Error> {
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
        let now = self.ctx.now();
        let open = self.turns.open(now);
        if row.pause.is_some() {
            return self.paused().await;
        }
        for urgency in open {
            let except = self.except();
            let due = accounts::due(store, self.app, urgency, now, BATCH, &except).await?;
            self.turns.put(urgency, due);
        }
        Ok(Life::On)
    }

    /// Takes up what may be done while the app is paused.
    async fn paused(&mut self) -> Result<Life, store::Error> {
        match pause::look(&self.ctx, BATCH, &self.except()).await {
            Ok(due) => {
                self.turns.put(Urgency::Changing, due);
                Ok(Life::On)
            }
            Err(stop) => self.settle_stop(Err(stop)),
        }
    }

    /// Takes up the pace of the process that worked the app before, so that its calls are not forgotten.
    async fn resume_pace(&self) -> Result<(), store::Error> {
        let store = &self.ctx.services.store;
        if let Some(told) = paces::find(store, self.app).await? {
            let since = estimate::window_begun(told.window_ends_at);
            let used = sync_counts::sent_since(store, self.ctx.organization, self.app, since);
            self.ctx.gateway.resume(&told, used.await?);
        }
        Ok(())
    }

    /// Tells all processes the pace that Okta allows, so that each can say how long the work will take.
    async fn tell_pace(&mut self) -> Result<(), store::Error> {
        let pace = self.ctx.gateway.allowed();
        let Some(pace) = pace.filter(|pace| self.told.as_ref() != Some(pace)) else {
            return Ok(());
        };
        let (store, app, told) = (&self.ctx.services.store, self.app, pace.clone());
        store
            .transaction(|tx| async move { paces::save(&tx, app, told).await })
            .await?;
        self.told = Some(pace);
        Ok(())
    }

    /// Accounts that are not to be taken up just now.
    fn except(&self) -> Vec<Uuid> {
        let in_hand = self.in_hand.values().map(|(account, _)| *account);
        in_hand.chain(self.turns.alone()).collect()
    }

    fn free(&self) -> usize {
        let most = match self.ctx.trust.is_careful() {
            true => 1,
            false => self.ctx.config.in_flight,
        };
        most.saturating_sub(self.passes.len())
    }

    /// A worker that has had nothing to do for long goes; another one is started when there is.
    fn linger(&mut self) -> Life {
        let now = self.ctx.services.clock.monotonic_ms();
        if !self.passes.is_empty() {
            self.busy_ms = now;
        }
        match now.saturating_sub(self.busy_ms) > LINGER_MS {
            true => Life::Over,
            false => Life::On,
        }
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
    fn take_up(&mut self) {
        for _ in 0..self.free() {
            let Some((account, urgency)) = self.turns.next() else {
                return;
            };
            let ctx = Arc::clone(&self.ctx);
            // What is logged on the way names the account; the app as well.
            let span = tracing::info_span!("pass", app = %self.app);
            let pass = async move { reconcile::reconcile(Pass::new(&ctx, account)).await };
            let task = self.passes.spawn(pass.instrument(span));
            self.in_hand.insert(task.id(), (account, urgency));
        }
    }

    /// Sleeps until a pass ends, somebody calls, or an account becomes due.
    async fn rest(&mut self) -> Result<(), store::Error> {
        let clock = self.ctx.services.clock.clone();
        let now = self.ctx.now();
        let mut until = now + IDLE_MS;
        if self.free() > 0 {
            let next = accounts::next_due(&self.ctx.services.store, self.app, now).await?;
            let opens = self.turns.next_at(now);
            until = [next, opens].into_iter().flatten().fold(until, i64::min);
        }
        let sleep = clock.sleep_ms(u64::try_from(until - now).unwrap_or(1).max(1));
        tokio::select! {
            Some(ended) = self.passes.join_next_with_id() => self.ended(ended),
            // Whoever called may be more urgent than those who wait.
            () = self.wake.notified() => self.turns.clear(),
            () = self.shutdown.cancelled() => {}
            () = self.lost.cancelled() => {}
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
    fn ended(&mut self, ended: Result<(Id, Result<Option<i64>, Stop>), JoinError>) {
        let (id, outcome) = match ended {
            Ok((id, outcome)) => (
                id,
                outcome.map_err(|stop| match stop {
                    Stop::LeaseLost => None,
                    stop => Some(stop.to_string()),
                }),
            ),
            Err(panicked) => (panicked.id(), Err(Some(panicked.to_string()))),
        };
        let Some((account, urgency)) = self.in_hand.remove(&id) else {
            return;
        };
        match outcome {
            Ok(None) => self.turns.went_on(urgency),
            Ok(Some(until)) => self.turns.sent_away(urgency, until),
            Err(None) => self.lost.cancel(),
            Err(Some(trouble)) => {
                tracing::error!(%account, %trouble, "a pass broke off; the account is tried again");
                let until = self.ctx.now() + COOLDOWN_MS;
                self.turns.leave_alone(account, until);
            }
        }
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
