//! Who works an app. One process at a time: the lease has an epoch, and every write of the engine is made on condition that the
//! epoch is still its own.

use entity::app_lease;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::{Access, Result, Tx};

/// A lease as it was when somebody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The process that holds it; null when it is free.
    pub holder: Option<Uuid>,
    /// Goes up with each take-over.
    pub epoch: i64,
    /// Goes up while the holder lives.
    pub heartbeat: i64,
}

/// A lease that we took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The app.
    pub app: Uuid,
    /// Its epoch; whoever sees another one in the database has lost it.
    pub epoch: i64,
}

/// Looks at the lease of an app; null when nobody ever took it.
///
/// # Errors
/// The database's own.
pub async fn sight(access: &impl Access, app: Uuid) -> Result<Option<Sighting>> {
    let row = app_lease::Entity::find_by_id(app)
        .one(access.connection())
        .await?;
    Ok(row.map(|row| Sighting {
        holder: row.holder,
        epoch: row.epoch,
        heartbeat: row.heartbeat,
    }))
}

/// Takes the lease, whoever holds it. Only for a process that is known to be alone.
///
/// # Errors
/// The database's own.
pub async fn acquire_now(tx: &Tx, app: Uuid, holder: Uuid) -> Result<Hold> {
    let now = sight(tx, app).await?;
    let epoch = now.map_or(1, |seen| seen.epoch + 1);
    let row = app_lease::ActiveModel {
        app_id: Set(app),
        holder: Set(Some(holder)),
        epoch: Set(epoch),
        heartbeat: Set(0),
    };
    let there = OnConflict::column(app_lease::Column::AppId)
        .update_columns([
            app_lease::Column::Holder,
            app_lease::Column::Epoch,
            app_lease::Column::Heartbeat,
        ])
        .to_owned();
    app_lease::Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(Hold { app, epoch })
}

/// Takes the lease if it still looks as it was `seen`; null when somebody else was faster or the holder lives.
///
/// # Errors
/// The database's own.
pub async fn take_over(
    tx: &Tx,
    app: Uuid,
    holder: Uuid,
    seen: Option<Sighting>,
) -> Result<Option<Hold>> {
    let Some(seen) = seen else {
        return first_of_all(tx, app, holder).await;
    };
    let changed = app_lease::Entity::update_many()
        .filter(app_lease::Column::AppId.eq(app))
        .filter(app_lease::Column::Epoch.eq(seen.epoch))
        .filter(app_lease::Column::Heartbeat.eq(seen.heartbeat))
        .col_expr(app_lease::Column::Holder, Expr::value(Some(holder)))
        .col_expr(app_lease::Column::Epoch, Expr::value(seen.epoch + 1))
        .col_expr(app_lease::Column::Heartbeat, Expr::value(0_i64))
        .exec(tx.connection())
        .await?;
    Ok((changed.rows_affected == 1).then_some(Hold {
        app,
        epoch: seen.epoch + 1,
    }))
}

async fn first_of_all(tx: &Tx, app: Uuid, holder: Uuid) -> Result<Option<Hold>> {
    let row = app_lease::ActiveModel {
        app_id: Set(app),
        holder: Set(Some(holder)),
        epoch: Set(1),
        heartbeat: Set(0),
    };
    let there = OnConflict::column(app_lease::Column::AppId)
        .do_nothing()
        .to_owned();
    let inserted = app_lease::Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx.connection())
        .await?;
    Ok((inserted == 1).then_some(Hold { app, epoch: 1 }))
}

/// Shows that the holder lives. False: the lease is lost.
///
/// # Errors
/// The database's own.
pub async fn beat(tx: &Tx, hold: Hold) -> Result<bool> {
    let heartbeat = app_lease::Column::Heartbeat;
    let changed = app_lease::Entity::update_many()
        .filter(app_lease::Column::AppId.eq(hold.app))
        .filter(app_lease::Column::Epoch.eq(hold.epoch))
        .filter(app_lease::Column::Holder.is_not_null())
        .col_expr(heartbeat, Expr::col(heartbeat).add(1))
        .exec(tx.connection())
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Lets go, so that another process may take over at once. Nothing happens if the lease is lost already.
///
/// # Errors
/// The database's own.
pub async fn release(tx: &Tx, hold: Hold) -> Result<()> {
    app_lease::Entity::update_many()
        .filter(app_lease::Column::AppId.eq(hold.app))
        .filter(app_lease::Column::Epoch.eq(hold.epoch))
        .col_expr(app_lease::Column::Holder, Expr::value(Option::<Uuid>::None))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Whether the lease is still ours; nobody can take it before the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn holds(tx: &Tx, hold: Hold) -> Result<bool> {
    let row = app_lease::Entity::find_by_id(hold.app)
        .lock_shared()
        .one(tx.connection())
        .await?;
    Ok(row.is_some_and(|row| row.epoch == hold.epoch && row.holder.is_some()))
}
