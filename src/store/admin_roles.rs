//! Custom admin roles.

use entity::admin_role::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::{Access, Result, Tx};

pub use entity::admin_role::Model as AdminRoleRow;

/// The organisation's custom roles in the order of their making.
///
/// # Errors
/// The database's own.
pub async fn all(db: &impl Access, organization: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .order_by_asc(Column::Id)
        .all(db.connection())
        .await?)
}

/// The role.
///
/// # Errors
/// The database's own.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .one(db.connection())
        .await?)
}

/// The role, held until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn find_for_update(tx: &Tx, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}

/// Adds a role.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when the name is taken, or the database's own.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Writes a role that was read with [`find_for_update`] in the same transaction.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when the name is taken, or the database's own.
pub async fn save(tx: &Tx, row: Model) -> Result<()> {
    Entity::update(row.into_active_model().reset_all())
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Removes a role. See first that nobody has it.
///
/// # Errors
/// The database's own.
pub async fn delete(tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
    Entity::delete_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .exec(tx.connection())
        .await?;
    Ok(())
}
