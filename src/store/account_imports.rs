//! Accounts as an import takes them over: many at a time, each written as a whole row by whoever holds it.

use entity::account::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::accounts::Row;
use super::{Access as _, Result, Tx};
use crate::domain::account::{AccountState, Urgency};
use crate::random;

/// The accounts of these people in an app, held until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn of_people(tx: &Tx, app: Uuid, users: &[Uuid]) -> Result<Vec<Row>> {
    Ok(account::Entity::find()
        .filter(Column::AppId.eq(app))
        .filter(Column::UserId.is_in(users.iter().copied()))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(tx.connection())
        .await?)
}

/// To whom these Okta accounts are linked through the connection, as (Okta's id, person).
///
/// # Errors
/// The database's own.
pub async fn holders(
    tx: &Tx,
    okta_org: Uuid,
    okta_ids: &[&str],
) -> Result<Vec<(Option<String>, Uuid)>> {
    Ok(account::Entity::find()
        .select_only()
        .column(Column::OktaId)
        .column(Column::UserId)
        .filter(Column::OktaOrgId.eq(okta_org))
        .filter(Column::OktaId.is_in(okta_ids.iter().copied()))
        .into_tuple()
        .all(tx.connection())
        .await?)
}

/// The account of a person who never had the app, not yet written: nothing is known of Okta, and nothing is due.
#[must_use]
pub fn blank(organization: Uuid, app: Uuid, user: Uuid, now: i64) -> Row {
    Row {
        id: random::new_id(),
        organization_id: organization,
        app_id: app,
        user_id: user,
        generation: 0,
        applied_generation: 0,
        revision: 0,
        due_at: None,
        urgency: Urgency::Changing.number(),
        attempts: 0,
        state: AccountState::NotProvisioned.as_str().to_owned(),
        problem_code: None,
        problem_detail: None,
        wait_reason: None,
        next_attempt_at: None,
        activation_wanted: 0,
        activation_applied: 0,
        okta_org_id: None,
        okta_id: None,
        provenance: None,
        okta_status: None,
        transitioning: false,
        okta_profile: None,
        observed_at: None,
        granted_role: None,
        granted_role_created: None,
        role_known: true,
        foreign_roles: None,
        deletion_from: None,
        admin_confirmed: false,
        deactivated_by_us: false,
        released: false,
        release_only: false,
        link_confirmation: None,
        candidate: None,
        refusals: None,
        recheck_at: None,
        change_id: None,
        changed_generation: 0,
        removal_verdict: None,
        removal_kind: None,
        removal_generation: None,
        removal_change_id: None,
        removal_hold_id: None,
        removal_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Writes new accounts.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when a person has one by now, or an Okta account is linked to somebody else.
pub async fn insert(tx: &Tx, rows: Vec<Row>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|row| row.into_active_model());
    account::Entity::insert_many(rows)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Writes an account that was read with [`of_people`] in the same transaction.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when the Okta account is linked to somebody else; the database's own.
pub async fn save(tx: &Tx, row: Row) -> Result<()> {
    let row = row.into_active_model().reset_all();
    account::Entity::update(row).exec(tx.connection()).await?;
    Ok(())
}

/// Has the engine read these accounts again at once, as far as they are at rest.
///
/// # Errors
/// The database's own.
pub async fn look_again(tx: &Tx, accounts: &[Uuid], now: i64) -> Result<()> {
    if accounts.is_empty() {
        return Ok(());
    }
    account::Entity::update_many()
        .col_expr(Column::RecheckAt, Expr::value(now))
        .col_expr(Column::DueAt, Expr::value(now))
        .filter(Column::Id.is_in(accounts.iter().copied()))
        .filter(Column::DueAt.is_null())
        .exec(tx.connection())
        .await?;
    Ok(())
}
