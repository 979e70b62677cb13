//! A connection to one Okta org through one OAuth client. A new domain or client id is a new row; the old one is archived.

use sea_orm::entity::prelude::{
    ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait,
    EnumIter, Json, PrimaryKeyTrait, Uuid,
};

/// A connection to one Okta org through one OAuth client. A new domain or client id is a new row; the old one is archived.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "okta_org")]
pub struct Model {
    /// UUID version 7, so ids sort by creation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The tenant that owns the row; every finder filters by it.
    pub organization_id: Uuid,
    /// The app that the connection serves.
    pub app_id: Uuid,
    /// Origin of the org such as `https://acme.okta.com`, null until configured.
    pub base_url: Option<String>,
    /// OAuth client id, null until configured.
    pub client_id: Option<String>,
    /// Sealed OAuth client secret, null until configured.
    pub client_secret_sealed: Option<Vec<u8>>,
    /// When the secret was entered, epoch milliseconds.
    pub client_secret_set_at: Option<i64>,
    /// A `domain::connection::ConnectionStatus` name.
    pub status: String,
    /// Why the connection does not work, null when it does.
    pub problem_code: Option<String>,
    /// What Okta said about the problem; for people, not for machines.
    pub problem_detail: Option<String>,
    /// Scopes of the last token answer, a list of strings.
    pub granted_scopes: Json,
    /// Okta id of the administrator who consented.
    pub authorized_by_okta_id: Option<String>,
    /// Okta login of the administrator who consented.
    pub authorized_by_login: Option<String>,
    /// The directory user who started the authorization.
    pub authorized_by: Option<Uuid>,
    /// When consent was given, epoch milliseconds.
    pub authorized_at: Option<i64>,
    /// Sealed access token.
    pub access_token_sealed: Option<Vec<u8>>,
    /// Expiry of the access token by our clock, epoch milliseconds.
    pub access_token_expires_at: Option<i64>,
    /// When to fetch the next access token, somewhat before the expiry, epoch milliseconds.
    pub access_token_refresh_at: Option<i64>,
    /// Sealed refresh token, null when Okta gave none.
    pub refresh_token_sealed: Option<Vec<u8>>,
    /// Goes up each time tokens are stored; guards against storing an older answer.
    pub token_version: i64,
    /// The process that is fetching a new access token, null when none is.
    pub refresh_claim: Option<Uuid>,
    /// Until when that claim counts, epoch milliseconds.
    pub refresh_claimed_until: Option<i64>,
    /// Kinds of call that Okta refused for the consenting administrator, a list of strings.
    pub denied_capabilities: Json,
    /// Last successful test of the connection, epoch milliseconds.
    pub tested_at: Option<i64>,
    /// Consecutive failures of the org, for the growing pause.
    pub failures: i32,
    /// No call before this time while the org is failing, epoch milliseconds.
    pub retry_at: Option<i64>,
    /// Goes up with each change by an administrator; starts at 1.
    pub version: i64,
    /// Creation time in epoch milliseconds.
    pub created_at: i64,
    /// Last change in epoch milliseconds.
    pub updated_at: i64,
    /// When a newer connection took over, null for the current one.
    pub archived_at: Option<i64>,
}

/// Relations are resolved in the store.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
