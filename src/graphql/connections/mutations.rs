//! Entering, authorizing, testing and ending a connection.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::authorization::OktaAuthorization;
use super::okta_org::OktaOrg;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::graphql::{context, error};
use crate::service::okta_orgs::{self, Entered};
use crate::service::{self, okta_authorizations};

/// The connections' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConnectionMutation;

/// What connects an app to its Okta org.
#[derive(Clone, InputObject)]
pub struct OktaOrgConfigureInput {
    /// Global id of the app.
    pub app_id: ID,
    /// The org's domain, such as `acme.okta.com`; the address as copied from the browser will do. Not the one of the Admin Console.
    pub domain: String,
    /// Client ID of the app in Okta, from its *General* tab.
    pub client_id: String,
    /// Client secret of the app in Okta. Absent, null or blank keeps the stored one, which is possible only with the same domain and client id. It is
    /// sealed before it is stored, and nothing gives it back.
    pub client_secret: Option<String>,
}

/// An authorization to start.
#[derive(Clone, Debug, InputObject)]
pub struct OktaAuthorizationStartInput {
    /// Global id of the app.
    pub app_id: ID,
    /// Where the browser goes when it comes back from Okta: an address on one of the configured panel origins. `oktaAuthorization`, the global id of the
    /// authorization, is added to its query. Absent or null: a page of our own says what came of it.
    pub return_to: Option<String>,
}

/// A connection to test.
#[derive(Clone, Debug, InputObject)]
pub struct OktaOrgTestInput {
    /// Global id of the app.
    pub app_id: ID,
}

/// A connection to end.
#[derive(Clone, Debug, InputObject)]
pub struct OktaOrgDisconnectInput {
    /// Global id of the app.
    pub app_id: ID,
}

/// A schema to read again.
#[derive(Clone, Debug, InputObject)]
pub struct OktaSchemaRefreshInput {
    /// Global id of the app.
    pub app_id: ID,
}

/// Answer of `oktaOrgConfigure`.
#[derive(SimpleObject)]
pub struct OktaOrgConfigurePayload {
    /// The connection as it is now, also when refused; null when there is no such app.
    pub okta_org: Option<OktaOrg>,
    /// Why it was refused, one error per fault; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Answer of `oktaAuthorizationStart`.
#[derive(SimpleObject)]
pub struct OktaAuthorizationStartPayload {
    /// The authorization, still `PENDING`; null when refused.
    pub authorization: Option<OktaAuthorization>,
    /// Where to send the administrator's browser within ten minutes, in the same browser from beginning to end; null when refused. It is good for one
    /// browser: do not open it twice, and do not log it.
    pub authorization_url: Option<String>,
    /// The connection as it is now, also when refused; null when there is no such app.
    pub okta_org: Option<OktaOrg>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Answer of `oktaOrgTest`.
#[derive(SimpleObject)]
pub struct OktaOrgTestPayload {
    /// The connection as it is now, also when the test failed; null when there is no such app.
    pub okta_org: Option<OktaOrg>,
    /// Why the test failed: `OKTA_REFUSED` or `OKTA_UNAVAILABLE`, with the `OktaOrgProblemCode` as `params.problem`; `APP_NOT_CONNECTED` when there is
    /// nothing to test yet. Empty when the connection works.
    pub user_errors: Vec<UserError>,
}

/// Answer of `oktaOrgDisconnect`.
#[derive(SimpleObject)]
pub struct OktaOrgDisconnectPayload {
    /// The connection as it is now; null when there is no such app.
    pub okta_org: Option<OktaOrg>,
    /// Why it was refused; empty when it was done, and when there was nothing to end.
    pub user_errors: Vec<UserError>,
}

/// Answer of `oktaSchemaRefresh`.
#[derive(SimpleObject)]
pub struct OktaSchemaRefreshPayload {
    /// The connection as it is now, also when refused; null when there is no such app.
    pub okta_org: Option<OktaOrg>,
    /// Why the schema could not be read, as with `oktaOrgTest`; our copy stays. Empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The connections' part of `Mutation`.
#[Object]
impl ConnectionMutation {
    /// Enters domain, client id and client secret of an app's connection. The same domain and client with another secret keeps the authorization. Another
    /// domain or client is a new connection: it has to be authorized, everybody is matched anew, and nobody is deprovisioned by that. `ALREADY_EXISTS` at
    /// `domain` when another app of the organisation is connected to the org. Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn okta_org_configure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to enter, for which app.")] input: OktaOrgConfigureInput,
    ) -> async_graphql::Result<OktaOrgConfigurePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let entered = Entered {
            domain: input.domain,
            client_id: input.client_id,
            client_secret: input.client_secret.map(Into::into),
        };
        let done = okta_orgs::configure(services, viewer, app, &entered).await;
        let (okta_org, user_errors) = answer(ctx, &input.app_id, done).await?;
        Ok(OktaOrgConfigurePayload {
            okta_org,
            user_errors,
        })
    }

