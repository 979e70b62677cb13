//! One-time tokens with which somebody makes an organisation. Of a token itself only the hash is here.

use entity::bootstrap_token::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use uuid::Uuid;

use super::{Access, Result, Tx};

pub use entity::bootstrap_token::Model as BootstrapTokenRow;

/// Keeps a new one.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, row: BootstrapTokenRow) -> Result<()> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The one with this hash.
///
/// # Errors
/// The database's own.
pub async fn by_hash(db: &impl Access, hash: Vec<u8>) -> Result<Option<BootstrapTokenRow>> {
    Ok(Entity::find()
        .filter(Column::Hash.eq(hash))
        .one(db.connection())
        .await?)
}

/// Uses it up for this organisation. False when somebody was there before, or its time is over.
///
/// # Errors
/// The database's own.
pub async fn use_up(tx: &Tx, id: Uuid, organization: Uuid, now: i64) -> Result<bool> {
    let used = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .col_expr(Column::OrganizationId, Expr::value(organization))
        .filter(Column::Id.eq(id))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(tx.connection())
        .await?;
    Ok(used.rows_affected == 1)
}
