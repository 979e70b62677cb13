//! The credentials that a create or an update carries.

use serde_json::{Map, Value};

use crate::{
    org::{
        password::{StoredPassword, policy_violation},
        status::UserStatus,
        user::{Provider, User},
        validate::Violation,
    },
    server::refusal::Refusal,
};

/// The credentials in a body, checked.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub password: Option<StoredPassword>,
    question: Option<String>,
    provider: Option<Provider>,
}

impl Credentials {
    pub fn read(body: &Map<String, Value>, login: &str) -> Result<Self, Refusal> {
        let credentials = body.get("credentials").unwrap_or(&Value::Null);
        let password = &credentials["password"];
        let password = match password["value"].as_str() {
            Some(value) => match policy_violation(value, login) {
                Some(cause) => {
                    return Err(Refusal::violations(&[Violation {
                        subject: "password".into(),
                        cause,
                    }]));
                }
                None => Some(StoredPassword::new(value)),
            },
            None => (password["hash"].is_object() || password["hook"].is_object())
                .then(StoredPassword::imported),
        };
        let provider = credentials["provider"]["type"]
            .as_str()
            .map(|kind| Provider {
                kind: kind.into(),
                name: credentials["provider"]["name"]
                    .as_str()
                    .unwrap_or(kind)
                    .into(),
            });
        let question = credentials["recovery_question"]["question"]
            .as_str()
            .map(Into::into);
        Ok(Self {
            password,
            question,
            provider,
        })
    }

    pub fn is_federated(&self) -> bool {
        self.provider
            .as_ref()
            .is_some_and(|provider| matches!(provider.kind.as_str(), "FEDERATION" | "SOCIAL"))
    }

    /// Sets what was sent. A password set by an administrator ends every wait for one.
    pub fn apply(self, user: &mut User, now: chrono::DateTime<chrono::Utc>) {
        if let Some(provider) = self.provider {
            user.provider = provider;
        }
        if let Some(question) = self.question {
            user.recovery_question = Some(question);
        }
        if let Some(password) = self.password {
            user.password = Some(password);
            user.password_changed = Some(now);
            user.touch(now);
            let waiting = [
                UserStatus::Provisioned,
                UserStatus::Recovery,
                UserStatus::PasswordExpired,
            ];
            if waiting.contains(&user.status) {
                user.enter(UserStatus::Active, now);
            }
        }
    }
}
