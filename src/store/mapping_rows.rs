//! Rows that say how people become Okta profiles.

use entity::{attribute_mapping, okta_snapshot};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, JsonValue as Json, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::{Access, Result};

/// The saved mapping of an app, in the order of the list.
///
/// # Errors
/// The database's own.
pub async fn of_app(access: &impl Access, app: Uuid) -> Result<Vec<attribute_mapping::Model>> {
    Ok(attribute_mapping::Entity::find()
        .filter(attribute_mapping::Column::AppId.eq(app))
        .order_by_asc(attribute_mapping::Column::Position)
        .all(access.connection())
        .await?)
}

/// Our copy of the org's user schema; null when it was never fetched.
///
/// # Errors
/// The database's own.
pub async fn schema(access: &impl Access, okta_org: Uuid) -> Result<Option<Json>> {
    let row = okta_snapshot::Entity::find_by_id((okta_org, "SCHEMA".to_owned()))
        .one(access.connection())
        .await?;
    Ok(row.map(|row| row.document))
}
