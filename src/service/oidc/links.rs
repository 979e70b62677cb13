//! Ending what ties a person to a subject of a provider: at the command line, when the provider gave somebody a new account.

use serde_json::json;

use crate::service::Services;
use crate::service::bootstrap::{Refusal, subject};
use crate::store::audit::{self, Actor, Entry};
use crate::store::oidc_subjects;

/// Ends the links of the active person with this address, so that the next sign-in by a verified address makes a new one. Answers how many there were.
///
/// # Errors
/// [`Refusal`] when nobody has the address, or people of several organisations do and `organization` (a name) does not choose one.
pub async fn unlink(
    services: &Services,
    email: &str,
    organization: Option<&str>,
) -> Result<usize, Refusal> {
    let now = services.clock.now_ms();
    services
        .store
        .transaction(async |tx| {
            let person = subject(&tx, email, organization).await?;
            let ended =
                oidc_subjects::delete_of_person(&tx, person.organization, person.user).await?;
            for link in &ended {
                let entry =
                    Entry::new(person.organization, now, Actor::Operator, "identity.unlink")
                        .user(person.user)
                        .detail(json!({ "issuer": link.issuer, "subject": link.subject }));
                audit::record(&tx, entry).await?;
            }
            Ok(ended.len())
        })
        .await
}
