//! Pausing an app: who did it, and what its accounts show meanwhile.

use entity::{account, app, operation};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use uuid::Uuid;

use super::operations::SENT;
use super::{Access, Result, Tx, accounts};
use crate::domain::account::{AccountState, WaitReason};

/// Who paused an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The directory user; `None` for somebody at the command line.
    pub by: Option<Uuid>,
    /// Epoch milliseconds.
    pub at: i64,
    /// Why, in that person's words; `None` for nothing.
    pub note: Option<String>,
}

impl Pause {
    /// The pause that an app's row tells of.
    pub(super) fn of(row: &app::Model) -> Option<Self> {
        Some(Self {
            by: row.paused_by,
            at: row.paused_at?,
            note: row.pause_note.clone(),
        })
    }
}

/// Pauses the app, or ends the pause (`None`). The caller holds the row.
///
/// # Errors
/// The database's own.
pub async fn set(tx: &Tx, app: Uuid, pause: Option<&Pause>, now: i64) -> Result<()> {
    let change = app::ActiveModel {
        paused_by: Set(pause.and_then(|pause| pause.by)),
        paused_at: Set(pause.map(|pause| pause.at)),
        pause_note: Set(pause.and_then(|pause| pause.note.clone())),
        updated_at: Set(now),
        ..Default::default()
    };
    app::Entity::update_many()
        .set(change)
        .filter(app::Column::Id.eq(app))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Whether the app is paused; it stays so until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn is_paused(tx: &Tx, app: Uuid) -> Result<bool> {
    let row = app::Entity::find_by_id(app)
        .lock_shared()
        .one(tx.connection())
        .await?;
    Ok(row.is_some_and(|row| row.paused_at.is_some()))
}

/// Accounts of a paused app that are due for reading: a call of theirs has an unknown outcome, or they are to be read once more.
///
/// # Errors
/// The database's own.
pub async fn due_for_reading(
    access: &impl Access,
    app: Uuid,
    now: i64,
    limit: usize,
    except: &[Uuid],
) -> Result<Vec<Uuid>> {
    use account::Column;
    let to_read = Condition::any()
        .add(Column::RecheckAt.lte(now))
        .add(Column::Id.in_subquery(under_way(app)));
    let may_ask = Condition::any()
        .add(Column::WaitReason.is_null())
        .add(Column::WaitReason.ne(WaitReason::RateLimited.as_str()))
        .add(Column::NextAttemptAt.lte(now));
    let query = account::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::AppId.eq(app))
        .filter(Column::DueAt.lte(now))
        .filter(to_read)
        .filter(may_ask)
        .order_by_asc(Column::DueAt);
    accounts::first_without(access, query, limit, except).await
}

/// Accounts of an app with a call whose outcome is not recorded yet.
fn under_way(app: Uuid) -> SelectStatement {
    operation::Entity::find()
        .select_only()
        .column(operation::Column::AccountId)
        .filter(operation::Column::AppId.eq(app))
        .filter(operation::Column::Status.eq(SENT))
        .into_query()
}

/// Shows on the accounts of a paused app that are due, or wait for the rate limit only, that they wait for the end of the pause. They stay
/// due. Answers how many it concerned.
///
/// # Errors
/// The database's own.
pub async fn park(tx: &Tx, app: Uuid, now: i64) -> Result<u64> {
    use account::Column;
    let paused = WaitReason::Paused.as_str();
    let waiting = [
        AccountState::Pending,
        AccountState::Waiting,
        AccountState::Running,
    ]
    .map(AccountState::as_str);
    let due = Condition::any()
        .add(Column::DueAt.lte(now))
        .add(Column::WaitReason.eq(WaitReason::RateLimited.as_str()));
    // Whoever waits for his deletion goes on waiting, so that it can still be called off.
    let other_reason = Condition::any()
        .add(Column::WaitReason.is_null())
        .add(Column::WaitReason.is_not_in([paused, WaitReason::DeletionDelayed.as_str()]));
    let not_to_read = Condition::any()
        .add(Column::RecheckAt.is_null())
        .add(Column::RecheckAt.gt(now));
    let changed = account::Entity::update_many()
        .filter(Column::AppId.eq(app))
        .filter(Column::DueAt.is_not_null())
        .filter(Column::State.is_in(waiting))
        .filter(due)
        .filter(other_reason)
        .filter(not_to_read)
        .filter(Column::Id.not_in_subquery(under_way(app)))
        .col_expr(Column::State, Expr::value(AccountState::Waiting.as_str()))
        .col_expr(Column::WaitReason, Expr::value(paused))
        .col_expr(Column::NextAttemptAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected)
}

/// Makes all that waited for the end of the pause due at once, in the order in which they were before.
///
/// # Errors
/// The database's own.
pub async fn release(tx: &Tx, app: Uuid, now: i64) -> Result<()> {
    use account::Column;
    account::Entity::update_many()
        .filter(Column::AppId.eq(app))
        .filter(Column::WaitReason.eq(WaitReason::Paused.as_str()))
        .col_expr(Column::State, resumed())
        .col_expr(Column::WaitReason, Expr::value(Option::<String>::None))
        .col_expr(Column::DueAt, by_now(now))
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// What was being checked still is.
fn resumed() -> SimpleExpr {
    let state = Expr::col(account::Column::State);
    let checking = AccountState::Checking.as_str();
    CaseStatement::new()
        .case(state.clone().eq(checking), state)
        .finally(AccountState::Pending.as_str())
        .into()
}

/// Due now, or as long as it was before.
pub(super) fn by_now(now: i64) -> SimpleExpr {
    let due = Expr::col(account::Column::DueAt);
    CaseStatement::new()
        .case(due.clone().lt(now), due)
        .finally(now)
        .into()
}
