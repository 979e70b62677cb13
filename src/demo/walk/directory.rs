//! Filling the directory.

use serde_json::json;

use super::{Walk, text};
use crate::demo::DemoError;
use crate::demo::people::{MAIL_DOMAIN, PEOPLE, Person};

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
        let mut members = Vec::with_capacity(PEOPLE.len());
        for person in &PEOPLE {
            members.push(self.add(person).await?);
        }
        let said = format!("{} people with names from five countries", members.len());
        Ok((said, members))
    }

    async fn add(&self, person: &Person) -> Result<Member, DemoError> {
        let login = person.email();
        let input = json!({
            "userName": login,
            "primaryEmail": login,
            "givenName": person.given,
            "familyName": person.family,
            "displayName": format!("{} {}", person.given, person.family),
            "title": person.title,
            "department": person.department,
            "city": person.city,
            "country": person.country,
            "preferredLanguage": person.language,
            "secondaryEmail": format!("{}@home.{MAIL_DOMAIN}", person.handle),
        });
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
