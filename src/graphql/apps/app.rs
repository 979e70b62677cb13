//! An app of the organisation.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::{Context, ID, MergedObject, Object};
use chrono::{DateTime, Utc};

use super::available::AppKind;
use super::configuration::AppConfiguration;
use super::options::AppOptions;
use super::pause::ProvisioningPause;
use super::setup::AppSetup;
use crate::graphql::connections::app::AppOktaOrg;
use crate::graphql::cursor::Cursor;
use crate::graphql::deprovisioning::app::AppDeprovisioning;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::imports::app::AppImports;
use crate::graphql::sync::app::AppSync;
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error};
use crate::service::{app_setup, apps};

/// A list of apps.
pub type AppConnection = Connection<Cursor, App, TotalCount, EmptyFields>;

/// An app that the organisation has: one Okta org, and the people who are assigned to it. Needs `VIEW_APPS`.
#[derive(Debug, MergedObject)]
pub struct App(
    pub AppCore,
    pub AppOktaOrg,
    pub AppConfiguration,
    pub AppSync,
    pub AppImports,
    pub AppDeprovisioning,
);

impl From<apps::App> for App {
    fn from(app: apps::App) -> Self {
        let id = app.id;
        Self(
            AppCore(app.clone()),
            AppOktaOrg(id),
            AppConfiguration(app),
            AppSync(id),
            AppImports(id),
            AppDeprovisioning(id),
        )
    }
}

impl App {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::App, self.0.0.id))
    }
}

/// The app itself.
#[derive(Clone, Debug)]
pub struct AppCore(apps::App);

/// The app itself.
#[Object]
impl AppCore {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::App, self.0.id)
    }

    /// Name shown to people; unique in the organisation without regard to case.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What kind of app it is.
    async fn kind(&self) -> AppKind {
        AppKind::Okta
    }

    /// When it was added.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// How it behaves beyond its switches; saved by `appOptionsSave`.
    async fn options(&self) -> AppOptions {
        AppOptions(self.0.clone())
    }

    /// Who paused the app, when and why; null while it is not paused. Set by `provisioningPause`, ended by `provisioningResume`.
    async fn provisioning_pause(&self) -> Option<ProvisioningPause> {
        self.0.pause.clone().map(ProvisioningPause)
    }

    /// How far it is set up, and what comes next.
    async fn setup(&self, ctx: &Context<'_>) -> async_graphql::Result<AppSetup> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let setup = app_setup::setup(services, viewer, &self.0).await;
        Ok(setup.map_err(error::public)?.into())
    }

    /// Whether the viewer may configure the app: connection, mapping, switches, options, pause, and remove it. Takes `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn viewer_can_configure(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.require_configure().is_ok())
    }

    /// Whether the viewer may assign people to the app, take it from them, change their roles and try accounts again. Takes `VIEW_APPS` and `ASSIGN_APPS`. Which roles, `oktaRoles` says.
    async fn viewer_can_assign(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.require_assign().is_ok())
    }

    /// Whether the viewer may import people from the app. Takes `VIEW_APPS` and `IMPORT_USERS`.
    async fn viewer_can_import(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        Ok(context::viewer(ctx)?.require_import().is_ok())
    }
}
