//! What an administrator enters to connect an org, and what can be wrong with it.

use okta_client::{DomainError, DomainPolicy, OktaDomain};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::service::{UserError, UserErrorCode};
use crate::store::okta_orgs::OktaOrg as Row;

/// Longest client id or client secret, in characters; Okta's have 20 and 64.
const MAX_LENGTH: usize = 256;

/// What an administrator enters.
#[derive(Clone, Debug)]
pub struct Entered {
    /// The org's domain, or its address as copied from a browser.
    pub domain: String,
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret; `None`, or blank, keeps the stored one.
    pub client_secret: Option<SecretString>,
}

/// The same, once it is known to be usable.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) base_url: Url,
    pub(super) client_id: String,
    pub(super) client_secret: Option<SecretString>,
}

impl Checked {
    /// Whether domain and client are those that the connection has.
    pub(super) fn is_same_client(&self, row: &Row) -> bool {
        row.base_url.as_ref() == Some(&self.base_url)
            && row.client_id.as_ref() == Some(&self.client_id)
    }
}

impl Entered {
    /// Checks what was entered, against the connection that there is. Without a secret it must be the same client as before.
    ///
    /// # Errors
    /// One refusal per fault, each at its field.
    pub(super) fn check(
        &self,
        policy: &DomainPolicy,
        current: Option<&Row>,
    ) -> Result<Checked, Vec<UserError>> {
        let mut faults = Vec::new();
        let domain = OktaDomain::parse(&self.domain, policy).map_err(bad_domain);
        let client_id = code("clientId", "client id", &self.client_id);
        let client_secret = self.secret();
        let stored = current.filter(|row| row.client_secret_set_at.is_some());
        let checked = match (domain, client_id, client_secret) {
            (Ok(domain), Ok(client_id), Ok(client_secret)) => Some(Checked {
                base_url: domain.base_url().clone(),
                client_id,
                client_secret,
            }),
            (domain, client_id, client_secret) => {
                let no_secret = matches!(client_secret, Ok(None)) && stored.is_none();
                faults.extend(domain.err());
                faults.extend(client_id.err());
                faults.extend(client_secret.err());
                faults.extend(no_secret.then(secret_required));
                None
            }
        };
        let Some(checked) = checked else {
            return Err(faults);
        };
        let keeps = stored.is_some_and(|row| checked.is_same_client(row));
        if checked.client_secret.is_none() && !keeps {
            return Err(vec![secret_required()]);
        }
        Ok(checked)
    }

    fn secret(&self) -> Result<Option<SecretString>, UserError> {
        let given = self.client_secret.as_ref().map(ExposeSecret::expose_secret);
        match given.filter(|secret| !secret.trim().is_empty()) {
            None => Ok(None),
            Some(secret) => code("clientSecret", "client secret", secret)
                .map(SecretString::from)
                .map(Some),
        }
    }
}

/// A code that Okta made: visible ASCII without spaces inside. What surrounds it came from copying.
fn code(field: &'static str, name: &str, text: &str) -> Result<String, UserError> {
    let text = text.trim();
    let refused = |code, sentence: String| UserError::new(code, sentence).at([field]);
    if text.is_empty() {
        return Err(refused(
            UserErrorCode::Required,
            format!("Enter the {name}."),
        ));
    }
    if text.chars().count() > MAX_LENGTH {
        let sentence = format!("The {name} may have at most {MAX_LENGTH} characters.");
        return Err(refused(UserErrorCode::TooLong, sentence).with("max", MAX_LENGTH));
    }
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        let sentence = format!("This is not a {name}: it has characters that none has.");
        return Err(refused(UserErrorCode::InvalidValue, sentence));
    }
    Ok(text.to_owned())
}

fn secret_required() -> UserError {
    let sentence = "Enter the client secret.";
    UserError::new(UserErrorCode::Required, sentence).at(["clientSecret"])
}

fn bad_domain(error: DomainError) -> UserError {
    let code = match &error {
        DomainError::Empty => UserErrorCode::Required,
        DomainError::IpAddress | DomainError::NotOkta => UserErrorCode::DomainNotAllowed,
        DomainError::Malformed
        | DomainError::HttpsRequired
        | DomainError::UserInfo
        | DomainError::PathOrQuery { .. }
        | DomainError::Port
        | DomainError::AdminConsole { .. }
        | DomainError::NoOrg => UserErrorCode::InvalidValue,
    };
    let refused = UserError::new(code, sentence(&error.to_string())).at(["domain"]);
    match error {
        DomainError::PathOrQuery { suggestion } | DomainError::AdminConsole { suggestion } => {
            refused.with("suggestion", suggestion)
        }
        _ => refused,
    }
}

/// The crate's words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::Entered;
    use okta_client::DomainPolicy;

    fn faults(domain: &str, client_id: &str, secret: Option<&str>) -> Vec<String> {
        let entered = Entered {
            domain: domain.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: secret.map(Into::into),
        };
        let checked = entered.check(&DomainPolicy::default(), None);
        let faults = checked.err().unwrap_or_default();
        let line = |fault: &crate::service::UserError| {
            let field: Vec<_> = fault.field.iter().map(ToString::to_string).collect();
            format!("{:?} {}", fault.code, field.join("."))
        };
        faults.iter().map(line).collect()
    }

    #[test]
    fn every_fault_is_told_at_once() {
        assert_eq!(faults("acme.okta.com", " 0oa1 ", Some("s3cret\n")), [""; 0]);
        assert_eq!(
            faults("", " ", None),
            [
                "Required domain",
                "Required clientId",
                "Required clientSecret"
            ]
        );
        assert_eq!(
            faults("169.254.169.254", "a b", Some(&"x".repeat(257))),
            [
                "DomainNotAllowed domain",
                "InvalidValue clientId",
                "TooLong clientSecret"
            ]
        );
        assert_eq!(
            faults("acme-admin.okta.com", "0oa1", Some("s")),
            ["InvalidValue domain"]
        );
        assert_eq!(
            faults("evil.example", "0oa1", Some("s")),
            ["DomainNotAllowed domain"]
        );
        assert_eq!(
            faults("acme.okta.com", "0oa1", Some("  ")),
            ["Required clientSecret"]
        );
    }
}
