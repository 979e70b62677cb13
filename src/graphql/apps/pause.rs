//! Pausing an app.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::app::App;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::graphql::{context, people};
use crate::service;
use crate::service::provisioning_pause::{self, Pause};

/// A pause of an app: nothing that changes Okta is sent until `provisioningResume`. It survives restarts.
#[derive(Clone, Debug)]
pub struct ProvisioningPause(pub Pause);

/// A pause of an app: nothing that changes Okta is sent until `provisioningResume`. It survives restarts.
#[Object]
impl ProvisioningPause {
    /// Who paused the app; null when that person is not kept any more, or when an operator did it at the command line, after a back-up was restored.
    async fn paused_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.by {
            Some(by) => people::maybe(ctx, by).await,
            None => Ok(None),
        }
    }

    /// Since when.
    async fn paused_at(&self) -> DateTime<Utc> {
        context::time(self.0.at)
    }

    /// Why, in that person's words; null when nothing was said.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }
}

/// The pause's part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PauseMutation;

/// An app to pause.
#[derive(Clone, Debug, InputObject)]
pub struct ProvisioningPauseInput {
    /// The app.
    pub app_id: ID,
    /// Why, for the others, at most 500 characters; absent, null or empty: nothing.
    pub note: Option<String>,
}

/// Answer of `provisioningPause`.
#[derive(SimpleObject)]
pub struct ProvisioningPausePayload {
    /// The app, paused; null when refused.
    pub app: Option<App>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// An app to resume.
#[derive(Clone, Debug, InputObject)]
pub struct ProvisioningResumeInput {
    /// The app.
    pub app_id: ID,
}

/// Answer of `provisioningResume`.
#[derive(SimpleObject)]
pub struct ProvisioningResumePayload {
    /// The app, no longer paused; null when refused.
    pub app: Option<App>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The pause's part of `Mutation`.
#[Object]
impl PauseMutation {
    /// Stops an app between two calls to Okta: at most the calls under way at that moment, eight, still arrive. Changes in the directory,
    /// assignments and imports go on; the accounts wait with the reason `PAUSED`. What became of calls whose answers were lost is still found
    /// out by reading. An app that is paused already stays so, with the name of whoever paused it. Needs `VIEW_APPS`, `ASSIGN_APPS` and
    /// `IMPORT_USERS`.
    async fn provisioning_pause(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app, and why.")] input: ProvisioningPauseInput,
    ) -> async_graphql::Result<ProvisioningPausePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let paused = provisioning_pause::pause(services, viewer, app, input.note.as_deref()).await;
        let (app, user_errors) = answer(paused)?;
        Ok(ProvisioningPausePayload { app, user_errors })
    }

    /// Ends the pause of an app: everything that waited for it goes on at once, by the state of the directory as it is now. An app that is not
    /// paused stays as it is. Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn provisioning_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app.")] input: ProvisioningResumeInput,
    ) -> async_graphql::Result<ProvisioningResumePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let resumed = provisioning_pause::resume(services, viewer, app).await;
        let (app, user_errors) = answer(resumed)?;
        Ok(ProvisioningResumePayload { app, user_errors })
    }
}

fn answer(
    done: service::Result<service::apps::App>,
) -> async_graphql::Result<(Option<App>, Vec<UserError>)> {
    Ok(match settle(done)? {
        Ok(app) => (Some(app.into()), Vec::new()),
        Err(user_errors) => (None, user_errors),
    })
}
