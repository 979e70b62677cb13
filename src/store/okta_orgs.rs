//! Connections to Okta orgs: what administrators entered and what became of it. Tokens are in [`super::okta_tokens`].

use std::collections::BTreeSet;

use entity::okta_org::{self, Column};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _,
    Select,
};
use url::Url;
use uuid::Uuid;

use super::{Access, Error, Result, Tx};
use crate::domain::account::Capability;
use crate::domain::connection::{ConnectionProblem, ConnectionStatus};

/// A connection, as far as it is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OktaOrg {
    /// The connection.
    pub id: Uuid,
    /// The tenant.
    pub organization_id: Uuid,
    /// The app that it serves.
    pub app_id: Uuid,
    /// The org; `None` until configured.
    pub base_url: Option<Url>,
    /// OAuth client id; `None` until configured.
    pub client_id: Option<String>,
    /// When the client secret was entered, epoch milliseconds.
    pub client_secret_set_at: Option<i64>,
    /// Its state.
    pub status: ConnectionStatus,
    /// What is wrong with it.
    pub problem: Option<ConnectionProblem>,
    /// Scopes of the last token.
    pub granted_scopes: Vec<String>,
    /// Okta id of the administrator who consented.
    pub authorized_by_okta_id: Option<String>,
    /// Okta login of the administrator who consented.
    pub authorized_by_login: Option<String>,
    /// The directory user who started the authorization.
    pub authorized_by: Option<Uuid>,
    /// When consent was given, epoch milliseconds.
    pub authorized_at: Option<i64>,
    /// Kinds of call that Okta refuses to the consenting administrator.
    pub denied: BTreeSet<Capability>,
    /// Last successful test, epoch milliseconds.
    pub tested_at: Option<i64>,
    /// Consecutive failures of the org.
    pub failures: i32,
    /// No call before this time, epoch milliseconds.
    pub retry_at: Option<i64>,
    /// Goes up each time tokens are stored.
    pub token_version: i64,
    /// Goes up with each change by an administrator.
    pub version: i64,
}

impl TryFrom<okta_org::Model> for OktaOrg {
    type Error = Error;

    fn try_from(row: okta_org::Model) -> Result<Self> {
        let corrupt = |what: &'static str, value: &dyn std::fmt::Display| Error::Corrupt {
            table: "okta_org",
            row: row.id.to_string(),
            what,
            value: value.to_string(),
        };
        let base_url = match &row.base_url {
            None => None,
            Some(text) => Some(Url::parse(text).map_err(|_| corrupt("base_url", text))?),
        };
        let problem = match &row.problem_code {
            None => None,
            Some(code) => Some(
                ConnectionProblem::new(code.parse().map_err(|_| corrupt("problem_code", code))?)
                    .with_detail(row.problem_detail.clone()),
            ),
        };
        Ok(Self {
            status: row
                .status
                .parse()
                .map_err(|_| corrupt("status", &row.status))?,
            granted_scopes: serde_json::from_value(row.granted_scopes.clone())
                .map_err(|_| corrupt("granted_scopes", &row.granted_scopes))?,
            denied: serde_json::from_value(row.denied_capabilities.clone())
                .map_err(|_| corrupt("denied_capabilities", &row.denied_capabilities))?,
            id: row.id,
            organization_id: row.organization_id,
            app_id: row.app_id,
            base_url,
            client_id: row.client_id,
            client_secret_set_at: row.client_secret_set_at,
            problem,
            authorized_by_okta_id: row.authorized_by_okta_id,
            authorized_by_login: row.authorized_by_login,
            authorized_by: row.authorized_by,
            authorized_at: row.authorized_at,
            tested_at: row.tested_at,
            failures: row.failures,
            retry_at: row.retry_at,
            token_version: row.token_version,
            version: row.version,
        })
    }
}

/// What an administrator enters.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The org.
    pub base_url: Url,
    /// OAuth client id.
    pub client_id: String,
    /// Sealed client secret.
    pub client_secret_sealed: Vec<u8>,
}

fn current(organization: Uuid) -> Select<okta_org::Entity> {
    okta_org::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::ArchivedAt.is_null())
}

/// The connection with this id, unless it was archived.
///
/// # Errors
/// The database's own; a row that this version does not understand.
pub async fn find(db: &impl Access, organization: Uuid, id: Uuid) -> Result<Option<OktaOrg>> {
    current(organization)
        .filter(Column::Id.eq(id))
        .one(db.connection())
        .await?
        .map(OktaOrg::try_from)
        .transpose()
}

/// The connection of an app.
///
/// # Errors
/// As [`find`].
pub async fn of_app(db: &impl Access, organization: Uuid, app: Uuid) -> Result<Option<OktaOrg>> {
    current(organization)
        .filter(Column::AppId.eq(app))
        .one(db.connection())
        .await?
        .map(OktaOrg::try_from)
        .transpose()
}

/// The connections of several apps.
///
/// # Errors
/// As [`find`].
pub async fn of_apps(db: &impl Access, organization: Uuid, apps: &[Uuid]) -> Result<Vec<OktaOrg>> {
    current(organization)
        .filter(Column::AppId.is_in(apps.iter().copied()))
        .all(db.connection())
        .await?
        .into_iter()
        .map(OktaOrg::try_from)
        .collect()
}

