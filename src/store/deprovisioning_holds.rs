//! Holds: deactivations and deletions that wait for an administrator, or for room in the budget. What is held is frozen in the rows of
//! `deprovisioning_hold_account`; who changed since is passed over everywhere, whether or not the worker has looked at him yet.

use entity::deprovisioning_hold::{self, Column};
use entity::{account, deprovisioning_hold_account as item};
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::generations::pending;
use super::rulings::{CHUNK, Member};
use super::{Access as _, Error, Result, Tx};
use crate::domain::account::{AccountState, Urgency};
use crate::domain::deprovisioning::{Cause, HoldReason, HoldStatus, Verdict};

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The hold.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// Why it was made.
    pub reason: HoldReason,
    /// What kind of change asked for the removals; `None` for separate changes.
    pub cause: Option<Cause>,
    /// Whose change it was; `None` for separate changes.
    pub caused_by: Option<Uuid>,
    /// What became of it.
    pub status: HoldStatus,
    /// Goes up whenever somebody joins, leaves or is wanted differently.
    pub version: i64,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When it was decided or ended, epoch milliseconds.
    pub decided_at: Option<i64>,
    /// When it was made, epoch milliseconds.
    pub created_at: i64,
}

impl TryFrom<deprovisioning_hold::Model> for Hold {
    type Error = Error;

    fn try_from(row: deprovisioning_hold::Model) -> Result<Self> {
        let cause = row.cause.as_deref();
        Ok(Self {
            id: row.id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            reason: named(row.id, "reason", &row.reason)?,
            cause: cause.map(|text| named(row.id, "cause", text)).transpose()?,
            caused_by: row.caused_by,
            status: named(row.id, "status", &row.status)?,
            version: row.version,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            created_at: row.created_at,
        })
    }
}

pub(super) fn named<T: std::str::FromStr>(row: Uuid, what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt {
        table: "deprovisioning_hold",
        row: row.to_string(),
        what,
        value: text.to_owned(),
    })
}

/// Writes a new hold.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, hold: &Hold) -> Result<()> {
    let row = deprovisioning_hold::ActiveModel {
        id: Set(hold.id),
        organization_id: Set(hold.organization_id),
        app_id: Set(hold.app_id),
        reason: Set(hold.reason.as_str().to_owned()),
        cause: Set(hold.cause.map(|cause| cause.as_str().to_owned())),
        caused_by: Set(hold.caused_by),
        status: Set(hold.status.as_str().to_owned()),
        version: Set(hold.version),
        decided_by: Set(hold.decided_by),
        decided_at: Set(hold.decided_at),
        created_at: Set(hold.created_at),
    };
    deprovisioning_hold::Entity::insert(row)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The hold in which the single removals of an app wait for room; null when none do.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn waiting(tx: &Tx, app: Uuid) -> Result<Option<Hold>> {
    deprovisioning_hold::Entity::find()
        .filter(Column::AppId.eq(app))
        .filter(Column::Status.eq(HoldStatus::Open.as_str()))
        .filter(Column::Reason.eq(HoldReason::BudgetSpent.as_str()))
        .one(tx.connection())
        .await?
        .map(Hold::try_from)
        .transpose()
}

/// A hold by id, for the worker.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn get(tx: &Tx, id: Uuid) -> Result<Option<Hold>> {
    deprovisioning_hold::Entity::find_by_id(id)
        .one(tx.connection())
        .await?
        .map(Hold::try_from)
        .transpose()
}

/// Puts accounts into an open hold, or writes down what is wanted of them now.
///
/// # Errors
/// The database's own.
pub async fn join(tx: &Tx, hold: Uuid, members: &[Member], now: i64) -> Result<()> {
    let row = |member: &Member| item::ActiveModel {
        hold_id: Set(hold),
        account_id: Set(member.account),
        kind: Set(member.removal.as_str().to_owned()),
        generation: Set(member.generation),
        held_at: Set(now),
    };
    for members in members.chunks(CHUNK) {
        let there = OnConflict::columns([item::Column::HoldId, item::Column::AccountId])
            .update_columns([item::Column::Kind, item::Column::Generation])
            .to_owned();
        item::Entity::insert_many(members.iter().map(row))
            .on_conflict(there)
            .exec_without_returning(tx.connection())
            .await?;
    }
    touch(tx, hold).await
}

/// Takes an account out of an open hold, which ends when nobody is left.
///
/// # Errors
/// The database's own.
pub async fn part(tx: &Tx, hold: Uuid, account: Uuid, now: i64) -> Result<()> {
    let left = item::Entity::delete_many()
        .filter(item::Column::HoldId.eq(hold))
        .filter(item::Column::AccountId.eq(account))
        .filter(item::Column::HoldId.in_subquery(open_hold(hold)))
        .exec(tx.connection())
        .await?;
    if left.rows_affected == 0 {
        return Ok(());
    }
    let others = item::Entity::find()
        .filter(item::Column::HoldId.eq(hold))
        .limit(1)
        .one(tx.connection())
        .await?;
    match others {
        Some(_) => touch(tx, hold).await,
        None => close(tx, hold, HoldStatus::Ended, None, now).await,
    }
}

fn open_hold(hold: Uuid) -> SelectStatement {
    Query::select()
        .column(Column::Id)
        .from(deprovisioning_hold::Entity)
        .and_where(Expr::col(Column::Id).eq(hold))
        .and_where(Expr::col(Column::Status).eq(HoldStatus::Open.as_str()))
        .take()
}

