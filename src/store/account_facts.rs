//! Facts of many accounts at once, for previews: what [`super::situations`] reads one by one for the engine.

use std::collections::HashMap;

use entity::{account, assignment, user};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::accounts::{self, Facts, Person, Row};
use super::apps::App;
use super::okta_orgs::OktaOrg;
use super::{Access, Error, Result, situations};
use crate::domain::plan::AssignmentWish;

/// What all accounts of one app have in common.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The app.
    pub app: App,
    /// Its connection.
    pub okta_org: Option<OktaOrg>,
}

/// The facts of up to `limit` accounts of the app behind the account `after`, in the order of their ids.
///
/// # Errors
/// The database's own, or [`Error::Corrupt`].
pub async fn page(
    db: &impl Access,
    shared: &Shared,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Vec<Facts>> {
    let rows = account::Entity::find()
        .filter(account::Column::OrganizationId.eq(shared.app.organization_id))
        .filter(account::Column::AppId.eq(shared.app.id))
        .filter(account::Column::Id.gt(after.unwrap_or(Uuid::nil())))
        .order_by_asc(account::Column::Id)
        .limit(limit)
        .all(db.connection())
        .await?;
    let users: Vec<Uuid> = rows.iter().map(|row| row.user_id).collect();
    let mut people = people(db, &users).await?;
    let wishes = wishes(db, shared.app.id, &users).await?;
    let facts = |row: Row| {
        let person = people.remove(&row.user_id).ok_or_else(|| Error::Corrupt {
            table: "account",
            row: row.id.to_string(),
            what: "user",
            value: row.user_id.to_string(),
        })?;
        Ok(Facts {
            assignment: wishes.get(&row.user_id).copied(),
            person,
            app: shared.app.clone(),
            okta_org: shared.okta_org.clone(),
            account: row,
        })
    };
    rows.into_iter().map(facts).collect()
}

/// The facts of a person's account in an app; `None` when the person never had the app.
///
/// # Errors
/// As [`page`].
pub async fn of_person(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
    user: Uuid,
) -> Result<Option<Facts>> {
    let row = account::Entity::find()
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::AppId.eq(app))
        .filter(account::Column::UserId.eq(user))
        .one(db.connection())
        .await?;
    match row {
        Some(row) => Ok(situations::find(db, row.id).await?.map(|found| found.facts)),
        None => Ok(None),
    }
}

async fn people(db: &impl Access, users: &[Uuid]) -> Result<HashMap<Uuid, Person>> {
    let rows = user::Entity::find()
        .filter(user::Column::Id.is_in(users.iter().copied()))
        .all(db.connection())
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.id, Person::try_from(row)?)))
        .collect()
}

async fn wishes(
    db: &impl Access,
    app: Uuid,
    users: &[Uuid],
) -> Result<HashMap<Uuid, AssignmentWish>> {
    let rows = assignment::Entity::find()
        .filter(assignment::Column::AppId.eq(app))
        .filter(assignment::Column::UserId.is_in(users.iter().copied()))
        .all(db.connection())
        .await?;
    rows.into_iter()
        .map(|row| Ok((row.user_id, accounts::wish_of(&row)?)))
        .collect()
}
