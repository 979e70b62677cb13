//! Whom a change concerns, and what it is.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use crate::graphql::directory::user_filter::{self, UserFilterInput};
use crate::graphql::error;
use crate::graphql::ids::{self, NodeKind};
use crate::service::assignments::Targets;
use crate::service::bulk_jobs::Matching;
use crate::service::users;

/// Whom a change concerns. Give exactly one of the fields.
#[derive(Clone, Debug, OneofObject)]
pub enum AssignmentTargetsInput {
    /// These users, 1 to 100. They are changed at once, each on its own, with one result each.
    UserIds(Vec<ID>),
    /// All users who match. They are changed by a bulk job in the background.
    Matching(MatchingUsersInput),
}

/// All users who match, except some. `usersUnassign` and `assignmentsRoleChange` take only those among them who have the app.
#[derive(Clone, Debug, InputObject)]
pub struct MatchingUsersInput {
    /// As in `Query.users`.
    pub search: Option<String>,
    /// As in `Query.users`.
    pub filter: Option<UserFilterInput>,
    /// Users to leave out, at most 1,000.
    #[graphql(default)]
    pub excluded_user_ids: Vec<ID>,
    /// How many users your screen says will be changed, the excluded ones not counted. If another number matches by now, nothing is done and the
    /// answer is `COUNT_MISMATCH` with that number.
    pub expected_count: i32,
}

impl AssignmentTargetsInput {
    /// The targets as the use case understands them.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for an impossible search.
    pub fn into_targets(self) -> async_graphql::Result<Targets> {
        let user = |id: &ID| ids::row_of(id, NodeKind::User);
        match self {
            Self::UserIds(ids) => Ok(Targets::Listed(ids.iter().map(user).collect())),
            Self::Matching(input) => {
                let query = user_filter::query(input.search, input.filter);
                Ok(Targets::Matching(Matching {
                    filter: users::condition(query).map_err(error::public)?,
                    excluded: input.excluded_user_ids.iter().map(user).collect(),
                    expected_count: input.expected_count.into(),
                }))
            }
        }
    }
}

/// An app to assign.
#[derive(Clone, Debug, InputObject)]
pub struct UsersAssignInput {
    /// Global id of the app.
    pub app_id: ID,
    /// Whom to assign it to.
    pub targets: AssignmentTargetsInput,
    /// Type of the Okta admin role that comes with it, such as `HELP_DESK_ADMIN`; absent or null for none. Must be one of `App.oktaRoles` that is
    /// `assignable`.
    pub role: Option<String>,
}

/// An app to take away.
#[derive(Clone, Debug, InputObject)]
pub struct UsersUnassignInput {
    /// Global id of the app.
    pub app_id: ID,
    /// Whom to take it from.
    pub targets: AssignmentTargetsInput,
}

/// A role to change.
#[derive(Clone, Debug, InputObject)]
pub struct AssignmentsRoleChangeInput {
    /// Global id of the app.
    pub app_id: ID,
    /// Whose role to change.
    pub targets: AssignmentTargetsInput,
    /// Type of the new Okta admin role, such as `HELP_DESK_ADMIN`; null takes the role away. Must be given.
    pub role: MaybeUndefined<String>,
}
