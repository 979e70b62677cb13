//! One journey of a browser to Okta and back.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// One journey of a browser to Okta and back.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "okta_authorization")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app being connected.
    pub app_id: Uuid,
    /// The connection being authorized.
    pub okta_org_id: Uuid,
    /// The directory user who started it.
    pub started_by: Uuid,
    /// The personal access token that whoever started it came with; null for somebody who signed in himself.
    pub token_id: Option<Uuid>,
    /// What the session that started it may do at most; null for no bound.
    pub ceiling: Option<Json>,
    /// `PENDING`, `SUCCEEDED`, `DENIED`, `FAILED` or `EXPIRED`.
    pub status: String,
    /// SHA-256 of the one-time secret in our own start address.
    pub start_hash: Vec<u8>,
    /// SHA-256 of the OAuth `state`.
    pub state_hash: Vec<u8>,
    /// SHA-256 of the browser's cookie, null until the browser came to the start address.
    pub cookie_hash: Option<Vec<u8>>,
    /// Sealed address in Okta, PKCE verifier and nonce.
    pub verifier_sealed: Vec<u8>,
    /// Where the browser goes afterwards; null shows our own page.
    pub return_to: Option<String>,
    /// Why it failed.
    pub problem_code: Option<String>,
    /// What Okta said; for people.
    pub problem_detail: Option<String>,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// After this time the journey counts for nothing, epoch milliseconds.
    pub expires_at: i64,
    /// When the browser came back from Okta, epoch milliseconds; it counts once.
    pub returned_at: Option<i64>,
    /// When it ended, epoch milliseconds.
    pub completed_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
