//! One call to Okta.

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::filter::OperationFilterInput;
use crate::domain;
use crate::graphql::assignments::assignment::AssignedRole;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::{OperationsLoader, OperationsOfAccount};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error, people};
use crate::service::operations::{self, OperationView};
use crate::service::search::{self, PersonFilter};

/// What is asked of Okta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::plan::OperationKind")]
pub enum OperationKind {
    /// Creates the account.
    Create,
    /// Writes changed attributes.
    Update,
    /// Activates a staged or deactivated account.
    Activate,
    /// Lets a suspended account in again.
    Unsuspend,
    /// Deactivates the account.
    Deactivate,
    /// Deletes the deactivated account.
    Delete,
    /// Gives an admin role.
    GrantRole,
    /// Takes away an admin role that was given here.
    RevokeRole,
    /// Takes over an account that existed before; no call is made.
    Link,
    /// Manages a released account again; no call is made.
    Resume,
    /// Ceases to manage the account; no call is made.
    Release,
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::journal::OperationStatus")]
pub enum OperationStatus {
    /// Sent; the outcome is not certain yet.
    Sent,
    /// Done in Okta.
    Succeeded,
    /// Refused by Okta.
    Failed,
    /// Certain not to have happened, and no longer wanted.
    Abandoned,
}

/// A list of operations.
pub type OperationConnection = Connection<Cursor, Operation, TotalCount, EmptyFields>;

/// One call to Okta, recorded before it is sent. It names what was changed, never the values. Needs `VIEW_APPS`.
#[derive(Clone, Debug)]
pub struct Operation(pub OperationView);

impl Operation {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::Operation, self.0.id))
    }
}

/// One call to Okta, recorded before it is sent. It names what was changed, never the values. Needs `VIEW_APPS`.
#[Object(serial)]
impl Operation {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::Operation, self.0.id)
    }

    /// What was asked of Okta.
    async fn kind(&self) -> OperationKind {
        self.0.kind.into()
    }

    /// How far it is.
    async fn status(&self) -> OperationStatus {
        self.0.status.into()
    }

    /// Which of the account's wishes it serves; later wishes have higher numbers.
    async fn generation(&self) -> i64 {
        self.0.generation
    }

    /// How often the identical request was sent.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// The answer was lost, and Okta is or was read to learn the outcome.
    async fn outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }

    /// Names of the Okta attributes that it writes, sorted; empty for other kinds.
    async fn changed_attributes(&self) -> &[String] {
        &self.0.changed_attributes
    }

    /// The role that it gives or takes; null for other kinds.
    async fn role(&self) -> Option<AssignedRole> {
        self.0.role.map(Into::into)
    }

    /// When it was sent last.
    async fn sent_at(&self) -> DateTime<Utc> {
        context::time(self.0.sent_at)
    }

    /// When the outcome became certain; null while it is open.
    async fn resolved_at(&self) -> Option<DateTime<Utc>> {
        self.0.resolved_at.map(context::time)
    }

    /// `X-Okta-Request-Id` of the answer, by which Okta's support and system log find it; null without an answer.
    async fn okta_request_id(&self) -> Option<&str> {
        self.0.okta_request_id.as_deref()
    }

    /// Okta's `errorCode`, or a code of our own; null when nothing went wrong.
    async fn error_code(&self) -> Option<&str> {
        self.0.error_code.as_deref()
    }

    /// What Okta said, for people; null when nothing went wrong.
    async fn error_message(&self) -> Option<&str> {
        self.0.error_message.as_deref()
    }

    /// Global id of the account.
    async fn account_id(&self) -> ID {
        ids::global(NodeKind::Account, self.0.account_id)
    }

    /// The person, also when deleted from the directory since.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<User> {
        people::person(ctx, self.0.user_id).await
    }
}

/// The operations of an app as a connection, newest first.
///
/// # Errors
/// As the use case; `BAD_USER_INPUT` for impossible paging or search.
pub async fn of_app(
    ctx: &Context<'_>,
    app: Uuid,
    search: Option<String>,
    filter: Option<OperationFilterInput>,
    page: PageArgs,
) -> async_graphql::Result<OperationConnection> {
    let request = page.request(Listing::Operations, true)?;
    let people = search::people(search, None, Vec::new()).map_err(error::public)?;
    let filter = filter.unwrap_or_default().of(people);
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let rows = operations::list(services, viewer, app, &filter, request)
        .await
        .map_err(error::public)?;
    let total = TotalCount::new(move |services, viewer| {
        let filter = filter.clone();
        async move { operations::count(&services, &viewer, app, &filter).await }
    });
    Ok(paging::connection(
        Listing::Operations,
        rows,
        total,
        Operation,
    ))
}

/// The operations of an account as a connection, newest first, looked up together with those of other accounts.
///
/// # Errors
/// As the use case; `BAD_USER_INPUT` for impossible paging.
pub async fn of_account(
    ctx: &Context<'_>,
    account: Uuid,
    filter: Option<OperationFilterInput>,
    page: PageArgs,
) -> async_graphql::Result<OperationConnection> {
    let request = page.request(Listing::Operations, true)?;
    let filter = filter.unwrap_or_default().of(PersonFilter::default());
    let of = OperationsOfAccount { account, filter };
    let rows = ctx
        .data::<DataLoader<OperationsLoader>>()?
        .load_one((of.clone(), request))
        .await
        .map_err(|e| error::public_ref(&e))?
        .unwrap_or_default();
    let total = TotalCount::loaded::<OperationsLoader, _>(of);
    Ok(paging::connection(
        Listing::Operations,
        rows,
        total,
        Operation,
    ))
}
