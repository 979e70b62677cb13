//! What a person may do now, for work that began under his name earlier: jobs and subscriptions.

use uuid::Uuid;

use super::personal_access_tokens::{self, Grant};
use super::users::{User, standing};
use super::{Ceiling, Result, Viewer};
use crate::domain::plan::DirectoryStatus;
use crate::store::{self, Access};

/// The person as a viewer, with the permissions of this moment; `None` when he is gone or inactive. What began with a personal access token goes on
/// with what that token may do, and with nothing once it has expired or was revoked; what began in a session with a ceiling stays below it.
///
/// # Errors
/// The database's own.
pub async fn viewer_now(
    db: &impl Access,
    organization: Uuid,
    user: Uuid,
    token: Option<Uuid>,
    ceiling: Option<Ceiling>,
    now: i64,
) -> Result<Option<Viewer>> {
    let Some(token) = token else {
        return person_now(db, organization, user, None, ceiling).await;
    };
    match personal_access_tokens::good(db, organization, token, now).await? {
        Some(grant) if grant.user == user => {
            person_now(db, organization, user, Some(grant), ceiling).await
        }
        _ => Ok(None),
    }
}

/// The person as a viewer, narrowed to what a token gives and kept below a ceiling; `None` when he is gone or inactive.
///
/// # Errors
/// The database's own.
pub(super) async fn person_now(
    db: &impl Access,
    organization: Uuid,
    user: Uuid,
    grant: Option<Grant>,
    ceiling: Option<Ceiling>,
) -> Result<Option<Viewer>> {
    let row = store::users::find(db, organization, user).await?;
    let Some(row) = row else { return Ok(None) };
    let person = User::try_from(row)?;
    if person.status != DirectoryStatus::Active {
        return Ok(None);
    }
    let mut role = standing(db, organization, person.role).await?;
    if let Some(ceiling) = &ceiling {
        role = ceiling.limit(db, organization, role).await?;
    }
    if let Some(grant) = &grant {
        role = role.narrowed(&grant.scopes);
    }
    Ok(Some(Viewer {
        user_id: person.id,
        organization_id: organization,
        role,
        token: grant.map(|grant| grant.token),
        ceiling,
    }))
}
