//! Filling the directory.

use serde_json::{Value, json};

use super::{Walk, text};
use crate::demo::DemoError;
use crate::demo::people::{MAIL_DOMAIN, OWNER, PEOPLE, Person};

/// Somebody of the directory.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Global id.
    pub(super) id: String,
    /// User name, which is the login in Okta.
    pub(super) login: String,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
}

impl Walk {
    pub(super) async fn add_people(&self) -> Result<(String, Vec<Member>), DemoError> {
        self.complete_owner().await?;
        let mut members = Vec::with_capacity(PEOPLE.len());
        for person in &PEOPLE {
            members.push(self.add(person).await?);
        }
        let said = format!("{} people with names from five countries", members.len());
        Ok((said, members))
    }

    /// `init` knows the owner's address only; without a name there is no account for an owner in Okta.
    async fn complete_owner(&self) -> Result<(), DemoError> {
        let seen = self
            .api
            .call("{ viewer { user { id } } }", json!({}))
            .await?;
        let mut input = values(&OWNER);
        input["userId"] = seen["viewer"]["user"]["id"].clone();
        let mutation = "mutation($input: UserUpdateInput!) { userUpdate(input: $input) { userErrors { message } } }";
        self.api.call(mutation, json!({ "input": input })).await?;
        Ok(())
    }

    async fn add(&self, person: &Person) -> Result<Member, DemoError> {
        let login = person.email();
        let mut input = values(person);
        input["userName"] = json!(login);
        input["primaryEmail"] = json!(login);
        let mutation = "mutation($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { message } } }";
        let data = self.api.call(mutation, json!({ "input": input })).await?;
        Ok(Member {
            id: text(&data["userCreate"]["user"]["id"]),
            login,
            given: person.given,
            family: person.family,
        })
    }
}

/// What the directory knows of a person besides user name and address.
fn values(person: &Person) -> Value {
    json!({
        "givenName": person.given,
        "familyName": person.family,
        "displayName": format!("{} {}", person.given, person.family),
        "title": person.title,
        "department": person.department,
        "city": person.city,
        "country": person.country,
        "preferredLanguage": person.language,
        "secondaryEmail": format!("{}@home.{MAIL_DOMAIN}", person.handle),
    })
}
