//! The fields that an organisation added to its people.

use entity::{app, attribute_mapping, directory_field, user};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, DatabaseBackend,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::{Access, Result, Tx};
use directory_field::{Column, Entity, Model};

pub use entity::directory_field::Model as FieldRow;

/// The organisation's custom fields in the order of their making.
///
/// # Errors
/// The database's own.
pub async fn all(db: &impl Access, organization: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .order_by_asc(Column::Id)
        .all(db.connection())
        .await?)
}

/// The field, held until the transaction ends.
///
/// # Errors
/// The database's own.
pub async fn find_for_update(tx: &Tx, organization: Uuid, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}

/// Adds a field.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when the label is taken, or the database's own.
pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(row.into_active_model())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Writes a field that was read with [`find_for_update`] in the same transaction.
///
/// # Errors
/// [`Duplicate`](super::Error::Duplicate) when the label is taken, or the database's own.
pub async fn save(tx: &Tx, row: Model) -> Result<()> {
    Entity::update(row.into_active_model().reset_all())
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Removes the field and everybody's value of it.
///
/// # Errors
/// The database's own.
pub async fn delete(tx: &Tx, organization: Uuid, id: Uuid) -> Result<()> {
    let field = id.to_string();
    let without = match tx.connection().get_database_backend() {
        DatabaseBackend::Postgres => Expr::cust_with_values("fields - $1::text", [field]),
        _ => Expr::cust_with_values("json_remove(fields, ?)", [format!("$.\"{field}\"")]),
    };
    user::Entity::update_many()
        .col_expr(user::Column::Fields, without)
        .filter(user::Column::OrganizationId.eq(organization))
        .exec(tx.connection())
        .await?;
    Entity::delete_by_id(id)
        .filter(Column::OrganizationId.eq(organization))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Names of the apps whose saved mapping takes a value from this field; removed apps do not count.
///
/// # Errors
/// The database's own.
pub async fn mapped_in(db: &impl Access, organization: Uuid, field: &str) -> Result<Vec<String>> {
    let apps: Vec<Uuid> = attribute_mapping::Entity::find()
        .select_only()
        .column(attribute_mapping::Column::AppId)
        .distinct()
        .filter(attribute_mapping::Column::FieldId.eq(field))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(app::Entity::find()
        .select_only()
        .column(app::Column::Name)
        .filter(app::Column::OrganizationId.eq(organization))
        .filter(app::Column::RemovedAt.is_null())
        .filter(app::Column::Id.is_in(apps))
        .order_by_asc(app::Column::Id)
        .into_tuple()
        .all(db.connection())
        .await?)
}
