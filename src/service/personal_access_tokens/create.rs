//! Making a token.

use std::collections::BTreeSet;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{PersonalAccessToken, TokenKind, view};
use crate::domain::directory::{is_hidden_control, match_key};
use crate::domain::permission::{AdminRole, Permission, PermissionSet};
use crate::domain::personal_access_token::{
    MAX_ACTIVE, MAX_DAYS, MAX_NAME, PersonalAccessTokenStatus, expiry,
};
use crate::domain::plan::DirectoryStatus;
use crate::keys::personal;
use crate::random;
use crate::service::users::standing_of;
use crate::service::{Error, PathStep, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::audit::{self, Entry};
use crate::store::personal_access_tokens::{self as tokens, TokenFilter, TokenRow};
use crate::store::{self, Tx};

/// A token to make.
#[derive(Clone, Debug)]
pub struct NewPersonalAccessToken {
    /// Name shown to people.
    pub name: String,
    /// What it may do at most.
    pub scopes: Vec<Permission>,
    /// How long it lives.
    pub days: i32,
}

/// A new token, and for this once the token itself.
#[derive(Clone, Debug)]
pub struct Created {
    /// What is kept of it.
    pub token: PersonalAccessToken,
    /// The token itself.
    pub secret: SecretString,
}

/// Makes a token for the viewer himself.
///
/// # Errors
/// Refusals, among them for a viewer who came with a token, or in a session with a ceiling: what he makes would be bounded by neither.
pub async fn create(
    services: &Services,
    viewer: &Viewer,
    input: NewPersonalAccessToken,
) -> Result<Created> {
    check_makes(viewer)?;
    let now = services.clock.now_ms();
    let secret = services.token_form.make(TokenKind::PersonalAccess);
    let hash = personal::hash(secret.expose_secret());
    let row = services
        .store
        .transaction(async |tx| {
            let role = held(&tx, viewer).await?;
            let row = checked(&role, viewer, &input, hash, now)?;
            make_room(&tx, &row, now).await?;
            tokens::insert(&tx, row.clone()).await?;
            record(&tx, viewer, &row, now).await?;
            Ok::<_, Error>(row)
        })
        .await?;
    let token = view(&row, now)?;
    Ok(Created { token, secret })
}

/// Whether the viewer may make a token of any kind: there must be a permission for it to have.
#[must_use]
pub fn may_create(viewer: &Viewer) -> bool {
    let faults = |scope: &Permission| scope_faults(&viewer.role, &[*scope]);
    let scope = Permission::ALL.iter().any(|scope| faults(scope).is_empty());
    scope && check_makes(viewer).is_ok()
}

fn check_makes(viewer: &Viewer) -> std::result::Result<(), UserError> {
    if viewer.token.is_some() {
        let sentence = "A personal access token cannot make tokens; sign in yourself.";
        return Err(UserError::new(UserErrorCode::Forbidden, sentence));
    }
    if viewer.ceiling.is_some() {
        let sentence = "Your identity provider bounds what this session may do, and a token would outlive it; sign in another way.";
        return Err(UserError::new(UserErrorCode::Forbidden, sentence));
    }
    Ok(())
}

/// The standing of the viewer, who is held, so that he makes one token at a time.
async fn held(tx: &Tx, viewer: &Viewer) -> Result<AdminRole> {
    let person = store::users::find_for_update(tx, viewer.organization_id, viewer.user_id).await?;
    let person = person.filter(|row| row.status == DirectoryStatus::Active.as_str());
    standing_of(tx, &person.ok_or(Error::NotFound)?).await
}

fn checked(
    role: &AdminRole,
    viewer: &Viewer,
    input: &NewPersonalAccessToken,
    hash: Vec<u8>,
    now: i64,
) -> Result<TokenRow> {
    let name = input.name.trim();
    let mut errors: Vec<_> = name_fault(name).into_iter().collect();
    errors.extend(scope_faults(role, &input.scopes));
    let expires_at = expiry(now, input.days);
    match expires_at {
        Some(expires_at) if errors.is_empty() => Ok(TokenRow {
            id: random::new_id(),
            organization_id: viewer.organization_id,
            user_id: viewer.user_id,
            name: name.to_owned(),
            name_key: Some(match_key(name)),
            scopes: json!(input.scopes.iter().copied().collect::<PermissionSet>()),
            hash,
            created_at: now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
        }),
        expires_at => {
            errors.extend(expires_at.is_none().then(days_fault));
            Err(errors.into())
        }
    }
}

fn days_fault() -> UserError {
    let sentence = format!("A token lives 1 to {MAX_DAYS} days.");
    UserError::new(UserErrorCode::InvalidValue, sentence)
        .at(["validForDays"])
        .with("min", 1)
        .with("max", MAX_DAYS)
}

fn name_fault(name: &str) -> Option<UserError> {
    let fault = |code, sentence: &str| Some(UserError::new(code, sentence).at(["name"]));
    if match_key(name).is_empty() {
        fault(UserErrorCode::Required, "A token needs a name.")
    } else if name.chars().count() > MAX_NAME {
        fault(UserErrorCode::TooLong, "The name is too long.").map(|f| f.with("max", MAX_NAME))
    } else if name.chars().any(is_hidden_control) {
        let sentence = "The name has characters that cannot be shown.";
        fault(UserErrorCode::InvalidValue, sentence)
    } else {
        None
    }
}

/// What is wrong with the scopes; what stands there twice is told of once.
fn scope_faults(role: &AdminRole, scopes: &[Permission]) -> Vec<UserError> {
    if scopes.is_empty() {
        let sentence = "Choose at least one permission.";
        return vec![UserError::new(UserErrorCode::Required, sentence).at(["scopes"])];
    }
    let mut seen = BTreeSet::new();
    let scopes = scopes.iter().enumerate();
    let first = scopes.filter(|(_, scope)| seen.insert(**scope));
    first
        .filter_map(|(index, scope)| {
            let (code, sentence) = if !scope.is_scope() {
                (
                    UserErrorCode::InvalidValue,
                    "No token can have this permission.",
                )
            } else if !role.allows(*scope) {
                (
                    UserErrorCode::Forbidden,
                    "You do not have this permission yourself.",
                )
            } else {
                return None;
            };
            let fault = UserError::new(code, sentence).at([PathStep::from("scopes"), index.into()]);
            Some(fault.with("permission", scope))
        })
        .collect()
}

/// Nobody has too many tokens, or two of one name.
async fn make_room(tx: &Tx, row: &TokenRow, now: i64) -> Result<()> {
    let (organization, user) = (row.organization_id, row.user_id);
    let active = TokenFilter {
        user,
        only: None,
        statuses: vec![PersonalAccessTokenStatus::Active],
        now,
    };
    if tokens::count(tx, organization, &active).await? >= MAX_ACTIVE {
        let sentence = "You have too many tokens; revoke those that you no longer need.";
        return Err(UserError::new(UserErrorCode::TooMany, sentence)
            .with("max", MAX_ACTIVE)
            .into());
    }
    tokens::free_names(tx, organization, user, now).await?;
    let key = row.name_key.as_deref().unwrap_or_default();
    if tokens::is_taken(tx, organization, user, key).await? {
        let sentence = "You have a token with this name.";
        return Err(UserError::new(UserErrorCode::AlreadyExists, sentence)
            .at(["name"])
            .into());
    }
    Ok(())
}

async fn record(tx: &Tx, viewer: &Viewer, row: &TokenRow, now: i64) -> Result<()> {
    let action = "personalAccessToken.create";
    let entry = Entry::new(row.organization_id, now, viewer.actor(), action)
        .user(row.user_id)
        .detail(json!({
            "personalAccessTokenId": row.id,
            "name": row.name,
            "scopes": row.scopes,
            "expiresAt": row.expires_at,
        }));
    Ok(audit::record(tx, entry).await?)
}
