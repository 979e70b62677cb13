//! Which apps the engine may work.

use entity::{app, okta_org};
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::accounts::current_org;
use super::connection_health::{CONNECTED, QUARANTINED};
use super::{Access, Result};

/// An app and its connection.
pub type Worked = (app::Model, okta_org::Model);

/// Why an app is not worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// It was removed.
    Removed,
    /// Its authorization is dead.
    NeedsReauthorization,
    /// It has no connection that could work.
    NotConnected,
}

/// The app and its connection, if it may be worked; a quarantined connection counts.
///
/// # Errors
/// The database's own.
pub async fn workable(access: &impl Access, app: Uuid) -> Result<Option<Worked>> {
    Ok(look(access, app).await?.ok())
}

/// As [`workable`], or why not.
///
/// # Errors
/// The database's own.
pub async fn look(access: &impl Access, app: Uuid) -> Result<std::result::Result<Worked, Idle>> {
    let row = app::Entity::find_by_id(app)
        .one(access.connection())
        .await?;
    let Some(row) = row.filter(|row| row.status == "ACTIVE") else {
        return Ok(Err(Idle::Removed));
    };
    Ok(match current_org(access, app).await? {
        Some(org) if [CONNECTED, QUARANTINED].contains(&org.status.as_str()) => Ok((row, org)),
        Some(org) if org.status == "NEEDS_REAUTHORIZATION" => Err(Idle::NeedsReauthorization),
        _ => Err(Idle::NotConnected),
    })
}

/// The tenant of an app; null when there is no such app.
///
/// # Errors
/// The database's own.
pub async fn organization(access: &impl Access, app: Uuid) -> Result<Option<Uuid>> {
    let row = app::Entity::find_by_id(app)
        .one(access.connection())
        .await?;
    Ok(row.map(|row| row.organization_id))
}
