//! What a token gives whoever comes with it.

use uuid::Uuid;

use super::{PersonalAccessTokenStatus, scopes_of, status_of};
use crate::domain::permission::PermissionSet;
use crate::service::Result;
use crate::store::personal_access_tokens::TokenRow;
use crate::store::{self, Access};

/// A token that counts, and what its person is narrowed to by it.
#[derive(Clone, Debug)]
pub(in crate::service) struct Grant {
    /// The token.
    pub token: Uuid,
    /// Its person.
    pub user: Uuid,
    /// What it may do at most.
    pub scopes: PermissionSet,
}

impl Grant {
    pub(super) fn of(row: &TokenRow) -> Result<Self> {
        Ok(Self {
            token: row.id,
            user: row.user_id,
            scopes: scopes_of(row)?,
        })
    }
}

/// What the token gives at `now`; `None` when it has expired, was revoked or is not there.
///
/// # Errors
/// The database's own.
pub(in crate::service) async fn good(
    db: &impl Access,
    organization: Uuid,
    token: Uuid,
    now: i64,
) -> Result<Option<Grant>> {
    let row = store::personal_access_tokens::find(db, organization, token).await?;
    let counts = |row: &TokenRow| status_of(row, now) == PersonalAccessTokenStatus::Active;
    row.filter(counts).map(|row| Grant::of(&row)).transpose()
}
