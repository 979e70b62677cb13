//! Passwords: the default policy of a new org, and salted digests.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::ids;

/// A password that can be checked but not read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredPassword {
    /// `None` for imported hashes and hooks: there is a password, but nobody can sign in with it here.
    digest: Option<String>,
    salt: String,
}

impl StoredPassword {
    pub fn new(password: &str) -> Self {
        let salt = ids::secret();
        Self {
            digest: Some(ids::digest(&format!("{salt}{password}"))),
            salt,
        }
    }

    pub fn imported() -> Self {
        Self {
            digest: None,
            salt: String::new(),
        }
    }

    pub fn matches(&self, password: &str) -> bool {
        let given = ids::digest(&format!("{}{password}", self.salt));
        self.digest
            .as_ref()
            .is_some_and(|digest| digest.as_bytes().ct_eq(given.as_bytes()).into())
    }
}

/// What is wrong with a password under Okta's default policy, as an error cause; `None` if nothing is.
pub(crate) fn policy_violation(password: &str, login: &str) -> Option<String> {
    let has = |test: fn(&char) -> bool| password.chars().any(|character| test(&character));
    let strong = password.chars().count() >= 8
        && has(|character| character.is_lowercase())
        && has(|character| character.is_uppercase())
        && has(|character| character.is_numeric());
    let lowered = password.to_lowercase();
    let holds_login = login
        .to_lowercase()
        .split(['@', '.', '-', '_', ',', '#'])
        .filter(|part| part.chars().count() >= 4)
        .any(|part| lowered.contains(part));
    (!strong || holds_login).then(|| {
        "password: Password requirements were not met. Password requirements: at least 8 characters, \
         a lowercase letter, an uppercase letter, a number, no parts of your username."
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_wants_length_three_classes_and_no_part_of_the_login() {
        assert!(policy_violation("Password150kta", "john.doe@example.com").is_none());
        assert!(policy_violation("Ab1", "john.doe@example.com").is_some());
        assert!(policy_violation("lowercase1only", "john.doe@example.com").is_some());
        assert!(policy_violation("Example2026x", "john.doe@example.com").is_some());
    }

    #[test]
    fn stored_passwords_match_only_themselves() {
        let stored = StoredPassword::new("Password150kta");
        assert!(stored.matches("Password150kta"));
        assert!(!stored.matches("password150kta"));
        assert!(!StoredPassword::imported().matches(""));
    }
}
