//! A person in the directory. Deleted people stay as tombstones until Okta is settled.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// A person in the directory. Deleted people stay as tombstones until Okta is settled.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_user")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// `ACTIVE`, `INACTIVE` or `DELETED`.
    pub status: String,
    /// Sign-in name as typed.
    pub user_name: String,
    /// Normalised sign-in name; unique among the people of an organisation who are not deleted.
    pub user_name_key: String,
    /// E-mail address as typed.
    pub primary_email: String,
    /// Normalised e-mail address; unique among the people of an organisation who are not deleted.
    pub primary_email_key: String,
    /// Name shown to people: the display name, else given and family name, else the user name.
    pub display_name: String,
    /// Normalised display name, for ordering.
    pub sort_name: String,
    /// Department, empty when unknown; a column because lists filter by it.
    pub department: String,
    /// All field values by field id (standard key or the id of a custom field); absent means empty.
    pub fields: Json,
    /// Normalised text that a search looks into.
    pub search_text: String,
    /// `OWNER`, `ADMIN`, `MEMBER` or `CUSTOM`.
    pub admin_role: String,
    /// The custom role when `admin_role` is `CUSTOM`, else null.
    pub admin_role_id: Option<Uuid>,
    /// Goes up with each change; starts at 1.
    pub revision: i64,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
    /// Deletion time in epoch milliseconds, null while the person exists.
    pub deleted_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
