//! Who did what and when.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, InputObject, Json, Object};
use chrono::{DateTime, Utc};

use super::user::User;
use crate::graphql::cursor::Cursor;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::UserLoader;
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error};
use crate::service::audit::{self, AuditFilter};

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "audit::ActorKind")]
pub enum AuditActor {
    /// A person, through this API.
    User,
    /// The engine, on Okta.
    Engine,
    /// Somebody at the server's command line.
    Operator,
}

/// Which acts to take; everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AuditEventFilterInput {
    /// Acts with one of these names, such as `user.create`; at most 100. Absent, null or empty: all.
    pub actions: Option<Vec<String>>,
    /// Acts whose name has one of these before the dot: `user` takes `user.create`, `user.update` and the like, `oktaUser` and `oktaRole`
    /// every change made in Okta; at most 100. Absent, null or empty: all.
    pub families: Option<Vec<String>>,
    /// Acts of this kind of actor. Absent or null: all.
    pub actor: Option<AuditActor>,
    /// Acts that concern this app. Absent or null: all.
    pub app_id: Option<ID>,
    /// Acts that concern this person. Absent or null: all.
    pub user_id: Option<ID>,
    /// Acts that concern this account. Absent or null: all.
    pub account_id: Option<ID>,
    /// Acts by this person.
    pub actor_user_id: Option<ID>,
    /// Acts at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Acts before this time.
    pub until: Option<DateTime<Utc>>,
}

impl From<AuditEventFilterInput> for AuditFilter {
    fn from(input: AuditEventFilterInput) -> Self {
        let user = |id: ID| ids::row_of(&id, NodeKind::User);
        Self {
            actions: input.actions.unwrap_or_default(),
            families: input.families.unwrap_or_default(),
            actor_kind: input
                .actor
                .map(|actor| audit::ActorKind::from(actor).as_str()),
            app: input.app_id.map(|id| ids::row_of(&id, NodeKind::App)),
            user: input.user_id.map(user),
            account: input
                .account_id
                .map(|id| ids::row_of(&id, NodeKind::Account)),
            actor: input.actor_user_id.map(user),
            from: input.from.map(|at| at.timestamp_millis()),
            until: input.until.map(|at| at.timestamp_millis()),
        }
    }
}

/// A list of acts.
pub type AuditEventConnection = Connection<Cursor, AuditEvent, TotalCount, EmptyFields>;

/// An act of a person, of the engine or of an operator. It is written with the act and never changed. Needs `VIEW_AUDIT_LOG`.
#[derive(Clone, Debug)]
pub struct AuditEvent(pub audit::AuditEvent);

impl AuditEvent {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::AuditEvent, self.0.id))
    }

    async fn person(
        &self,
        ctx: &Context<'_>,
        id: Option<uuid::Uuid>,
    ) -> async_graphql::Result<Option<User>> {
        let Some(id) = id else { return Ok(None) };
        let user = ctx.data::<DataLoader<UserLoader>>()?.load_one(id).await;
        Ok(user.map_err(|e| error::public_ref(&e))?.map(Into::into))
    }
}

/// An act of a person, of the engine or of an operator. It is written with the act and never changed; the operator can verify that nobody
/// did (`provisioner audit verify`). Needs `VIEW_AUDIT_LOG`.
#[Object]
impl AuditEvent {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::AuditEvent, self.0.id)
    }

    /// When.
    async fn at(&self) -> DateTime<Utc> {
        context::time(self.0.at)
    }

    /// Who, in kind.
    async fn actor(&self) -> AuditActor {
        self.0.actor.into()
    }

    /// The acting person; null unless `actor` is `USER`.
    async fn actor_user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        self.person(ctx, self.0.actor_user).await
    }

    /// The personal access token with which the person acted; null when the person acted himself, and unless `actor` is `USER`.
    async fn personal_access_token_id(&self) -> Option<ID> {
        let token = self.0.actor_token;
        token.map(|id| ids::global(NodeKind::PersonalAccessToken, id))
    }

    /// What was done, as `noun.verb`, such as `user.create`. More will come.
    async fn action(&self) -> &str {
        &self.0.action
    }

    /// The app concerned; null when there is none.
    async fn app_id(&self) -> Option<ID> {
        self.0.app.map(|id| ids::global(NodeKind::App, id))
    }

    /// The person concerned; null when there is none. The person may be deleted by now.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        self.person(ctx, self.0.user).await
    }

    /// The account concerned; null when there is none.
    async fn account_id(&self) -> Option<ID> {
        self.0.account.map(|id| ids::global(NodeKind::Account, id))
    }

    /// The operation on Okta; null when there is none.
    async fn operation_id(&self) -> Option<ID> {
        self.0
            .operation
            .map(|id| ids::global(NodeKind::Operation, id))
    }

    /// Okta's id of the request, for its support and its system log; null when Okta was not called.
    async fn okta_request_id(&self) -> Option<&str> {
        self.0.okta_request_id.as_deref()
    }

    /// What was before and after, in a shape that depends on the action. Never holds secrets.
    async fn detail(&self) -> Json<&serde_json::Value> {
        Json(&self.0.detail)
    }
}
