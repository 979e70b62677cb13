//! The kinds of app that an organisation can add.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::app::App;
use crate::graphql::{context, error};
use crate::service::page::PageRequest;
use crate::service::{self, apps};

/// The kinds of app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
#[graphql(remote = "apps::AppKind")]
pub enum AppKind {
    /// An Okta org.
    #[default]
    Okta,
}

/// A kind of app that can be added with `appAdd`.
#[derive(SimpleObject)]
pub struct AvailableApp {
    /// Which kind.
    pub kind: AppKind,
    /// Name for people.
    pub name: String,
    /// What it does, in one sentence, in English.
    pub description: String,
    /// The apps of this kind that the organisation has, oldest first; at most 10.
    pub apps: Vec<App>,
    /// Whether the viewer can add one now: it takes `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`, and there may be at most 10.
    pub viewer_can_add: bool,
}

/// The organisation's part that is about apps.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationApps;

/// The organisation's part that is about apps.
#[Object]
impl OrganizationApps {
    /// The kinds of app that the organisation can add. Needs `VIEW_APPS`.
    #[graphql(complexity = "child_complexity.saturating_mul(3).saturating_add(1)")]
    async fn available_apps(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<AvailableApp>> {
        let viewer = context::viewer(ctx)?;
        let request = PageRequest::first(apps::MAX_APPS);
        let page = apps::list(context::services(ctx)?, viewer, request).await;
        let here: Vec<_> = page.map_err(error::public)?.rows;
        let room = here.len() < usize::try_from(apps::MAX_APPS).unwrap_or(usize::MAX);
        let kind = service::apps::AppKind::Okta;
        Ok(vec![AvailableApp {
            kind: kind.into(),
            name: kind.label().to_owned(),
            description: kind.description().to_owned(),
            apps: here.into_iter().map(|(_, app)| app.into()).collect(),
            viewer_can_add: room && viewer.require_configure().is_ok(),
        }])
    }
}
