//! A journey of a browser to Okta and back.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use super::problem::OktaOrgProblem;
use crate::domain;
use crate::graphql::context;
use crate::graphql::ids::{self, NodeKind};
use crate::service::okta_authorizations;

/// How an authorization ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::connection::AuthorizationStatus")]
pub enum OktaAuthorizationStatus {
    /// The browser has not come back yet.
    Pending,
    /// The connection works.
    Succeeded,
    /// The person declined in Okta, or may not use the app there.
    Denied,
    /// The browser came back, and something was wrong: see `problem`.
    Failed,
    /// The browser did not come back within ten minutes.
    Expired,
}

/// One journey of a browser to Okta and back, started by `oktaAuthorizationStart`. Ask for it with `node` when the browser is back. Needs `VIEW_APPS`.
#[derive(Clone, Debug)]
pub struct OktaAuthorization(pub okta_authorizations::OktaAuthorization);

impl OktaAuthorization {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::OktaAuthorization, self.0.id))
    }
}

/// One journey of a browser to Okta and back, started by `oktaAuthorizationStart`. Ask for it with `node` when the browser is back. Needs `VIEW_APPS`.
#[Object]
impl OktaAuthorization {
    /// Global id; comes back to `returnTo` as `oktaAuthorization`.
    async fn id(&self) -> ID {
        ids::global(NodeKind::OktaAuthorization, self.0.id)
    }

    /// Global id of the app that is being connected.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.0.app_id)
    }

    /// How it ended.
    async fn status(&self) -> OktaAuthorizationStatus {
        self.0.status.into()
    }

    /// Why it came to nothing; null while `PENDING` and when `SUCCEEDED`.
    async fn problem(&self) -> Option<OktaOrgProblem> {
        let problem = self.0.problem.clone()?;
        let action = problem.code.advice_on_authorization().to_owned();
        Some(OktaOrgProblem {
            action,
            ..problem.into()
        })
    }

    /// When it was started.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// After this time it counts for nothing: ten minutes after the start.
    async fn expires_at(&self) -> DateTime<Utc> {
        context::time(self.0.expires_at)
    }

    /// When it ended; null while `PENDING`.
    async fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.0.completed_at.map(context::time)
    }
}
