//! Changes for all people who match, with their place in the work: the cursor moves in the transaction of each batch, so a restart goes on
//! behind the last person who was handled.

use entity::bulk_job::{self, Column};
use entity::{bulk_job_failure, user};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::page::{Page, PageRequest, Position, page};
use super::user_lists::{self, AppFilter, UserFilter};
use super::{Access, Error, Result, Tx, apps};
use crate::domain::bulk_job::{BulkJobKind, BulkJobStatus};

/// A bulk job.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkJob {
    /// The job.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// What it does.
    pub kind: BulkJobKind,
    /// How far it is.
    pub status: BulkJobStatus,
    /// Filter, exclusions and role as asked for.
    pub request: Value,
    /// People who matched when it was accepted.
    pub total: i64,
    /// People handled.
    pub processed: i64,
    /// People changed, or already as asked.
    pub succeeded: i64,
    /// People refused.
    pub failed: i64,
    /// The last person handled.
    pub cursor: Option<Uuid>,
    /// The last person that the job may reach.
    pub until: Uuid,
    /// Why it `FAILED`, a sentence.
    pub problem: Option<String>,
    /// Who started it.
    pub started_by: Uuid,
    /// The personal access token that whoever started it came with.
    pub token_id: Option<Uuid>,
    /// When it was accepted, epoch milliseconds.
    pub created_at: i64,
    /// Last step, epoch milliseconds.
    pub updated_at: i64,
    /// When it ended, epoch milliseconds.
    pub finished_at: Option<i64>,
}

impl BulkJob {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.status.has_ended()
    }
}

impl TryFrom<bulk_job::Model> for BulkJob {
    type Error = Error;

    fn try_from(row: bulk_job::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            kind: named(row.id, "kind", &row.kind)?,
            status: named(row.id, "status", &row.status)?,
            request: row.request,
            total: row.total,
            processed: row.processed,
            succeeded: row.succeeded,
            failed: row.failed,
            cursor: row.cursor,
            until: row.until,
            problem: row.problem,
            started_by: row.started_by,
            token_id: row.token_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        })
    }
}

impl From<&BulkJob> for bulk_job::Model {
    fn from(job: &BulkJob) -> Self {
        Self {
            id: job.id,
            organization_id: job.organization_id,
            app_id: job.app_id,
            kind: job.kind.as_str().to_owned(),
            status: job.status.as_str().to_owned(),
            request: job.request.clone(),
            total: job.total,
            processed: job.processed,
            succeeded: job.succeeded,
            failed: job.failed,
            cursor: job.cursor,
            until: job.until,
            problem: job.problem.clone(),
            started_by: job.started_by,
            token_id: job.token_id,
            created_at: job.created_at,
            updated_at: job.updated_at,
            finished_at: job.finished_at,
        }
    }
}

fn named<T: std::str::FromStr>(row: Uuid, what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt {
        table: "bulk_job",
        row: row.to_string(),
        what,
        value: text.to_owned(),
    })
}

/// Writes a new job.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, job: &BulkJob) -> Result<()> {
    bulk_job::Entity::insert(bulk_job::Model::from(job).into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Keeps how far a job is.
///
/// # Errors
/// The database's own.
pub async fn save(tx: &Tx, job: &BulkJob) -> Result<()> {
    let row = bulk_job::Model::from(job).into_active_model().reset_all();
    bulk_job::Entity::update(row).exec(tx.connection()).await?;
    Ok(())
}

/// The jobs with these ids, in no order.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_ids(db: &impl Access, organization: Uuid, ids: &[Uuid]) -> Result<Vec<BulkJob>> {
    let rows = bulk_job::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::AppId.in_subquery(apps::present_ids(organization)))
        .all(db.connection())
        .await?;
    rows.into_iter().map(BulkJob::try_from).collect()
}

/// Takes the open job, of any organisation, that was not worked for longest; `None` when there is none, or other processes have them in hand.
/// It stays with this transaction until its end.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn take_next(tx: &Tx) -> Result<Option<BulkJob>> {
    let open = [BulkJobStatus::Queued, BulkJobStatus::Running].map(BulkJobStatus::as_str);
    let row = bulk_job::Entity::find()
        .filter(Column::Status.is_in(open))
        .order_by_asc(Column::UpdatedAt)
        .order_by_asc(Column::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(tx.connection())
        .await?;
    row.map(BulkJob::try_from).transpose()
}

