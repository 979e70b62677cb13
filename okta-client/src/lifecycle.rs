//! Calls that move a user through Okta's lifecycle. Which of them a status allows is Okta's to say:
//! it refuses with `E0000016`, `E0000038` or `E0000001`.
//!
//! Activation and deactivation may go on after the answer: poll until `transitioning_to_status` is gone.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::answer::Answer;
use crate::body::{json, nothing};
use crate::call::Call;
use crate::error::Error;
use crate::id;
use crate::transport::Reply;
use crate::users::{Users, set_flag};

/// How the person can set a password, if Okta did not mail it. Both values let anybody take the account.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Activation {
    /// Link for the person; `None` if Okta mailed it.
    #[serde(rename = "activationUrl", default)]
    pub url: Option<SecretString>,
    /// The token in the link; `None` if Okta mailed it.
    #[serde(rename = "activationToken", default)]
    pub token: Option<SecretString>,
}

impl Users<'_> {
    /// Activates a STAGED or DEPROVISIONED user; with `send_email` Okta mails the person.
    ///
    /// # Errors
    ///
    /// [`Error`]; `E0000016` if the user is active already.
    pub async fn activate(&self, id: &str, send_email: bool) -> Result<Answer<Activation>, Error> {
        let url = self.step(id, "activate", Some(send_email))?;
        activation(self.caller.post(Call::ActivateUser, url, None).await?)
    }

    /// Renews the activation of a user who has not finished it (PROVISIONED or RECOVERY).
    ///
    /// # Errors
    ///
    /// [`Error`]; `E0000038` in any other status.
    pub async fn reactivate(
        &self,
        id: &str,
        send_email: bool,
    ) -> Result<Answer<Activation>, Error> {
        let url = self.step(id, "reactivate", Some(send_email))?;
        activation(self.caller.post(Call::ReactivateUser, url, None).await?)
    }

    /// Deactivates a user; with `send_email` Okta tells the administrators.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn deactivate(&self, id: &str, send_email: bool) -> Result<Answer<()>, Error> {
        let url = self.step(id, "deactivate", Some(send_email))?;
        nothing(self.caller.post(Call::DeactivateUser, url, None).await?)
    }

    /// Suspends an ACTIVE user.
    ///
    /// # Errors
    ///
    /// [`Error`]; `E0000001` in any other status.
    pub async fn suspend(&self, id: &str) -> Result<Answer<()>, Error> {
        let url = self.step(id, "suspend", None)?;
        nothing(self.caller.post(Call::SuspendUser, url, None).await?)
    }

    /// Makes a SUSPENDED user active again.
    ///
    /// # Errors
    ///
    /// [`Error`]; `E0000001` in any other status.
    pub async fn unsuspend(&self, id: &str) -> Result<Answer<()>, Error> {
        let url = self.step(id, "unsuspend", None)?;
        nothing(self.caller.post(Call::UnsuspendUser, url, None).await?)
    }

    fn step(&self, id: &str, step: &str, send_email: Option<bool>) -> Result<Url, Error> {
        let mut url = self.endpoint(&[id::check(id)?, "lifecycle", step]);
        if let Some(send_email) = send_email {
            set_flag(&mut url, "sendEmail", send_email);
        }
        Ok(url)
    }
}

/// `{}` if Okta mailed the person, link and token otherwise.
fn activation(reply: Reply) -> Result<Answer<Activation>, Error> {
    if reply.body.is_empty() {
        return Ok(nothing(reply)?.map(|()| Activation::default()));
    }
    json(reply)
}
