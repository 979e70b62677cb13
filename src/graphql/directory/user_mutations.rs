//! Adding, changing and removing people.

use async_graphql::connection::{Edge, EmptyFields};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::admin_role;
use super::user::User;
use super::user_inputs::{
    UserActivateInput, UserCreateInput, UserDeactivateInput, UserDeleteInput, UserUpdateInput,
};
use crate::graphql::context;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::page::{Key, Position};
use crate::service::{self, apps::Saving, users};

/// The people's part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserMutation;

/// Answer of `userCreate`.
#[derive(SimpleObject)]
pub struct UserCreatePayload {
    /// The new person; null when refused.
    pub user: Option<User>,
    /// The new person as an edge of `users` in its default order; null when refused.
    pub user_edge: Option<Edge<Cursor, User, EmptyFields>>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Declares the answer of a mutation that changes one person.
macro_rules! user_payload {
    ($(#[doc = $doc:tt])* $name:ident) => {
        $(#[doc = $doc])*
        #[derive(SimpleObject)]
        pub struct $name {
            /// The person as changed; null when refused.
            pub user: Option<User>,
            /// With `VERSION_CONFLICT`: the person as somebody else changed it; otherwise null.
            pub conflict: Option<User>,
            /// Why it was refused; empty when it was done.
            pub user_errors: Vec<UserError>,
        }

        impl $name {
            fn of(result: service::Result<Saving<users::User>>) -> async_graphql::Result<Self> {
                let (user, conflict, user_errors) = settled(result)?;
                Ok(Self { user: user.map(Into::into), conflict, user_errors })
            }
        }
    };
}

type Settled = (Option<users::User>, Option<User>, Vec<UserError>);

/// The person as changed, the person in whose way the change came, and why it was refused.
fn settled(result: service::Result<Saving<users::User>>) -> async_graphql::Result<Settled> {
    Ok(match settle(result)? {
        Ok(Saving::Done(user)) => (Some(user), None, Vec::new()),
        Ok(Saving::Conflict(user)) => {
            let error = users::conflict(user.revision);
            (None, Some(user.into()), vec![error.into()])
        }
        Err(user_errors) => (None, None, user_errors),
    })
}

user_payload! {
    /// Answer of `userUpdate`.
    UserUpdatePayload
}
user_payload! {
    /// Answer of `userActivate`.
    UserActivatePayload
}
user_payload! {
    /// Answer of `userDeactivate`.
    UserDeactivatePayload
}
user_payload! {
    /// Answer of `userAdminRoleSet`.
    UserAdminRoleSetPayload
}

/// Answer of `userDelete`.
#[derive(SimpleObject)]
pub struct UserDeletePayload {
    /// Global id of the person who was deleted; null when refused.
    pub deleted_user_id: Option<ID>,
    /// With `VERSION_CONFLICT`: the person as somebody else changed it; otherwise null.
    pub conflict: Option<User>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Whose admin role to set.
#[derive(Clone, Debug, InputObject)]
pub struct UserAdminRoleSetInput {
    /// The person.
    pub user_id: ID,
    /// The role, one of `organization.adminRoles`.
    pub admin_role_id: ID,
    /// The `revision` that you showed: the change is refused with `VERSION_CONFLICT` if it is another by now. Absent or null: no check.
    pub expected_revision: Option<i64>,
}

/// The people's part of `Mutation`.
#[Object]
impl UserMutation {
    /// Adds a person, with the admin role `MEMBER`. Needs `MANAGE_USERS`.
    async fn user_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The person.")] input: UserCreateInput,
    ) -> async_graphql::Result<UserCreatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        Ok(
            match settle(users::create(services, viewer, input.into()).await)? {
                Ok(user) => UserCreatePayload {
                    user_edge: Some(edge(user.clone())),
                    user: Some(user.into()),
                    user_errors: Vec::new(),
                },
                Err(user_errors) => UserCreatePayload {
                    user: None,
                    user_edge: None,
                    user_errors,
                },
            },
        )
    }

    /// Changes values of a person; every app that the person has follows by itself. Needs `MANAGE_USERS`, and at least the standing of that
    /// person; people with the Okta role `SUPER_ADMIN` or `ORG_ADMIN` are changed by owners, admins and themselves only (`ROLE_ABOVE_CEILING`).
    async fn user_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to change, and what.")] input: UserUpdateInput,
    ) -> async_graphql::Result<UserUpdatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        UserUpdatePayload::of(users::update(services, viewer, input.into()).await)
    }

    /// Lets a person work again; accounts in Okta follow where the app's switch allows. Needs `MANAGE_USERS`, and at least the standing of
    /// that person, as for `userUpdate`.
    async fn user_activate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to activate.")] input: UserActivateInput,
    ) -> async_graphql::Result<UserActivatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.user_id, NodeKind::User);
        UserActivatePayload::of(
            users::activate(services, viewer, id, input.expected_revision).await,
        )
    }

    /// Keeps a person from working, also here: tokens stop at once. Accounts in Okta follow where the app's switch allows. Not possible for
    /// yourself or the last active owner. Needs `MANAGE_USERS`, and at least the standing of that person, as for `userUpdate`.
    async fn user_deactivate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to deactivate.")] input: UserDeactivateInput,
    ) -> async_graphql::Result<UserDeactivatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.user_id, NodeKind::User);
        let done = users::deactivate(services, viewer, id, input.expected_revision).await;
        UserDeactivatePayload::of(done)
    }

    /// Deletes a person for ever and takes all apps away; accounts in Okta follow where the app's switches allow. Name and address are free
    /// again at once. Not possible for yourself or the last active owner. Needs `MANAGE_USERS`, and at least the standing of that person, as for
    /// `userUpdate`.
    async fn user_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to delete.")] input: UserDeleteInput,
    ) -> async_graphql::Result<UserDeletePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.user_id, NodeKind::User);
        let done = users::delete(services, viewer, id, input.expected_revision).await;
        let (user, conflict, user_errors) = settled(done)?;
        Ok(UserDeletePayload {
            deleted_user_id: user.map(|user| ids::global(NodeKind::User, user.id)),
            conflict,
            user_errors,
        })
    }

    /// Gives a person an admin role. Nobody raises himself, only owners make, change or remove owners, nobody hands out permissions that he
    /// lacks, and one active owner stays. Needs `MANAGE_ADMIN_ROLES`; `user` and `conflict` are null for whoever may not look at people
    /// (`VIEW_USERS`, `MANAGE_USERS` or `ASSIGN_APPS`).
    async fn user_admin_role_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose role, and which.")] input: UserAdminRoleSetInput,
    ) -> async_graphql::Result<UserAdminRoleSetPayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let id = ids::row_of(&input.user_id, NodeKind::User);
        let role = admin_role::role_of(&input.admin_role_id);
        let done = users::set_admin_role(services, viewer, id, role, input.expected_revision).await;
        let mut payload = UserAdminRoleSetPayload::of(done)?;
        // Whoever gives roles need not be one who may look at people.
        if id != viewer.user_id && viewer.require_any(&users::MAY_SEE_USERS).is_err() {
            (payload.user, payload.conflict) = (None, None);
        }
        Ok(payload)
    }
}

/// A person as an edge of `users` in its default order.
fn edge(user: users::User) -> Edge<Cursor, User, EmptyFields> {
    let place = Position {
        key: Some(Key::Text(user.sort_name())),
        id: user.id,
    };
    Edge::new(Listing::UsersByName.cursor(place), user.into())
}
