//! The pace that Okta allowed an app last, told by the process that works it, so that every process can say how long the rest will take.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// The pace that Okta allowed an app last.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "app_pace")]
pub struct Model {
    /// The app.
    #[sea_orm(primary_key, auto_increment = false)]
    pub app_id: Uuid,
    /// Which of Okta's limits it is, by our name for it.
    pub bucket: String,
    /// Calls that Okta allows in each window of a minute.
    pub call_limit: i64,
    /// Calls that we may make in each window of a minute.
    pub usable: i64,
    /// When the present window ends, epoch milliseconds.
    pub window_ends_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
