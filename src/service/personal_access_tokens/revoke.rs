//! Ending a token before its time.

use serde_json::json;
use uuid::Uuid;

use super::{PersonalAccessToken, may_see, view};
use crate::domain::permission::check_manages_user;
use crate::service::users::{refused, standing_of};
use crate::service::{Error, Event, Result, Services, UserError, UserErrorCode, Viewer};
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
        .filter(|row| may_see(viewer, row))
        .ok_or_else(|| UserError::not_found("personal access token", FIELD))?;
    if viewer.token.is_some_and(|token| token != row.id) {
        let sentence = "A personal access token can revoke itself only; sign in yourself.";
        let error = UserError::new(UserErrorCode::Forbidden, sentence).at([FIELD]);
        return Err(error.into());
    }
    if row.user_id != viewer.user_id {
        check_reaches(tx, viewer, row.user_id).await?;
    }
    Ok(row)
}

/// As everywhere, nobody manages those above him.
async fn check_reaches(tx: &Tx, viewer: &Viewer, owner: Uuid) -> Result<()> {
    let Some(owner) = store::users::find(tx, viewer.organization_id, owner).await? else {
        return Ok(());
    };
    let role = standing_of(tx, &owner).await?;
    check_manages_user(&viewer.role, &role).map_err(|refusal| refused(refusal, FIELD))
}
