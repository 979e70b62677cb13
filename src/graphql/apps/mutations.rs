//! Adding and removing apps, and their options.

use async_graphql::connection::{Edge, EmptyFields};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::app::App;
use super::available::AppKind;
use super::options::AppOptions;
use crate::graphql::context;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::apps::{self, OptionsChange, Saving};
use crate::service::page::Position;

/// The apps' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AppMutation;

/// An app to add.
#[derive(Clone, Debug, InputObject)]
pub struct AppAddInput {
    /// Which kind.
    #[graphql(default)]
    pub kind: AppKind,
    /// Name to show, 1 to 100 characters, unique in the organisation without regard to case; absent or null: `Okta`.
    pub name: Option<String>,
}

/// Answer of `appAdd`.
#[derive(SimpleObject)]
pub struct AppAddPayload {
    /// The new app; null when refused.
    pub app: Option<App>,
    /// The new app as an edge of `apps`; null when refused.
    pub app_edge: Option<Edge<Cursor, App, EmptyFields>>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// An app to remove.
#[derive(Clone, Debug, InputObject)]
pub struct AppRemoveInput {
    /// The app.
    pub app_id: ID,
}

/// Answer of `appRemove`.
#[derive(SimpleObject)]
pub struct AppRemovePayload {
    /// Global id of the app that was removed; null when refused.
    pub removed_app_id: Option<ID>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Name and options of an app; what is absent stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct AppOptionsSaveInput {
    /// The app.
    pub app_id: ID,
    /// `options.version` as you showed it: refused with `VERSION_CONFLICT` if it is another by now.
    pub expected_version: i64,
    /// Name to show, 1 to 100 characters; null counts as absent.
    pub name: Option<String>,
    /// Whether Okta mails the people whose accounts are created or activated; null counts as absent.
    pub send_activation_email: Option<bool>,
    /// The Okta roles that may be given through the app, such as `["HELP_DESK_ADMIN"]`; null: all that can be assigned. Roles given before stay.
    pub allowed_role_types: MaybeUndefined<Vec<String>>,
    /// Share of Okta's rate limit that may be used, in percent, 1 to 100; null counts as absent.
    pub rate_limit_share: Option<i32>,
    /// Days that a deactivated Okta account is kept before it is deleted, 1 to 90, counted from its deactivation; null: it is deleted at once. A
    /// change also moves the deletion of the accounts that wait for it now: with null, or fewer days than have passed, they are deleted at once.
    pub deletion_delay: MaybeUndefined<i32>,
}

/// Answer of `appOptionsSave`.
#[derive(SimpleObject)]
pub struct AppOptionsSavePayload {
    /// The app as saved; null when refused.
    pub app: Option<App>,
    /// With `VERSION_CONFLICT`: the options as somebody else saved them, with who and when; otherwise null.
    pub conflict: Option<AppOptions>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The apps' part of `Mutation`.
#[Object]
impl AppMutation {
    /// Adds an app with every switch off; an organisation may have 10. Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn app_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The app.")] input: AppAddInput,
    ) -> async_graphql::Result<AppAddPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let added = apps::add(services, viewer, input.kind.into(), input.name.as_deref()).await;
        Ok(match settle(added)? {
            Ok(app) => AppAddPayload {
                app_edge: Some(edge(app.clone())),
                app: Some(app.into()),
                user_errors: Vec::new(),
            },
            Err(user_errors) => AppAddPayload {
                app: None,
                app_edge: None,
                user_errors,
            },
        })
    }

    /// Removes an app: all work stops, the authorization is ended, and nobody's account in Okta is touched. It cannot be undone. Needs `VIEW_APPS`,
    /// `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn app_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The app.")] input: AppRemoveInput,
    ) -> async_graphql::Result<AppRemovePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.app_id, NodeKind::App);
        Ok(match settle(apps::remove(services, viewer, id).await)? {
            Ok(id) => AppRemovePayload {
                removed_app_id: Some(ids::global(NodeKind::App, id)),
                user_errors: Vec::new(),
            },
            Err(user_errors) => AppRemovePayload {
                removed_app_id: None,
                user_errors,
            },
        })
    }

    /// Saves name and options of an app. Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn app_options_save(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: AppOptionsSaveInput,
    ) -> async_graphql::Result<AppOptionsSavePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.app_id, NodeKind::App);
        let expected = input.expected_version;
        let saved = apps::save_options(services, viewer, id, input.into(), expected).await;
        Ok(match settle(saved)? {
            Ok(Saving::Done(app)) => AppOptionsSavePayload {
                app: Some(app.into()),
                conflict: None,
                user_errors: Vec::new(),
            },
            Ok(Saving::Conflict(app)) => AppOptionsSavePayload {
                app: None,
                user_errors: vec![apps::options_conflict(&app).into()],
                conflict: Some(AppOptions(app)),
            },
            Err(user_errors) => AppOptionsSavePayload {
                app: None,
                conflict: None,
                user_errors,
            },
        })
    }
}

impl From<AppOptionsSaveInput> for OptionsChange {
    fn from(input: AppOptionsSaveInput) -> Self {
        Self {
            name: input.name,
            send_activation_email: input.send_activation_email,
            allowed_role_types: match input.allowed_role_types {
                MaybeUndefined::Undefined => None,
                given => Some(given.take()),
            },
            rate_limit_share: input.rate_limit_share,
            deletion_delay_days: match input.deletion_delay {
                MaybeUndefined::Undefined => None,
                given => Some(given.take()),
            },
        }
    }
}

fn edge(app: apps::App) -> Edge<Cursor, App, EmptyFields> {
    let at = Position {
        key: None,
        id: app.id,
    };
    Edge::new(Listing::Apps.cursor(at), app.into())
}
