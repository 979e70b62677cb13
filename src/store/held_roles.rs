//! Which Okta admin roles people hold, or are to hold, as far as we know.

use std::collections::HashMap;

use entity::{account, assignment};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::{Access, Result, Tx, apps};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::ListedRole;

/// The roles that come with the person's assignments, those that we gave in Okta and have not taken back, and those that others gave there. Okta's
/// own names that we do not know are left out, and so is what belongs to removed apps. Hold the person, so that nobody is given one meanwhile.
///
/// # Errors
/// The database's own.
pub async fn of_person(tx: &Tx, organization: Uuid, person: Uuid) -> Result<Vec<RoleType>> {
    let mut held = of_people(tx, organization, &[person]).await?;
    Ok(held.remove(&person).unwrap_or_default())
}

/// As [`of_person`], of these people; who holds none is left out.
///
/// # Errors
/// The database's own.
pub async fn of_people(
    db: &impl Access,
    organization: Uuid,
    people: &[Uuid],
) -> Result<HashMap<Uuid, Vec<RoleType>>> {
    let assigned: Vec<(Uuid, Option<String>)> = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::UserId)
        .column(assignment::Column::Role)
        .filter(assignment::Column::OrganizationId.eq(organization))
        .filter(assignment::Column::UserId.is_in(people.iter().copied()))
        .filter(assignment::Column::AppId.in_subquery(apps::present_ids(organization)))
        .into_tuple()
        .all(db.connection())
        .await?;
    let in_okta: Vec<InOkta> = account::Entity::find()
        .select_only()
        .column(account::Column::UserId)
        .column(account::Column::GrantedRole)
        .column(account::Column::ForeignRoles)
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::UserId.is_in(people.iter().copied()))
        .filter(account::Column::AppId.in_subquery(apps::present_ids(organization)))
        .into_tuple()
        .all(db.connection())
        .await?;
    let assigned = assigned
        .into_iter()
        .filter_map(|(person, role)| Some((person, role?)));
    let mut held: HashMap<Uuid, Vec<RoleType>> = HashMap::new();
    for (person, name) in assigned.chain(in_okta.into_iter().flat_map(roles_in_okta)) {
        if let Ok(role) = name.parse() {
            held.entry(person).or_default().push(role);
        }
    }
    Ok(held)
}

/// A person, the role that we gave him in Okta, and those that others did.
type InOkta = (Uuid, Option<String>, Option<serde_json::Value>);

fn roles_in_okta((person, granted, foreign): InOkta) -> impl Iterator<Item = (Uuid, String)> {
    let listed = foreign.map(serde_json::from_value);
    let foreign: Vec<ListedRole> = listed.and_then(std::result::Result::ok).unwrap_or_default();
    let foreign = foreign.into_iter().map(|role| role.role_type);
    granted
        .into_iter()
        .chain(foreign)
        .map(move |role| (person, role))
}
