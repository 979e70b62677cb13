//! A person.

use std::sync::Arc;

use async_graphql::connection::{Connection, EmptyFields};
use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID, MergedObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::admin_role::AdminRole;
use super::directory_field::DirectoryField;
use super::personal_access_token::{
    self, PersonalAccessTokenConnection, PersonalAccessTokenStatus,
};
use super::user_powers::UserPowers;
use super::user_profile::UserProfile;
use crate::domain;
use crate::graphql::cursor::Cursor;
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::loaders::{AdminRoleLoader, FieldLoader};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::sync::user::UserSync;
use crate::graphql::total::TotalCount;
use crate::graphql::values::AttributeValue;
use crate::graphql::{context, error};
use crate::service::users;

/// Whether a person may work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::plan::DirectoryStatus")]
pub enum UserStatus {
    /// May work.
    Active,
    /// May not work; apps and accounts are kept.
    Inactive,
    /// Deleted. Shown only where an Okta account outlived the person; lists and `user` never have it.
    Deleted,
}

/// A list of people.
pub type UserConnection = Connection<Cursor, User, TotalCount, EmptyFields>;

/// A person of the directory.
///
/// Seeing people needs `VIEW_USERS`, `MANAGE_USERS` or `ASSIGN_APPS`; everybody sees himself through `viewer`.
#[derive(MergedObject)]
pub struct User(pub UserCore, pub UserProfile, pub UserSync, pub UserPowers);

impl From<Arc<users::User>> for User {
    fn from(user: Arc<users::User>) -> Self {
        let apps = UserSync(user.id);
        let powers = UserPowers(user.as_ref().into());
        Self(UserCore(Arc::clone(&user)), UserProfile(user), apps, powers)
    }
}

impl From<users::User> for User {
    fn from(user: users::User) -> Self {
        Arc::new(user).into()
    }
}

impl User {
    /// The global id, for `Node`.
    ///
    /// # Errors
    /// None.
    pub async fn node_id(&self, _: &Context<'_>) -> async_graphql::Result<ID> {
        Ok(ids::global(NodeKind::User, self.0.0.id))
    }
}

/// The part of a person that every one has.
#[derive(Debug)]
pub struct UserCore(Arc<users::User>);

/// A value of one field of a person.
#[derive(SimpleObject)]
pub struct UserFieldValue {
    /// The field, standard or custom.
    pub field: DirectoryField,
    /// The value; null when the person has none.
    pub value: Option<AttributeValue>,
}

/// The part of a person that every one has.
#[Object]
impl UserCore {
    /// Global id.
    async fn id(&self) -> ID {
        ids::global(NodeKind::User, self.0.id)
    }

    /// Whether the person may work.
    async fn status(&self) -> UserStatus {
        self.0.status.into()
    }

    /// Name to sign in with, unique in the organisation without regard to case.
    async fn user_name(&self) -> &str {
        &self.0.user_name
    }

    /// Address that mail goes to, unique in the organisation without regard to case.
    async fn primary_email(&self) -> &str {
        &self.0.primary_email
    }

    /// Name to show: the display name, else given and family name, else the user name. Never empty.
    async fn name(&self) -> &str {
        &self.0.display_name
    }

    /// Every field of the directory in its order, standard ones first, with this person's value.
    async fn fields(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<UserFieldValue>> {
        let fields = ctx
            .data::<DataLoader<FieldLoader>>()?
            .load_one(())
            .await
            .map_err(|e| error::public_ref(&e))?
            .unwrap_or_default();
        let with_value = |field: &crate::service::directory_fields::Field| UserFieldValue {
            value: self
                .0
                .fields
                .get(&field.definition.id)
                .cloned()
                .map(Into::into),
            field: field.clone().into(),
        };
        Ok(fields.iter().map(with_value).collect())
    }

    /// What the person may do in this organisation.
    async fn admin_role(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<AdminRole>> {
        let role = ctx
            .data::<DataLoader<AdminRoleLoader>>()?
            .load_one(self.0.role)
            .await
            .map_err(|e| error::public_ref(&e))?;
        Ok(role.map(AdminRole))
    }

    /// The person's personal access tokens, newest first. Needs `MANAGE_USERS`, except for your own.
    #[graphql(complexity = "paging::cost(first, last, child_complexity)")]
    async fn personal_access_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only tokens of these standings; absent, null or empty: all.")]
        statuses: Option<Vec<PersonalAccessTokenStatus>>,
        #[graphql(
            desc = "At most this many from the start, 0 to 100; 25 if neither this nor `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only tokens behind this cursor.")] after: Option<String>,
        #[graphql(desc = "At most this many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only tokens before this cursor.")] before: Option<String>,
    ) -> async_graphql::Result<PersonalAccessTokenConnection> {
        let page = PageArgs::new(first, after, last, before);
        // In a box: each field of a person needs room for the largest.
        Box::pin(personal_access_token::list(ctx, self.0.id, statuses, page)).await
    }

    /// Goes up with each change of the person; starts at 1. Give it as `expectedRevision` to be told when somebody else was quicker.
    async fn revision(&self) -> i64 {
        self.0.revision
    }

    /// When the person was added.
    async fn created_at(&self) -> DateTime<Utc> {
        context::time(self.0.created_at)
    }

    /// When the person was changed last.
    async fn updated_at(&self) -> DateTime<Utc> {
        context::time(self.0.updated_at)
    }
}
