//! Working imports off, step by step. Each step is one transaction, on condition that nothing overtook it: a cancelled import, or another
//! process that took over, makes the step void. So an import that is stopped at any moment goes on where its row says.

use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::call::Trouble;
use super::{Import, announce, apply, fetch};
use crate::domain::backoff;
use crate::domain::import::{ImportPhase, ImportProblem, ImportStatus};
use crate::random;
use crate::service::{Error, Result, Services};
use crate::store::audit::{self, Actor, Entry};
use crate::store::{self, Tx, imports};

/// How long a claim counts without a step, milliseconds: longer than a call may take. It only saves calls; steps are safe without it.
const CLAIM_MS: i64 = 60_000;
/// Tries of one call before the import fails: with growing pauses about a minute, so that a hiccup passes and an administrator who waits
/// learns of more.
const MAX_ATTEMPTS: i32 = 8;
/// As [`MAX_ATTEMPTS`], while Okta says that its rate limit is used up: each try waits for a window.
const MAX_THROTTLED: i32 = 60;

/// Running imports with something to do for `process` now.
///
/// # Errors
/// The database's own.
pub async fn runnable(services: &Services, process: Uuid) -> Result<Vec<Uuid>> {
    // With SQLite no other process is alive: claims are those of our predecessor.
    let alone = !services.store.is_shared();
    let now = services.clock.now_ms();
    Ok(imports::runnable(&services.store, process, alone, now).await?)
}

/// When the next running import may go on, epoch milliseconds; `None` when none waits.
///
/// # Errors
/// The database's own.
pub async fn next_due(services: &Services) -> Result<Option<i64>> {
    Ok(imports::next_due(&services.store).await?)
}

/// What all steps of one import share.
pub(super) struct Run {
    pub services: Services,
    pub stopping: CancellationToken,
}

/// What comes after a step.
pub(super) enum Next {
    /// The next one.
    On(Box<Import>),
    /// Nothing for now: it has ended, waits, or was overtaken.
    Rest,
}

impl Next {
    pub(super) fn after(import: Option<Import>) -> Self {
        match import {
            Some(import) if import.status.is_running() && import.next_attempt_at.is_none() => {
                Self::On(Box::new(import))
            }
            _ => Self::Rest,
        }
    }
}

/// Works an import until it ends, has to wait, or `stopping` is cancelled; a step that has begun is finished.
///
/// # Errors
/// The database's own, when it may pass; an import that can never go on is ended as `FAILED` instead.
pub async fn work(
    services: &Services,
    process: Uuid,
    import: Uuid,
    stopping: &CancellationToken,
) -> Result<()> {
    let Some(mut import) = claim(services, process, import).await? else {
        return Ok(());
    };
    let run = Run {
        services: services.clone(),
        stopping: stopping.clone(),
    };
    while !stopping.is_cancelled() {
        let worked = match import.phase {
            ImportPhase::Admins => fetch::admins(&run, &import).await,
            ImportPhase::Pages => fetch::pages(&run, &import).await,
            ImportPhase::Vanished => fetch::vanished(&run, &import).await,
            ImportPhase::Recheck => fetch::recheck(&run, &import).await,
            ImportPhase::Apply => apply::batch(&run, &import).await,
        };
        match worked {
            Ok(Next::On(next)) => import = *next,
            Ok(Next::Rest) => return Ok(()),
            Err(error) if error.retryable() => return Err(error),
            Err(error) => {
                tracing::error!(import = %import.id, %error, "an import cannot go on");
                run.fail(&import, ImportProblem::Internal, None).await?;
                return Ok(());
            }
        }
    }
    run.release(&import).await
}

/// Claims a running import that may go on now; `None` when somebody else has it, or it has ended or waits.
async fn claim(services: &Services, process: Uuid, id: Uuid) -> Result<Option<Import>> {
    let Some(seen) = imports::find_anywhere(&services.store, id).await? else {
        return Ok(None);
    };
    let now = services.clock.now_ms();
    let alone = !services.store.is_shared();
    services
        .store
        .transaction(async |tx| {
            let found = imports::find_locked(&tx, seen.organization_id, id).await?;
            let Some(mut import) = found.filter(|import| import.status.is_running()) else {
                return Ok(None);
            };
            let others = import.claimed_by.is_some_and(|by| by != process);
            let live = others && import.claimed_until.is_some_and(|until| until > now);
            let waits = import.next_attempt_at.is_some_and(|at| at > now);
            if waits || live && !alone {
                return Ok(None);
            }
            import.claimed_by = Some(process);
            import.claimed_until = Some(now + CLAIM_MS);
            import.next_attempt_at = None;
            import.step += 1;
            imports::save(&tx, &import).await?;
            Ok::<_, Error>(Some(import))
        })
        .await
}

