//! Who works an app. One process at a time; the epoch fences the others.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// Who works an app. One process at a time; the epoch fences the others.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "app_lease")]
pub struct Model {
    /// The app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: Uuid,
    /// The process that holds the lease, null when free.
    pub holder: Option<Uuid>,
    /// Goes up with each take-over.
    pub epoch: i64,
    /// Goes up while the holder lives; others watch whether it moves.
    pub heartbeat: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
