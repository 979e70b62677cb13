//! User accounts and how they are found.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Org, password::StoredPassword, role::RoleAssignment, status::UserStatus};

/// A user of the org. Timestamps are whole seconds, as in every recorded answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub id: String,
    pub status: UserStatus,
    /// What an operation under way is going to make of the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transitioning: Option<UserStatus>,
    pub created: DateTime<Utc>,
    pub activated: Option<DateTime<Utc>>,
    pub status_changed: Option<DateTime<Utc>>,
    pub last_login: Option<DateTime<Utc>>,
    pub last_updated: DateTime<Utc>,
    pub password_changed: Option<DateTime<Utc>>,
    /// Attributes that have a value; a cleared one is absent.
    pub profile: Map<String, Value>,
    pub password: Option<StoredPassword>,
    pub recovery_question: Option<String>,
    pub provider: Provider,
    pub roles: Vec<RoleAssignment>,
    /// Digest of the token in the newest activation or reset link.
    pub link_digest: Option<String>,
    /// Grows with every change, so that two changes within one second have different ETags.
    pub version: u64,
}

/// Where the credentials are checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Provider {
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            kind: "OKTA".into(),
            name: "OKTA".into(),
        }
    }
}

impl User {
    pub fn attribute(&self, name: &str) -> &str {
        self.profile
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub fn login(&self) -> &str {
        self.attribute("login")
    }

    pub fn display_name(&self) -> String {
        let name = format!(
            "{} {}",
            self.attribute("firstName"),
            self.attribute("lastName")
        );
        let name = name.trim();
        if name.is_empty() {
            self.login().into()
        } else {
            name.into()
        }
    }

    /// Notes a change of status at this moment.
    pub fn enter(&mut self, status: UserStatus, now: DateTime<Utc>) {
        self.status = status;
        self.status_changed = Some(now);
        self.touch(now);
    }

    /// Notes a change at this moment.
    pub fn touch(&mut self, now: DateTime<Utc>) {
        self.last_updated = now;
        self.version += 1;
    }
}

/// The form in which Okta compares logins: without case and without diacritics.
pub(crate) fn folded(login: &str) -> String {
    login
        .nfkd()
        .filter(|character| !is_combining_mark(*character))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Org {
    /// The user with this id, login, or unambiguous short name (the part of the login before `@`).
    pub fn find_user(&self, key: &str) -> Option<&User> {
        if let Some(user) = self.users.get(key) {
            return Some(user);
        }
        let key = folded(key);
        if let Some(user) = self.users.values().find(|user| folded(user.login()) == key) {
            return Some(user);
        }
        let mut short = self.users.values().filter(|user| {
            folded(user.login())
                .split_once('@')
                .is_some_and(|(name, _)| name == key)
        });
        short.next().filter(|_| short.next().is_none())
    }

    /// Whether another user, of whatever status, holds this login.
    pub fn login_taken(&self, login: &str, but: Option<&str>) -> bool {
        let login = folded(login);
        self.users
            .values()
            .any(|user| Some(user.id.as_str()) != but && folded(user.login()) == login)
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn logins_compare_without_case_and_diacritics() {
        assert_eq!(
            folded("Jürgen.GROß@Example.com"),
            folded("jurgen.groß@example.com")
        );
        assert_ne!(folded("ana@example.com"), folded("anna@example.com"));
    }
}
