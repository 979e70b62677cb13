//! An assignment: a person has an app.

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::domain::okta_role::RoleType;
use crate::graphql::accounts::account::Account;
use crate::graphql::cursor::Cursor;
use crate::graphql::directory::user::User;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::AccountsLoader;
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error, people};
use crate::service::assignments::{self, Change, Listed};
use crate::service::users;

/// An Okta admin role that somebody has through an assignment. Okta may add further ones.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(serial)]
pub struct AssignedRole {
    /// Okta's name, such as `HELP_DESK_ADMIN`; what the mutations take as `role`.
    #[graphql(name = "type")]
    pub role_type: String,
    /// As Okta's Admin Console words it.
    pub label: String,
    /// What it lets its holder do, in one sentence.
    pub description: String,
}

impl From<RoleType> for AssignedRole {
    fn from(role: RoleType) -> Self {
        Self {
            role_type: role.as_str().to_owned(),
            label: role.label().to_owned(),
            description: role.description().to_owned(),
        }
    }
}

/// A list of assignments.
pub type AssignmentConnection = Connection<Cursor, Assignment, TotalCount, EmptyFields>;

/// A person has an app. It is a wish: what has become of it in Okta says `account`. Needs `VIEW_APPS`.
#[derive(Clone, Debug)]
pub struct Assignment {
    row: assignments::Assignment,
    person: Option<Arc<users::User>>,
    account: Option<Option<Account>>,
}

impl From<assignments::Assignment> for Assignment {
    fn from(row: assignments::Assignment) -> Self {
        Self {
            row,
            person: None,
            account: None,
        }
    }
}

impl From<Listed> for Assignment {
    fn from(listed: Listed) -> Self {
        let operation = listed.operation;
        let account = |found: Option<_>| found.map(|view| Account::with_newest(view, operation));
        Self {
            row: listed.assignment,
            person: listed.person.map(Arc::new),
            account: listed.account.map(account),
        }
    }
}

impl Assignment {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::Assignment, self.row.id))
    }
}

/// A person has an app. It is a wish: what has become of it in Okta says `account`. Needs `VIEW_APPS`.
#[Object]
impl Assignment {
    /// Global id. A person who is unassigned and assigned again gets a new one.
    async fn id(&self) -> ID {
        ids::global(NodeKind::Assignment, self.row.id)
    }

    /// The person. Shown to everybody with `VIEW_APPS`.
    async fn user(&self, ctx: &Context<'_>) -> async_graphql::Result<User> {
        match &self.person {
            Some(person) => Ok(Arc::clone(person).into()),
            None => people::person(ctx, self.row.user_id).await,
        }
    }

    /// Global id of the app.
    async fn app_id(&self) -> ID {
        ids::global(NodeKind::App, self.row.app_id)
    }

    /// The Okta admin role that comes with it; null for none.
    async fn role(&self) -> Option<AssignedRole> {
        self.row.role.map(Into::into)
    }

    /// Where the person's account in Okta stands. Null only for the blink of an eye in which the assignment is being taken away.
    async fn account(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<Cow<'_, Account>>> {
        if let Some(read) = &self.account {
            return Ok(read.as_ref().map(Cow::Borrowed));
        }
        let theirs = ctx
            .data::<DataLoader<AccountsLoader>>()?
            .load_one(self.row.user_id)
            .await
            .map_err(|e| error::public_ref(&e))?
            .unwrap_or_default();
        let here = theirs.into_iter().find(|one| one.app_id == self.row.app_id);
        Ok(here.map(|view| Cow::Owned(view.into())))
    }

    /// Who assigned it; null when the system did.
    async fn created_by(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<User>> {
        match self.row.created_by {
            Some(by) => people::maybe(ctx, by).await,
            None => Ok(None),
        }
    }

    /// Whether `assignmentsRoleChange` is open to the viewer: it takes `VIEW_APPS` and `ASSIGN_APPS`; where the role is `SUPER_ADMIN` or `ORG_ADMIN`, an owner
    /// or admin. To which roles, `App.oktaRoles` says.
    async fn viewer_can_change_role(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let change = Change::ChangeRole { role: None };
        Ok(assignments::may_change(
            context::viewer(ctx)?,
            &self.row,
            change,
        ))
    }

    /// Whether `usersUnassign` is open to the viewer: as `viewerCanChangeRole`.
    async fn viewer_can_unassign(&self, ctx: &Context<'_>) -> async_graphql::Result<bool> {
        let viewer = context::viewer(ctx)?;
        Ok(assignments::may_change(viewer, &self.row, Change::Unassign))
    }

    /// Since when.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.row.created_at)
    }

    /// When the role changed last, else as `createdAt`.
    async fn updated_at(&self) -> DateTime<Utc> {
        context::time(self.row.updated_at)
    }
}
