//! What ties a person to a subject of a provider, made and ended at the command line: for providers that do not say whether an address is verified, and
//! when one gave somebody a new account.

use serde_json::json;
use uuid::Uuid;

use super::{Issuer, MatchBy};
use crate::random;
use crate::service::bootstrap::{self, Refusal};
use crate::service::organization::by_name_or_id;
use crate::service::{self, Services};
use crate::store::Tx;
use crate::store::audit::{self, Actor, Entry};
use crate::store::oidc_subjects::{self, OidcSubject};
use crate::store::users;

/// Links the active person with this address with a subject, in place of another one of this issuer.
///
/// # Errors
/// [`Refusal`] when nobody has the address, or people of several organisations do and `organization` (a name) does not choose one, or somebody else
/// has the subject, or none of the `configured` issuers vouches for the person by it.
pub async fn link(
    services: &Services,
    email: &str,
    organization: Option<&str>,
    (issuer, subject): (&str, &str),
    configured: &[Issuer],
) -> Result<(), Refusal> {
    let now = services.clock.now_ms();
    services
        .store
        .transaction(async |tx| {
            let person = bootstrap::subject(&tx, email, organization).await?;
            let (organization, user) = (person.organization, person.user);
            if !vouches(&tx, configured, issuer, organization).await? {
                return Err(Refusal::NotVouchedFor(issuer.to_owned()));
            }
            if let Some(old) = oidc_subjects::find(&tx, organization, issuer, subject).await? {
                let holder = users::find(&tx, organization, old.user_id).await?;
                if let Some(holder) = holder.filter(|holder| holder.id != user) {
                    return Err(Refusal::SubjectTaken(holder.primary_email));
                }
                oidc_subjects::delete(&tx, organization, old.id).await?;
            }
            if let Some(old) = oidc_subjects::of_person(&tx, organization, issuer, user).await? {
                oidc_subjects::delete(&tx, organization, old.id).await?;
            }
            let row = OidcSubject {
                id: random::new_id(),
                organization_id: organization,
                issuer: issuer.to_owned(),
                subject: subject.to_owned(),
                user_id: user,
                created_at: now,
            };
            let entry = Entry::new(organization, now, Actor::Operator, "identity.link")
                .user(user)
                .detail(json!({ "issuer": issuer, "subject": subject }));
            oidc_subjects::insert(&tx, row).await?;
            audit::record(&tx, entry).await?;
            Ok(())
        })
        .await
}

/// Whether people of this organisation are let in by a subject of this issuer.
async fn vouches(
    tx: &Tx,
    configured: &[Issuer],
    issuer: &str,
    organization: Uuid,
) -> service::Result<bool> {
    let by_subject = |one: &&Issuer| one.issuer == issuer && one.match_by == MatchBy::Subject;
    for one in configured.iter().filter(by_subject) {
        if by_name_or_id(tx, &one.organization).await? == Some(organization) {
            return Ok(true);
        }
    }
    Ok(false)
}

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
            let person = bootstrap::subject(&tx, email, organization).await?;
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
