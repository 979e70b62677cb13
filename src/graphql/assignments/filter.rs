//! Which assignments a list shows, and in which order.

use async_graphql::{Context, Enum, InputObject};
use uuid::Uuid;

use super::ahead;
use super::assignment::{Assignment, AssignmentConnection};
use crate::domain::okta_role::RoleType;
use crate::graphql::context;
use crate::graphql::cursor::Listing;
use crate::graphql::error::{self, Code};
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
}

impl AssignmentFilterInput {
    fn with_words(self, words: Vec<String>) -> async_graphql::Result<AssignmentFilter> {
        let roles = self.roles.filter(|roles| !roles.is_empty());
        let roles = roles.map(|roles| roles.iter().map(|name| role(name)).collect());
        Ok(AssignmentFilter {
            words,
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
    let words = search::words(search).map_err(error::public)?;
    let filter = filter.unwrap_or_default().with_words(words)?;
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
