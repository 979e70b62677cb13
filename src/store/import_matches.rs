//! Whom the accounts of one page fit, looked up a page at a time.

use std::collections::{HashMap, HashSet};

use entity::{account, assignment, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::users::UserRow;
use super::{Access, Result, Tx};

/// A link as matching looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
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
    let rows: Vec<(Uuid, Option<String>, Option<String>, bool)> = account::Entity::find()
        .select_only()
        .column(Column::UserId)
        .column(Column::OktaId)
        .column(Column::OktaStatus)
        .column(Column::Released)
        .filter(condition)
        .into_tuple()
        .all(db.connection())
        .await?;
    let link = |(user_id, okta_id, status, released): (Uuid, Option<String>, _, bool)| {
        Some(LinkRow {
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
    let mut found: HashMap<Uuid, UserRow> = HashMap::new();
    for (column, keys) in [
        (Column::UserNameKey, user_names),
        (Column::PrimaryEmailKey, emails),
    ] {
        if keys.is_empty() {
            continue;
        }
        let rows = user::Entity::find()
            .filter(Column::OrganizationId.eq(organization))
            // Written out: SQLite uses the unique index over people who are not deleted only for this very condition.
            .filter(Expr::cust("status <> 'DELETED'"))
            .filter(column.is_in(keys.iter().copied()))
            .all(db.connection())
            .await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found.into_values().collect())
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
