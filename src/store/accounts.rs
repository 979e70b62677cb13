//! Accounts as the engine works them: which are due, what planning needs to see, and how they stand afterwards.

use entity::{account, assignment, user};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

use super::apps::App;
use super::okta_orgs::OktaOrg;
use super::{Access, Error, Result, Tx};
use crate::domain::account::{AccountState, Problem, Urgency, WaitReason};
use crate::domain::directory::FieldValues;
use crate::domain::plan::{AssignmentWish, DirectoryStatus};

/// The row of an account.
pub use entity::account::Model as Row;

/// Everything that decides what one account needs, as of one moment.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The account.
    pub account: Row,
    /// Its person, perhaps a tombstone.
    pub person: Person,
    /// The assignment; null when the person is not assigned.
    pub assignment: Option<AssignmentWish>,
    /// The app, perhaps a removed one.
    pub app: App,
    /// The app's current connection; null when there is none.
    pub okta_org: Option<OktaOrg>,
}

/// A person, as far as planning looks at people.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Whether he works here.
    pub status: DirectoryStatus,
    /// All field values.
    pub fields: FieldValues,
}

/// How an account stands after it was worked on.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Its state.
    pub state: AccountState,
    /// Why it is `BLOCKED`.
    pub problem: Option<Problem>,
    /// What it is `WAITING` for.
    pub wait: Option<WaitReason>,
    /// When it is tried again, epoch milliseconds; null when it waits for a person or for nothing.
    pub next_attempt_at: Option<i64>,
    /// When the worker has to look again, epoch milliseconds; null when there is nothing to do.
    pub due_at: Option<i64>,
    /// Consecutive failed attempts.
    pub attempts: i32,
    /// Whether Okta is in step with the planned generation.
    pub applied: bool,
    /// The activation stamp to record as applied; null to leave it.
    pub activation_applied: Option<i64>,
}

/// Accounts of an app that are due and of this urgency, the longest waiting first, without those in `except`, and without those that were
/// sent away because the rate limit is used up, until it is reset.
///
/// # Errors
/// The database's own.
pub async fn due(
    access: &impl Access,
    app: Uuid,
    urgency: Urgency,
    now: i64,
    limit: usize,
    except: &[Uuid],
) -> Result<Vec<Uuid>> {
    use account::Column;
    let may_ask = Condition::any()
        .add(Column::WaitReason.is_null())
        .add(Column::WaitReason.ne(WaitReason::RateLimited.as_str()))
        .add(Column::NextAttemptAt.lte(now));
    let query = account::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AppId.eq(app))
        .filter(Column::Urgency.eq(urgency.number()))
        .filter(Column::DueAt.lte(now))
        .filter(may_ask)
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::Id);
    first_without(access, query, limit, except).await
}

/// The first `limit` accounts of a query that answers ids, without those in `except`. They are left out here, as each number of them would make
/// another statement, to be planned anew.
pub(super) async fn first_without(
    access: &impl Access,
    query: Select<account::Entity>,
    limit: usize,
    except: &[Uuid],
) -> Result<Vec<Uuid>> {
    let enough = limit.saturating_add(except.len());
    let query = query.limit(u64::try_from(enough).unwrap_or(u64::MAX));
    let mut ids: Vec<Uuid> = query.into_tuple().all(access.connection()).await?;
    ids.retain(|id| !except.contains(id));
    ids.truncate(limit);
    Ok(ids)
}

