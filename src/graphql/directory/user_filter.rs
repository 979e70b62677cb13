//! Which people a list shows, and in which order.

use async_graphql::{Enum, ID, InputObject};
use chrono::{DateTime, Utc};

use super::admin_role;
use super::user::UserStatus;
use crate::graphql::cursor::Listing;
use crate::graphql::filters::time_span;
use crate::graphql::ids::{self, NodeKind};
use crate::service::users::{AppFilter, RoleFilter, RoleRef, UserFilter, UserListQuery, UserOrder};

/// Which people to take; everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct UserFilterInput {
    /// People with one of these statuses; absent, null or empty: all.
    pub statuses: Option<Vec<UserStatus>>,
    /// People of exactly this department, one of `organization.departments`, the empty text for none; absent or null: all.
    pub department: Option<String>,
    /// People with this admin role.
    pub admin_role_id: Option<ID>,
    /// People who have the app, or have it not.
    pub app: Option<UserAppFilterInput>,
    /// People who were added at or after this time; absent or null: all.
    pub created_from: Option<DateTime<Utc>>,
    /// People who were added before this time; absent or null: all.
    pub created_until: Option<DateTime<Utc>>,
    /// People who were changed at or after this time; absent or null: all.
    pub updated_from: Option<DateTime<Utc>>,
    /// People who were changed last before this time; absent or null: all.
    pub updated_until: Option<DateTime<Utc>>,
}

/// Whether people have an app.
#[derive(Clone, Debug, InputObject)]
pub struct UserAppFilterInput {
    /// The app.
    pub app_id: ID,
    /// True takes those who have it, false those who have not.
    #[graphql(default = true)]
    pub assigned: bool,
}

/// The search and filter of a list as the use cases understand them.
#[must_use]
pub fn query(search: Option<String>, filter: Option<UserFilterInput>) -> UserListQuery {
    let filter = filter.unwrap_or_default();
    let role = |id: ID| match admin_role::role_of(&id) {
        RoleRef::BuiltIn(kind) => RoleFilter::Kind(kind),
        RoleRef::Custom(id) => RoleFilter::Custom(id),
    };
    let app = |app: UserAppFilterInput| AppFilter {
        app: ids::row_of(&app.app_id, NodeKind::App),
        assigned: app.assigned,
    };
    UserListQuery {
        search,
        filter: UserFilter {
            words: Vec::new(),
            statuses: filter
                .statuses
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            department: filter.department,
            role: filter.admin_role_id.map(role),
            app: filter.app.map(app),
            created: time_span(filter.created_from, filter.created_until),
            updated: time_span(filter.updated_from, filter.updated_until),
        },
    }
}

/// The order of a list of people; people who are equal in it are ordered by age of their entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum UserOrderBy {
    /// By `name`, A first.
    #[default]
    NameAsc,
    /// By `name`, Z first.
    NameDesc,
    /// By `userName`, A first.
    UserNameAsc,
    /// By `userName`, Z first.
    UserNameDesc,
    /// By `createdAt`, oldest first.
    CreatedAtAsc,
    /// By `createdAt`, newest first.
    CreatedAtDesc,
    /// By `updatedAt`, longest unchanged first.
    UpdatedAtAsc,
    /// By `updatedAt`, last changed first.
    UpdatedAtDesc,
}

impl UserOrderBy {
    /// The column, the list as cursors name it, and whether it goes from high to low.
    #[must_use]
    pub fn parts(self) -> (UserOrder, Listing, bool) {
        match self {
            Self::NameAsc => (UserOrder::Name, Listing::UsersByName, false),
            Self::NameDesc => (UserOrder::Name, Listing::UsersByName, true),
            Self::UserNameAsc => (UserOrder::UserName, Listing::UsersByUserName, false),
            Self::UserNameDesc => (UserOrder::UserName, Listing::UsersByUserName, true),
            Self::CreatedAtAsc => (UserOrder::CreatedAt, Listing::UsersByCreation, false),
            Self::CreatedAtDesc => (UserOrder::CreatedAt, Listing::UsersByCreation, true),
            Self::UpdatedAtAsc => (UserOrder::UpdatedAt, Listing::UsersByChange, false),
            Self::UpdatedAtDesc => (UserOrder::UpdatedAt, Listing::UsersByChange, true),
        }
    }
}
