//! The part of an app that is configured: switches, mapping, and what the Okta org offers for them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object};

use super::attribute::{OktaAttribute, OktaCopy};
use super::impact::{ImpactChangeInput, ImpactPreview};
use super::mapping::{self, AttributeMappingInput, AttributeMappingSet};
use super::preview::MappingPreview;
use super::role::OktaRole;
use super::settings::ProvisioningSettings;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::FieldLoader;
use crate::graphql::{context, error};
use crate::service::apps::App;
use crate::service::{impact, mapping_preview, mappings, okta_catalog};

/// The part of an app that is configured.
#[derive(Clone, Debug)]
pub struct AppConfiguration(pub App);

/// The part of an app that is configured.
#[Object]
impl AppConfiguration {
    /// What of the directory reaches Okta; saved by `provisioningSettingsSave`.
    async fn provisioning_settings(&self) -> ProvisioningSettings {
        ProvisioningSettings(self.0.clone())
    }

    /// The attributes of the org's user profiles, the base ones first, from our copy of Okta's schema; empty before the first authorization.
    #[graphql(complexity = "child_complexity.saturating_mul(30).saturating_add(1)")]
    async fn okta_attributes(
        &self,
        ctx: &Context<'_>,
    ) -> async_graphql::Result<Vec<OktaAttribute>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let found = okta_catalog::attributes(services, viewer, &self.0).await;
        let fields = ctx.data::<DataLoader<FieldLoader>>()?.load_one(()).await;
        let fields: Arc<_> = fields
            .map_err(|e| error::public_ref(&e))?
            .unwrap_or_default();
        let items = found.map_err(error::public)?.items.into_iter();
        Ok(items
            .map(|attribute| OktaAttribute::new(attribute, &fields))
            .collect())
    }

    /// How old `oktaAttributes` are.
    async fn okta_attributes_copy(&self, ctx: &Context<'_>) -> async_graphql::Result<OktaCopy> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let found = okta_catalog::attributes(services, viewer, &self.0).await;
        Ok(found.map_err(error::public)?.freshness.into())
    }

    /// The org's admin roles: Okta's predefined ones, then the org's custom ones, which can be seen but not assigned.
    #[graphql(complexity = "child_complexity.saturating_mul(15).saturating_add(1)")]
    async fn okta_roles(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<OktaRole>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let found = okta_catalog::roles(services, viewer, &self.0).await;
        let items = found.map_err(error::public)?.items;
        Ok(items.into_iter().map(Into::into).collect())
    }

    /// How old the custom ones among `oktaRoles` are.
    async fn okta_roles_copy(&self, ctx: &Context<'_>) -> async_graphql::Result<OktaCopy> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let found = okta_catalog::roles(services, viewer, &self.0).await;
        Ok(found.map_err(error::public)?.freshness.into())
    }

    /// The mapping in force: the saved one, else a default; saved by `attributeMappingsSave`.
    async fn mappings(&self, ctx: &Context<'_>) -> async_graphql::Result<AttributeMappingSet> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let set = mappings::of_app(services, viewer, &self.0).await;
        Ok(AttributeMappingSet(set.map_err(error::public)?))
    }

    /// The Okta profile that a person would get, and what would change; null when there is no such person. Needs `VIEW_USERS`, `MANAGE_USERS` or
    /// `ASSIGN_APPS` besides.
    async fn mapping_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the person, assigned or not.")] user_id: ID,
        #[graphql(
            desc = "A mapping that is not saved yet, whole, at most 500 lines; absent or null: the one in force."
        )]
        mappings: Option<Vec<AttributeMappingInput>>,
    ) -> async_graphql::Result<Option<MappingPreview>> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let user = ids::row_of(&user_id, NodeKind::User);
        let items = mappings.map(mapping::items);
        let preview = mapping_preview::preview(services, viewer, &self.0, user, items).await;
        Ok(preview.map_err(error::public)?.map(MappingPreview))
    }

    /// What saving other switches or another mapping would set going in Okta, before it is saved.
    #[graphql(complexity = "child_complexity.saturating_add(500)")]
    async fn impact_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What might be saved.")] change: ImpactChangeInput,
    ) -> async_graphql::Result<ImpactPreview> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let impact = impact::preview(services, viewer, &self.0, change.into()).await;
        Ok(ImpactPreview(impact.map_err(error::public)?))
    }
}
