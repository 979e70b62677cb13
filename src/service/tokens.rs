//! Access tokens of connections, refreshed in single flight.
//!
//! At most one refresh of a grant is under way: a mutex holds the tasks of this process back, a claim in the database the other processes.
//! New tokens are stored before anybody uses them. When an answer is lost, the same refresh token is sent again within the grace in which
//! Okta still takes it (thirty seconds under rotation, contract §1); a claim is shorter than that, so a crash leaves time for the next process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use okta_client::{Answer, OAuthApp, TokenSet};
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use super::okta_port::{OktaFault, OrgAccess, OrgApp};
use super::{Services, connection_health};
use crate::crypto::Place;
use crate::domain::connection::{ConnectionProblem, ConnectionProblemCode, ConnectionStatus};
use crate::store::okta_orgs::OktaOrg;
use crate::store::okta_tokens::{self, Claim, NewTokens, Secrets};
use crate::{crash, crypto, random, store};

/// One try; several fit into the grace of a rotated refresh token.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// Longer than one try and the storing of its answer, shorter than the grace.
const CLAIM_MS: i64 = 15_000;
/// Tries while answers are lost: 3 × 8 s and the pauses stay within the grace.
const ATTEMPTS: u32 = 3;
/// Pause between two tries, and between two looks at a claim of another process.
const PAUSE_MS: u64 = 300;
/// Looks at another process's claim before giving up: a little longer than a claim lasts.
const LOOKS: u32 = 60;
/// Tries to store new tokens: losing them would lose the grant, so a database that restarts is waited for.
const STORE_ATTEMPTS: u32 = 40;
/// A token is replaced when a tenth of its life is left, but no more than this: four minutes of the usual hour.
const MARGIN_MS: i64 = 240_000;

/// Places of the sealed values within the row of the connection.
pub(super) const CLIENT_SECRET: &str = "client_secret_sealed";
const ACCESS_TOKEN: &str = "access_token_sealed";
const REFRESH_TOKEN: &str = "refresh_token_sealed";

/// An access token that may be used now.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// The bearer token.
    pub token: SecretString,
    /// Which one it is; give it to [`refresh_after`] when Okta refuses the token.
    pub version: i64,
    /// The org.
    pub base_url: Url,
}

impl AccessToken {
    /// The same, for calls through the port.
    #[must_use]
    pub fn org_access(&self) -> OrgAccess {
        OrgAccess {
            base_url: self.base_url.clone(),
            token: self.token.clone(),
        }
    }
}

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
pub enum TokenFault {
    /// The connection is gone, or not in a state in which it has a grant.
    #[error("the connection has no grant")]
    NotConnected,
    /// The grant is dead or the client is refused; the connection asks for a new consent by now.
    #[error("the connection needs a new authorization: {}", .0.code)]
    NeedsReauthorization(ConnectionProblem),
    /// No answer that can be used; it may pass.
    #[error("no token just now: {0}")]
    Unavailable(OktaFault),
    /// Another process has been refreshing for too long.
    #[error("another process is refreshing")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A sealed value does not open.
    #[error(transparent)]
    Sealed(#[from] crypto::Error),
    /// Keeping book of the connection failed.
    #[error(transparent)]
    Book(#[from] super::Error),
}

impl TokenFault {
    /// A stable name for metrics.
    const fn name(&self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::NeedsReauthorization(_) => "refused",
            Self::Unavailable(_) => "unavailable",
            Self::Busy => "busy",
            Self::Store(_) | Self::Sealed(_) | Self::Book(_) => "internal",
        }
    }
}

/// What a process remembers of refreshes: whose turn it is, and how long tokens live by the clock that never jumps.
#[derive(Debug)]
pub struct Refreshes {
    process: Uuid,
    turns: Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>>,
    lives: Mutex<HashMap<Uuid, (i64, u64)>>,
}

impl Default for Refreshes {
    fn default() -> Self {
        Self {
            process: random::new_id(),
            turns: Mutex::default(),
            lives: Mutex::default(),
        }
    }
}

impl Refreshes {
    fn turn(&self, connection: Uuid) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(connection).or_default())
    }

    fn remember(&self, connection: Uuid, version: i64, refresh_at: u64) {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.insert(connection, (version, refresh_at));
    }

    /// Whether this process knows that the token should be replaced, whatever the wall clock says.
    fn is_over(&self, connection: Uuid, version: i64, now: u64) -> bool {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives
            .get(&connection)
            .is_some_and(|(known, refresh_at)| *known == version && *refresh_at <= now)
    }
}

/// Which token is wanted.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    organization: Uuid,
    connection: Uuid,
    /// Okta refused this version; only a newer one will do.
    newer_than: Option<i64>,
    /// Also for a connection that asks for a new consent: its secret may be right again.
    on_trial: bool,
}

