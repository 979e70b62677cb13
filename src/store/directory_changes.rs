//! Changes of the directory that take access away, as the accounts that they concern name them.

use entity::{bulk_job, directory_change, okta_import};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};
use uuid::Uuid;

use super::{Access, Error, Result, Tx};
use crate::domain::bulk_job::BulkJobStatus;
use crate::domain::deprovisioning::Cause;
use crate::domain::import::ImportStatus;

/// A change that takes access away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectoryChange {
    /// That of the bulk job or the import, where it is one.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// What kind of change.
    pub cause: Cause,
    /// Who made it.
    pub user_id: Option<Uuid>,
    /// When, epoch milliseconds.
    pub created_at: i64,
}

/// Records a change; one that goes on for several transactions is recorded once.
///
/// # Errors
/// The database's own.
pub async fn record(tx: &Tx, change: DirectoryChange) -> Result<()> {
    let row = directory_change::ActiveModel {
        id: Set(change.id),
        organization_id: Set(change.organization_id),
        cause: Set(change.cause.as_str().to_owned()),
        user_id: Set(change.user_id),
        created_at: Set(change.created_at),
    };
    let there = OnConflict::column(directory_change::Column::Id)
        .do_nothing()
        .to_owned();
    directory_change::Entity::insert(row)
        .on_conflict(there)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The change with this id; null when there is none.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find(db: &impl Access, id: Uuid) -> Result<Option<DirectoryChange>> {
    let row = directory_change::Entity::find_by_id(id)
        .one(db.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let cause = row.cause.parse().map_err(|_| Error::Corrupt {
        table: "directory_change",
        row: id.to_string(),
        what: "cause",
        value: row.cause.clone(),
    })?;
    Ok(Some(DirectoryChange {
        id,
        organization_id: row.organization_id,
        cause,
        user_id: row.user_id,
        created_at: row.created_at,
    }))
}

/// Whether the change still goes on, so that it may come to concern more accounts: a bulk job, or an import that is being applied.
///
/// # Errors
/// The database's own.
pub async fn goes_on(db: &impl Access, id: Uuid) -> Result<bool> {
    let open = BulkJobStatus::ALL
        .iter()
        .filter(|status| !status.has_ended())
        .map(|status| status.as_str());
    let jobs = bulk_job::Entity::find_by_id(id)
        .filter(bulk_job::Column::Status.is_in(open))
        .count(db.connection())
        .await?;
    if jobs > 0 {
        return Ok(true);
    }
    let imports = okta_import::Entity::find_by_id(id)
        .filter(okta_import::Column::Status.eq(ImportStatus::Applying.as_str()))
        .count(db.connection())
        .await?;
    Ok(imports > 0)
}
