//! Which accounts an import has read so far: tells a repeated page, and who is no longer in Okta.

use std::collections::HashSet;

use entity::account;
use entity::import_seen::{self, Column};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use uuid::Uuid;

use super::{Access, Result, Tx};

/// Which of these accounts were read before.
///
/// # Errors
/// The database's own.
pub async fn among(db: &impl Access, import: Uuid, okta_ids: &[&str]) -> Result<HashSet<String>> {
    let found: Vec<String> = import_seen::Entity::find()
        .select_only()
        .column(Column::OktaId)
        .filter(Column::ImportId.eq(import))
        .filter(Column::OktaId.is_in(okta_ids.iter().copied()))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(found.into_iter().collect())
}

/// Notes accounts that were not read before.
///
/// # Errors
/// The database's own.
pub async fn insert(tx: &Tx, import: Uuid, okta_ids: &[&str]) -> Result<()> {
    if okta_ids.is_empty() {
        return Ok(());
    }
    let rows = okta_ids.iter().map(|id| import_seen::ActiveModel {
        import_id: Set(import),
        okta_id: Set((*id).to_owned()),
    });
    import_seen::Entity::insert_many(rows)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Linked accounts of the connection, behind `after` in the order of their ids, that an import has not read: those that vanished. Who was
/// seen by the engine since `observed_before` is alive.
///
/// # Errors
/// The database's own.
pub async fn unseen_links(
    db: &impl Access,
    import: Uuid,
    okta_org: Uuid,
    observed_before: i64,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<account::Model>> {
    use account::Column as Account;
    let seen = import_seen::Entity::find()
        .select_only()
        .column(Column::OktaId)
        .filter(Column::ImportId.eq(import))
        .filter(
            Expr::col((import_seen::Entity, Column::OktaId))
                .equals((account::Entity, Account::OktaId)),
        )
        .into_query();
    let unobserved = Condition::any()
        .add(Account::ObservedAt.is_null())
        .add(Account::ObservedAt.lt(observed_before));
    Ok(account::Entity::find()
        .filter(Account::OktaOrgId.eq(okta_org))
        .filter(Account::OktaId.is_not_null())
        .filter(Account::OktaStatus.ne("DELETED"))
        .filter(unobserved)
        .filter(Account::Id.gt(after.unwrap_or(Uuid::nil())))
        .filter(Expr::exists(seen).not())
        .order_by_asc(Account::Id)
        .limit(limit)
        .all(db.connection())
        .await?)
}

/// Forgets up to `limit` accounts of an import. Answers whether there may be more.
///
/// # Errors
/// The database's own.
pub async fn forget(tx: &Tx, import: Uuid, limit: u64) -> Result<bool> {
    let last: Option<String> = import_seen::Entity::find()
        .select_only()
        .column(Column::OktaId)
        .filter(Column::ImportId.eq(import))
        .order_by_asc(Column::OktaId)
        .offset(limit)
        .limit(1)
        .into_tuple()
        .one(tx.connection())
        .await?;
    let mut delete = import_seen::Entity::delete_many().filter(Column::ImportId.eq(import));
    if let Some(last) = &last {
        delete = delete.filter(Column::OktaId.lt(last));
    }
    delete.exec(tx.connection()).await?;
    Ok(last.is_some())
}
