//! How far an app's accounts are: counts by state, age of the backlog, speed.

use entity::{account, operation};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::{Access, Error, Result};
use crate::domain::account::{AccountState, WaitReason};
use crate::domain::plan::OperationKind;

/// The states in which an account still has to be worked on.
const BACKLOG: [AccountState; 4] = [
    AccountState::Pending,
    AccountState::Running,
    AccountState::Checking,
    AccountState::Waiting,
];

/// Counts the accounts of an app by state; states without an account are absent.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_state(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
) -> Result<Vec<(AccountState, i64)>> {
    let rows: Vec<(String, i64)> = account::Entity::find()
        .select_only()
        .column(account::Column::State)
        .column_as(account::Column::Id.count(), "accounts")
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::AppId.eq(app))
        .group_by(account::Column::State)
        .into_tuple()
        .all(db.connection())
        .await?;
    rows.into_iter()
        .map(|(state, count)| Ok((parse(app, "state", &state)?, count)))
        .collect()
}

/// Counts the waiting accounts of an app by what they wait for.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn by_wait(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
) -> Result<Vec<(WaitReason, i64)>> {
    let rows: Vec<(String, i64)> = account::Entity::find()
        .select_only()
        .column(account::Column::WaitReason)
        .column_as(account::Column::Id.count(), "accounts")
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::AppId.eq(app))
        .filter(account::Column::State.eq(AccountState::Waiting.as_str()))
        .filter(account::Column::WaitReason.is_not_null())
        .group_by(account::Column::WaitReason)
        .into_tuple()
        .all(db.connection())
        .await?;
    rows.into_iter()
        .map(|(wait, count)| Ok((parse(app, "wait_reason", &wait)?, count)))
        .collect()
}

fn parse<T: std::str::FromStr>(app: Uuid, what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Corrupt {
        table: "account",
        row: format!("of app {app}"),
        what,
        value: text.to_owned(),
    })
}

/// When the account that has waited longest was last changed, epoch milliseconds; `None` without a backlog. Who waits for the day of a deletion
/// does not count.
///
/// # Errors
/// The database's own.
pub async fn oldest_pending(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
) -> Result<Option<i64>> {
    let states = BACKLOG.map(AccountState::as_str);
    let found: Option<Option<i64>> = account::Entity::find()
        .select_only()
        .column_as(account::Column::UpdatedAt.min(), "oldest")
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::AppId.eq(app))
        .filter(account::Column::State.is_in(states))
        .filter(
            Condition::any()
                .add(account::Column::WaitReason.is_null())
                .add(account::Column::WaitReason.ne(WaitReason::DeletionDelayed.as_str())),
        )
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(found.flatten())
}

/// How many operations of an app were sent since then and have succeeded.
///
/// # Errors
/// The database's own.
pub async fn succeeded_since(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    since: i64,
) -> Result<u64> {
    Ok(operation::Entity::find()
        .filter(operation::Column::OrganizationId.eq(organization))
        .filter(operation::Column::AppId.eq(app))
        .filter(operation::Column::SentAt.gte(since))
        .filter(operation::Column::Status.eq("SUCCEEDED"))
        .count(db.connection())
        .await?)
}

/// How many operations of an app were sent to Okta since then, however they ended.
///
/// # Errors
/// The database's own.
pub async fn sent_since(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    since: i64,
) -> Result<u64> {
    Ok(operation::Entity::find()
        .filter(operation::Column::OrganizationId.eq(organization))
        .filter(operation::Column::AppId.eq(app))
        .filter(operation::Column::SentAt.gte(since))
        .filter(operation::Column::Kind.is_not_in(without_call()))
        .count(db.connection())
        .await?)
}

/// When the first of the operations of an app that were sent since then left, epoch milliseconds; `None` without one.
///
/// # Errors
/// The database's own.
pub async fn first_sent_since(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    since: i64,
) -> Result<Option<i64>> {
    let found: Option<i64> = operation::Entity::find()
        .select_only()
        .column(operation::Column::SentAt)
        .filter(operation::Column::OrganizationId.eq(organization))
        .filter(operation::Column::AppId.eq(app))
        .filter(operation::Column::SentAt.gte(since))
        .order_by_asc(operation::Column::SentAt)
        .limit(1)
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(found)
}

/// Operations of which Okta hears nothing.
fn without_call() -> impl Iterator<Item = &'static str> {
    let kinds = OperationKind::ALL.iter();
    kinds
        .filter(|kind| !kind.calls_okta())
        .map(|kind| kind.as_str())
}
