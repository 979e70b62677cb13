//! An organisation that is made through the API, by whoever was given a one-time token.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::{Initialized, MAX_NAME, Refusal, create, named, organization_name, owner_values};
use crate::keys::personal::{self, TokenKind};
use crate::keys::{SigningKey, Subject};
use crate::random;
use crate::service::authenticate::{self, Failure};
use crate::service::{Error, Result, Services, UserError, UserErrorCode};
use crate::store::audit::{self, Actor, Entry};
use crate::store::bootstrap_tokens::{self as tokens, BootstrapTokenRow};
use crate::store::{Tx, organizations};

/// How long the first owner is signed in by having made the organisation: as long as by `provisioner token`. Seconds.
const SESSION_SECONDS: u32 = 12 * 3600;

/// Whether the text is meant to be a bootstrap token.
#[must_use]
pub fn is_meant(token: &str) -> bool {
    TokenKind::Bootstrap.is_meant(token)
}

/// Makes a one-time token, good for so many hours.
///
/// # Errors
/// The database's own.
pub async fn issue(services: &Services, hours: u32) -> Result<SecretString> {
    let now = services.clock.now_ms();
    let secret = services.token_form.make(TokenKind::Bootstrap);
    let row = BootstrapTokenRow {
        id: random::new_id(),
        hash: personal::hash(secret.expose_secret()),
        created_at: now,
        expires_at: now.saturating_add(i64::from(hours) * 3_600_000),
        used_at: None,
        organization_id: None,
    };
    let insert = async |tx: Arc<Tx>| Ok::<_, Error>(tokens::insert(&tx, row.clone()).await?);
    services.store.transaction(insert).await?;
    Ok(secret)
}

/// The right to make one organisation.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Of the token.
    pub id: Uuid,
    /// When it ends, epoch milliseconds.
    pub expires_at_ms: i64,
    key: Arc<SigningKey>,
}

/// The right that a token gives. What was not made here is refused without a look into the database.
///
/// # Errors
/// [`Failure`] when it gives none, or that cannot be told now.
pub async fn admit(
    services: &Services,
    key: &Arc<SigningKey>,
    token: &str,
) -> std::result::Result<Ticket, Failure> {
    if !services.token_form.is_ours(TokenKind::Bootstrap, token) {
        return Err(authenticate::Refusal::NotOurs.into());
    }
    let row = tokens::by_hash(&services.store, personal::hash(token)).await?;
    let row = row.ok_or(authenticate::Refusal::NotOurs)?;
    if row.used_at.is_some() {
        return Err(Failure::Used);
    }
    if row.expires_at <= services.clock.now_ms() {
        return Err(authenticate::Refusal::Expired.into());
    }
    Ok(Ticket {
        id: row.id,
        expires_at_ms: row.expires_at,
        key: Arc::clone(key),
    })
}

/// A new organisation, and the way in.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The organisation and its owner.
    pub made: Initialized,
    /// A bearer token of the owner's.
    pub token: SecretString,
    /// When it ends, epoch milliseconds.
    pub expires_at_ms: i64,
}

/// Makes an organisation with its first owner, and uses the token up; all of it or nothing.
///
/// # Errors
/// Refusals for a name or an address that cannot be used, for a name that is taken, and when somebody used the token meanwhile.
pub async fn found(
    services: &Services,
    ticket: &Ticket,
    name: &str,
    owner_email: &str,
) -> Result<Founded> {
    let mut errors = Vec::new();
    let name = organization_name(name).map_err(|_| errors.push(name_fault()));
    let values = owner_values(owner_email).map_err(|_| errors.push(email_fault()));
    let (Ok(name), Ok(values)) = (name, values) else {
        return Err(errors.into());
    };
    let (now, values) = (services.clock.now_ms(), &values);
    services
        .store
        .transaction(|tx| async move {
            organizations::one_at_a_time(&tx).await?;
            if named(&tx, name).await.map_err(internal)?.is_some() {
                return Err(name_taken().into());
            }
            let made = create(&tx, name, values, now).await.map_err(internal)?;
            let (organization, owner) = (made.organization.id, made.owner);
            if !tokens::use_up(&tx, ticket.id, organization, now).await? {
                return Err(used_up().into());
            }
            let entry = Entry::new(organization, now, Actor::Operator, "token.issue")
                .user(owner)
                .detail(json!({ "expiresAt": expiry(now), "bootstrapTokenId": ticket.id }));
            audit::record(&tx, entry).await?;
            let subject = Subject {
                organization,
                user: owner,
            };
            let token = ticket.key.mint(subject, now, SESSION_SECONDS);
            Ok::<_, Error>(Founded {
                made,
                token: token.map_err(|e| internal(e.into()))?,
                expires_at_ms: expiry(now),
            })
        })
        .await
}

/// When the first owner's token ends, epoch milliseconds; tokens know whole seconds.
fn expiry(now: i64) -> i64 {
    (now.div_euclid(1_000) + i64::from(SESSION_SECONDS)) * 1_000
}

/// What is no fault of the caller's.
fn internal(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Other(error) => error,
        other => Error::Internal(other.to_string()),
    }
}

fn name_fault() -> UserError {
    let sentence =
        format!("The name must have 1 to {MAX_NAME} characters, none of them control characters.");
    UserError::new(UserErrorCode::InvalidValue, sentence)
        .at(["organizationName"])
        .with("max", MAX_NAME)
}

fn email_fault() -> UserError {
    UserError::new(
        UserErrorCode::InvalidValue,
        "This is not an e-mail address.",
    )
    .at(["ownerEmail"])
}

fn name_taken() -> UserError {
    let sentence = "There is an organization with this name.";
    UserError::new(UserErrorCode::AlreadyExists, sentence).at(["organizationName"])
}

fn used_up() -> UserError {
    let sentence = "The token was used meanwhile, or its time is over; ask for another.";
    UserError::new(UserErrorCode::NotPossibleNow, sentence)
}
