//! How far an app is set up.

use super::apps::App;
use super::mappings;
use super::{Result, Services, Viewer};
use crate::domain::account::AccountState;
use crate::domain::app_setup::{SetupFacts, SetupStepKey, SetupStepStatus, next_step, setup_steps};
use crate::domain::connection::{ConnectionStatus, missing_scopes};
use crate::domain::permission::Permission;
use crate::service::mappings::MappingStatus;
use crate::store::{assignments, imports, okta_orgs, sync_counts};

/// How far an app is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Every step with its status, in the order of the journey.
    pub steps: Vec<(SetupStepKey, SetupStepStatus)>,
    /// The step to go on with; `None` when all is done.
    pub next: Option<SetupStepKey>,
}

/// How far the app is set up.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn setup(services: &Services, viewer: &Viewer, app: &App) -> Result<Setup> {
    viewer.require(Permission::ViewApps)?;
    let steps = setup_steps(&facts(services, viewer, app).await?).to_vec();
    Ok(Setup {
        next: next_step(&steps),
        steps,
    })
}

async fn facts(services: &Services, viewer: &Viewer, app: &App) -> Result<SetupFacts> {
    let (store, organization) = (&services.store, viewer.organization_id);
    let org = okta_orgs::of_app(store, organization, app.id).await?;
    let vocabulary = mappings::vocabulary(store, organization, app.id).await?;
    let mapping = mappings::in_force(store, app, &vocabulary).await?;
    let counts = sync_counts::by_state(store, organization, app.id).await?;
    let blocked = counts
        .iter()
        .any(|(state, _)| *state == AccountState::Blocked);
    let granted = org.as_ref().map(|org| org.granted_scopes.as_slice());
    let missing = missing_scopes(
        &okta_client::scope::PROVISIONING,
        granted.unwrap_or_default(),
    );
    let imported = match &org {
        Some(org) => imports::last_complete(store, org.id, None).await?.is_some(),
        None => false,
    };
    Ok(SetupFacts {
        connection: org.map_or(ConnectionStatus::NotConfigured, |org| org.status),
        scopes_complete: missing.is_empty(),
        schema_known: vocabulary.attributes.is_some(),
        mapping_saved: app.mappings_version > 0,
        mapping_valid: mapping.status != MappingStatus::Invalid,
        settings_saved: app.settings_version > 0,
        imported,
        anybody_assigned: assignments::any(store, organization, app.id).await?,
        anybody_blocked: blocked,
    })
}
