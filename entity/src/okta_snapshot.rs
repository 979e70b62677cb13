//! Our copy of what Okta told about an org as a whole, so that screens work while Okta is down.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// Our copy of what Okta told about an org as a whole, so that screens work while Okta is down.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "okta_snapshot")]
pub struct Model {
    /// The connection it was read through.
    #[sea_orm(primary_key, auto_increment = false)]
    pub okta_org_id: Uuid,
    /// `SCHEMA`, `CUSTOM_ROLES` or `ADMIN_ASSIGNEES`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// The copy, in the shape of the domain type that reads it.
    pub document: Json,
    /// When Okta answered, epoch milliseconds.
    pub fetched_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
