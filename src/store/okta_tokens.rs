//! The sealed secrets of a connection, and the claim that keeps two processes from refreshing one grant at once.

use std::collections::BTreeSet;

use entity::okta_org::{self, Column};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};
use url::Url;
use uuid::Uuid;

use super::okta_health::capability_names;
use super::okta_orgs::OktaOrg;
use super::{Access, Result, Tx};
use crate::domain::account::Capability;
use crate::domain::connection::ConnectionStatus;

/// Sealed secrets and the times of the tokens. Column names are the places of the sealed values.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The connection.
    pub org: OktaOrg,
    /// Column `client_secret_sealed`.
    pub client_secret: Option<Vec<u8>>,
    /// Column `access_token_sealed`.
    pub access_token: Option<Vec<u8>>,
    /// Expiry by our clock, epoch milliseconds.
    pub expires_at: i64,
    /// When to fetch the next one, epoch milliseconds.
    pub refresh_at: i64,
    /// Column `refresh_token_sealed`.
    pub refresh_token: Option<Vec<u8>>,
}

/// Reads the secrets of a connection that is not archived.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<Secrets>> {
    let row = okta_org::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(id))
        .filter(Column::ArchivedAt.is_null())
        .one(db.connection())
        .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Secrets {
        client_secret: row.client_secret_sealed.clone(),
        access_token: row.access_token_sealed.clone(),
        expires_at: row.access_token_expires_at.unwrap_or(0),
        refresh_at: row.access_token_refresh_at.unwrap_or(0),
        refresh_token: row.refresh_token_sealed.clone(),
        org: row.try_into()?,
    }))
}

/// Who may refresh, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The process.
    pub holder: Uuid,
    /// The tokens that are to be replaced.
    pub token_version: i64,
    /// Now, epoch milliseconds.
    pub now: i64,
    /// The claim counts until then, epoch milliseconds.
    pub until: i64,
    /// Another process's claim does not count: it cannot be running.
    pub alone: bool,
}

/// Claims the right to refresh. Answers whether it is ours: nobody else's claim counts, and the tokens are still those.
///
/// A claim that ends later than a claim made now would is from before the clock was set back, and does not count either.
///
/// # Errors
/// The database's own.
pub async fn claim(tx: &Tx, id: Uuid, claim: Claim) -> Result<bool> {
    let mut free = Condition::any()
        .add(Column::RefreshClaim.is_null())
        .add(Column::RefreshClaim.eq(claim.holder))
        .add(Column::RefreshClaimedUntil.lte(claim.now))
        .add(Column::RefreshClaimedUntil.gt(claim.until));
    if claim.alone {
        free = free.add(Column::RefreshClaim.is_not_null());
    }
    let change = okta_org::ActiveModel {
        refresh_claim: Set(Some(claim.holder)),
        refresh_claimed_until: Set(Some(claim.until)),
        ..Default::default()
    };
    let done = okta_org::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::TokenVersion.eq(claim.token_version))
        .filter(Column::ArchivedAt.is_null())
        .filter(free)
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Gives the claim back.
///
/// # Errors
/// The database's own.
pub async fn release(tx: &Tx, id: Uuid, holder: Uuid) -> Result<()> {
    let change = okta_org::ActiveModel {
        refresh_claim: Set(None),
        refresh_claimed_until: Set(None),
        ..Default::default()
    };
    okta_org::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::RefreshClaim.eq(holder))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Sealed tokens of one answer.
#[derive(Clone, Debug)]
pub struct NewTokens {
    /// Sealed access token.
    pub access_token: Vec<u8>,
    /// Expiry by our clock, epoch milliseconds.
    pub expires_at: i64,
    /// When to fetch the next one, epoch milliseconds.
    pub refresh_at: i64,
    /// Sealed refresh token; `None` keeps the one there is.
    pub refresh_token: Option<Vec<u8>>,
    /// The scopes that the answer named; `None` keeps what is known.
    pub scopes: Option<Vec<String>>,
}

impl NewTokens {
    fn change(&self, version: i64, now: i64) -> okta_org::ActiveModel {
        let mut change = okta_org::ActiveModel {
            access_token_sealed: Set(Some(self.access_token.clone())),
            access_token_expires_at: Set(Some(self.expires_at)),
            access_token_refresh_at: Set(Some(self.refresh_at)),
            token_version: Set(version),
            refresh_claim: Set(None),
            refresh_claimed_until: Set(None),
            updated_at: Set(now),
            ..Default::default()
        };
        if let Some(refresh) = &self.refresh_token {
            change.refresh_token_sealed = Set(Some(refresh.clone()));
        }
        if let Some(scopes) = &self.scopes {
            change.granted_scopes = Set(scopes.iter().map(String::as_str).collect());
        }
        change
    }
}

/// Stores what a refresh gave, as version `replaced + 1`, unless the tokens were replaced or forgotten meanwhile.
///
/// # Errors
/// The database's own.
pub async fn store(tx: &Tx, id: Uuid, replaced: i64, tokens: &NewTokens, now: i64) -> Result<bool> {
    let done = okta_org::Entity::update_many()
        .set(tokens.change(replaced + 1, now))
        .filter(Column::Id.eq(id))
        .filter(Column::TokenVersion.eq(replaced))
        .filter(Column::ArchivedAt.is_null())
        .filter(Column::RefreshTokenSealed.is_not_null())
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Who consented, and what came of it.
#[derive(Clone, Debug)]
pub struct Consent {
    /// The tokens.
    pub tokens: NewTokens,
    /// Okta id of the administrator.
    pub okta_id: String,
    /// Okta login of the administrator; `None` when Okta did not say.
    pub login: Option<String>,
    /// The directory user who started the authorization.
    pub started_by: Uuid,
    /// What Okta refuses to the administrator.
    pub denied: BTreeSet<Capability>,
}

/// Makes a consent the grant of the connection. The caller holds the row and knows its `token_version`.
///
/// # Errors
/// The database's own.
pub async fn consent(
    tx: &Tx,
    org: &OktaOrg,
    base_url: &Url,
    consent: &Consent,
    now: i64,
) -> Result<bool> {
    let change = okta_org::ActiveModel {
        status: Set(ConnectionStatus::Connected.as_str().to_owned()),
        problem_code: Set(None),
        problem_detail: Set(None),
        authorized_by_okta_id: Set(Some(consent.okta_id.clone())),
        authorized_by_login: Set(consent.login.clone()),
        authorized_by: Set(Some(consent.started_by)),
        authorized_at: Set(Some(now)),
        denied_capabilities: Set(capability_names(&consent.denied)),
        tested_at: Set(Some(now)),
        failures: Set(0),
        retry_at: Set(None),
        ..consent.tokens.change(org.token_version + 1, now)
    };
    let done = okta_org::Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(org.id))
        .filter(Column::BaseUrl.eq(base_url.as_str()))
        .filter(Column::TokenVersion.eq(org.token_version))
        .filter(Column::ArchivedAt.is_null())
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}
