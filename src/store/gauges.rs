//! Counts over all organisations, for whoever watches the server. They name nobody.

use entity::{account, app, audit_event, okta_import, okta_org};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _,
};

use super::{Access, Result};
use crate::domain::import::ImportStatus;

/// Accounts by the name of their state.
///
/// # Errors
/// The database's own.
pub async fn accounts(db: &impl Access) -> Result<Vec<(String, i64)>> {
    Ok(account::Entity::find()
        .select_only()
        .column(account::Column::State)
        .column_as(account::Column::Id.count(), "accounts")
        .group_by(account::Column::State)
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// Since when the account that has waited longest has been due, epoch milliseconds; null when none is due. Since its last change, that is, or since
/// the time for which it was put off, if that came later; so urgent accounts, whose time lies a day back, count from their change. Left out is
/// who waits for a person, and who belongs to an app that is removed.
///
/// # Errors
/// The database's own.
pub async fn due_since(db: &impl Access, now: i64) -> Result<Option<i64>> {
    use account::Column;
    let due = Expr::col(Column::DueAt);
    let changed = Expr::col(Column::UpdatedAt);
    let since = CaseStatement::new()
        .case(due.clone().gt(changed.clone()), due)
        .finally(changed);
    let for_a_person = Condition::all()
        .add(Column::WaitReason.is_not_null())
        .add(Column::NextAttemptAt.is_null());
    let worked = Query::select()
        .column(app::Column::Id)
        .from(app::Entity)
        .and_where(app::Column::Status.eq("ACTIVE"))
        .to_owned();
    let found: Option<Option<i64>> = account::Entity::find()
        .select_only()
        .column_as(Expr::expr(since).min(), "since")
        .filter(Column::DueAt.lte(now))
        .filter(for_a_person.not())
        .filter(Column::AppId.in_subquery(worked))
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(found.flatten())
}

/// Connections in use, by the name of their status.
///
/// # Errors
/// The database's own.
pub async fn connections(db: &impl Access) -> Result<Vec<(String, i64)>> {
    Ok(okta_org::Entity::find()
        .select_only()
        .column(okta_org::Column::Status)
        .column_as(okta_org::Column::Id.count(), "connections")
        .filter(okta_org::Column::ArchivedAt.is_null())
        .group_by(okta_org::Column::Status)
        .into_tuple()
        .all(db.connection())
        .await?)
}

/// Imports of one status.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Imports {
    /// The name of the status.
    pub status: String,
    /// How many.
    pub imports: i64,
    /// Okta accounts that they have read.
    pub fetched: i64,
    /// Okta accounts that they expect to read, as far as they know.
    pub expected: i64,
}

/// Imports that are not over, by status.
///
/// # Errors
/// The database's own.
pub async fn imports(db: &impl Access) -> Result<Vec<Imports>> {
    use okta_import::Column;
    let open = ImportStatus::ALL
        .iter()
        .filter(|status| !status.has_ended());
    let whole = |sum: Expr| sum.cast_as("bigint");
    Ok(okta_import::Entity::find()
        .select_only()
        .column(Column::Status)
        .column_as(Column::Id.count(), "imports")
        .column_as(whole(Expr::col(Column::Fetched).sum()), "fetched")
        .column_as(
            whole(
                Expr::expr(Expr::col(Column::TotalEstimate).if_null(Expr::col(Column::Fetched)))
                    .sum(),
            ),
            "expected",
        )
        .filter(Column::Status.is_in(open.map(|status| status.as_str())))
        .group_by(Column::Status)
        .into_model()
        .all(db.connection())
        .await?)
}

/// Entries of the audit trail without a place in its chain.
///
/// # Errors
/// The database's own.
pub async fn unsealed(db: &impl Access) -> Result<u64> {
    Ok(audit_event::Entity::find()
        .filter(audit_event::Column::Seq.is_null())
        .count(db.connection())
        .await?)
}