async fn touch(tx: &Tx, hold: Uuid) -> Result<()> {
    deprovisioning_hold::Entity::update_many()
        .filter(Column::Id.eq(hold))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Ends a hold.
///
/// # Errors
/// The database's own.
pub async fn close(
    tx: &Tx,
    hold: Uuid,
    status: HoldStatus,
    by: Option<Uuid>,
    now: i64,
) -> Result<()> {
    deprovisioning_hold::Entity::update_many()
        .filter(Column::Id.eq(hold))
        .col_expr(Column::Status, Expr::value(status.as_str()))
        .col_expr(Column::DecidedBy, Expr::value(by))
        .col_expr(Column::DecidedAt, Expr::value(Some(now)))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// How many in the hold came before this account and still wait.
///
/// # Errors
/// The database's own.
pub async fn ahead_of(tx: &Tx, hold: Uuid, account: Uuid) -> Result<u64> {
    let own = item::Entity::find_by_id((hold, account))
        .one(tx.connection())
        .await?;
    let mut waiting = item::Entity::find()
        .filter(item::Column::HoldId.eq(hold))
        .filter(item::Column::AccountId.in_subquery(unchanged(hold)));
    if let Some(own) = own {
        let earlier = Condition::any()
            .add(item::Column::HeldAt.lt(own.held_at))
            .add(
                Condition::all()
                    .add(item::Column::HeldAt.eq(own.held_at))
                    .add(item::Column::AccountId.lt(account)),
            );
        waiting = waiting.filter(earlier);
    }
    Ok(waiting.count(tx.connection()).await?)
}

/// Accounts that wait in the hold for the wish that is held.
pub(super) fn unchanged(hold: Uuid) -> SelectStatement {
    use account::Column;
    Query::select()
        .column(Column::Id)
        .from(account::Entity)
        .and_where(Expr::col(Column::RemovalHoldId).eq(hold))
        .and_where(Expr::col(Column::RemovalVerdict).eq(Verdict::Held.as_str()))
        .and_where(Expr::col(Column::RemovalGeneration).equals(Column::ChangedGeneration))
        .and_where(Expr::col(Column::AppliedGeneration).lt(Expr::col(Column::Generation)))
        .take()
}

/// Shows accounts as held that the worker has not in hand just now; it comes to the others by itself.
///
/// # Errors
/// The database's own.
pub async fn show_all(tx: &Tx, members: &[Member], now: i64) -> Result<()> {
    let idle = [AccountState::Pending, AccountState::Waiting].map(AccountState::as_str);
    for members in members.chunks(CHUNK) {
        let ids = members.iter().map(|member| member.account);
        account::Entity::update_many()
            .filter(account::Column::Id.is_in(ids))
            .filter(account::Column::State.is_in(idle))
            .col_expr(
                account::Column::State,
                Expr::value(AccountState::Held.as_str()),
            )
            .col_expr(
                account::Column::DueAt,
                Expr::col(account::Column::RecheckAt),
            )
            .col_expr(
                account::Column::WaitReason,
                Expr::value(Option::<String>::None),
            )
            .col_expr(
                account::Column::NextAttemptAt,
                Expr::value(Option::<i64>::None),
            )
            .col_expr(account::Column::Attempts, Expr::value(0))
            .col_expr(
                account::Column::Revision,
                Expr::col(account::Column::Revision).add(1),
            )
            .col_expr(account::Column::UpdatedAt, Expr::value(now))
            .exec(tx.connection())
            .await?;
    }
    Ok(())
}

/// Freezes an open hold: who changed since drops out, the others get the verdict and become due at once. Answers how many those are.
///
/// # Errors
/// The database's own.
pub async fn settle(tx: &Tx, hold: Uuid, verdict: Verdict, now: i64) -> Result<u64> {
    use account::Column as A;
    item::Entity::delete_many()
        .filter(item::Column::HoldId.eq(hold))
        .filter(item::Column::AccountId.not_in_subquery(unchanged(hold)))
        .exec(tx.connection())
        .await?;
    let frozen = Query::select()
        .column(item::Column::AccountId)
        .from(item::Entity)
        .and_where(Expr::col(item::Column::HoldId).eq(hold))
        .take();
    let done = account::Entity::update_many()
        .filter(A::Id.in_subquery(frozen))
        .col_expr(A::RemovalVerdict, Expr::value(Some(verdict.as_str())))
        .col_expr(A::RemovalAt, Expr::value(Some(now)))
        // A pass that looked before must not have the last word.
        .col_expr(A::Generation, Expr::col(A::Generation).add(1))
        .col_expr(A::State, pending())
        // Whoever waits for something with a time to it is taken up at that time; without the time he never would be.
        .col_expr(A::WaitReason, Expr::value(Option::<String>::None))
        .col_expr(A::Attempts, Expr::value(0))
        .col_expr(A::NextAttemptAt, Expr::value(Option::<i64>::None))
        .col_expr(A::DueAt, Expr::value(Some(now)))
        .col_expr(A::Urgency, Expr::value(Urgency::Leaving.number()))
        .col_expr(A::Revision, Expr::col(A::Revision).add(1))
        .col_expr(A::UpdatedAt, Expr::value(now))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected)
}
