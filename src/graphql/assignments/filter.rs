//! Which assignments a list shows, and in which order.

use async_graphql::{Context, Enum, InputObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::ahead;
use super::assignment::{Assignment, AssignmentConnection};
use crate::domain::okta_role::RoleType;
use crate::graphql::accounts::filter::standing;
use crate::graphql::accounts::problem::{AccountProblemCode, AccountState, AccountWaitReason};
use crate::graphql::context;
use crate::graphql::cursor::Listing;
use crate::graphql::directory::user::UserStatus;
use crate::graphql::error::{self, Code};
use crate::graphql::filters::{some, time_span};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::service::assignments::{self, AssignmentFilter, AssignmentKey};
use crate::service::search;

/// Which assignments to take; everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AssignmentFilterInput {
    /// Assignments with one of these roles, such as `HELP_DESK_ADMIN`; absent, null or empty: all.
    pub roles: Option<Vec<String>>,
    /// True takes those with any role, false those without one; absent or null: all.
    pub has_role: Option<bool>,
    /// Assignments of people of exactly this department, one of `organization.departments`, the empty text for none; absent or null: all.
    pub department: Option<String>,
    /// Assignments of people with one of these statuses; absent, null or empty: all.
    pub user_statuses: Option<Vec<UserStatus>>,
    /// Assignments whose account is in one of these states; absent, null or empty: all.
    pub account_states: Option<Vec<AccountState>>,
    /// Assignments whose account is blocked for one of these reasons; absent, null or empty: all.
    pub account_problem_codes: Option<Vec<AccountProblemCode>>,
    /// Assignments whose account waits for one of these; absent, null or empty: all.
    pub account_wait_reasons: Option<Vec<AccountWaitReason>>,
    /// Assignments made at or after this time; absent or null: all.
    pub created_from: Option<DateTime<Utc>>,
    /// Assignments made before this time; absent or null: all.
    pub created_until: Option<DateTime<Utc>>,
}

impl AssignmentFilterInput {
    fn with_search(self, search: Option<String>) -> async_graphql::Result<AssignmentFilter> {
        let statuses = some(self.user_statuses).unwrap_or_default();
        let people = search::people(search, self.department, statuses).map_err(error::public)?;
        let roles = self.roles.filter(|roles| !roles.is_empty());
        let roles = roles.map(|roles| roles.iter().map(|name| role(name)).collect());
        Ok(AssignmentFilter {
            people,
            created: time_span(self.created_from, self.created_until),
            account: standing(
                self.account_states,
                self.account_problem_codes,
                self.account_wait_reasons,
            ),
            roles: roles.transpose()?,
            has_role: self.has_role,
        })
    }
}

fn role(name: &str) -> async_graphql::Result<RoleType> {
    name.parse().map_err(|_| {
        error::coded(
            Code::BadUserInput,
            "`roles` names a role that Okta does not have.",
        )
    })
}

/// The order of a list of assignments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum AssignmentOrderBy {
    /// By the person's `name`, A first.
    #[default]
    UserNameAsc,
    /// By the person's `name`, Z first.
    UserNameDesc,
    /// By the time of assigning, oldest first.
    CreatedAtAsc,
    /// By the time of assigning, newest first.
    CreatedAtDesc,
}

impl AssignmentOrderBy {
    fn parts(self) -> (AssignmentKey, Listing, bool) {
        match self {
            Self::UserNameAsc => (AssignmentKey::UserName, Listing::AssignmentsByName, false),
            Self::UserNameDesc => (AssignmentKey::UserName, Listing::AssignmentsByName, true),
            Self::CreatedAtAsc => (
                AssignmentKey::CreatedAt,
                Listing::AssignmentsByCreation,
                false,
            ),
            Self::CreatedAtDesc => (
                AssignmentKey::CreatedAt,
                Listing::AssignmentsByCreation,
                true,
            ),
        }
    }
}

/// The assignments of an app as a connection.
///
/// # Errors
/// As the use case; `BAD_USER_INPUT` for impossible paging, search or role.
pub async fn list(
    ctx: &Context<'_>,
    app: Uuid,
    search: Option<String>,
    filter: Option<AssignmentFilterInput>,
    order_by: AssignmentOrderBy,
    page: PageArgs,
) -> async_graphql::Result<AssignmentConnection> {
    let (key, list, descending) = order_by.parts();
    let request = page.request(list, descending)?;
    let filter = filter.unwrap_or_default().with_search(search)?;
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let order = (key, ahead::with(&ctx.look_ahead()));
    let rows = assignments::list(services, viewer, app, &filter, order, request)
        .await
        .map_err(error::public)?;
    let total = TotalCount::new(move |services, viewer| {
        let filter = filter.clone();
        async move { assignments::count(&services, &viewer, app, &filter).await }
    });
    Ok(paging::connection(list, rows, total, Assignment::from))
}
