//! Imports, with their place in the work: what the worker has done is committed together with where it goes on.

use entity::okta_import::{self, Column};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use super::page::{Page, PageRequest, Position, page};
use super::{Access, Error, Result, Tx};
use crate::domain::import::{ImportMode, ImportPhase, ImportProblem, ImportStatus, SourceProfile};

/// An import.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The import.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The connection through which it reads.
    pub okta_org_id: Uuid,
    /// Which accounts it reads.
    pub mode: ImportMode,
    /// How far it is.
    pub status: ImportStatus,
    /// What the worker does next.
    pub phase: ImportPhase,
    /// Whose values count where a candidate has no choice of its own.
    pub source_profile: SourceProfile,
    /// Only accounts changed after this are read, epoch milliseconds by Okta's clock; `None` for a full import.
    pub since: Option<i64>,
    /// Up to when everything that changed in Okta is known, epoch milliseconds by Okta's clock.
    pub high_water: Option<i64>,
    /// Link to the next page; `None` before the first and after the last.
    pub cursor: Option<String>,
    /// Last linked account looked at for having vanished, or last candidate applied.
    pub place: Option<Uuid>,
    /// Goes up with each step of the worker.
    pub step: i64,
    /// The mapping's version that candidates were classified with.
    pub mappings_version: i64,
    /// Whether Okta told who holds admin roles; `None` before it was asked.
    pub admins_known: Option<bool>,
    /// Pages read.
    pub pages: i64,
    /// Calls made, failed ones too.
    pub calls: i64,
    /// Accounts read.
    pub fetched: i64,
    /// Accounts for which there is a person.
    pub matched: i64,
    /// Accounts with nothing to do.
    pub in_sync: i64,
    /// Deactivated accounts that belong to nobody here.
    pub ignored: i64,
    /// Linked accounts that are no longer in Okta.
    pub vanished: i64,
    /// Accounts to expect; `None` when nothing is known.
    pub total_estimate: Option<i64>,
    /// Goes up with each change of ticks or sources.
    pub selection_version: i64,
    /// The selection version that was confirmed.
    pub confirmed_selection_version: Option<i64>,
    /// Who started it.
    pub started_by: Uuid,
    /// Who confirmed it.
    pub confirmed_by: Option<Uuid>,
    /// What the session that confirmed it, or else started it, may do at most; `None` when nothing but its person's rights bounds it.
    pub ceiling: Option<serde_json::Value>,
    /// The personal access token that whoever confirmed it, or else started it, came with.
    pub token_id: Option<Uuid>,
    /// Why it `FAILED`.
    pub problem: Option<ImportProblem>,
    /// What Okta said; for people.
    pub problem_detail: Option<String>,
    /// Consecutive failures of the call in hand.
    pub attempts: i32,
    /// No work before this time, epoch milliseconds.
    pub next_attempt_at: Option<i64>,
    /// The process that works it.
    pub claimed_by: Option<Uuid>,
    /// Until when that claim counts, epoch milliseconds.
    pub claimed_until: Option<i64>,
    /// Deactivations that await approval.
    pub held_deactivations: i64,
    /// Whether deactivations beyond the safe share were approved.
    pub deactivations_approved: bool,
    /// When it was started, epoch milliseconds.
    pub created_at: i64,
    /// Last step, epoch milliseconds.
    pub updated_at: i64,
    /// When the list was complete, epoch milliseconds.
    pub fetched_at: Option<i64>,
    /// When it was confirmed, epoch milliseconds.
    pub confirmed_at: Option<i64>,
    /// When it ended, epoch milliseconds.
    pub finished_at: Option<i64>,
}

impl TryFrom<okta_import::Model> for Import {
    type Error = Error;

