//! Links of connections that are out of use, kept for the record; their accounts start anew.

use entity::account::{self, Column};
use entity::archived_link;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, JsonValue as Json, QueryFilter as _,
};
use uuid::Uuid;

use super::{Access as _, Result, Tx};
use crate::domain::account::AccountState;
use crate::random;

/// Rows that go into one statement: eight columns each, far below SQLite's 32,766 binds.
const CHUNK: usize = 500;

/// Keeps the links that an app has through a connection, and forgets on its accounts what was known of that org. Raise the app's accounts in
/// the same transaction. Answers how many links there were.
///
/// # Errors
/// The database's own.
pub async fn archive(
    tx: &Tx,
    organization: Uuid,
    app: Uuid,
    okta_org: Uuid,
    now: i64,
) -> Result<usize> {
    let linked = account::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::OktaOrgId.eq(okta_org))
        .all(tx.connection())
        .await?;
    let kept: Vec<_> = linked
        .into_iter()
        .filter_map(|row| kept(row, okta_org, now))
        .collect();
    let count = kept.len();
    for chunk in kept.chunks(CHUNK) {
        archived_link::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(tx.connection())
            .await?;
    }
    forget(tx, organization, app).await?;
    Ok(count)
}

fn kept(row: account::Model, okta_org: Uuid, now: i64) -> Option<archived_link::ActiveModel> {
    Some(archived_link::ActiveModel {
        id: Set(random::new_id()),
        organization_id: Set(row.organization_id),
        account_id: Set(row.id),
        okta_org_id: Set(okta_org),
        okta_id: Set(row.okta_id?),
        provenance: Set(row.provenance?),
        granted_role: Set(row.granted_role),
        archived_at: Set(now),
    })
}

/// Nothing is known of another org: no account, no candidate, no confirmation, no activation that took effect there, and no call under way.
async fn forget(tx: &Tx, organization: Uuid, app: Uuid) -> Result<()> {
    let no_text = || Expr::value(Option::<String>::None);
    let no_number = || Expr::value(Option::<i64>::None);
    let no_document = || Expr::value(Option::<Json>::None);
    account::Entity::update_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::AppId.eq(app))
        .col_expr(Column::OktaOrgId, Expr::value(Option::<Uuid>::None))
        .col_expr(Column::OktaId, no_text())
        .col_expr(Column::Provenance, no_text())
        .col_expr(Column::OktaStatus, no_text())
        .col_expr(Column::Transitioning, Expr::value(false))
        .col_expr(Column::OktaProfile, no_document())
        .col_expr(Column::ObservedAt, no_number())
        .col_expr(Column::GrantedRole, no_text())
        .col_expr(Column::GrantedRoleCreated, no_number())
        .col_expr(Column::RoleKnown, Expr::value(true))
        .col_expr(Column::ForeignRoles, no_document())
        .col_expr(Column::AdminConfirmed, Expr::value(false))
        .col_expr(Column::DeactivatedByUs, Expr::value(false))
        .col_expr(Column::Released, Expr::value(false))
        .col_expr(Column::LinkConfirmation, no_document())
        .col_expr(Column::Candidate, no_document())
        .col_expr(Column::RecheckAt, no_number())
        .col_expr(Column::ActivationApplied, Expr::value(0_i64))
        // What was approved was about the accounts of the other org.
        .col_expr(
            Column::ChangedGeneration,
            Expr::col(Column::Generation).add(1),
        )
        .col_expr(Column::State, Expr::value(AccountState::Pending.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(())
}
