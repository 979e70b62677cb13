//! What was decided about removals, on the accounts that it is about; and which accounts one change may take away. Lock the app first
//! (`deprovisioning`).

use std::collections::{HashMap, HashSet};

use entity::{account, assignment, user};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    UpdateMany,
};
use uuid::Uuid;

use super::accounts::Row;
use super::deprovisioning::corrupt;
use super::{Access as _, Result, Tx};
use crate::domain::account::OktaStatus;
use crate::domain::deprovisioning::{Removal, Subject, Verdict};
use crate::domain::plan::DirectoryStatus;

/// Accounts that are changed in one statement.
pub(super) const CHUNK: usize = 500;

pub(super) fn set_verdict(
    ids: &[Uuid],
    verdict: Option<Verdict>,
    now: i64,
) -> UpdateMany<account::Entity> {
    use account::Column;
    account::Entity::update_many()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .col_expr(
            Column::RemovalVerdict,
            Expr::value(verdict.map(Verdict::as_str)),
        )
        .col_expr(Column::RemovalAt, Expr::value(Some(now)))
}

/// A removal that is decided about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: Uuid,
    /// What is wanted.
    pub removal: Removal,
    /// The account's `changed_generation`.
    pub generation: i64,
}

/// Writes one decision about accounts, and the hold that it belongs to.
///
/// # Errors
/// The database's own.
pub async fn decide(
    tx: &Tx,
    members: &[Member],
    verdict: Verdict,
    hold: Option<Uuid>,
    now: i64,
) -> Result<()> {
    use account::Column;
    for removal in Removal::ALL {
        let ids: Vec<Uuid> = members
            .iter()
            .filter(|member| member.removal == *removal)
            .map(|member| member.account)
            .collect();
        for ids in ids.chunks(CHUNK) {
            set_verdict(ids, Some(verdict), now)
                .col_expr(Column::RemovalKind, Expr::value(Some(removal.as_str())))
                .col_expr(
                    Column::RemovalGeneration,
                    Expr::col(Column::ChangedGeneration),
                )
                .col_expr(Column::RemovalChangeId, Expr::col(Column::ChangeId))
                .col_expr(Column::RemovalHoldId, Expr::value(hold))
                .exec(tx.connection())
                .await?;
        }
    }
    Ok(())
}

/// Forgets what was decided about an account.
///
/// # Errors
/// The database's own.
pub async fn undecide(tx: &Tx, account: Uuid, now: i64) -> Result<()> {
    set_verdict(&[account], None, now)
        .col_expr(
            account::Column::RemovalHoldId,
            Expr::value(Option::<Uuid>::None),
        )
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// As [`undecide`], if it was decided that the account stays: somebody asks anew.
///
/// # Errors
/// The database's own.
pub async fn reconsider(tx: &Tx, account: Uuid, now: i64) -> Result<()> {
    set_verdict(&[account], None, now)
        .filter(account::Column::RemovalVerdict.eq(Verdict::Discarded.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// An account that a change may take away.
#[derive(Clone, Debug, PartialEq)]
pub struct Concerned {
    /// The account.
    pub row: Row,
    /// What decides about it.
    pub subject: Subject,
}

/// The accounts of an app that a change may take away and that are not settled, in the order of their ids.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn concerned(tx: &Tx, app: Uuid, change: Uuid) -> Result<Vec<Concerned>> {
    use account::Column;
    // Whoever is active and has the app loses nothing.
    let stays = Query::select()
        .expr(Expr::val(1))
        .from(assignment::Entity)
        .inner_join(
            user::Entity,
            Expr::col((user::Entity, user::Column::Id))
                .equals((assignment::Entity, assignment::Column::UserId)),
        )
        .and_where(
            Expr::col((assignment::Entity, assignment::Column::AppId))
                .equals((account::Entity, Column::AppId)),
        )
        .and_where(
            Expr::col((assignment::Entity, assignment::Column::UserId))
                .equals((account::Entity, Column::UserId)),
        )
        .and_where(
            Expr::col((user::Entity, user::Column::Status)).eq(DirectoryStatus::Active.as_str()),
        )
        .take();
    let rows = account::Entity::find()
        .filter(Column::AppId.eq(app))
        .filter(Column::ChangeId.eq(change))
        .filter(Column::OktaId.is_not_null())
        .filter(Column::OktaStatus.ne(OktaStatus::Deleted.as_str()))
        .filter(Expr::col(Column::AppliedGeneration).lt(Expr::col(Column::Generation)))
        .filter(Expr::exists(stays).not())
        .order_by_asc(Column::Id)
        .all(tx.connection())
        .await?;
    let mut concerned = Vec::with_capacity(rows.len());
    for rows in rows.chunks(CHUNK) {
        concerned.extend(with_subjects(tx, app, rows).await?);
    }
    Ok(concerned)
}

/// What decides about one account.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn subject(tx: &Tx, app: Uuid, row: &Row) -> Result<Option<Subject>> {
    let found = with_subjects(tx, app, std::slice::from_ref(row)).await?;
    Ok(found.into_iter().next().map(|found| found.subject))
}

async fn with_subjects(tx: &Tx, app: Uuid, rows: &[Row]) -> Result<Vec<Concerned>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.user_id).collect();
    let statuses: Vec<(Uuid, String)> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .column(user::Column::Status)
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(tx.connection())
        .await?;
    let statuses: HashMap<Uuid, String> = statuses.into_iter().collect();
    let assigned: Vec<Uuid> = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::UserId)
        .filter(assignment::Column::AppId.eq(app))
        .filter(assignment::Column::UserId.is_in(ids))
        .into_tuple()
        .all(tx.connection())
        .await?;
    let assigned: HashSet<Uuid> = assigned.into_iter().collect();
    rows.iter()
        .map(|row| {
            let status = statuses.get(&row.user_id).map_or("", String::as_str);
            let user = status.parse().map_err(|_| corrupt(row.id, status))?;
            Ok(Concerned {
                row: row.clone(),
                subject: subject_of(row, user, assigned.contains(&row.user_id)),
            })
        })
        .collect()
}

/// What decides about an account whose person is so, and has the app or not.
#[must_use]
pub fn subject_of(row: &Row, user: DirectoryStatus, assigned: bool) -> Subject {
    Subject {
        user,
        assigned,
        release_only: row.release_only,
        released: row.released,
        status: OktaStatus::from(row.okta_status.as_deref().unwrap_or("UNKNOWN")),
    }
}
