//! An Okta app that an organisation added: its switches and options.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// An Okta app that an organisation added: its switches and options.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "app")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// Name shown to people.
    pub name: String,
    /// `ACTIVE` or `REMOVED`.
    pub status: String,
    /// Switch: create accounts in Okta.
    pub create_users: bool,
    /// Switch: write mapped fields to Okta.
    pub update_user_profile: bool,
    /// Switch: delete the accounts of people who lost the app.
    pub delete_users: bool,
    /// Switch: carry activation and deactivation to Okta.
    pub activate_and_deactivate_users: bool,
    /// Goes up each time the switches are saved; 0 means never saved.
    pub settings_version: i64,
    /// Who saved the switches last, null when never saved.
    pub settings_saved_by: Option<Uuid>,
    /// When the switches were saved last, epoch milliseconds.
    pub settings_saved_at: Option<i64>,
    /// Whether Okta mails the people whom we create or activate.
    pub send_activation_email: bool,
    /// Okta role types that may be granted through this app; null means all assignable ones.
    pub allowed_role_types: Option<Json>,
    /// Share of the rate limit that the engine may use, in percent.
    pub rate_limit_share: i32,
    /// Days that a deactivated account is kept before it is deleted; null: it is deleted at once.
    pub deletion_delay_days: Option<i32>,
    /// Goes up each time the options are saved; 0 means never saved.
    pub options_version: i64,
    /// Who saved the options last, null when never saved.
    pub options_saved_by: Option<Uuid>,
    /// When the options were saved last, epoch milliseconds.
    pub options_saved_at: Option<i64>,
    /// Goes up each time the mappings are saved; 0 means never saved (the default mapping applies).
    pub mappings_version: i64,
    /// Who saved the mappings last, null when never saved.
    pub mappings_saved_by: Option<Uuid>,
    /// When the mappings were saved last, epoch milliseconds.
    pub mappings_saved_at: Option<i64>,
    /// Who paused the work, null while it is not paused.
    pub paused_by: Option<Uuid>,
    /// When the work was paused, epoch milliseconds; null while it is not paused.
    pub paused_at: Option<i64>,
    /// Why it was paused, in that person's words; null for nothing.
    pub pause_note: Option<String>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
    /// Removal time in epoch milliseconds, null while the app is there.
    pub removed_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
