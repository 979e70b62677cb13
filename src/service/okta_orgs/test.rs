//! Asking the org now: does the connection work, what may the administrator who authorized do, what does the schema look like.

use serde_json::json;
use uuid::Uuid;

use super::{OktaOrg, Row, not_connected, of_app, publish, refusal};
use crate::domain::connection::ConnectionStatus;
use crate::domain::mapping::OktaAttribute;
use crate::service::okta_port::{OktaFault, OrgAccess};
use crate::service::okta_probe::{self, Probed};
use crate::service::tokens::{self, TokenFault};
use crate::service::{Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::audit::{self, Entry};
use crate::store::generations::{self, Scope};
use crate::store::{Tx, apps, okta_health, okta_orgs};

/// Tests the connection, and renews our copies of what the org told. A connection that asked for a new authorization works again when the test
/// succeeds; one that fails is left as it is, unless Okta no longer accepts the client or the grant: the first test of a new client secret asks for a new token.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` with what is wrong, or what comes first.
pub async fn test(services: &Services, viewer: &Viewer, app: Uuid) -> Result<OktaOrg> {
    let org = authorized(services, viewer, app).await?;
    let authorizer = org.authorized_by_okta_id.clone().unwrap_or_default();
    // A token from before the secret was entered would not tell whether that is the right one.
    let untried = org.client_secret_set_at > org.tested_at.max(org.authorized_at);
    let distrusted = untried.then_some(org.token_version);
    let probed = ask(services, &org, distrusted, |access| {
        let authorizer = authorizer.as_str();
        async move { okta_probe::probe(services, &access, authorizer).await }
    })
    .await?;
    let changed = services
        .store
        .transaction(async |tx| {
            keep_test(&tx, viewer, &org, &probed, services.clock.now_ms()).await
        })
        .await?;
    publish(services, viewer.organization_id, app, changed);
    of_app(services, viewer, app).await
}

/// Renews our copy of the org's user schema.
///
/// # Errors
/// As [`test`].
pub async fn refresh_schema(services: &Services, viewer: &Viewer, app: Uuid) -> Result<OktaOrg> {
    let org = authorized(services, viewer, app).await?;
    if let Some(problem) = org.problem.as_ref().filter(|_| !org.status.has_grant()) {
        return Err(refusal(problem).into());
    }
    let schema = ask(services, &org, None, |access| async move {
        okta_probe::schema(services, &access).await
    })
    .await?;
    let changed = services
        .store
        .transaction(async |tx| {
            keep_schema(&tx, viewer, &org, &schema, services.clock.now_ms()).await
        })
        .await?;
    publish(services, viewer.organization_id, app, changed);
    of_app(services, viewer, app).await
}

/// The connection, once it has been authorized.
async fn authorized(services: &Services, viewer: &Viewer, app: Uuid) -> Result<Row> {
    viewer.require_configure()?;
    let organization = viewer.organization_id;
    if apps::find(&services.store, organization, app)
        .await?
        .is_none()
    {
        return Err(UserError::not_found("app", "appId").into());
    }
    let org = okta_orgs::of_app(&services.store, organization, app).await?;
    let Some(org) = org else {
        return Err(not_connected(ConnectionStatus::NotConfigured).into());
    };
    match org.status.was_authorized() {
        true => Ok(org),
        false => Err(not_connected(org.status).into()),
    }
}

/// Asks with the token that there is, but not with that of the version that is `distrusted` or an older one; once more with a fresh one if Okta does not take it.
async fn ask<T, F, Fut>(
    services: &Services,
    org: &Row,
    distrusted: Option<i64>,
    call: F,
) -> Result<T>
where
    F: Fn(OrgAccess) -> Fut,
    Fut: Future<Output = std::result::Result<T, OktaFault>>,
{
    let mut again = false;
    let mut refused = distrusted;
    loop {
        let token = tokens::on_trial(services, org.organization_id, org.id, refused)
            .await
            .map_err(|fault| no_token(fault, org.status))?;
        match call(token.org_access()).await {
            Err(fault) if fault.is_token_invalid() && !again => {
                again = true;
                refused = Some(token.version);
            }
            answer => return answer.map_err(|fault| refusal(&fault.problem()).into()),
        }
    }
}

fn no_token(fault: TokenFault, status: ConnectionStatus) -> Error {
    match fault {
        TokenFault::NotConnected => not_connected(status).into(),
        TokenFault::NeedsReauthorization(problem) => refusal(&problem).into(),
        TokenFault::Unavailable(fault) => refusal(&fault.problem()).into(),
        TokenFault::Busy => {
            let sentence = "The access to Okta is being renewed elsewhere; try again in a moment.";
            UserError::new(UserErrorCode::OktaUnavailable, sentence).into()
        }
        TokenFault::Store(error) => error.into(),
        TokenFault::Sealed(error) => error.into(),
        TokenFault::Book(error) => error,
    }
}

async fn keep_test(tx: &Tx, viewer: &Viewer, org: &Row, probed: &Probed, now: i64) -> Result<bool> {
    let current = unchanged(tx, org).await?;
    if !okta_health::tested(tx, org.id, &probed.denied, now).await? {
        return Err(changed_meanwhile());
    }
    let schema_changed = okta_probe::keep(tx, org.id, probed, now).await?;
    let changed = schema_changed || current.denied != probed.denied;
    if changed {
        raise(tx, org, now).await?;
    }
    let detail = json!({ "denied": probed.denied, "schemaChanged": schema_changed });
    record(tx, viewer, org, "oktaOrg.test", detail, now).await?;
    Ok(changed)
}

async fn keep_schema(
    tx: &Tx,
    viewer: &Viewer,
    org: &Row,
    schema: &Vec<OktaAttribute>,
    now: i64,
) -> Result<bool> {
    unchanged(tx, org).await?;
    let changed = okta_probe::keep_schema(tx, org.id, schema, now).await?;
    if changed {
        raise(tx, org, now).await?;
    }
    let detail = json!({ "schemaChanged": changed });
    record(tx, viewer, org, "oktaOrg.refreshSchema", detail, now).await?;
    Ok(changed)
}

/// The row of the connection that was asked, held until the transaction ends.
async fn unchanged(tx: &Tx, org: &Row) -> Result<Row> {
    let current = okta_orgs::of_app_locked(tx, org.organization_id, org.app_id).await?;
    current
        .filter(|current| current.id == org.id && current.version == org.version)
        .ok_or_else(changed_meanwhile)
}

fn changed_meanwhile() -> Error {
    let sentence = "The connection was changed meanwhile; try again.";
    UserError::new(UserErrorCode::NotPossibleNow, sentence).into()
}

async fn raise(tx: &Tx, org: &Row, now: i64) -> Result<()> {
    let scope = Scope::App(org.app_id);
    generations::raise(tx, org.organization_id, &scope, false, now).await?;
    Ok(())
}

async fn record(
    tx: &Tx,
    viewer: &Viewer,
    org: &Row,
    action: &'static str,
    detail: serde_json::Value,
    now: i64,
) -> Result<()> {
    let entry = Entry::new(org.organization_id, now, viewer.actor(), action);
    Ok(audit::record(tx, entry.app(org.app_id).detail(detail)).await?)
}
