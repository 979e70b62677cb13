//! A personal access token: lets programs in under a person's name, for less than the person may do.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// A personal access token: lets programs in under a person's name, for less than the person may do.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "personal_access_token")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it, except the one by hash.
    pub organization_id: Uuid,
    /// The directory user under whose name it acts.
    pub user_id: Uuid,
    /// Name shown to people.
    pub name: String,
    /// Normalised name, unique for the person; null for a token that no longer holds its name.
    pub name_key: Option<String>,
    /// List of permission names.
    pub scopes: Json,
    /// SHA-256 of the token; unique.
    pub hash: Vec<u8>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// From this time on it counts for nothing, epoch milliseconds.
    pub expires_at: i64,
    /// About when it was used last, epoch milliseconds; null until it is used.
    pub last_used_at: Option<i64>,
    /// When it was ended, epoch milliseconds.
    pub revoked_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
