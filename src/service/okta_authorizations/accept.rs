//! From the code to a connection that works: the tokens are fetched, checked and tried before anything counts. What came is given back when
//! something is wrong with it.

use std::time::Duration;

use chrono::DateTime;
use okta_client::id_token::{self, Claims, Expected, IdTokenError};
use okta_client::{TokenSet, scope};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use super::Row;
use super::come_back::Setback;
use super::kept::Kept;
use crate::domain::connection::{
    AuthorizationStatus, ConnectionProblem, ConnectionProblemCode, ESSENTIAL_SCOPES, missing_scopes,
};
use crate::service::okta_orgs::publish;
use crate::service::okta_port::{OktaFault, OrgAccess, OrgApp, quoted};
use crate::service::okta_probe::{self, Probed};
use crate::service::present::viewer_now;
use crate::service::tokens::{self, Asked};
use crate::service::{Ceiling, Services};
use crate::store::audit::{self, Actor, Entry};
use crate::store::generations::{self, Scope};
use crate::store::okta_orgs::OktaOrg;
use crate::store::okta_tokens::{self, Consent, NewTokens, Secrets};
use crate::store::{Tx, apps, okta_authorizations, okta_orgs};

/// How far our clock and Okta's may differ when an ID token is judged; it lives for an hour.
const LEEWAY: Duration = Duration::from_secs(300);

/// What the journey stands on: nothing of it may have changed since the start.
struct Ground<'a> {
    services: &'a Services,
    journey: &'a Row,
    kept: Kept,
    org: OktaOrg,
    base_url: Url,
    app: OrgApp,
}

/// Makes the consent that this code stands for the grant of the connection.
///
/// # Errors
/// [`Setback`]; then nothing of the connection was changed.
pub(super) async fn accept(
    services: &Services,
    journey: &Row,
    code: &SecretString,
    issuer: Option<&str>,
) -> Result<(), Setback> {
    let ground = stand(services, journey).await?;
    ground.check_answering(issuer)?;
    let asked = Asked::now(services);
    let exchanged = services
        .okta
        .exchange_code(&ground.app, code, &ground.kept.pkce_verifier)
        .await;
    let tokens = exchanged.map_err(|fault| not_exchanged(&fault))?.value;
    let accepted = ground.make_grant(&tokens, asked).await;
    if accepted.is_err() {
        let came = tokens
            .refresh_token
            .as_ref()
            .unwrap_or(&tokens.access_token);
        tokens::revoke(services, &ground.app, came).await;
    }
    accepted
}

/// The starter may still configure, and the connection is as it was at the start.
async fn stand<'a>(services: &'a Services, journey: &'a Row) -> Result<Ground<'a>, Setback> {
    let (store, organization) = (&services.store, journey.organization_id);
    let (by, now) = (journey.started_by, services.clock.now_ms());
    let ceiling = Ceiling::found(journey.ceiling.as_ref())?;
    let token = journey.token_id;
    let starter = viewer_now(store, organization, by, token, ceiling, now).await?;
    if starter.is_none_or(|starter| starter.require_configure().is_err()) {
        return Err(Setback::failed(ConnectionProblemCode::PermissionWithdrawn));
    }
    let changed = || Setback::failed(ConnectionProblemCode::ConnectionChanged);
    let kept = Kept::open(services, journey)?;
    apps::find(store, organization, journey.app_id)
        .await?
        .ok_or_else(changed)?;
    let secrets = okta_tokens::find(store, organization, journey.okta_org_id)
        .await?
        .filter(|secrets| secrets.org.version == kept.version)
        .ok_or_else(changed)?;
    let app = tokens::org_app(services, &secrets)?.ok_or_else(changed)?;
    Ok(Ground {
        services,
        journey,
        kept,
        base_url: app.base_url.clone(),
        org: secrets.org,
        app,
    })
}

/// Okta's no to the code; the same words mean a dead grant elsewhere.
fn not_exchanged(fault: &OktaFault) -> Setback {
    let mut problem = fault.problem();
    if problem.code == ConnectionProblemCode::GrantRevoked {
        problem.code = ConnectionProblemCode::CodeRefused;
    }
    Setback::Failed(problem)
}

fn failed(fault: &OktaFault) -> Setback {
    Setback::Failed(fault.problem())
}