/// As [`of_app`], and nobody else changes the row before the transaction ends.
///
/// # Errors
/// As [`find`].
pub async fn of_app_locked(tx: &Tx, organization: Uuid, app: Uuid) -> Result<Option<OktaOrg>> {
    current(organization)
        .filter(Column::AppId.eq(app))
        .lock_exclusive()
        .one(tx.connection())
        .await?
        .map(OktaOrg::try_from)
        .transpose()
}

/// The connection of this organisation to this Okta org, whichever app it serves.
///
/// # Errors
/// As [`find`].
pub async fn to_org(
    db: &impl Access,
    organization: Uuid,
    base_url: &Url,
) -> Result<Option<OktaOrg>> {
    current(organization)
        .filter(Column::BaseUrl.eq(base_url.as_str()))
        .one(db.connection())
        .await?
        .map(OktaOrg::try_from)
        .transpose()
}

/// A new connection of the app: empty, or with credentials.
///
/// # Errors
/// [`Error::Duplicate`] when another app of the organisation is connected to this org.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    organization: Uuid,
    app: Uuid,
    credentials: Option<&Credentials>,
    now: i64,
) -> Result<()> {
    let status = match credentials {
        Some(_) => ConnectionStatus::NotAuthorized,
        None => ConnectionStatus::NotConfigured,
    };
    let row = okta_org::ActiveModel {
        id: Set(id),
        organization_id: Set(organization),
        app_id: Set(app),
        base_url: Set(credentials.map(|new| new.base_url.to_string())),
        client_id: Set(credentials.map(|new| new.client_id.clone())),
        client_secret_sealed: Set(credentials.map(|new| new.client_secret_sealed.clone())),
        client_secret_set_at: Set(credentials.map(|_| now)),
        status: Set(status.as_str().to_owned()),
        granted_scopes: Set(empty_list()),
        denied_capabilities: Set(empty_list()),
        token_version: Set(0),
        failures: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    okta_org::Entity::insert(row)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

fn empty_list() -> serde_json::Value {
    serde_json::Value::Array(Vec::new())
}

/// Enters the first credentials of a connection that had none.
///
/// # Errors
/// As [`insert`].
pub async fn configure(tx: &Tx, id: Uuid, credentials: &Credentials, now: i64) -> Result<()> {
    let change = okta_org::ActiveModel {
        base_url: Set(Some(credentials.base_url.to_string())),
        client_id: Set(Some(credentials.client_id.clone())),
        client_secret_sealed: Set(Some(credentials.client_secret_sealed.clone())),
        client_secret_set_at: Set(Some(now)),
        status: Set(ConnectionStatus::NotAuthorized.as_str().to_owned()),
        ..Default::default()
    };
    change_by_person(tx, id, change, now).await
}

/// Enters another secret of the same client; tokens stay.
///
/// # Errors
/// The database's own.
pub async fn set_secret(tx: &Tx, id: Uuid, sealed: Vec<u8>, now: i64) -> Result<()> {
    let change = okta_org::ActiveModel {
        client_secret_sealed: Set(Some(sealed)),
        client_secret_set_at: Set(Some(now)),
        ..Default::default()
    };
    change_by_person(tx, id, change, now).await
}

/// Takes a connection out of use; its secrets are forgotten.
///
/// # Errors
/// The database's own.
pub async fn archive(tx: &Tx, id: Uuid, now: i64) -> Result<()> {
    let change = okta_org::ActiveModel {
        client_secret_sealed: Set(None),
        archived_at: Set(Some(now)),
        status: Set(ConnectionStatus::Disconnected.as_str().to_owned()),
        ..without_tokens()
    };
    forget_tokens(tx, id, change, now).await
}

/// Ends the grant; domain, client and secret stay, so that an administrator can authorize again.
///
/// # Errors
/// The database's own.
pub async fn disconnect(tx: &Tx, id: Uuid, now: i64) -> Result<()> {
    let change = okta_org::ActiveModel {
        status: Set(ConnectionStatus::Disconnected.as_str().to_owned()),
        problem_code: Set(None),
        problem_detail: Set(None),
        ..without_tokens()
    };
    forget_tokens(tx, id, change, now).await
}

fn without_tokens() -> okta_org::ActiveModel {
    okta_org::ActiveModel {
        access_token_sealed: Set(None),
        access_token_expires_at: Set(None),
        access_token_refresh_at: Set(None),
        refresh_token_sealed: Set(None),
        refresh_claim: Set(None),
        refresh_claimed_until: Set(None),
        granted_scopes: Set(empty_list()),
        failures: Set(0),
        retry_at: Set(None),
        ..Default::default()
    }
}

async fn change_by_person(
    tx: &Tx,
    id: Uuid,
    mut change: okta_org::ActiveModel,
    now: i64,
) -> Result<()> {
    change.updated_at = Set(now);
    okta_org::Entity::update_many()
        .set(change)
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Forgetting the tokens is a change of them: their version goes up with it, so that a refresh under way cannot store its answer.
async fn forget_tokens(tx: &Tx, id: Uuid, change: okta_org::ActiveModel, now: i64) -> Result<()> {
    change_by_person(tx, id, change, now).await?;
    okta_org::Entity::update_many()
        .col_expr(Column::TokenVersion, Expr::col(Column::TokenVersion).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    Ok(())
}