    fn try_from(row: okta_import::Model) -> Result<Self> {
        let problem = row.problem_code.as_deref();
        let problem = problem
            .map(|code| named(row.id, "problem_code", code))
            .transpose()?;
        Ok(Self {
            mode: named(row.id, "mode", &row.mode)?,
            status: named(row.id, "status", &row.status)?,
            phase: named(row.id, "phase", &row.phase)?,
            source_profile: named(row.id, "source_profile", &row.source_profile)?,
            problem,
            id: row.id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            okta_org_id: row.okta_org_id,
            since: row.since,
            high_water: row.high_water,
            cursor: row.cursor,
            place: row.place,
            step: row.step,
            mappings_version: row.mappings_version,
            admins_known: row.admins_known,
            pages: row.pages,
            calls: row.calls,
            fetched: row.fetched,
            matched: row.matched,
            in_sync: row.in_sync,
            ignored: row.ignored,
            vanished: row.vanished,
            total_estimate: row.total_estimate,
            selection_version: row.selection_version,
            confirmed_selection_version: row.confirmed_selection_version,
            started_by: row.started_by,
            confirmed_by: row.confirmed_by,
            ceiling: row.ceiling,
            token_id: row.token_id,
            problem_detail: row.problem_detail,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            claimed_by: row.claimed_by,
            claimed_until: row.claimed_until,
            held_deactivations: row.held_deactivations,
            deactivations_approved: row.deactivations_approved,
            created_at: row.created_at,
            updated_at: row.updated_at,
            fetched_at: row.fetched_at,
            confirmed_at: row.confirmed_at,
            finished_at: row.finished_at,
        })
    }
}

impl From<&Import> for okta_import::Model {
    fn from(import: &Import) -> Self {
        Self {
            id: import.id,
            organization_id: import.organization_id,
            app_id: import.app_id,
            okta_org_id: import.okta_org_id,
            mode: import.mode.to_string(),
            status: import.status.to_string(),
            phase: import.phase.to_string(),
            source_profile: import.source_profile.to_string(),
            since: import.since,
            high_water: import.high_water,
            cursor: import.cursor.clone(),
            place: import.place,
            step: import.step,
            mappings_version: import.mappings_version,
            admins_known: import.admins_known,
            pages: import.pages,
            calls: import.calls,
            fetched: import.fetched,
            matched: import.matched,
            in_sync: import.in_sync,
            ignored: import.ignored,
            vanished: import.vanished,
            total_estimate: import.total_estimate,
            selection_version: import.selection_version,
            confirmed_selection_version: import.confirmed_selection_version,
            started_by: import.started_by,
            confirmed_by: import.confirmed_by,
            ceiling: import.ceiling.clone(),
            token_id: import.token_id,
            problem_code: import.problem.map(|code| code.to_string()),
            problem_detail: import.problem_detail.clone(),
            attempts: import.attempts,
            next_attempt_at: import.next_attempt_at,
            claimed_by: import.claimed_by,
            claimed_until: import.claimed_until,
            held_deactivations: import.held_deactivations,
            deactivations_approved: import.deactivations_approved,
            created_at: import.created_at,
            updated_at: import.updated_at,
            fetched_at: import.fetched_at,
            confirmed_at: import.confirmed_at,
            finished_at: import.finished_at,
        }
    }
}

fn named<T: std::str::FromStr>(row: Uuid, what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt {
        table: "okta_import",
        row: row.to_string(),
        what,
        value: text.to_owned(),
    })
}

fn read(row: Option<okta_import::Model>) -> Result<Option<Import>> {
    row.map(Import::try_from).transpose()
}

fn of_app(organization: Uuid, app: Uuid) -> Select<okta_import::Entity> {
    okta_import::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::AppId.eq(app))
}

/// Writes a new import.
///
/// # Errors
/// [`Error::Duplicate`] when another one of the app is running; the database's own.
pub async fn insert(tx: &Tx, import: &Import) -> Result<()> {
    okta_import::Entity::insert(okta_import::Model::from(import).into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Keeps an import that was read with [`find_locked`] in the same transaction.
///
/// # Errors
/// The database's own.
pub async fn save(tx: &Tx, import: &Import) -> Result<()> {
    let row = okta_import::Model::from(import)
        .into_active_model()
        .reset_all();
    okta_import::Entity::update(row)
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// The import.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Import>> {
    let found = okta_import::Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .one(db.connection())
        .await?;
    read(found)
}

/// The import, held until the transaction ends.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find_locked(tx: &Tx, organization: Uuid, id: Uuid) -> Result<Option<Import>> {
    let found = okta_import::Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    read(found)
}

/// The import, of whatever organisation; for the worker.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find_anywhere(db: &impl Access, id: Uuid) -> Result<Option<Import>> {
    read(
        okta_import::Entity::find_by_id(id)
            .one(db.connection())
            .await?,
    )
}

/// A page of an app's imports in the order of their start.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    request: PageRequest,
) -> Result<Page<Import>> {
    let place = |row: &okta_import::Model| Position {
        key: None,
        id: row.id,
    };
    let rows = page(
        db,
        of_app(organization, app),
        None,
        Column::Id,
        request,
        place,
    )
    .await?;
    rows.try_map(Import::try_from)
}

