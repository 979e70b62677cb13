//! Starting an authorization: everything is prepared, nothing is sent yet.

use okta_client::scope;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::kept::{Kept, hash};
use super::{LIFETIME_MS, OktaAuthorization, shown};
use crate::domain::connection::ConnectionStatus;
use crate::random;
use crate::service::okta_orgs::{not_connected, refusal};
use crate::service::{Ceiling, Error, Result, Services, UserError, UserErrorCode, Viewer, tokens};
use crate::store::audit::{self, Entry};
use crate::store::okta_authorizations::{self, NewAuthorization};
use crate::store::okta_tokens::{self, Secrets};
use crate::store::{apps, okta_orgs};

/// Longest address to return to, in bytes; browsers and proxies take no more for sure.
const MAX_RETURN_TO: usize = 2_000;

/// A journey that can begin.
#[derive(Clone, Debug)]
pub struct Started {
    /// The journey.
    pub authorization: OktaAuthorization,
    /// Where the browser sets out; it holds a secret.
    pub url: Url,
}

/// Prepares a journey.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when there is no such app, it has no domain and client yet, or the address to return to
/// is not on a panel's origin.
pub async fn start(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    return_to: Option<&str>,
) -> Result<Started> {
    viewer.require_configure()?;
    let return_to = return_to.map(|text| checked(services, text)).transpose()?;
    let secrets = configured(services, viewer, app).await?;
    let secret = random::secret();
    let new = prepared(services, viewer, &secrets, &secret, return_to)?;
    let id = new.id;
    let authorization = services
        .store
        .transaction(async |tx| {
            let entry = Entry::new(
                new.organization,
                new.created_at,
                viewer.actor(),
                "oktaAuthorization.start",
            );
            let detail = json!({ "oktaAuthorizationId": id, "returnTo": new.return_to });
            audit::record(&tx, entry.app(app).detail(detail)).await?;
            okta_authorizations::insert(&tx, new).await?;
            okta_authorizations::find(&tx, viewer.organization_id, id)
                .await?
                .ok_or(Error::NotFound)
        })
        .await?;
    let mut url = services.config.start_url();
    url.query_pairs_mut().append_pair("journey", &secret);
    Ok(Started {
        authorization: shown(authorization, services.clock.now_ms()),
        url,
    })
}

fn checked(services: &Services, text: &str) -> Result<Url> {
    let url = Url::parse(text)
        .ok()
        .filter(|_| text.len() <= MAX_RETURN_TO);
    url.filter(|url| services.config.allows_return_to(url))
        .ok_or_else(|| {
            let sentence = "Consent can only return to a page of a configured admin panel.";
            UserError::new(UserErrorCode::ReturnToNotAllowed, sentence)
                .at(["returnTo"])
                .into()
        })
}

async fn configured(services: &Services, viewer: &Viewer, app: Uuid) -> Result<Secrets> {
    let (store, organization) = (&services.store, viewer.organization_id);
    if apps::find(store, organization, app).await?.is_none() {
        return Err(UserError::not_found("app", "appId").into());
    }
    let org = okta_orgs::of_app(store, organization, app).await?;
    let secrets = match org {
        Some(org) if org.status.is_configured() => {
            okta_tokens::find(store, organization, org.id).await?
        }
        _ => None,
    };
    secrets.ok_or_else(|| not_connected(ConnectionStatus::NotConfigured).into())
}

fn prepared(
    services: &Services,
    viewer: &Viewer,
    secrets: &Secrets,
    secret: &str,
    return_to: Option<Url>,
) -> Result<NewAuthorization> {
    use secrecy::ExposeSecret as _;
    let app = tokens::org_app(services, secrets)?
        .ok_or_else(|| not_connected(ConnectionStatus::NotConfigured))?;
    let request = services
        .okta
        .authorize(&app, &scope::PROVISIONING)
        .map_err(|fault| refusal(&fault.problem()))?;
    let (id, now, org) = (random::new_id(), services.clock.now_ms(), &secrets.org);
    let kept = Kept {
        url: request.url,
        nonce: request.nonce,
        pkce_verifier: request.pkce_verifier,
        version: org.version,
    };
    Ok(NewAuthorization {
        id,
        organization: viewer.organization_id,
        app: org.app_id,
        connection: org.id,
        started_by: viewer.user_id,
        token_id: viewer.token,
        ceiling: Ceiling::kept(viewer.ceiling.as_ref())?,
        start_hash: hash(secret),
        state_hash: hash(request.state.expose_secret()),
        verifier_sealed: kept.seal(services, viewer.organization_id, id)?,
        return_to: return_to.map(String::from),
        created_at: now,
        expires_at: now + LIFETIME_MS,
    })
}
