//! Organisations. They have no tenant above them, so finders take their own id.

use entity::organization::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseBackend, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::{Access, Result, Tx};

/// Any number that nothing else in the database locks; these are the letters `orgs`.
const NAMES_LOCK: i64 = 0x6f72_6773;

pub use entity::organization::Model as OrganizationRow;

/// The organisation.
///
/// # Errors
/// The database's own.
pub async fn find(db: &impl Access, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db.connection()).await?)
}

/// All organisations of this database in the order of their making; for the command line, and to find the one that the configuration names.
///
/// # Errors
/// The database's own.
pub async fn all(db: &impl Access) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(Column::Id)
        .all(db.connection())
        .await?)
}

/// Keeps others from adding any before the transaction ends, so that of two with the same name the second sees the first. On SQLite there is one
/// writer at a time anyway.
///
/// # Errors
/// The database's own.
pub async fn one_at_a_time(tx: &Tx) -> Result<()> {
    let db = tx.connection();
    if db.get_database_backend() == DatabaseBackend::Postgres {
        db.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({NAMES_LOCK})"))
            .await?;
    }
    Ok(())
}

/// Adds one.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    let row: ActiveModel = row.into_active_model();
    Entity::insert(row)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Lets one transaction at a time change what spans the organisation's people: who owns it, its roles, its fields. On SQLite the one writer
/// does it.
///
/// # Errors
/// The database's own.
pub async fn lock(tx: &Tx, id: Uuid) -> Result<()> {
    Entity::find()
        .filter(Column::Id.eq(id))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    Ok(())
}
