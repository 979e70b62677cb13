//! What an administrator decides about an account that waits for its deletion.

use entity::account;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{Access as _, Result, Tx};

/// Has the account deleted as soon as it is planned: its time of waiting began long ago. Raise its generation in the same transaction.
///
/// # Errors
/// The database's own.
pub async fn hasten(tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
    account::Entity::update_many()
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::Id.eq(id))
        .col_expr(account::Column::DeletionFrom, Expr::value(Some(0_i64)))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Has the account released instead of deleted. Raise its generation in the same transaction.
///
/// # Errors
/// The database's own.
pub async fn keep(tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
    account::Entity::update_many()
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::Id.eq(id))
        .col_expr(account::Column::ReleaseOnly, Expr::value(true))
        .exec(tx.connection())
        .await?;
    Ok(())
}
