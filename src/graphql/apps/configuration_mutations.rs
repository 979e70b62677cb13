//! Saving switches and mapping.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::mapping::{self, AttributeMappingInput, AttributeMappingSet};
use super::settings::ProvisioningSettings;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::app_settings::{self, SettingsChange};
use crate::service::apps::Saving;
use crate::service::mappings;

/// The configuration's part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConfigurationMutation;

/// Switches to save; absent or null ones stay as they are.
#[derive(Clone, Debug, InputObject)]
pub struct ProvisioningSettingsSaveInput {
    /// The app.
    pub app_id: ID,
    /// `provisioningSettings.version` as you showed it, 0 for the first time: refused with `VERSION_CONFLICT` if it is another by now.
    pub expected_version: i64,
    /// Create Okta accounts.
    pub create_users: Option<bool>,
    /// Write changed profiles.
    pub update_user_profile: Option<bool>,
    /// Delete Okta accounts of people who lose the app.
    pub delete_users: Option<bool>,
    /// Let activating and deactivating reach Okta.
    pub activate_and_deactivate_users: Option<bool>,
}

/// Answer of `provisioningSettingsSave`.
#[derive(SimpleObject)]
pub struct ProvisioningSettingsSavePayload {
    /// The switches as saved; null when refused.
    pub provisioning_settings: Option<ProvisioningSettings>,
    /// With `VERSION_CONFLICT`: the switches as somebody else saved them, with who and when; otherwise null.
    pub conflict: Option<ProvisioningSettings>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// A mapping to save, whole: it replaces the one before.
#[derive(Clone, Debug, InputObject)]
pub struct AttributeMappingsSaveInput {
    /// The app.
    pub app_id: ID,
    /// `mappings.version` as you showed it, 0 for the first time: refused with `VERSION_CONFLICT` if it is another by now.
    pub expected_version: i64,
    /// One line per attribute to sync, at most 500. Every attribute that Okta requires must be among them.
    pub items: Vec<AttributeMappingInput>,
}

/// Answer of `attributeMappingsSave`.
#[derive(SimpleObject)]
pub struct AttributeMappingsSavePayload {
    /// The mapping as saved; null when refused.
    pub mappings: Option<AttributeMappingSet>,
    /// With `VERSION_CONFLICT`: the mapping as somebody else saved it, with who and when; otherwise null.
    pub conflict: Option<AttributeMappingSet>,
    /// Why it was refused, one for each fault, with `field` leading into `items`; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The configuration's part of `Mutation`.
#[Object]
impl ConfigurationMutation {
    /// Saves the switches. People whom a change concerns are brought in step at once; those who lost the app while `deleteUsers` was off are never
    /// deleted by switching it on. Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn provisioning_settings_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: ProvisioningSettingsSaveInput,
    ) -> async_graphql::Result<ProvisioningSettingsSavePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let expected = input.expected_version;
        let saved = app_settings::save(services, viewer, app, input.into(), expected).await;
        let (saved, conflict, user_errors) = match settle(saved)? {
            Ok(Saving::Done(app)) => (Some(app), None, Vec::new()),
            Ok(Saving::Conflict(app)) => {
                let error = app_settings::conflict(&app).into();
                (None, Some(app), vec![error])
            }
            Err(user_errors) => (None, None, user_errors),
        };
        Ok(ProvisioningSettingsSavePayload {
            provisioning_settings: saved.map(ProvisioningSettings),
            conflict: conflict.map(ProvisioningSettings),
            user_errors,
        })
    }

    /// Saves the mapping; everybody's profile follows. Refused with one `userError` for each fault. Needs `VIEW_APPS`, `ASSIGN_APPS` and
    /// `IMPORT_USERS`.
    async fn attribute_mappings_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: AttributeMappingsSaveInput,
    ) -> async_graphql::Result<AttributeMappingsSavePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let (items, expected) = (mapping::items(input.items), input.expected_version);
        let saved = mappings::save(services, viewer, app, items, expected).await;
        let (saved, conflict, user_errors) = match settle(saved)? {
            Ok(Saving::Done(set)) => (Some(set), None, Vec::new()),
            Ok(Saving::Conflict(set)) => {
                let error = mappings::conflict(&set).into();
                (None, Some(set), vec![error])
            }
            Err(user_errors) => (None, None, user_errors),
        };
        Ok(AttributeMappingsSavePayload {
            mappings: saved.map(AttributeMappingSet),
            conflict: conflict.map(AttributeMappingSet),
            user_errors,
        })
    }
}

impl From<ProvisioningSettingsSaveInput> for SettingsChange {
    fn from(input: ProvisioningSettingsSaveInput) -> Self {
        Self {
            create_users: input.create_users,
            update_user_profile: input.update_user_profile,
            delete_users: input.delete_users,
            activate_and_deactivate_users: input.activate_and_deactivate_users,
        }
    }
}
