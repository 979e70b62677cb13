//! A link of an earlier connection, kept for the record.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, PrimaryKeyTrait, Uuid,
};

/// A link of an earlier connection, kept for the record.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "archived_link")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The archived connection.
    pub okta_org_id: Uuid,
    /// Id of the Okta account in that org.
    pub okta_id: String,
    /// How the link had come about.
    pub provenance: String,
    /// Okta role type that we had granted.
    pub granted_role: Option<String>,
    /// When the link was archived, epoch milliseconds.
    pub archived_at: i64,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
