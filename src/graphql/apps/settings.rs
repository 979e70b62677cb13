//! The four switches.

use async_graphql::{Context, InputObject, Object};
use chrono::{DateTime, Utc};

use crate::graphql::directory::user::User;
use crate::graphql::{context, people};
use crate::service::app_settings::SettingsChange;
use crate::service::apps::App;

/// What of the directory reaches Okta. All are off in a new app; nothing reaches Okta then.
#[derive(Clone, Debug)]
pub struct ProvisioningSettings(pub App);

/// What of the directory reaches Okta. All are off in a new app; nothing reaches Okta then.
#[Object]
impl ProvisioningSettings {
    /// Goes up each time they are saved; 0 means never. Send it back as `expectedVersion`.
    async fn version(&self) -> i64 {
        self.0.settings_version
    }

    /// Okta accounts are created for assigned, active people who have none.
    async fn create_users(&self) -> bool {
        self.0.settings.create_users
    }

    /// Changes of mapped fields are written to Okta.
    async fn update_user_profile(&self) -> bool {
        self.0.settings.update_user_profile
    }

    /// Okta accounts of people who lose the app, or are deleted, are deactivated and deleted. Off: they are left as they are, without the role that was
    /// given here. Switching it on never deletes people who lost the app while it was off.
    async fn delete_users(&self) -> bool {
        self.0.settings.delete_users
    }

    /// Activating and deactivating a person reaches the Okta account.
    async fn activate_and_deactivate_users(&self) -> bool {
        self.0.settings.activate_and_deactivate_users
    }

    /// Who saved them last; null when never saved.
    async fn saved_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.settings_saved {
            Some(saved) => people::maybe(ctx, saved.by).await,
            None => Ok(None),
        }
    }

    /// When they were saved last; null when never saved.
    async fn saved_at(&self) -> Option<DateTime<Utc>> {
        self.0.settings_saved.map(|saved| context::time(saved.at))
    }
}

/// Switches to change; absent or null ones stay as they are.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct ProvisioningSettingsChangeInput {
    /// Create Okta accounts.
    pub create_users: Option<bool>,
    /// Write changed profiles.
    pub update_user_profile: Option<bool>,
    /// Delete Okta accounts of people who lose the app.
    pub delete_users: Option<bool>,
    /// Let activating and deactivating reach Okta.
    pub activate_and_deactivate_users: Option<bool>,
}

impl From<ProvisioningSettingsChangeInput> for SettingsChange {
    fn from(input: ProvisioningSettingsChangeInput) -> Self {
        Self {
            create_users: input.create_users,
            update_user_profile: input.update_user_profile,
            delete_users: input.delete_users,
            activate_and_deactivate_users: input.activate_and_deactivate_users,
        }
    }
}
