//! Adding an app.

use serde_json::json;

use super::{App, AppKind, Options, checked_name, refuse_taken};
use crate::random;
use crate::service::{Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::audit::{self, Entry};
use crate::store::{apps, okta_orgs, organizations};

/// Name of an app that was given none.
pub const DEFAULT_NAME: &str = AppKind::Okta.label();
/// Apps of one organisation: one per Okta org, and nobody has many of those.
pub const MAX_APPS: u64 = 10;

/// Adds an app with every switch off and no connection.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` for a name that cannot be, another app has, or for too many apps.
pub async fn add(
    services: &Services,
    viewer: &Viewer,
    kind: AppKind,
    name: Option<&str>,
) -> Result<App> {
    viewer.require_configure()?;
    let app = App {
        id: random::new_id(),
        organization_id: viewer.organization_id,
        name: checked_name(name.unwrap_or(DEFAULT_NAME))?,
        settings: Default::default(),
        settings_version: 0,
        settings_saved: None,
        options: Options::default(),
        options_version: 0,
        options_saved: None,
        mappings_version: 0,
        mappings_saved: None,
        pause: None,
        created_at: services.clock.now_ms(),
    };
    let (new, organization, now) = (app.clone(), viewer.organization_id, app.created_at);
    services
        .store
        .transaction(async |tx| {
            organizations::lock(&tx, organization).await?;
            refuse_taken(&tx, viewer, &new.name, None).await?;
            if apps::count(&*tx, organization).await? >= MAX_APPS {
                return Err(too_many().into());
            }
            apps::insert(&tx, &new).await?;
            okta_orgs::insert(&tx, random::new_id(), organization, new.id, None, now).await?;
            let entry = Entry::new(organization, now, viewer.actor(), "app.add")
                .app(new.id)
                .detail(json!({ "kind": kind, "name": new.name }));
            audit::record(&tx, entry).await?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(app)
}

fn too_many() -> UserError {
    let sentence = format!("An organisation can have at most {MAX_APPS} apps.");
    UserError::new(UserErrorCode::TooMany, sentence).with("max", MAX_APPS)
}
