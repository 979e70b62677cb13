//! The viewer's organisation.

use uuid::Uuid;

use super::{Error, Result, Services, Viewer};
use crate::domain::directory::match_key;
use crate::domain::permission::Permission;
use crate::store::organizations::OrganizationRow;
use crate::store::{self, Access};

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The row.
    pub id: Uuid,
    /// Name shown to people.
    pub name: String,
    /// Epoch milliseconds.
    pub created_at: i64,
}

impl From<OrganizationRow> for Organization {
    fn from(row: OrganizationRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: row.created_at,
        }
    }
}

/// The viewer's organisation. Everybody may know where he belongs.
///
/// # Errors
/// The database's own.
pub async fn get(services: &Services, viewer: &Viewer) -> Result<Organization> {
    store::organizations::find(&services.store, viewer.organization_id)
        .await?
        .map(Organization::from)
        .ok_or(Error::NotFound)
}

/// The organisation of this id, or else of this name, as the configuration says it.
///
/// # Errors
/// The database's own.
pub async fn by_name_or_id(db: &impl Access, wanted: &str) -> Result<Option<Uuid>> {
    let all = store::organizations::all(db).await?;
    let id = wanted.parse().ok();
    let key = match_key(wanted);
    let found = all
        .iter()
        .find(|row| Some(row.id) == id)
        .or_else(|| all.iter().find(|row| match_key(&row.name) == key));
    Ok(found.map(|row| row.id))
}

/// The viewer's organisation, for people who do something in it.
///
/// # Errors
/// [`Error::Forbidden`] for people without any permission.
pub async fn open(services: &Services, viewer: &Viewer) -> Result<Organization> {
    viewer.require_any(Permission::ALL)?;
    get(services, viewer).await
}
