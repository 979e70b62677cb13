//! Answers to mutations that came with an `Idempotency-Key`.

use entity::kept_answer::{self, Column};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{Access, Result, Tx};

/// The row of an answer.
pub use entity::kept_answer::Model as Row;

/// Notes that a request begins; false when one with this id is there already.
///
/// # Errors
/// The database's own.
pub async fn begin(tx: &Tx, id: Uuid, request: [u8; 32], now: i64) -> Result<bool> {
    let row = kept_answer::ActiveModel {
        id: Set(id),
        request: Set(request.to_vec()),
        started_at: Set(now),
        finished_at: Set(None),
        status: Set(None),
        body: Set(None),
    };
    let there = OnConflict::column(Column::Id).do_nothing().to_owned();
    let inserted = kept_answer::Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(inserted == 1)
}

/// The request with this id; null when there is none.
///
/// # Errors
/// The database's own.
pub async fn find(access: &impl Access, id: Uuid) -> Result<Option<Row>> {
    Ok(kept_answer::Entity::find_by_id(id)
        .one(access.connection())
        .await?)
}

/// Keeps the answer to a request that began at `started_at`.
///
/// # Errors
/// The database's own.
pub async fn finish(
    tx: &Tx,
    id: Uuid,
    started_at: i64,
    status: u16,
    body: Vec<u8>,
    now: i64,
) -> Result<()> {
    kept_answer::Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::StartedAt.eq(started_at))
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::Status, Expr::value(i32::from(status)))
        .col_expr(Column::Body, Expr::value(body))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Forgets a request that began at `started_at`, as it had no effect.
///
/// # Errors
/// The database's own.
pub async fn forget(tx: &Tx, id: Uuid, started_at: i64) -> Result<()> {
    kept_answer::Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::StartedAt.eq(started_at))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Forgets a request if it began before a time.
///
/// # Errors
/// The database's own.
pub async fn forget_if_before(tx: &Tx, id: Uuid, time: i64) -> Result<()> {
    kept_answer::Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::StartedAt.lt(time))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Forgets all requests that began before a time.
///
/// # Errors
/// The database's own.
pub async fn forget_before(tx: &Tx, time: i64) -> Result<()> {
    kept_answer::Entity::delete_many()
        .filter(Column::StartedAt.lt(time))
        .exec(tx.connection())
        .await?;
    Ok(())
}
