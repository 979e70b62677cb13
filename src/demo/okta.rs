//! What Okta holds, read back from the sandbox and not from our database.

use reqwest::Client;
use serde_json::Value;

use super::DemoError;

/// One account as Okta has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OktaUser {
    pub(super) login: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) title: String,
    pub(super) organization: String,
    pub(super) roles: Vec<String>,
}

/// The sandbox's own record of its users, over HTTP.
#[derive(Debug)]
pub(super) struct OktaView {
    http: Client,
    users: String,
}

impl OktaView {
    pub(super) fn new(http: Client, base_url: &str) -> Self {
        Self {
            http,
            users: format!("{base_url}/_control/users"),
        }
    }

    /// Everybody in the org, by login.
    pub(super) async fn users(&self) -> Result<Vec<OktaUser>, DemoError> {
        let answer: Value = self.http.get(&self.users).send().await?.json().await?;
        let rows = answer
            .get("users")
            .unwrap_or(&answer)
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut users: Vec<_> = rows.iter().map(user).collect();
        users.sort_by(|a, b| a.login.cmp(&b.login));
        Ok(users)
    }

    /// One person; null when Okta has no such account.
    pub(super) async fn user(&self, login: &str) -> Result<Option<OktaUser>, DemoError> {
        Ok(self
            .users()
            .await?
            .into_iter()
            .find(|user| user.login == login))
    }
}

fn user(row: &Value) -> OktaUser {
    let text = |name: &str| row["profile"][name].as_str().unwrap_or_default().to_owned();
    let roles = row["roles"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    OktaUser {
        login: text("login"),
        name: format!("{} {}", text("firstName"), text("lastName")),
        status: row["status"].as_str().unwrap_or_default().to_owned(),
        title: text("title"),
        organization: text("organization"),
        roles: roles
            .iter()
            .filter_map(|role| role["type"].as_str())
            .map(str::to_owned)
            .collect(),
    }
}
