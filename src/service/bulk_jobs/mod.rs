//! A change for everybody who matches a filter: accepted when the number is the one that the administrator saw, then worked in batches.
//!
//! Each batch is one transaction with the cursor in it, so a crash loses nothing and repeats nobody. People are taken as they are when the job
//! reaches them: who no longer matches is passed over, who was added after the start is not reached. The starter's permissions count as they are
//! at each batch.

mod work;

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub use crate::store::bulk_jobs::BulkJob;
pub use work::work_one;

use super::assignments::{Change, assignable};
use super::{Ceiling, Error, Event, Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::bulk_job::BulkJobStatus;
use crate::domain::deprovisioning::Cause;
use crate::domain::permission::Permission;
use crate::random;
use crate::store::Tx;
use crate::store::audit::{self, Entry};
use crate::store::bulk_jobs::{self, BulkJobFailure, People};
use crate::store::directory_changes::{self, DirectoryChange};
use crate::store::page::{Page, PageRequest};
use crate::store::user_lists::UserFilter;

/// People who can be left out of a job: what somebody can untick by hand.
pub const MAX_EXCLUDED: usize = 1000;
/// Jobs of one app at a time: more are a sign of a script gone wild.
const MAX_OPEN: u64 = 20;

/// Everybody who matches, as asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Matching {
    /// Who matches; deleted people never do.
    pub filter: UserFilter,
    /// Who is left out nevertheless, at most [`MAX_EXCLUDED`].
    pub excluded: Vec<Uuid>,
    /// How many the administrator was told.
    pub expected_count: i64,
}

/// What a job keeps of how it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Asked {
    change: Change,
    people: People,
    /// What the session that asked may do at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ceiling: Option<Ceiling>,
}

/// Accepts a job for everybody who matches now.
///
/// # Errors
/// `Refused` when the app or the role is at fault, too many are left out, the number is another one by now (`COUNT_MISMATCH`), or the app has
/// too many jobs open. The caller has checked the permissions.
pub(super) async fn start(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    matching: Matching,
    change: Change,
) -> Result<BulkJob> {
    if matching.excluded.len() > MAX_EXCLUDED {
        let sentence = format!("At most {MAX_EXCLUDED} users can be left out.");
        let error = UserError::new(UserErrorCode::TooMany, sentence).with("max", MAX_EXCLUDED);
        return Err(error.at(["targets", "matching", "excludedUserIds"]).into());
    }
    let now = services.clock.now_ms();
    let asked = Asked {
        change,
        people: People {
            filter: matching.filter,
            excluded: matching.excluded,
            holders_of: change.needs_assignment().then_some(app),
        },
        ceiling: viewer.ceiling.clone(),
    };
    let expected = matching.expected_count;
    let job = services
        .store
        .transaction(async |tx| {
            assignable(&tx, viewer, app, change).await?;
            check_open(&tx, viewer, app).await?;
            let organization = viewer.organization_id;
            let (count, last) = bulk_jobs::count_people(&*tx, organization, &asked.people).await?;
            check_count(count, expected)?;
            let job = new_job(viewer, app, &asked, (count, last), now)?;
            bulk_jobs::insert(&tx, &job).await?;
            if matches!(change, Change::Unassign) {
                let change = DirectoryChange {
                    id: job.id,
                    organization_id: organization,
                    cause: Cause::BulkJob,
                    user_id: Some(viewer.user_id),
                    created_at: now,
                };
                directory_changes::record(&tx, change).await?;
            }
            record_start(&tx, viewer, &job).await?;
            Ok::<_, Error>(job)
        })
        .await?;
    services.events.publish(event(&job));
    services.work.notify_one();
    Ok(job)
}

async fn check_open(tx: &Tx, viewer: &Viewer, app: Uuid) -> Result<()> {
    if bulk_jobs::count_open(tx, viewer.organization_id, app).await? < MAX_OPEN {
        return Ok(());
    }
    let sentence = "Too many bulk jobs of this app are still open; wait for one to end.";
    Err(UserError::new(UserErrorCode::NotPossibleNow, sentence).into())
}

