//! Ending a token before its time.

use std::collections::HashSet;

use serde_json::json;
use uuid::Uuid;

use super::{PersonalAccessToken, may_see, view};
use crate::domain::permission::{AdminRole, check_manages_user};
use crate::domain::plan::DirectoryStatus;
use crate::service::users::{self, refused, standing_of};
use crate::service::{
    Error, Event, Result, Services, UserError, UserErrorCode, Viewer, admin_roles,
};
use crate::store::audit::{self, Entry};
use crate::store::personal_access_tokens::{self as tokens, TokenRow};
use crate::store::{self, Tx};

/// The field of the input that names the token.
const FIELD: &str = "personalAccessTokenId";

/// Ends a token at once: one's own, or with `MANAGE_USERS` one of somebody who does not stand higher. Done twice it changes nothing.
///
/// # Errors
/// Refusals: a token that the viewer may not see is not there; a viewer who came with a token can end that one only.
pub async fn revoke(services: &Services, viewer: &Viewer, id: Uuid) -> Result<PersonalAccessToken> {
    let now = services.clock.now_ms();
    let row = services
        .store
        .transaction(async |tx| {
            let mut row = found(&tx, viewer, id).await?;
            if row.revoked_at.is_some() {
                return Ok(row);
            }
            tokens::revoke(&tx, row.id, now).await?;
            row.revoked_at = Some(now);
            let action = "personalAccessToken.revoke";
            let entry = Entry::new(row.organization_id, now, viewer.actor(), action)
                .user(row.user_id)
                .detail(json!({ "personalAccessTokenId": row.id, "name": row.name }));
            audit::record(&tx, entry).await?;
            Ok::<_, Error>(row)
        })
        .await?;
    services.events.publish(Event::PersonalAccessToken {
        organization: row.organization_id,
        token: row.id,
    });
    Ok(view(&row, now)?)
}

async fn found(tx: &Tx, viewer: &Viewer, id: Uuid) -> Result<TokenRow> {
    let row = tokens::find_for_update(tx, viewer.organization_id, id)
        .await?
        .filter(|row| may_see(viewer, row.id, row.user_id))
        .ok_or_else(|| UserError::not_found("personal access token", FIELD))?;
    let person = if row.user_id == viewer.user_id {
        None
    } else {
        store::users::find(tx, viewer.organization_id, row.user_id).await?
    };
    let role = match person {
        Some(person) => Some(standing_of(tx, &person).await?),
        None => None,
    };
    check_revokes(viewer, row.id, row.user_id, role.as_ref())?;
    Ok(row)
}

/// `role` is the standing of the token's person; `None` when he was deleted, or is the viewer. As everywhere, nobody manages those above him.
fn check_revokes(
    viewer: &Viewer,
    token: Uuid,
    person: Uuid,
    role: Option<&AdminRole>,
) -> Result<()> {
    if viewer.token.is_some_and(|own| own != token) {
        let sentence = "A personal access token can revoke itself only; sign in yourself.";
        let error = UserError::new(UserErrorCode::Forbidden, sentence).at([FIELD]);
        return Err(error.into());
    }
    match role {
        Some(role) if person != viewer.user_id => {
            check_manages_user(&viewer.role, role).map_err(|refusal| refused(refusal, FIELD))
        }
        _ => Ok(()),
    }
}

/// Which of these tokens, each with its person, the viewer may end. The change itself asks the same again.
///
/// # Errors
/// The database's own.
pub async fn revocable(
    services: &Services,
    viewer: &Viewer,
    tokens: &[(Uuid, Uuid)],
) -> Result<HashSet<(Uuid, Uuid)>> {
    let organization = viewer.organization_id;
    let others = tokens.iter().map(|(_, person)| *person);
    let others: Vec<_> = others.filter(|person| *person != viewer.user_id).collect();
    let people = if others.is_empty() {
        Vec::new()
    } else {
        users::many(services, organization, &others).await?
    };
    let roles: Vec<_> = people.iter().map(|person| person.role).collect();
    let roles = admin_roles::standings(services, organization, &roles).await?;
    let role_of = |id: Uuid| {
        let person = people.iter().find(|person| person.id == id)?;
        let there = person.status != DirectoryStatus::Deleted;
        there.then(|| roles.get(&person.role)).flatten()
    };
    let may = |(token, person): &&(Uuid, Uuid)| {
        let revokes = check_revokes(viewer, *token, *person, role_of(*person));
        may_see(viewer, *token, *person) && revokes.is_ok()
    };
    Ok(tokens.iter().filter(may).copied().collect())
}
