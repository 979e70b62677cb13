//! An account in a hold: what exactly is held, and approved later.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// An account in a hold: what exactly is held, and approved later.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deprovisioning_hold_account")]
pub struct Model {
    /// The hold.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hold_id: Uuid,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// A `domain::deprovisioning::Removal` name.
    pub kind: String,
    /// The account's `changed_generation` that it is about.
    pub generation: i64,
    /// When the account joined, epoch milliseconds.
    pub held_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
