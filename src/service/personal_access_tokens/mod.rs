//! Personal access tokens: programs come in under a person's name, for less than the person may do.
//!
//! What a token may do is looked up on each request: its scopes, as far as its person has them at that moment, and nothing that is reserved to owners
//! and admins. A token neither makes nor ends tokens, itself apart, so whoever stole one cannot stay beyond its end.

mod bearer;
mod create;
mod grant;
mod revoke;
mod uses;

use uuid::Uuid;

use super::{Result, Services, Viewer};
use crate::domain::permission::{Permission, PermissionSet};
use crate::store;
use crate::store::page::{Page, PageRequest};
use crate::store::personal_access_tokens::{TokenFilter, TokenRow};

pub use crate::domain::personal_access_token::PersonalAccessTokenStatus;
pub use crate::keys::personal::{TokenForm, TokenKind};
pub(super) use bearer::authenticate;
pub use create::{Created, NewPersonalAccessToken, create, may_create};
pub(super) use grant::{Grant, good};
pub use revoke::{revocable, revoke};
pub use uses::Uses;

/// Whether the text is meant to be a personal access token.
pub(super) fn is_meant(token: &str) -> bool {
    TokenKind::PersonalAccess.is_meant(token)
}

/// A personal access token, without the token itself, which nobody has but who made it.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonalAccessToken {
    /// The row.
    pub id: Uuid,
    /// The person under whose name it acts.
    pub user_id: Uuid,
    /// Name shown to people.
    pub name: String,
    /// What it may do at most.
    pub scopes: PermissionSet,
    /// Whether it counted when it was read.
    pub status: PersonalAccessTokenStatus,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// Epoch milliseconds.
    pub expires_at: i64,
    /// About when it was used last, epoch milliseconds.
    pub last_used_at: Option<i64>,
    /// When it was ended, epoch milliseconds.
    pub revoked_at: Option<i64>,
}

/// Which tokens a list shows.
#[derive(Clone, Debug)]
pub struct PersonalAccessTokenQuery {
    /// Those of this person.
    pub user: Uuid,
    /// Those of one of these standings; empty means all.
    pub statuses: Vec<PersonalAccessTokenStatus>,
}

/// A page of a person's tokens, by their making. Everybody sees his own, with a token only that token; others need `MANAGE_USERS`.
///
/// # Errors
/// [`Forbidden`](super::Error::Forbidden) for another person's tokens without `MANAGE_USERS`.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    query: PersonalAccessTokenQuery,
    request: PageRequest,
) -> Result<Page<PersonalAccessToken>> {
    let filter = seen(services, viewer, query)?;
    let organization = viewer.organization_id;
    let rows = store::personal_access_tokens::list(&services.store, organization, &filter, request);
    Ok(rows.await?.try_map(|row| view(&row, filter.now))?)
}

/// How many tokens [`list`] has on all pages.
///
/// # Errors
/// As [`list`].
pub async fn count(
    services: &Services,
    viewer: &Viewer,
    query: PersonalAccessTokenQuery,
) -> Result<u64> {
    let filter = seen(services, viewer, query)?;
    let organization = viewer.organization_id;
    Ok(store::personal_access_tokens::count(&services.store, organization, &filter).await?)
}

/// The token; `None` when the organisation has no such one, or the viewer may not see it.
///
/// # Errors
/// The database's own.
pub async fn find(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Option<PersonalAccessToken>> {
    let organization = viewer.organization_id;
    let row = store::personal_access_tokens::find(&services.store, organization, id).await?;
    let row = row.filter(|row| may_see(viewer, row.id, row.user_id));
    let now = services.clock.now_ms();
    Ok(row.map(|row| view(&row, now)).transpose()?)
}

fn seen(
    services: &Services,
    viewer: &Viewer,
    query: PersonalAccessTokenQuery,
) -> Result<TokenFilter> {
    let sees_all = viewer.can(Permission::ManageUsers);
    if query.user != viewer.user_id {
        viewer.require(Permission::ManageUsers)?;
    }
    Ok(TokenFilter {
        user: query.user,
        only: viewer.token.filter(|_| !sees_all),
        statuses: query.statuses,
        now: services.clock.now_ms(),
    })
}

fn may_see(viewer: &Viewer, token: Uuid, person: Uuid) -> bool {
    let own = person == viewer.user_id && viewer.token.is_none_or(|own| own == token);
    own || viewer.can(Permission::ManageUsers)
}

fn scopes_of(row: &TokenRow) -> std::result::Result<PermissionSet, store::Error> {
    serde_json::from_value(row.scopes.clone()).map_err(|_| store::Error::Corrupt {
        table: "personal_access_token",
        row: row.id.to_string(),
        what: "scope",
        value: row.scopes.to_string(),
    })
}

fn status_of(row: &TokenRow, now: i64) -> PersonalAccessTokenStatus {
    PersonalAccessTokenStatus::of(row.expires_at, row.revoked_at, now)
}

fn view(row: &TokenRow, now: i64) -> std::result::Result<PersonalAccessToken, store::Error> {
    Ok(PersonalAccessToken {
        id: row.id,
        user_id: row.user_id,
        name: row.name.clone(),
        scopes: scopes_of(row)?,
        status: status_of(row, now),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        revoked_at: row.revoked_at,
    })
}