/// An access token of the connection, refreshed if its end is near.
///
/// # Errors
/// [`TokenFault`].
pub async fn access(
    services: &Services,
    organization: Uuid,
    connection: Uuid,
) -> Result<AccessToken, TokenFault> {
    let wanted = Wanted {
        organization,
        connection,
        newer_than: None,
        on_trial: false,
    };
    obtain(services, wanted).await
}

/// An access token newer than `version`, which Okta refused (401 E0000011).
///
/// # Errors
/// [`TokenFault`].
pub async fn refresh_after(
    services: &Services,
    organization: Uuid,
    connection: Uuid,
    version: i64,
) -> Result<AccessToken, TokenFault> {
    let wanted = Wanted {
        organization,
        connection,
        newer_than: Some(version),
        on_trial: false,
    };
    obtain(services, wanted).await
}

/// As [`access`], for an administrator's test: a connection that asks for a new consent is given another try, if it still has a grant.
/// `refused` is the version that Okta refused to this very test.
///
/// # Errors
/// [`TokenFault`].
pub async fn on_trial(
    services: &Services,
    organization: Uuid,
    connection: Uuid,
    refused: Option<i64>,
) -> Result<AccessToken, TokenFault> {
    let wanted = Wanted {
        organization,
        connection,
        newer_than: refused,
        on_trial: true,
    };
    obtain(services, wanted).await
}

async fn obtain(services: &Services, wanted: Wanted) -> Result<AccessToken, TokenFault> {
    let secrets = load(services, wanted).await?;
    if let Some(token) = usable(services, &secrets, wanted)? {
        return Ok(token);
    }
    let turn = services.refreshes.turn(wanted.connection);
    let _ours = turn.lock().await;
    for _ in 0..LOOKS {
        let secrets = load(services, wanted).await?;
        if let Some(token) = usable(services, &secrets, wanted)? {
            return Ok(token);
        }
        if secrets.refresh_token.is_none() {
            return Err(no_refresh_token(services, &secrets).await?);
        }
        if claim(services, &secrets.org).await? {
            let refreshed = refresh(services, secrets, wanted).await;
            let outcome = refreshed
                .as_ref()
                .map_or_else(TokenFault::name, |_| "refreshed");
            services.metrics.token_refresh(outcome);
            return refreshed;
        }
        services.clock.sleep_ms(PAUSE_MS).await;
    }
    Err(TokenFault::Busy)
}

async fn load(services: &Services, wanted: Wanted) -> Result<Secrets, TokenFault> {
    let found = okta_tokens::find(&services.store, wanted.organization, wanted.connection).await?;
    let secrets = found.ok_or(TokenFault::NotConnected)?;
    let status = secrets.org.status;
    let tried = wanted.on_trial && status == ConnectionStatus::NeedsReauthorization;
    if status.has_grant() || tried {
        Ok(secrets)
    } else {
        Err(TokenFault::NotConnected)
    }
}

/// The stored token, if it is new enough and its end is not near.
fn usable(
    services: &Services,
    secrets: &Secrets,
    wanted: Wanted,
) -> Result<Option<AccessToken>, TokenFault> {
    let version = secrets.org.token_version;
    let refused = wanted.newer_than.is_some_and(|known| version <= known);
    let now = services.clock.monotonic_ms();
    let over = services.refreshes.is_over(wanted.connection, version, now);
    if refused || over || secrets.refresh_at <= services.clock.now_ms() {
        return Ok(None);
    }
    opened(services, secrets)
}

fn opened(services: &Services, secrets: &Secrets) -> Result<Option<AccessToken>, TokenFault> {
    let (Some(sealed), Some(base_url)) = (&secrets.access_token, &secrets.org.base_url) else {
        return Ok(None);
    };
    let token = services
        .sealer
        .open(sealed, place(&secrets.org, ACCESS_TOKEN))?;
    Ok(Some(AccessToken {
        token,
        version: secrets.org.token_version,
        base_url: base_url.clone(),
    }))
}

pub(super) fn place<'a>(org: &OktaOrg, column: &'a str) -> Place<'a> {
    Place {
        organization: org.organization_id,
        table: "okta_org",
        column,
        row: org.id,
    }
}

async fn claim(services: &Services, org: &OktaOrg) -> Result<bool, TokenFault> {
    let now = services.clock.now_ms();
    let claim = Claim {
        holder: services.refreshes.process,
        token_version: org.token_version,
        now,
        until: now + CLAIM_MS,
        alone: !services.store.is_shared(),
    };
    let id = org.id;
    services
        .store
        .transaction(|tx| async move {
            okta_tokens::claim(&tx, id, claim)
                .await
                .map_err(TokenFault::from)
        })
        .await
}

