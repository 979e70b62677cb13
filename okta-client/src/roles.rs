//! Calls on administrator roles, and who holds one.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::answer::Answer;
use crate::body::{json, nothing};
use crate::call::Call;
use crate::error::Error;
use crate::id;
use crate::paging::{Cursor, Listing, Page, next_link};
use crate::transport::Caller;
use crate::vocabulary::vocabulary;

vocabulary! {
    /// How a role came to a user.
    AssignmentType {
        /// Given to the user.
        User = "USER",
        /// Inherited from a group; cannot be taken away from the user alone.
        Group = "GROUP",
    }
}

/// A role of a user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    /// Names the assignment within its user only: many types have the same id for everybody (recorded).
    #[serde(deserialize_with = "id::read")]
    pub id: String,
    /// The role's name for people.
    pub label: Option<String>,
    /// The role's type: `SUPER_ADMIN`, `USER_ADMIN`, `CUSTOM` …
    #[serde(rename = "type")]
    pub kind: String,
    /// `ACTIVE` or `INACTIVE`.
    pub status: Option<String>,
    /// When it was given.
    pub created: Option<DateTime<Utc>>,
    /// When it last changed.
    pub last_updated: Option<DateTime<Utc>>,
    /// How it came to the user; an empty word if Okta does not say.
    #[serde(default = "unsaid")]
    pub assignment_type: AssignmentType,
    /// The custom role's id, for custom and resource-set roles.
    pub role: Option<String>,
    /// The resource set's id, for custom and resource-set roles.
    #[serde(rename = "resource-set")]
    pub resource_set: Option<String>,
}

/// A user who holds some administrator role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AdminAssignee {
    /// The user's id.
    #[serde(deserialize_with = "id::read")]
    pub id: String,
    /// Okta's resource name of the user.
    pub orn: Option<String>,
}

/// A role that the org defined itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomRole {
    /// The role's id.
    #[serde(deserialize_with = "id::read")]
    pub id: String,
    /// The role's name for people.
    pub label: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was defined.
    pub created: Option<DateTime<Utc>>,
    /// When it last changed.
    pub last_updated: Option<DateTime<Utc>>,
}

/// Calls on administrator roles, with one credential.
#[derive(Clone, Copy, Debug)]
pub struct Roles<'a> {
    caller: Caller<'a>,
}

impl<'a> Roles<'a> {
    pub(crate) fn new(caller: Caller<'a>) -> Self {
        Self { caller }
    }

    /// All roles of a user, inherited ones included; not paged.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn list(&self, user_id: &str) -> Result<Answer<Vec<RoleAssignment>>, Error> {
        let url = self.endpoint(&["users", id::check(user_id)?, "roles"]);
        json(self.caller.get(Call::ListRoles, url).await?)
    }

    /// Gives a user the role in `body`, for example `{"type": "USER_ADMIN"}`.
    ///
    /// # Errors
    ///
    /// [`Error`]; `E0000090` or `E0000263` if the user has it, `E0000268` (retryable) on a lock conflict.
    pub async fn assign(
        &self,
        user_id: &str,
        body: &Value,
    ) -> Result<Answer<RoleAssignment>, Error> {
        let url = self.endpoint(&["users", id::check(user_id)?, "roles"]);
        json(self.caller.post(Call::AssignRole, url, Some(body)).await?)
    }

    /// Takes a role away from a user.
    ///
    /// # Errors
    ///
    /// [`Error`]; [`Error::is_not_found`] if the user does not have it.
    pub async fn unassign(&self, user_id: &str, assignment_id: &str) -> Result<Answer<()>, Error> {
        let user = id::check(user_id)?;
        let assignment = id::check(assignment_id)?;
        let url = self.endpoint(&["users", user, "roles", assignment]);
        nothing(self.caller.delete(Call::UnassignRole, url).await?)
    }

    /// A page of the users who hold any role; `None` asks for the first.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn admins(
        &self,
        cursor: Option<&Cursor>,
    ) -> Result<Answer<Page<AdminAssignee>>, Error> {
        let endpoint = self.endpoint(&["iam", "assignees", "users"]);
        self.page::<Assignees>(Call::ListAdmins, endpoint, cursor)
            .await
    }

    /// A page of the org's custom roles; `None` asks for the first.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn custom_roles(
        &self,
        cursor: Option<&Cursor>,
    ) -> Result<Answer<Page<CustomRole>>, Error> {
        let endpoint = self.endpoint(&["iam", "roles"]);
        self.page::<CustomRoles>(Call::ListCustomRoles, endpoint, cursor)
            .await
    }

    async fn page<E: Envelope>(
        &self,
        call: Call,
        endpoint: Url,
        cursor: Option<&Cursor>,
    ) -> Result<Answer<Page<E::Item>>, Error> {
        let listing = Listing {
            origin: self.caller.transport.origin(),
            endpoint,
        };
        let url = match cursor {
            Some(cursor) => listing.resume(cursor)?,
            None => listing.endpoint.clone(),
        };
        let reply = self.caller.get(call, url.clone()).await?;
        let header = next_link(&reply.headers);
        let answer: Answer<E> = json(reply)?;
        let (items, link) = answer.value.open();
        let answer = Answer {
            value: items,
            meta: answer.meta,
        };
        listing.page(&url, answer, link.or(header))
    }

    fn endpoint(&self, rest: &[&str]) -> Url {
        let segments = [&["api", "v1"], rest].concat();
        self.caller.transport.origin().endpoint(&segments)
    }
}

/// A page that is an object: items under a name of their own, the next page under `_links`.
trait Envelope: DeserializeOwned {
    type Item;

    /// The items and the link to the next page.
    fn open(self) -> (Vec<Self::Item>, Option<String>);
}

#[derive(Deserialize)]
struct Assignees {
    value: Vec<AdminAssignee>,
    #[serde(rename = "_links")]
    links: Option<PageLinks>,
}

#[derive(Deserialize)]
struct CustomRoles {
    roles: Vec<CustomRole>,
    #[serde(rename = "_links")]
    links: Option<PageLinks>,
}

#[derive(Deserialize)]
struct PageLinks {
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

impl Envelope for Assignees {
    type Item = AdminAssignee;

    fn open(self) -> (Vec<AdminAssignee>, Option<String>) {
        (self.value, target(self.links))
    }
}

impl Envelope for CustomRoles {
    type Item = CustomRole;

    fn open(self) -> (Vec<CustomRole>, Option<String>) {
        (self.roles, target(self.links))
    }
}

fn target(links: Option<PageLinks>) -> Option<String> {
    Some(links?.next?.href)
}

fn unsaid() -> AssignmentType {
    AssignmentType::Other(String::new())
}