impl Ground<'_> {
    fn issuer(&self) -> Result<String, Setback> {
        let issuer = self.services.okta.issuer(&self.app);
        issuer.map_err(|fault| failed(&fault))
    }

    /// An answer that names another org was mixed up, or forged (RFC 9207).
    fn check_answering(&self, issuer: Option<&str>) -> Result<(), Setback> {
        let own = self.issuer()?;
        match issuer {
            Some(other) if other != own => Err(Setback::failed(ConnectionProblemCode::OtherOrg)),
            _ => Ok(()),
        }
    }

    async fn make_grant(&self, tokens: &TokenSet, asked: Asked) -> Result<(), Setback> {
        let services = self.services;
        let claims = self.proven(tokens)?;
        let scopes = granted(tokens)?;
        if tokens.refresh_token.is_none() {
            return Err(Setback::failed(ConnectionProblemCode::NoRefreshToken));
        }
        let access = OrgAccess {
            base_url: self.base_url.clone(),
            token: tokens.access_token.clone(),
        };
        let probed = okta_probe::probe(services, &access, &claims.sub)
            .await
            .map_err(|fault| failed(&fault))?;
        let login = self.login(&access, &claims).await;
        let login = login.as_deref().map(quoted);
        let sealed = NewTokens {
            scopes: Some(scopes),
            ..tokens::sealed(services, &self.org, tokens, asked)?
        };
        let consent = Consent {
            tokens: sealed,
            okta_id: claims.sub,
            login,
            started_by: self.journey.started_by,
            denied: probed.denied.clone(),
        };
        let replaced = services
            .store
            .transaction(async |tx| self.keep(&tx, &consent, &probed).await)
            .await?;
        let version = replaced.org.token_version + 1;
        tokens::remember(services, self.org.id, version, &consent.tokens, asked);
        publish(services, self.org.organization_id, self.org.app_id, true);
        self.end_replaced(&replaced, tokens).await;
        Ok(())
    }

    /// Who authorized, as Okta says.
    fn proven(&self, tokens: &TokenSet) -> Result<Claims, Setback> {
        let unproven = || Setback::failed(ConnectionProblemCode::IdentityUnproven);
        let token = tokens.id_token.as_ref().ok_or_else(unproven)?;
        let issuer = self.issuer()?;
        let now = DateTime::from_timestamp_millis(self.services.clock.now_ms());
        let expected = Expected {
            issuer: &issuer,
            client_id: &self.app.app.client_id,
            nonce: Some(&self.kept.nonce),
            now: now.ok_or_else(unproven)?,
            leeway: LEEWAY,
        };
        id_token::validate(token, &expected).map_err(|error| match error {
            IdTokenError::WrongIssuer => Setback::failed(ConnectionProblemCode::OtherOrg),
            other => {
                let problem = ConnectionProblem::new(ConnectionProblemCode::IdentityUnproven);
                Setback::Failed(problem.with_detail(Some(other.to_string())))
            }
        })
    }

    /// The login as the ID token has it, else as the user has it; `None` when Okta tells neither.
    async fn login(&self, access: &OrgAccess, claims: &Claims) -> Option<String> {
        if let Some(login) = &claims.preferred_username {
            return Some(login.clone());
        }
        let read = self.services.okta.user(access, &claims.sub).await;
        match read {
            Ok(user) => user.login().map(str::to_owned),
            Err(error) => {
                tracing::info!(%error, "the login of the one who authorized is not known");
                None
            }
        }
    }

    /// Writes everything down, if nothing changed meanwhile. Answers what there was before.
    async fn keep(&self, tx: &Tx, consent: &Consent, probed: &Probed) -> Result<Secrets, Setback> {
        let (organization, app) = (self.org.organization_id, self.org.app_id);
        let now = self.services.clock.now_ms();
        let changed = || Setback::failed(ConnectionProblemCode::ConnectionChanged);
        let current = okta_orgs::of_app_locked(tx, organization, app)
            .await?
            .filter(|org| org.id == self.org.id && org.version == self.kept.version)
            .ok_or_else(changed)?;
        let before = okta_tokens::find(tx, organization, current.id).await?;
        if !okta_tokens::consent(tx, &current, &self.base_url, consent, now).await? {
            return Err(changed());
        }
        okta_probe::keep(tx, current.id, probed, now).await?;
        generations::raise(tx, organization, &Scope::App(app), false, now).await?;
        let (id, done) = (self.journey.id, AuthorizationStatus::Succeeded);
        okta_authorizations::complete(tx, id, done, None, now).await?;
        let actor = Actor::of(self.journey.started_by, self.journey.token_id);
        let entry = Entry::new(organization, now, actor, "oktaOrg.authorize").app(app);
        let detail = json!({
            "oktaAuthorizationId": id,
            "oktaId": consent.okta_id,
            "login": consent.login,
            "scopes": consent.tokens.scopes,
            "denied": consent.denied,
        });
        audit::record(tx, entry.detail(detail)).await?;
        before.ok_or_else(changed)
    }

    /// Ends the grant that the new one took over from, unless Okta gave the same again.
    async fn end_replaced(&self, replaced: &Secrets, new: &TokenSet) {
        let services = self.services;
        match tokens::refresh_token(services, replaced) {
            Ok(Some(old)) if !is_same(&old, new.refresh_token.as_ref()) => {
                tokens::revoke(services, &self.app, &old).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(connection = %self.org.id, %error, "the earlier grant could not be opened to revoke it");
            }
        }
    }
}

fn is_same(old: &SecretString, new: Option<&SecretString>) -> bool {
    new.is_some_and(|new| new.expose_secret() == old.expose_secret())
}

/// The scopes that Okta granted; those without which nothing works must be among them.
fn granted(tokens: &TokenSet) -> Result<Vec<String>, Setback> {
    let granted: Vec<String> = match &tokens.scopes {
        Some(scopes) => scopes.iter().cloned().collect(),
        None => scope::PROVISIONING.map(str::to_owned).to_vec(),
    };
    let missing = missing_scopes(&ESSENTIAL_SCOPES, &granted);
    if missing.is_empty() {
        return Ok(granted);
    }
    let problem = ConnectionProblem::new(ConnectionProblemCode::ScopesMissing);
    Err(Setback::Failed(
        problem.with_detail(Some(missing.join(" "))),
    ))
}