/// Sends the refresh token until there is a clear answer, stores what comes, and only then hands it out.
async fn refresh(
    services: &Services,
    secrets: Secrets,
    wanted: Wanted,
) -> Result<AccessToken, TokenFault> {
    let org = &secrets.org;
    let (app, token) = grant(services, &secrets)?;
    let mut last = None;
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            services.clock.sleep_ms(PAUSE_MS).await;
            if !claim(services, org).await? {
                return Err(TokenFault::Busy);
            }
        }
        let asked = Asked::now(services);
        let sent = services.okta.refresh(&app, &token);
        match tokio::time::timeout(ANSWER_WITHIN, sent).await {
            Err(_) => last = Some(OktaFault::Call(okta_client::Error::Timeout)),
            Ok(Ok(answer)) => {
                crash::reached(crash::Point::TokenRefresh, "");
                return keep(services, &secrets, answer, asked).await;
            }
            Ok(Err(fault)) if fault.problem().code.is_transient() => {
                let lost = lost_answer(&fault);
                last = Some(fault);
                if !lost {
                    break;
                }
            }
            Ok(Err(fault)) => {
                return Err(refused(services, org, fault.problem()).await?);
            }
        }
    }
    release(services, org).await;
    let Some(fault) = last else {
        return Err(TokenFault::Busy);
    };
    still_good(services, &secrets, wanted)?.ok_or(TokenFault::Unavailable(fault))
}

/// Whether Okta may have rotated the token although no answer came: then it is sent again at once, within the grace.
fn lost_answer(fault: &OktaFault) -> bool {
    let outcome = match fault {
        OktaFault::OAuth(error) => error.outcome(),
        OktaFault::Call(error) => error.outcome(),
        OktaFault::DomainNotAllowed | OktaFault::Unusable(_) | OktaFault::Implausible(_) => {
            return false;
        }
    };
    outcome == okta_client::Outcome::Unknown
}

/// The present token does for the rest of its life when no new one can be had.
fn still_good(
    services: &Services,
    secrets: &Secrets,
    wanted: Wanted,
) -> Result<Option<AccessToken>, TokenFault> {
    if wanted.newer_than.is_some() || secrets.expires_at <= services.clock.now_ms() {
        return Ok(None);
    }
    opened(services, secrets)
}

/// Client and refresh token of a connection, opened.
fn grant(services: &Services, secrets: &Secrets) -> Result<(OrgApp, SecretString), TokenFault> {
    let app = org_app(services, secrets)?.ok_or(TokenFault::NotConnected)?;
    let sealed = secrets
        .refresh_token
        .as_ref()
        .ok_or(TokenFault::NotConnected)?;
    let token = services
        .sealer
        .open(sealed, place(&secrets.org, REFRESH_TOKEN))?;
    Ok((app, token))
}

/// The app in Okta, with its secret opened; `None` until configured.
///
/// # Errors
/// When the secret does not open.
pub(super) fn org_app(
    services: &Services,
    secrets: &Secrets,
) -> Result<Option<OrgApp>, crypto::Error> {
    let org = &secrets.org;
    let (Some(base_url), Some(client_id), Some(sealed)) =
        (&org.base_url, &org.client_id, &secrets.client_secret)
    else {
        return Ok(None);
    };
    let client_secret = services.sealer.open(sealed, place(org, CLIENT_SECRET))?;
    Ok(Some(OrgApp {
        base_url: base_url.clone(),
        app: OAuthApp {
            client_id: client_id.clone(),
            client_secret,
            redirect_uri: services.config.redirect_uri(),
        },
    }))
}

/// The opened refresh token, to revoke it; `None` when there is none.
///
/// # Errors
/// When it does not open.
pub(super) fn refresh_token(
    services: &Services,
    secrets: &Secrets,
) -> Result<Option<SecretString>, crypto::Error> {
    secrets
        .refresh_token
        .as_ref()
        .map(|sealed| {
            services
                .sealer
                .open(sealed, place(&secrets.org, REFRESH_TOKEN))
        })
        .transpose()
}

/// When a token was asked for: its life is counted from there, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    wall: i64,
    monotonic: u64,
}

impl Asked {
    pub(super) fn now(services: &Services) -> Self {
        Self {
            wall: services.clock.now_ms(),
            monotonic: services.clock.monotonic_ms(),
        }
    }
}

