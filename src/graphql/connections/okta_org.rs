//! The connection of an app to its Okta org.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use super::problem::OktaOrgProblem;
use crate::domain;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::{context, people};
use crate::service::okta_orgs;

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::connection::ConnectionStatus")]
pub enum OktaOrgStatus {
    /// Domain, client id and client secret are still to be entered: `oktaOrgConfigure`.
    NotConfigured,
    /// Nobody has consented in Okta yet: `oktaAuthorizationStart`.
    NotAuthorized,
    /// It works.
    Connected,
    /// Okta no longer accepts our access; `problem` says why. After a new consent, or the right client secret and `oktaOrgTest`, the work
    /// that waited is done.
    NeedsReauthorization,
    /// The org keeps failing. Work pauses and is tried again by itself at `retryAt`.
    Quarantined,
    /// An administrator disconnected it. It can be authorized again.
    Disconnected,
}

/// A kind of call that Okta may refuse to the administrator who authorized a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::account::Capability")]
pub enum OktaCapability {
    /// Creating users.
    CreateUsers,
    /// Changing profiles.
    UpdateUsers,
    /// Activating, unsuspending and deactivating users.
    ManageLifecycle,
    /// Deleting users.
    DeleteUsers,
    /// Granting and revoking admin roles; it takes a super administrator of the Okta org.
    ManageRoles,
    /// Reading who holds admin roles.
    ReadRoles,
}

/// Who authorized a connection.
#[derive(Clone, Debug)]
pub struct OktaAuthorizer(okta_orgs::Authorizer);

/// Who authorized a connection.
#[Object]
impl OktaAuthorizer {
    /// Okta's id of the administrator who consented, as Okta itself stated it. This account is never deactivated or deleted through the connection.
    async fn okta_id(&self) -> &str {
        &self.0.okta_id
    }

    /// The administrator's login in Okta at that time; null when Okta did not tell.
    async fn login(&self) -> Option<&str> {
        self.0.login.as_deref()
    }

    /// The person of the directory who started the authorization, perhaps deleted since; need not be the one who consented in Okta.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.0.user_id {
            Some(id) => people::maybe(ctx, id).await,
            None => Ok(None),
        }
    }
}

/// The connection of an app to its Okta org. Every app has one, from the first day on; its id stays the same whatever is entered. Neither client
/// secret nor tokens can be read. Needs `VIEW_APPS`; follow it with the subscription `oktaOrgChanged`.
#[derive(Clone, Debug)]
pub struct OktaOrg(pub okta_orgs::OktaOrg);

impl OktaOrg {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::OktaOrg, self.0.app_id))
    }
}

/// The connection of an app to its Okta org. Every app has one, from the first day on; its id stays the same whatever is entered. Neither client
/// secret nor tokens can be read. Needs `VIEW_APPS`; follow it with the subscription `oktaOrgChanged`.
#[Object]
impl OktaOrg {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::OktaOrg, self.0.app_id)
    }

    /// Global id of the app.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.0.app_id)
    }

    /// The org's domain, such as `acme.okta.com`; null until entered.
    async fn domain(&self) -> Option<&str> {
        self.0.domain.as_deref()
    }

    /// Client id of the app in Okta; null until entered.
    async fn client_id(&self) -> Option<&str> {
        self.0.client_id.as_deref()
    }

    /// When the client secret was entered; null until it was. The secret itself cannot be read.
    async fn client_secret_set_at(&self) -> Option<DateTime<Utc>> {
        self.0.client_secret_set_at.map(context::time)
    }

    /// The sign-in redirect URI to register for the app in Okta, letter by letter. Known before anything is entered.
    async fn redirect_uri(&self) -> &str {
        self.0.redirect_uri.as_str()
    }

    /// The scopes that are asked for. Those that begin with `okta.` have to be granted to the app in Okta, on its tab *Okta API Scopes*; the others
    /// need no grant. Known before anything is entered.
    async fn required_scopes(&self) -> Vec<&'static str> {
        self.0.required_scopes.to_vec()
    }

    /// The scopes that Okta granted; empty until authorized, and when disconnected.
    async fn granted_scopes(&self) -> &[String] {
        &self.0.granted_scopes
    }

    /// The scopes that were asked for and not granted: grant them in Okta, then authorize again. Empty while there is no authorization.
    async fn missing_scopes(&self) -> Vec<&'static str> {
        self.0.missing_scopes.clone()
    }

    /// Its state.
    async fn status(&self) -> OktaOrgStatus {
        self.0.status.into()
    }

    /// Who authorized it last; null when nobody did.
    async fn authorized_by(&self) -> Option<OktaAuthorizer> {
        self.0.authorized_by.clone().map(OktaAuthorizer)
    }

    /// When it was authorized last; null when it never was.
    async fn authorized_at(&self) -> Option<DateTime<Utc>> {
        self.0.authorized_at.map(context::time)
    }

    /// The kinds of call that Okta refuses to the administrator who authorized. Accounts that need one of them wait; everything else goes on. Known
    /// from the authorization on, and anew after each `oktaOrgTest`.
    async fn denied_capabilities(&self) -> Vec<OktaCapability> {
        self.0.denied.iter().copied().map(Into::into).collect()
    }

    /// What is wrong with it; null when nothing is.
    async fn problem(&self) -> Option<OktaOrgProblem> {
        self.0.problem.clone().map(Into::into)
    }

    /// When it was last found to work: by authorizing, or by `oktaOrgTest`. Null when it never was.
    async fn tested_at(&self) -> Option<DateTime<Utc>> {
        self.0.tested_at.map(context::time)
    }

    /// When a `QUARANTINED` org is tried again; null in every other state.
    async fn retry_at(&self) -> Option<DateTime<Utc>> {
        self.0.retry_at.map(context::time)
    }
}
