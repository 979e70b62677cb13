//! The connection of an app to its Okta org: entering it, testing it, ending it. Authorizing it is in [`super::okta_authorizations`].
//!
//! Every app has one, from the first day on: until domain and client are entered it is not configured.

mod configure;
mod disconnect;
mod entered;
mod test;

use std::collections::BTreeSet;

use okta_client::scope;
use url::Url;
use uuid::Uuid;

pub use self::configure::configure;
pub use self::disconnect::disconnect;
pub use self::entered::Entered;
pub use self::test::{refresh_schema, test};

use super::{Error, Event, Result, ServiceConfig, Services, UserError, UserErrorCode, Viewer};
use crate::domain::account::Capability;
use crate::domain::connection::{ConnectionProblem, ConnectionStatus, missing_scopes};
use crate::domain::permission::Permission;
use crate::store::okta_orgs::OktaOrg as Row;
use crate::store::{Tx, apps, okta_orgs};

/// The connection of an app, as far as it is not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OktaOrg {
    /// The app, of which there is one connection at a time.
    pub app_id: Uuid,
    /// Host of the org; `None` until configured.
    pub domain: Option<String>,
    /// OAuth client id; `None` until configured.
    pub client_id: Option<String>,
    /// When the client secret was entered, epoch milliseconds; `None` until it was.
    pub client_secret_set_at: Option<i64>,
    /// What has to be registered in Okta, letter by letter.
    pub redirect_uri: Url,
    /// Scopes that are asked for.
    pub required_scopes: &'static [&'static str],
    /// Scopes of the last token.
    pub granted_scopes: Vec<String>,
    /// Scopes that were asked for and not granted; empty while there is no grant.
    pub missing_scopes: Vec<&'static str>,
    /// Its state.
    pub status: ConnectionStatus,
    /// What is wrong with it.
    pub problem: Option<ConnectionProblem>,
    /// Who authorized it last.
    pub authorized_by: Option<Authorizer>,
    /// When it was authorized last, epoch milliseconds.
    pub authorized_at: Option<i64>,
    /// What Okta refuses to the administrator who authorized it.
    pub denied: BTreeSet<Capability>,
    /// Last successful test, epoch milliseconds.
    pub tested_at: Option<i64>,
    /// When a quarantined org is tried again, epoch milliseconds.
    pub retry_at: Option<i64>,
}

/// Who authorized a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorizer {
    /// Okta's id of the administrator.
    pub okta_id: String,
    /// The administrator's login in Okta; `None` when Okta did not say.
    pub login: Option<String>,
    /// The person of the directory who started it.
    pub user_id: Option<Uuid>,
}

/// The connection of the app.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`; `NotFound` when there is no such app.
pub async fn of_app(services: &Services, viewer: &Viewer, app: Uuid) -> Result<OktaOrg> {
    let found = of_apps(services, viewer, &[app]).await?;
    found.into_iter().next().ok_or(Error::NotFound)
}

/// The connections of several apps; apps that are not there are left out.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn of_apps(services: &Services, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<OktaOrg>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    let (apps, orgs) = services
        .store
        .snapshot(async |tx| {
            let apps = apps::find_many(&tx, organization, ids).await?;
            let orgs = okta_orgs::of_apps(&tx, organization, ids).await?;
            Ok::<_, Error>((apps, orgs))
        })
        .await?;
    let view = |app: apps::App| {
        let row = orgs.iter().find(|org| org.app_id == app.id);
        shown(&services.config, app.id, row)
    };
    Ok(apps.into_iter().map(view).collect())
}

fn shown(config: &ServiceConfig, app_id: Uuid, row: Option<&Row>) -> OktaOrg {
    let granted = row
        .map(|row| row.granted_scopes.clone())
        .unwrap_or_default();
    let status = row.map_or(ConnectionStatus::NotConfigured, |row| row.status);
    let missing = match granted.is_empty() {
        true => Vec::new(),
        false => missing_scopes(&scope::PROVISIONING, &granted),
    };
    let waits = status == ConnectionStatus::Quarantined;
    OktaOrg {
        app_id,
        domain: row.and_then(|row| row.base_url.as_ref()).map(host),
        client_id: row.and_then(|row| row.client_id.clone()),
        client_secret_set_at: row.and_then(|row| row.client_secret_set_at),
        redirect_uri: config.redirect_uri(),
        required_scopes: &scope::PROVISIONING,
        granted_scopes: granted,
        missing_scopes: missing,
        status,
        problem: row.and_then(|row| row.problem.clone()),
        authorized_by: row.and_then(authorizer),
        authorized_at: row.and_then(|row| row.authorized_at),
        denied: row.map(|row| row.denied.clone()).unwrap_or_default(),
        tested_at: row.and_then(|row| row.tested_at),
        retry_at: row.and_then(|row| row.retry_at).filter(|_| waits),
    }
}

fn authorizer(row: &Row) -> Option<Authorizer> {
    Some(Authorizer {
        okta_id: row.authorized_by_okta_id.clone()?,
        login: row.authorized_by_login.clone(),
        user_id: row.authorized_by,
    })
}

/// The domain as an administrator enters it.
fn host(base_url: &Url) -> String {
    let host = base_url.host_str().unwrap_or_default();
    match base_url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Holds the app whose connection is to be changed.
async fn hold_app(tx: &Tx, viewer: &Viewer, app: Uuid) -> Result<()> {
    match apps::find_locked(tx, viewer.organization_id, app).await? {
        Some(_) => Ok(()),
        None => Err(UserError::not_found("app", "appId").into()),
    }
}

/// Tells that the connection changed; `accounts` also that perhaps all accounts of the app did.
pub(super) fn publish(services: &Services, organization: Uuid, app: Uuid, accounts: bool) {
    services
        .events
        .publish(Event::OktaOrg { organization, app });
    if accounts {
        services.events.publish(Event::App { organization, app });
    }
    services.work.notify_one();
}

/// A problem of the connection as a refusal: what is wrong, and what to do.
pub(super) fn refusal(problem: &ConnectionProblem) -> UserError {
    use crate::domain::connection::ConnectionProblemCode;
    let code = match problem.code {
        ConnectionProblemCode::DomainNotAllowed => UserErrorCode::DomainNotAllowed,
        code if code.is_transient() => UserErrorCode::OktaUnavailable,
        _ => UserErrorCode::OktaRefused,
    };
    let sentence = format!("{} {}", problem.code.sentence(), problem.code.advice());
    let error = UserError::new(code, sentence).with("problem", problem.code);
    match &problem.detail {
        Some(detail) => error.with("detail", detail),
        None => error,
    }
}

/// What has to come first, for something that needs a connection that works.
pub(super) fn not_connected(status: ConnectionStatus) -> UserError {
    let sentence = match status {
        ConnectionStatus::NotConfigured => {
            "Enter Okta domain, client id and client secret of the app first."
        }
        ConnectionStatus::Disconnected => {
            "The connection was ended; authorize it in Okta again first."
        }
        _ => "Authorize the connection in Okta first.",
    };
    UserError::new(UserErrorCode::AppNotConnected, sentence)
}
