//! One act of an administrator or one effect on Okta.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// One act of an administrator or one effect on Okta.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// When, epoch milliseconds.
    pub at: i64,
    /// `USER`, `ENGINE` or `OPERATOR` (the command line).
    pub actor: String,
    /// The acting user when `actor` is `USER`.
    pub actor_user_id: Option<Uuid>,
    /// What was done, as `noun.verb`.
    pub action: String,
    /// What stands before the dot of `action`, for lists.
    pub family: String,
    /// The app concerned.
    pub app_id: Option<Uuid>,
    /// The directory user concerned.
    pub user_id: Option<Uuid>,
    /// The account concerned.
    pub account_id: Option<Uuid>,
    /// The journal row.
    pub operation_id: Option<Uuid>,
    /// `X-Okta-Request-Id` of the answer.
    pub okta_request_id: Option<String>,
    /// Before and after, without secrets.
    pub detail: Json,
    /// Authenticates the columns above; made by the process that wrote the row. Null only in rows from before there was a chain.
    pub tag: Option<Vec<u8>>,
    /// Place in the organisation's chain, from 1; null for the second until it is sealed.
    pub seq: Option<i64>,
    /// Authenticates the place, the tag and the link of the row before; null until sealed.
    pub link: Option<Vec<u8>>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