fn check_count(count: u64, expected: i64) -> Result<()> {
    if u64::try_from(expected) == Ok(count) {
        return Ok(());
    }
    let sentence = format!("{count} users match now, not {expected}. Look again before going on.");
    let error = UserError::new(UserErrorCode::CountMismatch, sentence).with("count", count);
    Err(error.at(["targets", "matching", "expectedCount"]).into())
}

fn new_job(
    viewer: &Viewer,
    app: Uuid,
    asked: &Asked,
    (count, last): (u64, Option<Uuid>),
    now: i64,
) -> Result<BulkJob> {
    let request = serde_json::to_value(asked).map_err(|e| Error::Internal(e.to_string()))?;
    let nobody = last.is_none();
    Ok(BulkJob {
        id: random::new_id(),
        organization_id: viewer.organization_id,
        app_id: app,
        kind: asked.change.kind(),
        status: if nobody {
            BulkJobStatus::Completed
        } else {
            BulkJobStatus::Queued
        },
        request,
        total: i64::try_from(count).unwrap_or(i64::MAX),
        processed: 0,
        succeeded: 0,
        failed: 0,
        cursor: None,
        until: last.unwrap_or(Uuid::nil()),
        problem: None,
        started_by: viewer.user_id,
        token_id: viewer.token,
        created_at: now,
        updated_at: now,
        finished_at: nobody.then_some(now),
    })
}

async fn record_start(tx: &Tx, viewer: &Viewer, job: &BulkJob) -> Result<()> {
    let actor = viewer.actor();
    let detail = json!({ "bulkJob": job.id, "kind": job.kind, "total": job.total });
    let entry = Entry::new(
        viewer.organization_id,
        job.created_at,
        actor,
        "bulkJob.start",
    )
    .app(job.app_id)
    .detail(detail);
    Ok(audit::record(tx, entry).await?)
}

fn event(job: &BulkJob) -> Event {
    Event::BulkJob {
        organization: job.organization_id,
        app: job.app_id,
        job: job.id,
    }
}

/// The jobs with these ids that the viewer may see: with `VIEW_APPS`, those of his organisation.
///
/// # Errors
/// The database's own.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<BulkJob>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    Ok(bulk_jobs::by_ids(&services.store, viewer.organization_id, ids).await?)
}

/// Somebody whom a job could not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The person.
    pub user_id: Uuid,
    /// Why, for programs.
    pub code: UserErrorCode,
    /// Why, for people.
    pub message: String,
}

impl Failure {
    fn stored(self) -> Result<BulkJobFailure> {
        let code = serde_json::to_value(self.code).map_err(|e| Error::Internal(e.to_string()))?;
        let code = code.as_str().unwrap_or_default().to_owned();
        Ok(BulkJobFailure {
            user_id: self.user_id,
            code,
            message: self.message,
        })
    }

    /// A code that this version does not know reads as `INVALID_VALUE`, as clients are told to read it.
    fn read(row: BulkJobFailure) -> Self {
        let code = serde_json::from_value(json!(row.code));
        Self {
            user_id: row.user_id,
            code: code.unwrap_or(UserErrorCode::InvalidValue),
            message: row.message,
        }
    }
}

/// A page of those whom the job could not change.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`; `NotFound` when the job is not of the viewer's organisation.
pub async fn failures(
    services: &Services,
    viewer: &Viewer,
    job: Uuid,
    request: PageRequest,
) -> Result<Page<Failure>> {
    viewer.require(Permission::ViewApps)?;
    if by_ids(services, viewer, &[job]).await?.is_empty() {
        return Err(Error::NotFound);
    }
    let page = bulk_jobs::failures(&services.store, job, request).await?;
    Ok(page.map(Failure::read))
}