    /// Starts an authorization: open `authorizationUrl` in the administrator's browser. An earlier one that is still pending stays good.
    /// `APP_NOT_CONNECTED` until the connection is configured, `RETURN_TO_NOT_ALLOWED` for an address outside the panel origins. Needs `VIEW_APPS`,
    /// `ASSIGN_APPS` and `IMPORT_USERS`, still when the browser comes back.
    async fn okta_authorization_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app, and where to return.")] input: OktaAuthorizationStartInput,
    ) -> async_graphql::Result<OktaAuthorizationStartPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let return_to = input.return_to.as_deref();
        let started = okta_authorizations::start(services, viewer, app, return_to).await;
        let okta_org = now(ctx, &input.app_id).await?;
        Ok(match settle(started)? {
            Ok(started) => OktaAuthorizationStartPayload {
                authorization: Some(OktaAuthorization(started.authorization)),
                authorization_url: Some(started.url.into()),
                okta_org,
                user_errors: Vec::new(),
            },
            Err(user_errors) => OktaAuthorizationStartPayload {
                authorization: None,
                authorization_url: None,
                okta_org,
                user_errors,
            },
        })
    }

    /// Tests the connection now: renews the access if need be, reads the org's user schema and roles, and finds out what Okta refuses to the administrator
    /// who authorized. A connection that asked for a new authorization, or was paused, works again when the test succeeds. Takes as long as Okta does.
    /// Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn okta_org_test(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app.")] input: OktaOrgTestInput,
    ) -> async_graphql::Result<OktaOrgTestPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let done = okta_orgs::test(services, viewer, app).await;
        let (okta_org, user_errors) = answer(ctx, &input.app_id, done).await?;
        Ok(OktaOrgTestPayload {
            okta_org,
            user_errors,
        })
    }

    /// Ends the connection: the work stops and the access is revoked in Okta. Nobody's account in Okta is touched, and everything that was entered stays,
    /// so that it can be authorized again. Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn okta_org_disconnect(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app.")] input: OktaOrgDisconnectInput,
    ) -> async_graphql::Result<OktaOrgDisconnectPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let done = okta_orgs::disconnect(services, viewer, app).await;
        let (okta_org, user_errors) = answer(ctx, &input.app_id, done).await?;
        Ok(OktaOrgDisconnectPayload {
            okta_org,
            user_errors,
        })
    }

    /// Reads the attributes of the org's user profiles again. Where they changed, every account of the app is looked at anew. Takes as long as Okta does.
    /// Needs `VIEW_APPS`, `ASSIGN_APPS` and `IMPORT_USERS`.
    async fn okta_schema_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which app.")] input: OktaSchemaRefreshInput,
    ) -> async_graphql::Result<OktaSchemaRefreshPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let app = ids::row_of(&input.app_id, NodeKind::App);
        let done = okta_orgs::refresh_schema(services, viewer, app).await;
        let (okta_org, user_errors) = answer(ctx, &input.app_id, done).await?;
        Ok(OktaSchemaRefreshPayload {
            okta_org,
            user_errors,
        })
    }
}

/// The connection and the refusals of a mutation; of a refused one the connection as it is.
async fn answer(
    ctx: &Context<'_>,
    app: &ID,
    done: service::Result<okta_orgs::OktaOrg>,
) -> async_graphql::Result<(Option<OktaOrg>, Vec<UserError>)> {
    match settle(done)? {
        Ok(org) => Ok((Some(OktaOrg(org)), Vec::new())),
        Err(user_errors) => Ok((now(ctx, app).await?, user_errors)),
    }
}

async fn now(ctx: &Context<'_>, app: &ID) -> async_graphql::Result<Option<OktaOrg>> {
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let app = ids::row_of(app, NodeKind::App);
    match okta_orgs::of_app(services, viewer, app).await {
        Ok(org) => Ok(Some(OktaOrg(org))),
        Err(service::Error::NotFound) => Ok(None),
        Err(failed) => Err(error::public(failed)),
    }
}
