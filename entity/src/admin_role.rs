//! A custom admin role: a named set of permissions.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// A custom admin role: a named set of permissions.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_role")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// Name shown to people.
    pub name: String,
    /// Normalised name, unique in the organisation.
    pub name_key: String,
    /// What the role is for; may be empty.
    pub description: String,
    /// List of permission names.
    pub permissions: Json,
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
