//! Which apps the engine may work.

use entity::app;
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::apps::App;
use super::okta_orgs::{self, OktaOrg};
use super::{Access, Result};
use crate::domain::connection::ConnectionStatus;

/// An app and its connection.
pub type Worked = (App, OktaOrg);

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
    let app = App::try_from(row)?;
    let org = okta_orgs::of_app(access, app.organization_id, app.id).await?;
    Ok(match org {
        Some(org) if org.status.has_grant() => Ok((app, org)),
        Some(org) if org.status == ConnectionStatus::NeedsReauthorization => {
            Err(Idle::NeedsReauthorization)
        }
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
