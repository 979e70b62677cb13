//! Deactivations and deletions that wait for an administrator, or for room in the budget.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// Deactivations and deletions that wait for an administrator, or for room in the budget.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deprovisioning_hold")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// A `domain::deprovisioning::HoldReason` name.
    pub reason: String,
    /// A `domain::deprovisioning::Cause` name; null when separate changes came together.
    pub cause: Option<String>,
    /// Whose change it was; null when separate changes came together.
    pub caused_by: Option<Uuid>,
    /// A `domain::deprovisioning::HoldStatus` name.
    pub status: String,
    /// Goes up whenever an account joins, leaves or is wanted differently, and with the decision.
    pub version: i64,
    /// Who decided; null while nobody did.
    pub decided_by: Option<Uuid>,
    /// When it was decided, or the last account left, epoch milliseconds; null while it is open.
    pub decided_at: Option<i64>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
