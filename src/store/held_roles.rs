//! Which Okta admin roles a person holds, or is to hold, as far as we know.

use entity::{account, assignment};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::{Access as _, Result, Tx, apps};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::ListedRole;

/// The roles that come with the person's assignments, those that we gave in Okta and have not taken back, and those that others gave there. Okta's
/// own names that we do not know are left out, and so is what belongs to removed apps. Hold the person, so that nobody is given one meanwhile.
///
/// # Errors
/// The database's own.
pub async fn of_person(tx: &Tx, organization: Uuid, person: Uuid) -> Result<Vec<RoleType>> {
    let assigned: Vec<Option<String>> = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::Role)
        .filter(assignment::Column::OrganizationId.eq(organization))
        .filter(assignment::Column::UserId.eq(person))
        .filter(assignment::Column::AppId.in_subquery(apps::present_ids(organization)))
        .into_tuple()
        .all(tx.connection())
        .await?;
    let accounts = account::Entity::find()
        .filter(account::Column::OrganizationId.eq(organization))
        .filter(account::Column::UserId.eq(person))
        .filter(account::Column::AppId.in_subquery(apps::present_ids(organization)))
        .all(tx.connection())
        .await?;
    let in_okta = accounts.into_iter().flat_map(in_okta);
    let names = assigned.into_iter().flatten().chain(in_okta);
    Ok(names.filter_map(|name| name.parse().ok()).collect())
}

fn in_okta(account: account::Model) -> impl Iterator<Item = String> {
    let listed = account.foreign_roles.map(serde_json::from_value);
    let foreign: Vec<ListedRole> = listed.and_then(std::result::Result::ok).unwrap_or_default();
    let foreign = foreign.into_iter().map(|role| role.role_type);
    account.granted_role.into_iter().chain(foreign)
}