/// The people whom a job concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct People {
    /// Who matches; deleted people never do.
    pub filter: UserFilter,
    /// Who is left out nevertheless.
    pub excluded: Vec<Uuid>,
    /// Only those who have this app; `None` takes others too.
    pub holders_of: Option<Uuid>,
}

impl People {
    fn condition(&self, organization: Uuid) -> Condition {
        let mut all = user_lists::condition(organization, &self.filter);
        if let Some(app) = self.holders_of {
            let holders = UserFilter {
                app: Some(AppFilter {
                    app,
                    assigned: true,
                }),
                ..UserFilter::default()
            };
            all = all.add(user_lists::condition(organization, &holders));
        }
        if self.excluded.is_empty() {
            return all;
        }
        all.add(user::Column::Id.is_not_in(self.excluded.iter().copied()))
    }
}

/// People who match, in the order of their ids, behind `after` and no further than `until`.
///
/// # Errors
/// The database's own.
pub async fn next_people(
    db: &impl Access,
    organization: Uuid,
    people: &People,
    after: Option<Uuid>,
    until: Uuid,
    limit: u64,
) -> Result<Vec<Uuid>> {
    let mut select = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(people.condition(organization))
        .filter(user::Column::Id.lte(until));
    if let Some(after) = after {
        select = select.filter(user::Column::Id.gt(after));
    }
    Ok(select
        .order_by_asc(user::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// How many people match, and the last of them.
///
/// # Errors
/// The database's own.
pub async fn count_people(
    db: &impl Access,
    organization: Uuid,
    people: &People,
) -> Result<(u64, Option<Uuid>)> {
    let select = user::Entity::find().filter(people.condition(organization));
    let count = select.clone().count(db.connection()).await?;
    let last = select
        .select_only()
        .column(user::Column::Id)
        .order_by_desc(user::Column::Id)
        .limit(1)
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok((count, last))
}

/// Somebody whom a job could not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkJobFailure {
    /// The person.
    pub user_id: Uuid,
    /// A user error's code, as the API shows it.
    pub code: String,
    /// The sentence for people.
    pub message: String,
}

impl From<bulk_job_failure::Model> for BulkJobFailure {
    fn from(row: bulk_job_failure::Model) -> Self {
        Self {
            user_id: row.user_id,
            code: row.code,
            message: row.message,
        }
    }
}

/// Records whom a batch could not change.
///
/// # Errors
/// The database's own.
pub async fn insert_failures(tx: &Tx, job: Uuid, failures: Vec<BulkJobFailure>) -> Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    let rows = failures
        .into_iter()
        .map(|failure| bulk_job_failure::ActiveModel {
            bulk_job_id: Set(job),
            user_id: Set(failure.user_id),
            code: Set(failure.code),
            message: Set(failure.message),
        });
    bulk_job_failure::Entity::insert_many(rows)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// A page of those whom a job could not change, in the order of their ids. The caller has found the job in the viewer's organisation.
///
/// # Errors
/// The database's own.
pub async fn failures(
    db: &impl Access,
    job: Uuid,
    request: PageRequest,
) -> Result<Page<BulkJobFailure>> {
    use bulk_job_failure::Column;
    let select = bulk_job_failure::Entity::find().filter(Column::BulkJobId.eq(job));
    let place = |row: &bulk_job_failure::Model| Position {
        key: None,
        id: row.user_id,
    };
    let rows = page(db, select, None, Column::UserId, request, place).await?;
    Ok(rows.map(BulkJobFailure::from))
}

/// How many jobs of an app are open.
///
/// # Errors
/// The database's own.
pub async fn count_open(db: &impl Access, organization: Uuid, app: Uuid) -> Result<u64> {
    let open = [BulkJobStatus::Queued, BulkJobStatus::Running].map(BulkJobStatus::as_str);
    Ok(bulk_job::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::AppId.eq(app))
        .filter(Column::Status.is_in(open))
        .count(db.connection())
        .await?)
}
