//! The four switches: what of the directory reaches Okta.

use serde_json::json;
use uuid::Uuid;

use super::apps::{self, App, Saving, version_conflict};
use super::{Error, Event, Result, Services, UserError, Viewer};
use crate::domain::deprovisioning::Cause;
use crate::domain::plan::Settings;
use crate::random;
use crate::store;
use crate::store::apps::Saved;
use crate::store::audit::{self, Entry};
use crate::store::directory_changes::{self, DirectoryChange};
use crate::store::generations::{self, Scope};

/// Changes to the switches; `None` keeps one as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// Whether missing accounts are created.
    pub create_users: Option<bool>,
    /// Whether changed profiles are written.
    pub update_user_profile: Option<bool>,
    /// Whether accounts of people who lost the app are deleted.
    pub delete_users: Option<bool>,
    /// Whether activating and deactivating reaches Okta.
    pub activate_and_deactivate_users: Option<bool>,
}

impl SettingsChange {
    /// The switches after the change.
    #[must_use]
    pub fn applied_to(self, before: Settings) -> Settings {
        Settings {
            create_users: self.create_users.unwrap_or(before.create_users),
            update_user_profile: self
                .update_user_profile
                .unwrap_or(before.update_user_profile),
            delete_users: self.delete_users.unwrap_or(before.delete_users),
            activate_and_deactivate_users: self
                .activate_and_deactivate_users
                .unwrap_or(before.activate_and_deactivate_users),
        }
    }
}

/// Saves the switches, if nobody saved them since `expected_version`; the accounts follow. Saving them for the first time counts as saving
/// even where nothing is switched.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when there is no such app.
pub async fn save(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    change: SettingsChange,
    expected_version: i64,
) -> Result<Saving<App>> {
    viewer.require_configure()?;
    let (now, organization) = (services.clock.now_ms(), viewer.organization_id);
    let saving = services
        .store
        .transaction(async |tx| {
            let before = apps::held(&tx, viewer, app).await?;
            if before.settings_version != expected_version {
                return Ok(Saving::Conflict(before));
            }
            let settings = change.applied_to(before.settings);
            if settings == before.settings && before.settings_version > 0 {
                return Ok(Saving::Done(before));
            }
            let saved = Saved {
                by: viewer.user_id,
                at: now,
            };
            store::apps::save_settings(&tx, app, settings, saved).await?;
            if takes_away(before.settings, settings) {
                let change = DirectoryChange {
                    id: random::new_id(),
                    organization_id: organization,
                    cause: Cause::ProvisioningSettings,
                    user_id: Some(viewer.user_id),
                    created_at: now,
                };
                directory_changes::record(&tx, change).await?;
                generations::raise_switched(&tx, organization, app, change.id, now).await?;
            } else if settings != before.settings {
                generations::raise(&tx, organization, &Scope::App(app), false, now).await?;
            }
            let actor = viewer.actor();
            let entry = Entry::new(organization, now, actor, "provisioningSettings.save")
                .app(app)
                .detail(json!({ "from": before.settings, "to": settings }));
            audit::record(&tx, entry).await?;
            Ok::<_, Error>(Saving::Done(apps::held(&tx, viewer, app).await?))
        })
        .await?;
    if let Saving::Done(_) = &saving {
        services.events.publish(Event::App { organization, app });
        services.work.notify_one();
    }
    Ok(saving)
}

/// Whether a switch that may take accounts away is switched on.
pub(super) const fn takes_away(before: Settings, after: Settings) -> bool {
    (after.delete_users && !before.delete_users)
        || (after.activate_and_deactivate_users && !before.activate_and_deactivate_users)
}

/// The conflict of [`save`] as a refusal.
#[must_use]
pub fn conflict(current: &App) -> UserError {
    version_conflict(current.settings_version)
}
