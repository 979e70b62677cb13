//! A user has the app, with at most one Okta role.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// A user has the app, with at most one Okta role.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assignment")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The user.
    pub user_id: Uuid,
    /// Okta role type to grant, null for none.
    pub role: Option<String>,
    /// Who assigned it, null when the system did.
    pub created_by: Option<Uuid>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
