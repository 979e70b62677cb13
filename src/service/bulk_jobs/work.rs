//! Working a job off, batch by batch. The worker's loop calls it for as long as there is something to do.

use super::{Asked, Failure, event};
use crate::domain::bulk_job::BulkJobStatus;
use crate::domain::permission::Permission;
use crate::service::assignments::{Row, Rows};
use crate::service::present::viewer_now;
use crate::service::{Error, Event, Result, Services, Viewer};
use crate::store::assignments::{self, Assignable};
use crate::store::bulk_jobs::{self, BulkJob, BulkJobFailure};
use crate::store::{self, Tx};

/// People in one transaction: some tens of milliseconds, so that others get their turn in between.
const BATCH: u64 = 200;

/// Works one batch of the job that has waited longest. False when there was none.
///
/// # Errors
/// The database's own, when it may pass; a job that can never go on is ended as `FAILED` instead.
pub async fn work_one(services: &Services) -> Result<bool> {
    let now = services.clock.now_ms();
    let worked = services
        .store
        .transaction(async |tx| one_batch(&tx, now).await)
        .await;
    let (job, changed) = match worked {
        Ok(None) => return Ok(false),
        Ok(Some(worked)) => worked,
        Err(Stuck {
            job: Some(mut job),
            error,
        }) if !error.retryable() => {
            tracing::error!(job = %job.id, error = %error, "a bulk job cannot go on");
            end(
                &mut job,
                now,
                Some("An internal fault stopped it; the log says more."),
            );
            services
                .store
                .transaction(async |tx| bulk_jobs::save(&tx, &job).await)
                .await?;
            (job, false)
        }
        Err(Stuck { error, .. }) => return Err(error),
    };
    services.events.publish(event(&job));
    if changed {
        services.events.publish(Event::App {
            organization: job.organization_id,
            app: job.app_id,
        });
    }
    services.work.notify_one();
    Ok(true)
}

/// An error with the job that was in hand.
struct Stuck {
    job: Option<BulkJob>,
    error: Error,
}

impl From<store::Error> for Stuck {
    fn from(error: store::Error) -> Self {
        Self {
            job: None,
            error: error.into(),
        }
    }
}

async fn one_batch(tx: &Tx, now: i64) -> std::result::Result<Option<(BulkJob, bool)>, Stuck> {
    let Some(job) = bulk_jobs::take_next(tx).await? else {
        return Ok(None);
    };
    let before = job.clone();
    match advance(tx, job, now).await {
        Ok(done) => Ok(Some(done)),
        Err(error) => Err(Stuck {
            job: Some(before),
            error,
        }),
    }
}

async fn advance(tx: &Tx, mut job: BulkJob, now: i64) -> Result<(BulkJob, bool)> {
    let changed = match standing(tx, &job, now).await? {
        Ok((viewer, app)) => batch(tx, &mut job, &viewer, &app, now).await?,
        Err(problem) => {
            end(&mut job, now, Some(problem));
            false
        }
    };
    job.updated_at = now;
    bulk_jobs::save(tx, &job).await?;
    Ok((job, changed))
}

/// Whether the job may still go on: who it works for, and the app.
async fn standing(
    tx: &Tx,
    job: &BulkJob,
    now: i64,
) -> Result<std::result::Result<(Viewer, Assignable), &'static str>> {
    let organization = job.organization_id;
    let Some(app) = assignments::hold_app(tx, organization, job.app_id).await? else {
        return Ok(Err("The app was removed."));
    };
    let (by, token, ceiling) = (job.started_by, job.token_id, asked(job)?.ceiling);
    let viewer = viewer_now(tx, organization, by, token, ceiling, now).await?;
    let may =
        |viewer: &Viewer| viewer.can(Permission::ViewApps) && viewer.can(Permission::AssignApps);
    Ok(match viewer.filter(may) {
        Some(viewer) => Ok((viewer, app)),
        None => Err("The person who started it may no longer assign apps."),
    })
}

fn asked(job: &BulkJob) -> Result<Asked> {
    serde_json::from_value(job.request.clone())
        .map_err(|e| Error::Internal(format!("bulk job {}: {e}", job.id)))
}

/// Handles the next people. True when an assignment changed.
async fn batch(
    tx: &Tx,
    job: &mut BulkJob,
    viewer: &Viewer,
    app: &Assignable,
    now: i64,
) -> Result<bool> {
    let asked = asked(job)?;
    let organization = job.organization_id;
    let people = bulk_jobs::next_people(
        tx,
        organization,
        &asked.people,
        job.cursor,
        job.until,
        BATCH,
    )
    .await?;
    let work = Rows {
        tx,
        viewer,
        app,
        change: asked.change,
        job: Some(job.id),
        id: job.id,
        now,
    };
    let rows = work.apply(&people).await?;
    let changed = rows
        .iter()
        .any(|row| row.outcome.as_ref().is_ok_and(|done| done.changed));
    count(job, &rows);
    job.cursor = people.last().copied().or(job.cursor);
    job.status = BulkJobStatus::Running;
    bulk_jobs::insert_failures(tx, job.id, failures(rows)?).await?;
    if (people.len() as u64) < BATCH {
        end(job, now, None);
    }
    Ok(changed)
}

fn count(job: &mut BulkJob, rows: &[Row]) {
    for row in rows {
        job.processed += 1;
        match row.outcome {
            Ok(_) => job.succeeded += 1,
            Err(_) => job.failed += 1,
        }
    }
}

fn failures(rows: Vec<Row>) -> Result<Vec<BulkJobFailure>> {
    let failure = |row: Row| {
        let error = row.outcome.err()?;
        let failure = Failure {
            user_id: row.user_id,
            code: error.code,
            message: error.message,
        };
        Some(failure.stored())
    };
    rows.into_iter().filter_map(failure).collect()
}

fn end(job: &mut BulkJob, now: i64, problem: Option<&str>) {
    job.status = match problem {
        None => BulkJobStatus::Completed,
        Some(_) => BulkJobStatus::Failed,
    };
    job.problem = problem.map(str::to_owned);
    job.finished_at = Some(now);
}
