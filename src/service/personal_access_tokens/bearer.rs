//! Who a personal access token speaks for, as of now.

use super::{Grant, PersonalAccessTokenStatus, TokenKind, status_of, uses};
use crate::keys::personal;
use crate::service::authenticate::{Authenticated, Failure, Refusal};
use crate::service::present::person_now;
use crate::service::{Error, Services};
use crate::store;

/// Who the token speaks for. What was not made here is refused without a look into the database.
///
/// # Errors
/// [`Failure`] when it speaks for nobody, or that cannot be told now.
pub(in crate::service) async fn authenticate(
    services: &Services,
    token: &str,
) -> Result<Authenticated, Failure> {
    if !services
        .token_form
        .is_ours(TokenKind::PersonalAccess, token)
    {
        return Err(Refusal::NotOurs.into());
    }
    let lookup = |error: store::Error| Failure::Lookup(Error::from(error));
    let row = store::personal_access_tokens::by_hash(&services.store, personal::hash(token))
        .await
        .map_err(lookup)?
        .ok_or(Refusal::NotOurs)?;
    let now = services.clock.now_ms();
    match status_of(&row, now) {
        PersonalAccessTokenStatus::Active => {}
        PersonalAccessTokenStatus::Expired => return Err(Refusal::Expired.into()),
        PersonalAccessTokenStatus::Revoked => return Err(Failure::Revoked),
    }
    let grant = Grant::of(&row).map_err(Failure::Lookup)?;
    let (organization, user) = (row.organization_id, row.user_id);
    let viewer = person_now(&services.store, organization, user, Some(grant), None)
        .await
        .map_err(Failure::Lookup)?
        .ok_or(Failure::Person)?;
    uses::note(services, &row, now);
    Ok(Authenticated {
        viewer,
        expires_at_ms: row.expires_at,
    })
}
