//! The journal: one row for each call that changes Okta, committed before the request leaves.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// The journal: one row for each call that changes Okta, committed before the request leaves.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "operation")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app.
    pub app_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The user, for lists.
    pub user_id: Uuid,
    /// The connection.
    pub okta_org_id: Uuid,
    /// A `domain::plan::OperationKind` name.
    pub kind: String,
    /// The generation that it was planned from.
    pub generation: i64,
    /// `SENT`, `SUCCEEDED`, `FAILED` or `ABANDONED`; a row is open while it is `SENT`.
    pub status: String,
    /// The frozen request: login, Okta id, body, parameters.
    pub request: Json,
    /// Epoch of the lease under which it was sent.
    pub lease_epoch: i64,
    /// How often the identical request was sent.
    pub attempt: i32,
    /// True once an answer was lost and Okta has to be read.
    pub outcome_unknown: bool,
    /// What was read while the outcome was unknown, with times.
    pub reads: Json,
    /// When it was sent, our clock, epoch milliseconds.
    pub sent_at: i64,
    /// When it was sent, by Okta's clock as last seen, epoch milliseconds.
    pub sent_at_okta: i64,
    /// When the outcome became certain, epoch milliseconds.
    pub resolved_at: Option<i64>,
    /// `X-Okta-Request-Id` of the answer.
    pub okta_request_id: Option<String>,
    /// Okta's `errorCode`, or our own code.
    pub error_code: Option<String>,
    /// What Okta said; for people.
    pub error_message: Option<String>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
