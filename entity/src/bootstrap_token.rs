//! A one-time token with which somebody makes an organisation and becomes its owner.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// A one-time token with which somebody makes an organisation and becomes its owner.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bootstrap_token")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of the token; unique.
    pub hash: Vec<u8>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// From this time on it counts for nothing, epoch milliseconds.
    pub expires_at: i64,
    /// When it was used, epoch milliseconds; null as long as it was not.
    pub used_at: Option<i64>,
    /// The organisation that was made with it; null as long as it was not used.
    pub organization_id: Option<Uuid>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