impl Run {
    pub(super) fn now(&self) -> i64 {
        self.services.clock.now_ms()
    }

    /// Commits a step and tells the watchers; `None` when it was overtaken, and then nothing of it happened.
    pub(super) async fn step<F, Fut>(&self, import: &Import, work: F) -> Result<Option<Import>>
    where
        F: FnOnce(Arc<Tx>, Import) -> Fut,
        Fut: Future<Output = Result<Import>>,
    {
        let now = self.now();
        let stepped = self
            .services
            .store
            .transaction(async |tx| {
                let Some(mut current) = resume(&tx, import).await? else {
                    return Ok(None);
                };
                current.attempts = 0;
                current.next_attempt_at = None;
                let mut current = work(Arc::clone(&tx), current).await?;
                current.step += 1;
                current.updated_at = now;
                current.claimed_until = Some(now + CLAIM_MS);
                imports::save(&tx, &current).await?;
                Ok::<_, Error>(Some(current))
            })
            .await?;
        if let Some(import) = &stepped {
            announce(&self.services, import);
        }
        Ok(stepped)
    }

    /// Records that a step came to nothing: the import waits, or fails.
    pub(super) async fn stumble(&self, import: &Import, trouble: Trouble) -> Result<Next> {
        let (problem, detail, until, passes) = match trouble {
            Trouble::Ours(error) => return Err(error),
            Trouble::Never { problem, detail } => (problem, detail, None, false),
            Trouble::Later {
                problem,
                detail,
                until,
            } => (problem, detail, until, true),
        };
        let attempts = import.attempts + 1;
        let most = if until.is_some() {
            MAX_THROTTLED
        } else {
            MAX_ATTEMPTS
        };
        if !passes || attempts >= most {
            return self.fail(import, problem, detail).await;
        }
        let now = self.now();
        let pause = backoff::pause_ms(u32::try_from(attempts).unwrap_or(1), random::unit());
        let at = until.unwrap_or(now + pause).max(now + 1);
        tracing::warn!(import = %import.id, %problem, attempts, "a step of an import came to nothing; it is tried again");
        let stepped = self
            .step(import, async |_, mut import| {
                // A fault of ours is no call.
                import.calls += i64::from(problem != ImportProblem::Internal);
                import.attempts = attempts;
                import.next_attempt_at = Some(at);
                Ok(import)
            })
            .await?;
        Ok(Next::after(stepped))
    }

    /// Ends the import as failed.
    pub(super) async fn fail(
        &self,
        import: &Import,
        problem: ImportProblem,
        detail: Option<String>,
    ) -> Result<Next> {
        let now = self.now();
        self.step(import, async |tx, import| {
            failed(&tx, import, problem, detail, now).await
        })
        .await?;
        Ok(Next::Rest)
    }

    /// Lets go of an import that somebody else may take up at once.
    async fn release(&self, import: &Import) -> Result<()> {
        self.services
            .store
            .transaction(async |tx| {
                if let Some(mut current) = resume(&tx, import).await? {
                    current.claimed_by = None;
                    current.claimed_until = None;
                    imports::save(&tx, &current).await?;
                }
                Ok::<_, Error>(())
            })
            .await
    }
}

/// The import as it is now, held until the transaction ends; `None` when it was overtaken since `import` was read.
async fn resume(tx: &Tx, import: &Import) -> store::Result<Option<Import>> {
    let found = imports::find_locked(tx, import.organization_id, import.id).await?;
    Ok(found.filter(|current| {
        current.status.is_running()
            && current.step == import.step
            && current.claimed_by == import.claimed_by
    }))
}

/// The import as failed, with a row in the audit trail; it is not saved.
pub(super) async fn failed(
    tx: &Tx,
    mut import: Import,
    problem: ImportProblem,
    detail: Option<String>,
    now: i64,
) -> Result<Import> {
    import.status = ImportStatus::Failed;
    import.problem = Some(problem);
    import.problem_detail = detail;
    import.next_attempt_at = None;
    import.finished_at = Some(now);
    let detail =
        json!({ "import": import.id, "problem": problem, "detail": import.problem_detail });
    let entry = Entry::new(import.organization_id, now, Actor::Engine, "import.fail")
        .app(import.app_id)
        .detail(detail);
    audit::record(tx, entry).await?;
    Ok(import)
}
