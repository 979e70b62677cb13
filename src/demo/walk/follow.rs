//! Changes in the directory, and what Okta holds afterwards.

use serde_json::{Value, json};

use super::directory::Member;
use super::{Outcome, Walk, text, unexpected};
use crate::demo::DemoError;
use crate::demo::okta::OktaUser;
use crate::demo::people::ORGANIZATION;

/// People who get the app.
const ASSIGNED: usize = 10;
/// The role that the second of them gets.
const ROLE: &str = "HELP_DESK_ADMIN";
/// The name after the wedding.
const NEW_NAME: &str = "Byrne-O’Brien";

impl Walk {
    pub(super) async fn assign(
        &self,
        people: &[Member],
    ) -> Result<(String, Vec<Member>), DemoError> {
        let assigned = people[..ASSIGNED].to_vec();
        let (admin, others): (Vec<_>, Vec<_>) =
            assigned.iter().enumerate().partition(|(at, _)| *at == 1);
        let ids =
            |some: Vec<(usize, &Member)>| some.into_iter().map(|(_, m)| m.id.clone()).collect();
        self.assign_with(ids(admin), Some(ROLE)).await?;
        self.assign_with(ids(others), None).await?;
        self.settled().await?;
        for member in &assigned {
            let user = self.held(member).await?;
            if user.status != "PROVISIONED" || user.organization != ORGANIZATION {
                return unexpected(format!("Okta holds {} as {user:?}", member.login));
            }
        }
        if self.held(&assigned[1]).await?.roles != [ROLE] {
            return unexpected(format!("{} has no role in Okta", assigned[1].login));
        }
        let said = format!(
            "{ASSIGNED} accounts in Okta, {} is {ROLE}",
            assigned[1].login
        );
        Ok((said, assigned))
    }

    async fn assign_with(&self, users: Vec<String>, role: Option<&str>) -> Result<(), DemoError> {
        let mutation = "mutation($input: UsersAssignInput!) { usersAssign(input: $input) { \
                        results { userErrors { message } } userErrors { message } } }";
        let input = json!({ "appId": self.app, "targets": { "userIds": users }, "role": role });
        self.api.call(mutation, json!({ "input": input })).await?;
        Ok(())
    }

    pub(super) async fn rename(&self, member: &Member) -> Outcome {
        let mutation = "mutation($input: UserUpdateInput!) { userUpdate(input: $input) { user { id } userErrors { message } } }";
        let input = json!({
            "userId": member.id,
            "familyName": NEW_NAME,
            "displayName": format!("{} {NEW_NAME}", member.given),
        });
        self.api.call(mutation, json!({ "input": input })).await?;
        self.settled().await?;
        let user = self.held(member).await?;
        let expected = format!("{} {NEW_NAME}", member.given);
        if user.name != expected {
            return unexpected(format!("Okta knows {} as {}", member.login, user.name));
        }
        Ok(format!(
            "{} {} is {expected} in Okta",
            member.given, member.family
        ))
    }

    pub(super) async fn deactivate(&self, member: &Member) -> Outcome {
        self.on_user("userDeactivate", member).await?;
        self.expect_status(member, "DEPROVISIONED").await
    }

    pub(super) async fn reactivate(&self, member: &Member) -> Outcome {
        self.on_user("userActivate", member).await?;
        self.expect_status(member, "PROVISIONED").await
    }

    pub(super) async fn unassign(&self, member: &Member) -> Outcome {
        let mutation = "mutation($input: UsersUnassignInput!) { usersUnassign(input: $input) { \
                        results { userErrors { message } } userErrors { message } } }";
        let input = json!({ "appId": self.app, "targets": { "userIds": [member.id] } });
        self.api.call(mutation, json!({ "input": input })).await?;
        self.settled().await?;
        match self.okta.user(&member.login).await? {
            None => Ok(format!("{} is gone from Okta", member.login)),
            Some(user) => unexpected(format!("Okta still holds {} as {user:?}", member.login)),
        }
    }

    /// Every call to Okta is on record, and each was made once.
    pub(super) async fn journal(&self) -> Outcome {
        let query = "query($app: ID!) { app(id: $app) { operations(first: 100) { totalCount nodes { kind status attempts } } } }";
        let data = self.api.call(query, json!({ "app": self.app })).await?;
        let operations = &data["app"]["operations"];
        let nodes = operations["nodes"].as_array().cloned().unwrap_or_default();
        let done = |node: &&Value| node["status"] == "SUCCEEDED" && node["attempts"] == 1;
        let done = nodes.iter().filter(done).count();
        if done != nodes.len() {
            return unexpected("some calls did not succeed at the first attempt");
        }
        Ok(format!(
            "{} operations, each done once",
            operations["totalCount"]
        ))
    }

    async fn on_user(&self, mutation: &str, member: &Member) -> Result<(), DemoError> {
        let id = serde_json::to_string(&member.id).unwrap_or_default();
        let document = format!(
            "mutation {{ {mutation}(input: {{ userId: {id} }}) {{ userErrors {{ message }} }} }}"
        );
        self.api.call(&document, json!({})).await?;
        self.settled().await?;
        Ok(())
    }

    async fn expect_status(&self, member: &Member, status: &str) -> Outcome {
        let user = self.held(member).await?;
        if user.status != status {
            return unexpected(format!("{} is {} in Okta", member.login, user.status));
        }
        Ok(format!("{} is {status} in Okta", member.login))
    }

    async fn held(&self, member: &Member) -> Result<OktaUser, DemoError> {
        match self.okta.user(&member.login).await? {
            Some(user) => Ok(user),
            None => unexpected(format!(
                "Okta does not know {}{}",
                member.login,
                self.why(member).await
            )),
        }
    }

    /// What the API says about an account that is not as it should be.
    async fn why(&self, member: &Member) -> String {
        let query = "query($user: ID!) { user(id: $user) { accounts { state problem { message detail } } } }";
        let data = self.api.call(query, json!({ "user": member.id })).await;
        let Ok(data) = data else { return String::new() };
        let account = &data["user"]["accounts"][0];
        let problem = &account["problem"];
        let said = [&account["state"], &problem["message"], &problem["detail"]];
        let said = said.into_iter().map(text).filter(|said| !said.is_empty());
        format!(": {}", said.collect::<Vec<_>>().join(", "))
    }
}
