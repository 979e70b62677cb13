//! Calls on users: create, read, list, update, delete. The lifecycle is in `lifecycle`.
//!
//! Bodies are prepared by the caller and sent as they are, so that a call can be repeated identically.

use serde_json::Value;
use url::Url;

use crate::answer::Answer;
use crate::body::{garbled, json, nothing};
use crate::call::Call;
use crate::error::Error;
use crate::filter::{Attribute, Filter};
use crate::id;
use crate::paging::{Cursor, Listing, Page, next_link};
use crate::transport::Caller;
use crate::user::User;

/// Okta's largest page of users, which is also its default.
const LARGEST_PAGE: u16 = 200;

/// Calls on users, with one credential.
#[derive(Clone, Copy, Debug)]
pub struct Users<'a> {
    pub(crate) caller: Caller<'a>,
}

/// What to list, and in which portions.
#[derive(Clone, Debug)]
pub struct UserQuery {
    /// Which users.
    pub selection: UserSelection,
    /// Users per page, 1 to 200; taken to the nearer end if outside.
    pub limit: u16,
}

/// Which users to list. `filter` and `search` exclude each other (`E0000033`).
#[derive(Clone, Debug, Default)]
pub enum UserSelection {
    /// All but the DEPROVISIONED.
    #[default]
    All,
    /// By `filter`: few attributes, case counts, DEPROVISIONED included.
    Filter(Filter),
    /// By `search`: any attribute, case does not count, DEPROVISIONED included, index lags about a second.
    Search {
        /// The condition.
        expression: Filter,
        /// What to sort by; `None` leaves it to Okta.
        sort_by: Option<Attribute>,
        /// In which order; without `sort_by` it is not sent.
        order: SortOrder,
    },
}

/// Order of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

impl Default for UserQuery {
    fn default() -> Self {
        Self {
            selection: UserSelection::All,
            limit: LARGEST_PAGE,
        }
    }
}

impl UserQuery {
    /// All users that match `filter`, in the largest pages.
    #[must_use]
    pub fn filter(filter: Filter) -> Self {
        Self {
            selection: UserSelection::Filter(filter),
            ..Self::default()
        }
    }

    fn write(&self, url: &mut Url) {
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("limit", &self.limit.clamp(1, LARGEST_PAGE).to_string());
        match &self.selection {
            UserSelection::All => {}
            UserSelection::Filter(filter) => {
                pairs.append_pair("filter", filter.as_str());
            }
            UserSelection::Search {
                expression,
                sort_by,
                order,
            } => {
                pairs.append_pair("search", expression.as_str());
                if let Some(attribute) = sort_by {
                    pairs.append_pair("sortBy", attribute.as_str());
                    pairs.append_pair("sortOrder", order.as_str());
                }
            }
        }
    }
}

impl SortOrder {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

impl<'a> Users<'a> {
    pub(crate) fn new(caller: Caller<'a>) -> Self {
        Self { caller }
    }

    /// Creates a user; `activate` also activates it, and Okta then mails the person unless the body has a password.
    ///
    /// Okta answers 200, not 201 (recorded).
    ///
    /// # Errors
    ///
    /// [`Error`]; a login that is taken shows as [`Error::may_be_login_conflict`].
    pub async fn create(&self, body: &Value, activate: bool) -> Result<Answer<User>, Error> {
        let mut url = self.endpoint(&[]);
        set_flag(&mut url, "activate", activate);
        json(self.caller.post(Call::CreateUser, url, Some(body)).await?)
    }

    /// Reads a user by id. Reads by id are consistent, those by search lag.
    ///
    /// # Errors
    ///
    /// [`Error`]; a user that does not exist shows as [`Error::is_not_found`].
    pub async fn get(&self, id: &str) -> Result<Answer<User>, Error> {
        let url = self.endpoint(&[id::check(id)?]);
        let answer = json(self.caller.get(Call::GetUser, url).await?)?;
        same_user(answer, id)
    }

    /// Looks a user up by login.
    ///
    /// Okta also matches an id and an unambiguous short name here: compare the login that comes back.
    ///
    /// # Errors
    ///
    /// [`Error`]; [`Error::LoginNeedsId`] for a login with a slash.
    pub async fn get_by_login(&self, login: &str) -> Result<Answer<User>, Error> {
        let url = self.endpoint(&[id::check_login(login)?]);
        json(self.caller.get(Call::GetUser, url).await?)
    }

    /// The first page of a listing.
    ///
    /// # Errors
    ///
    /// [`Error`]; [`Error::ForeignLink`] if the page's link leads elsewhere.
    pub async fn list(&self, query: &UserQuery) -> Result<Answer<Page<User>>, Error> {
        let mut url = self.endpoint(&[]);
        query.write(&mut url);
        self.page(url).await
    }

    /// The page behind a cursor of [`Self::list`].
    ///
    /// # Errors
    ///
    /// [`Error`]; [`Error::ForeignLink`], with nothing sent, if the cursor is none of this org's user listings.
    pub async fn list_next(&self, cursor: &Cursor) -> Result<Answer<Page<User>>, Error> {
        let url = self.listing().resume(cursor)?;
        self.page(url).await
    }

    /// Merges `body` into a user: absent attributes stay, explicit nulls are cleared.
    ///
    /// # Errors
    ///
    /// [`Error`]; a DEPROVISIONED user answers `E0000038`.
    pub async fn update(&self, id: &str, body: &Value) -> Result<Answer<User>, Error> {
        let url = self.endpoint(&[id::check(id)?]);
        let answer = json(self.caller.post(Call::UpdateUser, url, Some(body)).await?)?;
        same_user(answer, id)
    }

    /// Deletes a DEPROVISIONED user for good; any other it only deactivates, and it answers the same 204.
    ///
    /// # Errors
    ///
    /// [`Error`]; a user that is gone shows as [`Error::is_not_found`].
    pub async fn delete(&self, id: &str, send_email: bool) -> Result<Answer<()>, Error> {
        let mut url = self.endpoint(&[id::check(id)?]);
        set_flag(&mut url, "sendEmail", send_email);
        nothing(self.caller.delete(Call::DeleteUser, url).await?)
    }

    async fn page(&self, url: Url) -> Result<Answer<Page<User>>, Error> {
        let reply = self.caller.get(Call::ListUsers, url.clone()).await?;
        let link = next_link(&reply.headers);
        self.listing().page(&url, json(reply)?, link)
    }

    fn listing(&self) -> Listing<'a> {
        Listing {
            origin: self.caller.transport.origin(),
            endpoint: self.endpoint(&[]),
        }
    }

    pub(crate) fn endpoint(&self, rest: &[&str]) -> Url {
        let segments = [&["api", "v1", "users"], rest].concat();
        self.caller.transport.origin().endpoint(&segments)
    }
}

pub(crate) fn set_flag(url: &mut Url, name: &str, value: bool) {
    let value = if value { "true" } else { "false" };
    url.query_pairs_mut().append_pair(name, value);
}

/// Another user's record in answer to an id would be taken for the user's own.
fn same_user(answer: Answer<User>, id: &str) -> Result<Answer<User>, Error> {
    if answer.value.id == id {
        Ok(answer)
    } else {
        Err(garbled("another user's record", answer.meta))
    }
}
