//! Which person of the directory a token is about.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Refusal;
use super::issuer::{Issuer, MatchBy};
use super::token::Claims;
use crate::domain::directory::{is_same_address, match_key};
use crate::domain::plan::DirectoryStatus;
use crate::random;
use crate::service::Services;
use crate::service::authenticate::Failure;
use crate::store::audit::{self, Actor, Entry};
use crate::store::oidc_subjects::{self, OidcSubject};
use crate::store::users::UserRow;
use crate::store::{self, Access, Tx};

/// The person whom the issuer means. Whether he is active is for the caller to see.
pub(super) async fn find(
    services: &Services,
    issuer: &Issuer,
    organization: Uuid,
    claims: &Claims,
) -> Result<Uuid, Failure> {
    if issuer.match_by == MatchBy::Email {
        let person = by_email(&services.store, organization, claims).await?;
        return Ok(person.id);
    }
    if let Some(user) = linked(&services.store, issuer, organization, claims).await? {
        return Ok(user);
    }
    match link(services, issuer, organization, claims).await {
        Ok(user) => Ok(user),
        // In another process, with the same token or another one for the same person.
        Err(Snag::SomebodyWasFaster) => linked(&services.store, issuer, organization, claims)
            .await?
            .ok_or(Failure::Issuer(Refusal::OtherSubject)),
        Err(Snag::Failed(failure)) => Err(failure),
    }
}

/// Why there is no new link.
enum Snag {
    SomebodyWasFaster,
    Failed(Failure),
}

impl From<store::Error> for Snag {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Duplicate(_) => Self::SomebodyWasFaster,
            other => Self::Failed(other.into()),
        }
    }
}

impl From<Failure> for Snag {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The person who has the verified address, in this organisation alone.
async fn by_email(
    db: &impl Access,
    organization: Uuid,
    claims: &Claims,
) -> Result<UserRow, Failure> {
    let email = claims.email.as_deref().unwrap_or_default();
    if email.is_empty() || claims.email_verified != Value::Bool(true) {
        return Err(Refusal::Unverified.into());
    }
    store::users::with_email(db, organization, &match_key(email))
        .await?
        .filter(|person| is_same_address(&person.primary_email, email))
        .ok_or(Failure::Issuer(Refusal::Person))
}

/// The person who was linked with the subject, unless he is gone.
async fn linked(
    db: &impl Access,
    issuer: &Issuer,
    organization: Uuid,
    claims: &Claims,
) -> Result<Option<Uuid>, Failure> {
    let link = oidc_subjects::find(db, organization, &issuer.issuer, &claims.sub).await?;
    let Some(link) = link else { return Ok(None) };
    let person = store::users::find(db, organization, link.user_id).await?;
    Ok(person.map(|person| person.id))
}

/// The active person who has the subject's verified address, and no other subject.
async fn linkable(
    db: &impl Access,
    issuer: &Issuer,
    organization: Uuid,
    claims: &Claims,
) -> Result<UserRow, Failure> {
    let person = by_email(db, organization, claims).await?;
    if person.status != DirectoryStatus::Active.as_str() {
        return Err(Failure::Issuer(Refusal::Person));
    }
    // A second subject with the address may be somebody else who got it.
    let other = oidc_subjects::of_person(db, organization, &issuer.issuer, person.id).await?;
    if other.is_some_and(|other| other.subject != claims.sub) {
        return Err(Failure::Issuer(Refusal::OtherSubject));
    }
    Ok(person)
}

/// Links the subject with the person who has its verified address: from now on the subject counts.
async fn link(
    services: &Services,
    issuer: &Issuer,
    organization: Uuid,
    claims: &Claims,
) -> Result<Uuid, Snag> {
    let now = services.clock.now_ms();
    // Whoever is refused must not take the database's one writer each time.
    linkable(&services.store, issuer, organization, claims).await?;
    services
        .store
        .transaction(async |tx| {
            let old = oidc_subjects::find(&tx, organization, &issuer.issuer, &claims.sub).await?;
            if let Some(old) = old {
                if let Some(person) = store::users::find(&tx, organization, old.user_id).await? {
                    // Somebody was faster with the same token.
                    return Ok(person.id);
                }
                // The link of somebody who is gone ends. It is this one alone: another one that came meanwhile is in the way of the new one.
                oidc_subjects::delete(&tx, organization, old.id).await?;
            }
            let person = linkable(&*tx, issuer, organization, claims).await?;
            let link = OidcSubject {
                id: random::new_id(),
                organization_id: organization,
                issuer: issuer.issuer.clone(),
                subject: claims.sub.clone(),
                user_id: person.id,
                created_at: now,
            };
            record(&tx, link).await?;
            Ok(person.id)
        })
        .await
}

async fn record(tx: &Tx, link: OidcSubject) -> store::Result<()> {
    let user = link.user_id;
    let entry = Entry::new(
        link.organization_id,
        link.created_at,
        Actor::User(user),
        "identity.link",
    )
    .user(user)
    .detail(json!({ "issuer": link.issuer, "subject": link.subject }));
    oidc_subjects::insert(tx, link).await?;
    audit::record(tx, entry).await
}
