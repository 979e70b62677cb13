//! A change of the directory that took access away: accounts that it concerns are judged together.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// A change of the directory that took access away: accounts that it concerns are judged together.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_change")]
pub struct Model {
    /// That of the bulk job or the import, where it was one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// A `domain::deprovisioning::Cause` name.
    pub cause: String,
    /// Who made it; null when nobody in particular did.
    pub user_id: Option<Uuid>,
    /// When, epoch milliseconds.
    pub created_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
