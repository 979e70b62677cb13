//! One row of an app's mapping: where an Okta attribute takes its value from.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// One row of an app's mapping: where an Okta attribute takes its value from.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute_mapping")]
pub struct Model {
    /// The app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: Uuid,
    /// Name of the Okta attribute.
    #[sea_orm(primary_key, auto_increment = false)]
    pub attribute: String,
    /// Place in the list that the administrator saved.
    pub position: i32,
    /// The directory field; null for a constant.
    pub field_id: Option<String>,
    /// The constant, null for a directory field.
    pub constant: Option<Json>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
