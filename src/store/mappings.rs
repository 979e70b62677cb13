//! Saved attribute mappings.

use entity::attribute_mapping::{self, Column};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::{Access, Error, Result, Tx};
use crate::domain::mapping::{MappingItem, MappingSource};

/// Rows that go into one statement: six columns each, far below SQLite's 32,766 binds.
const CHUNK: usize = 500;

/// The saved mapping of an app, in the order in which it was saved. The caller found the app in the viewer's organisation.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn of_app(db: &impl Access, app: Uuid) -> Result<Vec<MappingItem>> {
    attribute_mapping::Entity::find()
        .filter(Column::AppId.eq(app))
        .order_by_asc(Column::Position)
        .all(db.connection())
        .await?
        .into_iter()
        .map(item)
        .collect()
}

fn item(row: attribute_mapping::Model) -> Result<MappingItem> {
    let source = match (row.field_id, row.constant) {
        (Some(field), None) => Some(MappingSource::Field(field)),
        (None, Some(constant)) => serde_json::from_value(constant)
            .ok()
            .map(MappingSource::Constant),
        _ => None,
    };
    let Some(source) = source else {
        return Err(Error::Corrupt {
            table: "attribute_mapping",
            row: format!("{}/{}", row.app_id, row.attribute),
            what: "source",
            value: String::new(),
        });
    };
    Ok(MappingItem {
        attribute: row.attribute,
        source,
    })
}

/// Replaces the mapping of an app. Every attribute occurs once.
///
/// # Errors
/// The database's own; [`Error::Duplicate`] for an attribute that occurs twice.
pub async fn replace(tx: &Tx, app: Uuid, items: &[MappingItem]) -> Result<()> {
    attribute_mapping::Entity::delete_many()
        .filter(Column::AppId.eq(app))
        .exec(tx.connection())
        .await?;
    let rows: Vec<_> = items
        .iter()
        .zip(0..)
        .map(|(item, position)| row(app, position, item))
        .collect::<Result<_>>()?;
    for chunk in rows.chunks(CHUNK) {
        attribute_mapping::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(tx.connection())
            .await?;
    }
    Ok(())
}

fn row(app: Uuid, position: i32, item: &MappingItem) -> Result<attribute_mapping::ActiveModel> {
    let (field, constant) = match &item.source {
        MappingSource::Field(id) => (Some(id.clone()), None),
        MappingSource::Constant(value) => {
            let json = serde_json::to_value(value).map_err(|e| Error::Database(e.to_string()))?;
            (None, Some(json))
        }
    };
    Ok(attribute_mapping::ActiveModel {
        app_id: Set(app),
        attribute: Set(item.attribute.clone()),
        position: Set(position),
        field_id: Set(field),
        constant: Set(constant),
    })
}
