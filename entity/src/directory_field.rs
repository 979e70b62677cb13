//! A custom field that the organisation added to its people.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// A custom field that the organisation added to its people.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_field")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// Name shown to people.
    pub label: String,
    /// Normalised label, unique in the organisation.
    pub label_key: String,
    /// Type of the values, a `domain::directory::DataType` name.
    pub data_type: String,
    /// Greatest length of a text in characters, null for the default.
    pub max_length: Option<i32>,
    /// Goes up with each change; starts at 1.
    pub version: i64,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