/// Seals the tokens of an answer.
///
/// # Errors
/// When they cannot be sealed.
pub(super) fn sealed(
    services: &Services,
    org: &OktaOrg,
    tokens: &TokenSet,
    asked: Asked,
) -> Result<NewTokens, crypto::Error> {
    let life = i64::try_from(tokens.expires_in.as_millis()).unwrap_or(0);
    let margin = (life / 10).min(MARGIN_MS);
    let seal = |secret: &SecretString, column| services.sealer.seal(secret, place(org, column));
    Ok(NewTokens {
        access_token: seal(&tokens.access_token, ACCESS_TOKEN)?,
        expires_at: asked.wall + life,
        refresh_at: asked.wall + life - margin,
        refresh_token: tokens
            .refresh_token
            .as_ref()
            .map(|token| seal(token, REFRESH_TOKEN))
            .transpose()?,
        scopes: tokens
            .scopes
            .as_ref()
            .map(|scopes| scopes.iter().cloned().collect()),
    })
}

/// Remembers how long the tokens live by the clock that never jumps.
pub(super) fn remember(
    services: &Services,
    connection: Uuid,
    version: i64,
    tokens: &NewTokens,
    asked: Asked,
) {
    let span = u64::try_from(tokens.refresh_at - asked.wall).unwrap_or(0);
    services
        .refreshes
        .remember(connection, version, asked.monotonic + span);
}

async fn keep(
    services: &Services,
    secrets: &Secrets,
    answer: Answer<TokenSet>,
    asked: Asked,
) -> Result<AccessToken, TokenFault> {
    let org = &secrets.org;
    let new = sealed(services, org, &answer.value, asked)?;
    if !store_patiently(services, org, &new).await? {
        // The connection was changed meanwhile: what came belongs to nobody.
        if let (Some(token), Some(app)) = (&answer.value.refresh_token, org_app(services, secrets)?)
        {
            revoke(services, &app, token).await;
        }
        return Err(TokenFault::NotConnected);
    }
    let version = org.token_version + 1;
    remember(services, org.id, version, &new, asked);
    let base_url = org.base_url.clone().ok_or(TokenFault::NotConnected)?;
    Ok(AccessToken {
        token: answer.value.access_token,
        version,
        base_url,
    })
}

async fn store_patiently(
    services: &Services,
    org: &OktaOrg,
    new: &NewTokens,
) -> Result<bool, TokenFault> {
    let mut tries = 0;
    loop {
        let now = services.clock.now_ms();
        let stored: Result<bool, store::Error> = services
            .store
            .transaction(|tx| async move {
                okta_tokens::store(&tx, org.id, org.token_version, new, now).await
            })
            .await;
        tries += 1;
        match stored {
            Ok(stored) => return Ok(stored),
            Err(error) if tries < STORE_ATTEMPTS => {
                tracing::warn!(connection = %org.id, %error, "new tokens could not be stored; trying again");
                services.clock.sleep_ms(PAUSE_MS).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Ends a grant at Okta, if Okta can be reached; the tokens die by themselves in the end.
pub(super) async fn revoke(services: &Services, app: &OrgApp, token: &SecretString) {
    let revoked = services.okta.revoke(app, token);
    match tokio::time::timeout(ANSWER_WITHIN, revoked).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a grant could not be revoked at Okta"),
        Err(_) => tracing::warn!("a grant could not be revoked at Okta in time"),
    }
}

/// Ends the grant of a connection that is out of use by now, if it had one.
pub(super) async fn end_grant(services: &Services, secrets: &Secrets) {
    match (org_app(services, secrets), refresh_token(services, secrets)) {
        (Ok(Some(app)), Ok(Some(token))) => revoke(services, &app, &token).await,
        (Ok(_), Ok(_)) => {}
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(connection = %secrets.org.id, %error, "a grant could not be opened to revoke it");
        }
    }
}

/// Okta's clear no: notes it on the connection and answers the fault.
async fn refused(
    services: &Services,
    org: &OktaOrg,
    problem: ConnectionProblem,
) -> Result<TokenFault, TokenFault> {
    let dead = problem.code == ConnectionProblemCode::GrantRevoked;
    connection_health::needs_reauthorization(services, org, org.token_version, &problem, dead)
        .await?;
    release(services, org).await;
    Ok(TokenFault::NeedsReauthorization(problem))
}

async fn no_refresh_token(
    services: &Services,
    secrets: &Secrets,
) -> Result<TokenFault, TokenFault> {
    let problem = ConnectionProblem::new(ConnectionProblemCode::NoRefreshToken);
    refused(services, &secrets.org, problem).await
}

async fn release(services: &Services, org: &OktaOrg) {
    let (id, holder) = (org.id, services.refreshes.process);
    let released: Result<(), store::Error> = services
        .store
        .transaction(|tx| async move { okta_tokens::release(&tx, id, holder).await })
        .await;
    if let Err(error) = released {
        tracing::warn!(connection = %id, %error, "a claim was not given back; it ends by itself");
    }
}
