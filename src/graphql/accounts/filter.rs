//! Which accounts a list shows, and in which order.

use async_graphql::{Context, Enum, InputObject};
use chrono::{DateTime, Utc};

use super::account::{Account, AccountConnection};
use super::problem::{AccountProblemCode, AccountState, AccountWaitReason};
use crate::graphql::cursor::Listing;
use crate::graphql::directory::user::UserStatus;
use crate::graphql::filters::{some, time_span};
use crate::graphql::paging::{self, PageArgs};
use crate::graphql::total::TotalCount;
use crate::graphql::{context, error};
use crate::service::accounts::{self, AccountFilter, AccountKey, AccountStanding};
use crate::service::search;
use uuid::Uuid;

/// Which accounts to take; everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct AccountFilterInput {
    /// Accounts in one of these states; absent, null or empty: all.
    pub states: Option<Vec<AccountState>>,
    /// Accounts blocked for one of these reasons; absent, null or empty: all.
    pub problem_codes: Option<Vec<AccountProblemCode>>,
    /// Accounts that wait for one of these; absent, null or empty: all.
    pub wait_reasons: Option<Vec<AccountWaitReason>>,
    /// Accounts of people of exactly this department, one of `organization.departments`, the empty text for none; absent or null: all.
    pub department: Option<String>,
    /// Accounts of people with one of these statuses; absent, null or empty: all.
    pub user_statuses: Option<Vec<UserStatus>>,
    /// Accounts that changed at or after this time; absent or null: all.
    pub updated_from: Option<DateTime<Utc>>,
    /// Accounts that changed last before this time; absent or null: all.
    pub updated_until: Option<DateTime<Utc>>,
}

impl AccountFilterInput {
    fn with_search(self, search: Option<String>) -> async_graphql::Result<AccountFilter> {
        let statuses = some(self.user_statuses).unwrap_or_default();
        let people = search::people(search, self.department, statuses).map_err(error::public)?;
        Ok(AccountFilter {
            people,
            standing: standing(self.states, self.problem_codes, self.wait_reasons),
            updated: time_span(self.updated_from, self.updated_until),
        })
    }
}

/// How accounts stand, as the use cases understand it.
#[must_use]
pub fn standing(
    states: Option<Vec<AccountState>>,
    problems: Option<Vec<AccountProblemCode>>,
    waits: Option<Vec<AccountWaitReason>>,
) -> AccountStanding {
    AccountStanding {
        states: some(states),
        problems: some(problems),
        waits: some(waits),
    }
}

/// The order of a list of accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum AccountOrderBy {
    /// By the person's `name`, A first.
    #[default]
    UserNameAsc,
    /// By the person's `name`, Z first.
    UserNameDesc,
    /// By the first assignment, oldest first.
    CreatedAtAsc,
    /// By the first assignment, newest first.
    CreatedAtDesc,
}

impl AccountOrderBy {
    fn parts(self) -> (AccountKey, Listing, bool) {
        match self {
            Self::UserNameAsc => (AccountKey::UserName, Listing::AccountsByName, false),
            Self::UserNameDesc => (AccountKey::UserName, Listing::AccountsByName, true),
            Self::CreatedAtAsc => (AccountKey::CreatedAt, Listing::AccountsByCreation, false),
            Self::CreatedAtDesc => (AccountKey::CreatedAt, Listing::AccountsByCreation, true),
        }
    }
}

/// The accounts of an app as a connection.
///
/// # Errors
/// As the use case; `BAD_USER_INPUT` for impossible paging or search.
pub async fn list(
    ctx: &Context<'_>,
    app: Uuid,
    search: Option<String>,
    filter: Option<AccountFilterInput>,
    order_by: AccountOrderBy,
    page: PageArgs,
) -> async_graphql::Result<AccountConnection> {
    let (key, list, descending) = order_by.parts();
    let request = page.request(list, descending)?;
    let filter = filter.unwrap_or_default().with_search(search)?;
    let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
    let rows = accounts::list(services, viewer, app, &filter, key, request)
        .await
        .map_err(error::public)?;
    let total = TotalCount::new(move |services, viewer| {
        let filter = filter.clone();
        async move { accounts::count(&services, &viewer, app, &filter).await }
    });
    Ok(paging::connection(list, rows, total, Account::from))
}
