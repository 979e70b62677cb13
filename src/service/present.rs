//! What a person may do now, for work that began under his name earlier: jobs and subscriptions.

use uuid::Uuid;

use super::users::{User, standing};
use super::{Ceiling, Result, Viewer};
use crate::domain::plan::DirectoryStatus;
use crate::store::{self, Access};

/// The person as a viewer, with the permissions of this moment; `None` when he is gone or inactive.
///
/// # Errors
/// The database's own.
pub async fn viewer_now(
    db: &impl Access,
    organization: Uuid,
    user: Uuid,
) -> Result<Option<Viewer>> {
    viewer_within(db, organization, user, None).await
}

/// As [`viewer_now`], for work that began in a session that may do less than its person.
///
/// # Errors
/// The database's own.
pub async fn viewer_within(
    db: &impl Access,
    organization: Uuid,
    user: Uuid,
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
    Ok(Some(Viewer {
        user_id: person.id,
        organization_id: organization,
        role,
        ceiling,
    }))
}