/// When the next account of an app becomes due after `now`; null when none does.
///
/// # Errors
/// The database's own.
pub async fn next_due(access: &impl Access, app: Uuid, now: i64) -> Result<Option<i64>> {
    let next: Option<Option<i64>> = account::Entity::find()
        .select_only()
        .column(account::Column::DueAt)
        .filter(account::Column::AppId.eq(app))
        .filter(account::Column::DueAt.gt(now))
        .order_by_asc(account::Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(access.connection())
        .await?;
    Ok(next.flatten())
}

/// Apps with at least one account that is due.
///
/// # Errors
/// The database's own.
pub async fn apps_with_work(access: &impl Access, now: i64) -> Result<Vec<Uuid>> {
    Ok(account::Entity::find()
        .select_only()
        .column(account::Column::AppId)
        .distinct()
        .filter(account::Column::DueAt.lte(now))
        .into_tuple()
        .all(access.connection())
        .await?)
}

impl TryFrom<user::Model> for Person {
    type Error = Error;

    fn try_from(row: user::Model) -> Result<Self> {
        let status = row.status.parse();
        let fields = serde_json::from_value(row.fields);
        Ok(Self {
            status: status.map_err(|_| corrupt("user", row.id, "status", &row.status))?,
            fields: fields
                .map_err(|error| corrupt("user", row.id, "fields", &error.to_string()))?,
        })
    }
}

/// What an assignment asks for.
pub(super) fn wish_of(row: &assignment::Model) -> Result<AssignmentWish> {
    let role = row.role.as_deref().map(str::parse).transpose();
    let role = role.map_err(|_| corrupt("assignment", row.id, "role", ""))?;
    Ok(AssignmentWish { role })
}

fn corrupt(table: &'static str, row: Uuid, what: &'static str, value: &str) -> Error {
    Error::Corrupt {
        table,
        row: row.to_string(),
        what,
        value: value.to_owned(),
    }
}

/// The account, which nobody else changes before the transaction ends; null when there is none.
///
/// # Errors
/// The database's own.
pub async fn locked(tx: &Tx, id: Uuid) -> Result<Option<Row>> {
    Ok(account::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}

/// Shows a state that lasts for the length of a call. False when the generation was raised since `generation`.
///
/// # Errors
/// The database's own.
pub async fn show(
    tx: &Tx,
    id: Uuid,
    generation: i64,
    state: AccountState,
    now: i64,
) -> Result<bool> {
    use account::Column;
    let changed = account::Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::Generation.eq(generation))
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Records how the account stands. Where the generation was raised since `generation`, only what is applied is recorded, the account
/// stays due, and the answer is false.
///
/// # Errors
/// The database's own.
pub async fn stand(
    tx: &Tx,
    id: Uuid,
    generation: i64,
    standing: &Standing,
    now: i64,
) -> Result<bool> {
    match locked(tx, id).await? {
        Some(row) => write(tx, Edit::of(row), generation, standing, now).await,
        None => Ok(false),
    }
}

/// A row that is locked in this transaction, with what is to change in it.
#[derive(Clone, Debug)]
pub struct Edit {
    pub(super) row: Row,
    pub(super) change: account::ActiveModel,
}

impl Edit {
    /// No change yet.
    #[must_use]
    pub fn of(row: Row) -> Self {
        let change = row.clone().into_active_model();
        Self { row, change }
    }

    /// Writes the change.
    ///
    /// # Errors
    /// The database's own; [`Error::Duplicate`] when another account of ours is linked to the same Okta account.
    pub async fn write(mut self, tx: &Tx, now: i64) -> Result<()> {
        if self.change.is_changed() {
            self.change.revision = Set(self.row.revision + 1);
            self.change.updated_at = Set(now);
            self.change.update(tx.connection()).await?;
        }
        Ok(())
    }
}

/// As [`stand`], together with what else is to change.
///
/// # Errors
/// As [`Edit::write`].
pub async fn write(
    tx: &Tx,
    mut edit: Edit,
    generation: i64,
    standing: &Standing,
    now: i64,
) -> Result<bool> {
    let Edit { row, change } = &mut edit;
    let current = row.generation == generation;
    if standing.applied {
        change.applied_generation = Set(Ord::max(generation, row.applied_generation));
    }
    if let Some(stamp) = standing.activation_applied {
        let known = change.activation_applied.take().unwrap_or_default();
        change.activation_applied = Set(Ord::max(stamp, known));
    }
    if current {
        change.state = Set(standing.state.as_str().to_owned());
        change.problem_code = Set(standing
            .problem
            .as_ref()
            .map(|problem| problem.code.to_string()));
        change.problem_detail = Set(standing
            .problem
            .as_ref()
            .and_then(|problem| serde_json::to_value(problem).ok()));
        change.wait_reason = Set(standing.wait.map(|reason| reason.to_string()));
        change.next_attempt_at = Set(standing.next_attempt_at);
        change.due_at = Set(standing.due_at);
        change.attempts = Set(standing.attempts);
    } else {
        change.state = Set(AccountState::Pending.as_str().to_owned());
    }
    edit.write(tx, now).await?;
    Ok(current)
}

/// Tells, on every account of an app that has work, why the app as a whole cannot be worked. Answers how many it concerned.
///
/// # Errors
/// The database's own.
pub async fn park(
    tx: &Tx,
    app: Uuid,
    reason: WaitReason,
    next_attempt_at: Option<i64>,
    now: i64,
) -> Result<u64> {
    use account::Column;
    let parked = [
        AccountState::Pending,
        AccountState::Waiting,
        AccountState::Running,
    ]
    .map(AccountState::as_str);
    let mut other_reason = Condition::any()
        .add(Column::WaitReason.is_null())
        .add(Column::WaitReason.ne(reason.as_str()));
    if let Some(at) = next_attempt_at {
        other_reason = other_reason
            .add(Column::NextAttemptAt.is_null())
            .add(Column::NextAttemptAt.ne(at));
    }
    let changed = account::Entity::update_many()
        .filter(Column::AppId.eq(app))
        .filter(Column::DueAt.is_not_null())
        .filter(Column::State.is_in(parked))
        .filter(other_reason)
        // Whoever waits for his deletion goes on waiting, so that it can still be called off.
        .filter(
            Condition::any()
                .add(Column::WaitReason.is_null())
                .add(Column::WaitReason.ne(WaitReason::DeletionDelayed.as_str())),
        )
        .col_expr(Column::State, Expr::value(AccountState::Waiting.as_str()))
        .col_expr(Column::WaitReason, Expr::value(reason.as_str()))
        .col_expr(Column::NextAttemptAt, Expr::value(next_attempt_at))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected)
}
