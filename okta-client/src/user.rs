//! A user as Okta shows it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Where a user is in Okta's lifecycle.
    UserStatus {
        /// Created, never activated.
        Staged = "STAGED",
        /// Activated, waiting for the person to set a password.
        Provisioned = "PROVISIONED",
        /// In use.
        Active = "ACTIVE",
        /// A new password was asked for.
        Recovery = "RECOVERY",
        /// The password must be changed.
        PasswordExpired = "PASSWORD_EXPIRED",
        /// Too many failed sign-ins.
        LockedOut = "LOCKED_OUT",
        /// Barred by an administrator for a while.
        Suspended = "SUSPENDED",
        /// Deactivated; still holds its login until it is deleted.
        Deprovisioned = "DEPROVISIONED",
    }
}

/// A user. Dates are `None` where Okta says null, such as `last_login` before the first sign-in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct User {
    /// Okta's id; never changes.
    pub id: String,
    /// Where the user is in the lifecycle.
    pub status: UserStatus,
    /// When the user was created.
    pub created: Option<DateTime<Utc>>,
    /// When the user was last activated.
    pub activated: Option<DateTime<Utc>>,
    /// When the status last changed.
    pub status_changed: Option<DateTime<Utc>>,
    /// When the person last signed in.
    pub last_login: Option<DateTime<Utc>>,
    /// When anything of the user last changed.
    pub last_updated: Option<DateTime<Utc>>,
    /// When the password last changed.
    pub password_changed: Option<DateTime<Utc>>,
    /// The user type, which decides which schema the profile follows.
    pub type_id: Option<String>,
    /// The whole profile, custom attributes included. Unset attributes are absent, few are null. U+0000, which no person types and databases
    /// refuse, reads as U+FFFD.
    pub profile: Map<String, Value>,
    /// Who keeps the password.
    pub provider: Option<Provider>,
    /// The status that an unfinished change will lead to; poll until it is `None`.
    pub transitioning_to_status: Option<UserStatus>,
}

/// Who keeps a user's password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Provider {
    /// Kind of provider: `OKTA`, `ACTIVE_DIRECTORY`, `LDAP`, `FEDERATION`, `SOCIAL`, `IMPORT` …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Name of the provider.
    #[serde(default)]
    pub name: String,
}

impl User {
    /// The login, unique in the org without regard to case.
    #[must_use]
    pub fn login(&self) -> Option<&str> {
        self.text("login")
    }

    /// The primary email address.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// The given name.
    #[must_use]
    pub fn first_name(&self) -> Option<&str> {
        self.text("firstName")
    }

    /// The family name.
    #[must_use]
    pub fn last_name(&self) -> Option<&str> {
        self.text("lastName")
    }

    fn text(&self, attribute: &str) -> Option<&str> {
        self.profile.get(attribute)?.as_str()
    }
}

/// A user as it is written in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(deserialize_with = "crate::id::read")]
    id: String,
    status: UserStatus,
    created: Option<DateTime<Utc>>,
    activated: Option<DateTime<Utc>>,
    status_changed: Option<DateTime<Utc>>,
    last_login: Option<DateTime<Utc>>,
    last_updated: Option<DateTime<Utc>>,
    password_changed: Option<DateTime<Utc>>,
    #[serde(rename = "type")]
    user_type: Option<TypeReference>,
    profile: Map<String, Value>,
    credentials: Option<Credentials>,
    transitioning_to_status: Option<UserStatus>,
}

#[derive(Deserialize)]
struct TypeReference {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Credentials {
    provider: Option<Provider>,
}

impl From<Wire> for User {
    fn from(wire: Wire) -> Self {
        Self {
            id: wire.id,
            status: wire.status,
            created: wire.created,
            activated: wire.activated,
            status_changed: wire.status_changed,
            last_login: wire.last_login,
            last_updated: wire.last_updated,
            password_changed: wire.password_changed,
            type_id: wire.user_type.and_then(|reference| reference.id),
            profile: without_nul(wire.profile),
            provider: wire.credentials.and_then(|kept| kept.provider),
            transitioning_to_status: wire.transitioning_to_status,
        }
    }
}

fn without_nul(profile: Map<String, Value>) -> Map<String, Value> {
    let clean = |(name, value): (String, Value)| (replaced(name), value_without_nul(value));
    profile.into_iter().map(clean).collect()
}

fn value_without_nul(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(replaced(text)),
        Value::Array(items) => items.into_iter().map(value_without_nul).collect(),
        Value::Object(fields) => Value::Object(without_nul(fields)),
        other => other,
    }
}

fn replaced(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_words_and_fields_are_data() {
        let user: User = serde_json::from_value(json!({
            "id": "00u1", "status": "HIBERNATING", "created": null, "realmId": "guo1",
            "transitioningToStatus": "DEPROVISIONED", "profile": {"login": 7, "email": "a@b.c"},
        }))
        .unwrap();
        assert_eq!(user.status, UserStatus::Other("HIBERNATING".into()));
        assert_eq!(user.status.as_str(), "HIBERNATING");
        assert_eq!(
            user.transitioning_to_status,
            Some(UserStatus::Deprovisioned)
        );
        assert_eq!((user.login(), user.email()), (None, Some("a@b.c")));
    }

    #[test]
    fn a_profile_can_be_kept_by_any_database() {
        let profile = json!({"login": "a\0b", "x\0": [{"y": "\0"}, 1, null]});
        let body = json!({"id": "00u1", "status": "ACTIVE", "profile": profile});
        let user: User = serde_json::from_value(body).unwrap();
        assert_eq!(
            Value::Object(user.profile),
            json!({"login": "a\u{fffd}b", "x\u{fffd}": [{"y": "\u{fffd}"}, 1, null]})
        );
    }

    #[test]
    fn an_id_that_could_leave_its_path_is_refused() {
        for id in ["", "me", "../apps", "a/b"] {
            let body = json!({"id": id, "status": "ACTIVE", "profile": {}});
            assert!(serde_json::from_value::<User>(body).is_err(), "{id}");
        }
    }
}