/// How many imports an app has.
///
/// # Errors
/// The database's own.
pub async fn count(db: &impl Access, organization: Uuid, app: Uuid) -> Result<u64> {
    Ok(of_app(organization, app).count(db.connection()).await?)
}

/// The imports of an app that have not ended, the newest first.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn open(db: &impl Access, organization: Uuid, app: Uuid) -> Result<Vec<Import>> {
    let open = ImportStatus::ALL
        .iter()
        .filter(|status| !status.has_ended());
    let rows = of_app(organization, app)
        .filter(Column::Status.is_in(open.map(|status| status.as_str())))
        .order_by_desc(Column::Id)
        .all(db.connection())
        .await?;
    rows.into_iter().map(Import::try_from).collect()
}

/// The newest import through this connection whose list was complete, of one kind or of any.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn last_complete(
    db: &impl Access,
    okta_org: Uuid,
    mode: Option<ImportMode>,
) -> Result<Option<Import>> {
    let mut select = okta_import::Entity::find()
        .filter(Column::OktaOrgId.eq(okta_org))
        .filter(Column::FetchedAt.is_not_null());
    if let Some(mode) = mode {
        select = select.filter(Column::Mode.eq(mode.as_str()));
    }
    read(
        select
            .order_by_desc(Column::Id)
            .one(db.connection())
            .await?,
    )
}

/// The newest import through this connection that somebody confirmed.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn last_confirmed(db: &impl Access, okta_org: Uuid) -> Result<Option<Import>> {
    let found = okta_import::Entity::find()
        .filter(Column::OktaOrgId.eq(okta_org))
        .filter(Column::ConfirmedAt.is_not_null())
        .order_by_desc(Column::Id)
        .one(db.connection())
        .await?;
    read(found)
}

/// Running imports, of any organisation, with something to do for `process` now: nobody else has claimed them, and nothing is waited for.
/// With `alone`, claims of other processes do not count.
///
/// # Errors
/// The database's own.
pub async fn runnable(db: &impl Access, process: Uuid, alone: bool, now: i64) -> Result<Vec<Uuid>> {
    let running = ImportStatus::ALL
        .iter()
        .filter(|status| status.is_running());
    let due = Condition::any()
        .add(Column::NextAttemptAt.is_null())
        .add(Column::NextAttemptAt.lte(now));
    let mut select = okta_import::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Status.is_in(running.map(|status| status.as_str())))
        .filter(due);
    if !alone {
        let free = Condition::any()
            .add(Column::ClaimedBy.is_null())
            .add(Column::ClaimedBy.eq(process))
            .add(Column::ClaimedUntil.lte(now));
        select = select.filter(free);
    }
    Ok(select
        .order_by_asc(Column::UpdatedAt)
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// When the next running import may go on, epoch milliseconds; `None` when none waits.
///
/// # Errors
/// The database's own.
pub async fn next_due(db: &impl Access) -> Result<Option<i64>> {
    let running = ImportStatus::ALL
        .iter()
        .filter(|status| status.is_running());
    let next: Option<Option<i64>> = okta_import::Entity::find()
        .select_only()
        .column(Column::NextAttemptAt)
        .filter(Column::Status.is_in(running.map(|status| status.as_str())))
        .filter(Column::NextAttemptAt.is_not_null())
        .order_by_asc(Column::NextAttemptAt)
        .limit(1)
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(next.flatten())
}

/// Imports of an app that were confirmed, and went on after a time, epoch milliseconds.
///
/// # Errors
/// The database's own.
pub(super) async fn confirmed_since(db: &impl Access, app: Uuid, since: i64) -> Result<Vec<Uuid>> {
    Ok(okta_import::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AppId.eq(app))
        .filter(Column::ConfirmedAt.is_not_null())
        .filter(Column::UpdatedAt.gte(since))
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// The import of an app that is being applied; null when none is.
///
/// # Errors
/// The database's own.
pub(super) async fn applying(db: &impl Access, app: Uuid) -> Result<Option<Uuid>> {
    Ok(okta_import::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AppId.eq(app))
        .filter(Column::Status.eq(ImportStatus::Applying.as_str()))
        .into_tuple()
        .one(db.connection())
        .await?)
}
