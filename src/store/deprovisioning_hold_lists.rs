//! Holds and their accounts as a panel shows them. Making and ending them is in `deprovisioning_holds`.

use entity::deprovisioning_hold::{self, Column};
use entity::deprovisioning_hold_account as item;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
    Select,
};
use uuid::Uuid;

use super::deprovisioning_holds::{Hold, named, unchanged};
use super::page::{Key, Page, PageRequest, Position, page};
use super::{Access, Result, apps};
use crate::domain::deprovisioning::{HoldStatus, Removal};

fn present(organization: Uuid) -> Select<deprovisioning_hold::Entity> {
    deprovisioning_hold::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::AppId.in_subquery(apps::present_ids(organization)))
}

/// The holds with these ids, in no order.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_ids(db: &impl Access, organization: Uuid, ids: &[Uuid]) -> Result<Vec<Hold>> {
    present(organization)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db.connection())
        .await?
        .into_iter()
        .map(Hold::try_from)
        .collect()
}

fn of_app(
    organization: Uuid,
    app: Uuid,
    statuses: Option<&[HoldStatus]>,
) -> Select<deprovisioning_hold::Entity> {
    let select = present(organization).filter(Column::AppId.eq(app));
    match statuses {
        Some(statuses) => {
            let names = statuses.iter().map(|status| status.as_str());
            select.filter(Column::Status.is_in(names))
        }
        None => select,
    }
}

/// A page of an app's holds, by age.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn list(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    statuses: Option<&[HoldStatus]>,
    request: PageRequest,
) -> Result<Page<Hold>> {
    let place = |row: &deprovisioning_hold::Model| Position {
        key: None,
        id: row.id,
    };
    let select = of_app(organization, app, statuses);
    let rows = page(db, select, None, Column::Id, request, place).await?;
    rows.try_map(Hold::try_from)
}

/// How many holds [`list`] goes through.
///
/// # Errors
/// The database's own.
pub async fn count(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    statuses: Option<&[HoldStatus]>,
) -> Result<u64> {
    let select = of_app(organization, app, statuses);
    Ok(select.count(db.connection()).await?)
}

/// An account in a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldAccount {
    /// The account.
    pub account_id: Uuid,
    /// What is held.
    pub removal: Removal,
    /// When it joined, epoch milliseconds.
    pub held_at: i64,
}

fn accounts(hold: &Hold, removal: Option<Removal>) -> Select<item::Entity> {
    let mut select = item::Entity::find().filter(item::Column::HoldId.eq(hold.id));
    if hold.status == HoldStatus::Open {
        select = select.filter(item::Column::AccountId.in_subquery(unchanged(hold.id)));
    }
    if let Some(removal) = removal {
        select = select.filter(item::Column::Kind.eq(removal.as_str()));
    }
    select
}

/// A page of the accounts of a hold, those first that came first.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn accounts_of(
    db: &impl Access,
    hold: &Hold,
    removal: Option<Removal>,
    request: PageRequest,
) -> Result<Page<HeldAccount>> {
    let place = |row: &item::Model| Position {
        key: Some(Key::Number(row.held_at)),
        id: row.account_id,
    };
    let key = Some(item::Column::HeldAt);
    let select = accounts(hold, removal);
    let rows = page(db, select, key, item::Column::AccountId, request, place).await?;
    rows.try_map(|row| {
        Ok(HeldAccount {
            account_id: row.account_id,
            removal: named(row.hold_id, "kind", &row.kind)?,
            held_at: row.held_at,
        })
    })
}

/// How many accounts of a hold are to be deactivated, and how many deleted.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn counts(db: &impl Access, hold: &Hold) -> Result<Vec<(Removal, u64)>> {
    let rows: Vec<(String, i64)> = accounts(hold, None)
        .select_only()
        .column(item::Column::Kind)
        .column_as(item::Column::AccountId.count(), "accounts")
        .group_by(item::Column::Kind)
        .into_tuple()
        .all(db.connection())
        .await?;
    rows.into_iter()
        .map(|(kind, count)| {
            let count = u64::try_from(count).unwrap_or_default();
            Ok((named(hold.id, "kind", &kind)?, count))
        })
        .collect()
}
