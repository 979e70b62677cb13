//! Connections of many apps at once.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::{LoadError, Scope};
use crate::service::okta_orgs;

/// The connection of an app, by the app's id.
#[derive(Debug)]
pub struct OktaOrgLoader(pub(super) Scope);

impl Loader<Uuid> for OktaOrgLoader {
    type Value = okta_orgs::OktaOrg;
    type Error = LoadError;

    async fn load(&self, apps: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, LoadError> {
        let found = okta_orgs::of_apps(&self.0.services, &self.0.viewer, apps).await?;
        Ok(found.into_iter().map(|org| (org.app_id, org)).collect())
    }
}
