//! Whom the accounts of one page fit, looked up a page at a time.

use std::collections::HashSet;

use entity::{account, assignment, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::users::UserRow;
use super::{Access, Result, Tx};

/// A link as matching looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// The account.
    pub account_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// Okta's id of the account.
    pub okta_id: String,
    /// Its status as last seen.
    pub status: Option<String>,
    /// Whether it was released.
    pub released: bool,
}

async fn links(db: &impl Access, condition: sea_orm::Condition) -> Result<Vec<LinkRow>> {
    use account::Column;
    type Columns = (Uuid, Uuid, Option<String>, Option<String>, bool);
    let rows: Vec<Columns> = account::Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::UserId)
        .column(Column::OktaId)
        .column(Column::OktaStatus)
        .column(Column::Released)
        .filter(condition)
        .into_tuple()
        .all(db.connection())
        .await?;
    let link = |(account_id, user_id, okta_id, status, released): Columns| {
        Some(LinkRow {
            account_id,
            user_id,
            okta_id: okta_id?,
            status,
            released,
        })
    };
    Ok(rows.into_iter().filter_map(link).collect())
}

/// Who is linked to these accounts through the connection.
///
/// # Errors
/// The database's own.
pub async fn linked_to(
    db: &impl Access,
    okta_org: Uuid,
    okta_ids: &[&str],
) -> Result<Vec<LinkRow>> {
    let condition = sea_orm::Condition::all()
        .add(account::Column::OktaOrgId.eq(okta_org))
        .add(account::Column::OktaId.is_in(okta_ids.iter().copied()));
    links(db, condition).await
}

/// The links of these people through the connection.
///
/// # Errors
/// The database's own.
pub async fn links_of(
    db: &impl Access,
    app: Uuid,
    okta_org: Uuid,
    users: &[Uuid],
) -> Result<Vec<LinkRow>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let condition = sea_orm::Condition::all()
        .add(account::Column::AppId.eq(app))
        .add(account::Column::OktaOrgId.eq(okta_org))
        .add(account::Column::UserId.is_in(users.iter().copied()));
    links(db, condition).await
}

/// People who are not deleted with one of these user names or addresses, as match keys.
///
/// # Errors
/// The database's own.
pub async fn with_keys(
    db: &impl Access,
    organization: Uuid,
    user_names: &[&str],
    emails: &[&str],
) -> Result<Vec<UserRow>> {
    use user::Column;
    let mut found = with_key(db, organization, Column::UserNameKey, user_names).await?;
    // Most have both, and are found by now.
    let missing: Vec<&str> = {
        let known: HashSet<&str> = found
            .iter()
            .map(|row| row.primary_email_key.as_str())
            .collect();
        let missing = emails.iter().filter(|email| !known.contains(*email));
        missing.copied().collect()
    };
    let ids: HashSet<Uuid> = found.iter().map(|row| row.id).collect();
    let more = with_key(db, organization, Column::PrimaryEmailKey, &missing).await?;
    found.extend(more.into_iter().filter(|row| !ids.contains(&row.id)));
    Ok(found)
}

async fn with_key(
    db: &impl Access,
    organization: Uuid,
    column: user::Column,
    keys: &[&str],
) -> Result<Vec<UserRow>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    Ok(user::Entity::find()
        .filter(user::Column::OrganizationId.eq(organization))
        // Written out: SQLite uses the unique index over people who are not deleted only for this very condition.
        .filter(Expr::cust("status <> 'DELETED'"))
        .filter(column.is_in(keys.iter().copied()))
        .all(db.connection())
        .await?)
}

/// Which of these people have the app.
///
/// # Errors
/// The database's own.
pub async fn assigned(db: &impl Access, app: Uuid, users: &[Uuid]) -> Result<HashSet<Uuid>> {
    let found: Vec<Uuid> = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::UserId)
        .filter(assignment::Column::AppId.eq(app))
        .filter(assignment::Column::UserId.is_in(users.iter().copied()))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(found.into_iter().collect())
}

/// These people, deleted ones too, held until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn hold_people(tx: &Tx, organization: Uuid, ids: &[Uuid]) -> Result<Vec<UserRow>> {
    use sea_orm::QueryOrder as _;
    Ok(user::Entity::find()
        .filter(user::Column::OrganizationId.eq(organization))
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(user::Column::Id)
        .lock_exclusive()
        .all(tx.connection())
        .await?)
}
