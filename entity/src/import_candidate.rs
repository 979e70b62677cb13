//! Somebody whom an import proposes to change, what confirming would do, and what came of it.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// Somebody whom an import proposes to change.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_candidate")]
pub struct Model {
    /// UUID version 7, so ids sort by the order of reading.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The import.
    pub import_id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// Okta's id of the account.
    pub okta_id: String,
    /// A `domain::import::Category` name.
    pub category: String,
    /// A `domain::import::ConflictReason` name, null without a conflict.
    pub conflict: Option<String>,
    /// The person, null when there is none.
    pub user_id: Option<Uuid>,
    /// The person's revision when the account was classified, null without a person.
    pub user_revision: Option<i64>,
    /// Status in Okta when it was read.
    pub okta_status: String,
    /// Okta's time of the account's last change, epoch milliseconds; null when Okta does not say.
    pub okta_last_updated: Option<i64>,
    /// Whether the account holds an admin role in Okta.
    pub is_admin: bool,
    /// Whether the account was linked to the person already.
    pub linked: bool,
    /// Whether the person had the app already.
    pub assigned: bool,
    /// Whether a mapped value differs.
    pub differs: bool,
    /// Name shown to people.
    pub display_name: String,
    /// Normalised name, for ordering.
    pub sort_name: String,
    /// Login in Okta.
    pub login: String,
    /// Normalised login.
    pub login_key: String,
    /// Primary e-mail address in Okta, empty when there is none.
    pub email: String,
    /// Normalised address.
    pub email_key: String,
    /// Normalised text that a search looks into.
    pub search_text: String,
    /// The mapped attributes of the account.
    pub profile: Json,
    /// Attributes that differ, a list of `domain::mapping::Difference`.
    pub differences: Json,
    /// Whether an administrator ticked it.
    pub selected: bool,
    /// Whose values count for this one, null for the import's choice.
    pub source_profile: Option<String>,
    /// A `domain::import::Outcome` name, null before.
    pub outcome: Option<String>,
    /// A `domain::import::OutcomeReason` name, null when the outcome needs none.
    pub outcome_code: Option<String>,
    /// Details of the outcome for people, null for none.
    pub outcome_message: Option<String>,
    /// When the outcome was recorded, epoch milliseconds.
    pub applied_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
