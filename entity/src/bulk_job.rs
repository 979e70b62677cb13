//! A change for all users that match a filter, worked in batches.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// A change for all users that match a filter, worked in batches.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_job")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// `ASSIGN`, `UNASSIGN` or `ROLE_CHANGE`.
    pub kind: String,
    /// `QUEUED`, `RUNNING`, `COMPLETED` or `FAILED`.
    pub status: String,
    /// Filter, exclusions and role as asked for.
    pub request: Json,
    /// People who matched when it was accepted.
    pub total: i64,
    /// People looked at so far.
    pub processed: i64,
    /// People changed or already so.
    pub succeeded: i64,
    /// People refused.
    pub failed: i64,
    /// Last user handled; users are taken in the order of their ids.
    pub cursor: Option<Uuid>,
    /// Greatest user id that belonged to the set when it was accepted.
    pub until: Uuid,
    /// Why it failed as a whole.
    pub problem: Option<String>,
    /// Who started it.
    pub started_by: Uuid,
    /// The personal access token that whoever started it came with; null for somebody who signed in himself.
    pub token_id: Option<Uuid>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
    /// When it ended, epoch milliseconds.
    pub finished_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
