//! How a connection fares: problems, pauses, and what Okta refuses to the administrator behind it.

use std::collections::BTreeSet;

use entity::okta_org::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{Access as _, Result, Tx};
use crate::domain::account::Capability;
use crate::domain::connection::{ConnectionProblem, ConnectionStatus};

/// Notes that only a person can help, unless tokens were stored since `token_version` or the connection is out of use already. A dead grant
/// (`forget`) is forgotten; else the tokens stay, for the day the client secret is right again. Answers whether anything changed.
///
/// # Errors
/// The database's own.
pub async fn needs_reauthorization(
    tx: &Tx,
    id: Uuid,
    token_version: i64,
    problem: &ConnectionProblem,
    forget: bool,
    now: i64,
) -> Result<bool> {
    let mut change = okta_org::ActiveModel {
        status: Set(ConnectionStatus::NeedsReauthorization.as_str().to_owned()),
        problem_code: Set(Some(problem.code.as_str().to_owned())),
        problem_detail: Set(problem.detail.clone()),
        refresh_claim: Set(None),
        refresh_claimed_until: Set(None),
        updated_at: Set(now),
        ..Default::default()
    };
    if forget {
        change.access_token_sealed = Set(None);
        change.refresh_token_sealed = Set(None);
        change.access_token_expires_at = Set(None);
        change.access_token_refresh_at = Set(None);
    }
    let done = okta_org::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::TokenVersion.eq(token_version))
        .filter(Column::ArchivedAt.is_null())
        .filter(Column::Status.is_in(granted()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

fn granted() -> Vec<&'static str> {
    ConnectionStatus::ALL
        .iter()
        .filter(|status| status.has_grant())
        .map(|status| status.as_str())
        .collect()
}

/// Pauses a failing org until `retry_at`. Answers whether the connection was in use at all.
///
/// # Errors
/// The database's own.
pub async fn quarantine(
    tx: &Tx,
    id: Uuid,
    problem: &ConnectionProblem,
    retry_at: i64,
    now: i64,
) -> Result<bool> {
    use sea_orm::sea_query::ExprTrait as _;
    let change = okta_org::ActiveModel {
        status: Set(ConnectionStatus::Quarantined.as_str().to_owned()),
        problem_code: Set(Some(problem.code.as_str().to_owned())),
        problem_detail: Set(problem.detail.clone()),
        retry_at: Set(Some(retry_at)),
        updated_at: Set(now),
        ..Default::default()
    };
    let done = okta_org::Entity::update_many()
        .set(change)
        .col_expr(Column::Failures, Expr::col(Column::Failures).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::Status.is_in(granted()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Ends the pause of an org that answers again; how often it failed is kept until it has [`healed`]. Answers whether there was a pause.
///
/// # Errors
/// The database's own.
pub async fn recovered(tx: &Tx, id: Uuid, now: i64) -> Result<bool> {
    let change = okta_org::ActiveModel {
        status: Set(ConnectionStatus::Connected.as_str().to_owned()),
        problem_code: Set(None),
        problem_detail: Set(None),
        retry_at: Set(None),
        updated_at: Set(now),
        ..Default::default()
    };
    let done = okta_org::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(ConnectionStatus::Quarantined.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes that the org carries out changes again, so that its next failure is the first one.
///
/// # Errors
/// The database's own.
pub async fn healed(tx: &Tx, id: Uuid) -> Result<()> {
    okta_org::Entity::update_many()
        .col_expr(Column::Failures, Expr::value(0))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Notes a successful test: the connection works, and this is what Okta refuses.
///
/// # Errors
/// The database's own.
pub async fn tested(tx: &Tx, id: Uuid, denied: &BTreeSet<Capability>, now: i64) -> Result<bool> {
    let change = okta_org::ActiveModel {
        status: Set(ConnectionStatus::Connected.as_str().to_owned()),
        problem_code: Set(None),
        problem_detail: Set(None),
        denied_capabilities: Set(capability_names(denied)),
        failures: Set(0),
        retry_at: Set(None),
        tested_at: Set(Some(now)),
        updated_at: Set(now),
        ..Default::default()
    };
    let done = okta_org::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::ArchivedAt.is_null())
        .filter(Column::RefreshTokenSealed.is_not_null())
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Notes what Okta refuses to the consenting administrator. The caller read the set in the same transaction.
///
/// # Errors
/// The database's own.
pub async fn set_denied(tx: &Tx, id: Uuid, denied: &BTreeSet<Capability>, now: i64) -> Result<()> {
    let change = okta_org::ActiveModel {
        denied_capabilities: Set(capability_names(denied)),
        updated_at: Set(now),
        ..Default::default()
    };
    okta_org::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

pub(super) fn capability_names(denied: &BTreeSet<Capability>) -> serde_json::Value {
    denied
        .iter()
        .map(|capability| capability.as_str())
        .collect()
}
