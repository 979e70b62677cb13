//! Bearer tokens of identity providers that the configuration trusts (OpenID Connect, RFC 9068).
//!
//! A token proves who somebody is to the provider. Who that is here, and what he may do, is looked up on each request, as it is for our own tokens.

mod issuer;
mod issuer_keys;
mod key_set;
mod links;
mod person;
mod roles;
mod token;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use okta_client::BuildError;
use uuid::Uuid;

pub use issuer::{Algorithm, Issuer, MAX_CLOCK_SKEW, MatchBy};
pub use links::{link, unlink};

use self::issuer_keys::{IssuerKeys, Missing};
use self::token::{Asked, Claims, Named};
use super::Services;
use super::authenticate::{Authenticated, Failure};
use super::organization::by_name_or_id;
use super::present::person_now;
use crate::clock::SharedClock;

/// Why a provider's token is not accepted. The sentence is public and says nothing of the token's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not signed with a key of the issuer, or in a way that does not count.
    NotOurs,
    /// It says something else than who somebody is, or is worth nothing alone.
    Kind,
    /// A claim is missing or malformed.
    Incomplete,
    /// It is for somebody else.
    Audience,
    /// It was given to somebody whom we do not trust.
    Party,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
    /// The provider does not stand for the address.
    Unverified,
    /// The person is unknown, gone or inactive. Which of them is nobody's business.
    Person,
    /// The person signed in before as another subject.
    OtherSubject,
}

impl Refusal {
    /// For the header of the answer.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotOurs => "it is not one of ours",
            Self::Kind => "it is of another kind",
            Self::Incomplete => "it lacks what it has to say",
            Self::Audience => "it is for another audience",
            Self::Party => "it was given to another party",
            Self::Expired => "it has expired",
            Self::NotYet => "it is not valid yet",
            Self::Unverified => "its e-mail address is not verified",
            Self::Person => "its person is not active",
            Self::OtherSubject => "its person is known by another subject",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.reason())
    }
}

impl std::error::Error for Refusal {}

/// The providers whose tokens are accepted.
#[derive(Default)]
pub struct Oidc(Vec<Trusted>);

struct Trusted {
    issuer: Issuer,
    /// Shared with others of the same issuer.
    keys: Arc<IssuerKeys>,
    /// The organisation, once it was there.
    organization: OnceLock<Uuid>,
}

impl std::fmt::Debug for Oidc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let issuers = self.0.iter().map(|trusted| &trusted.issuer.issuer);
        f.debug_list().entries(issuers).finish()
    }
}

/// What came with a token, and who is to prove it.
pub struct Claimed<'a>(&'a Trusted);

impl Oidc {
    /// Nothing is fetched before the first token comes.
    ///
    /// # Errors
    /// When the HTTP stack cannot be set up.
    pub fn new(issuers: Vec<Issuer>, clock: &SharedClock) -> Result<Self, BuildError> {
        let mut shared: HashMap<(String, bool), Arc<IssuerKeys>> = HashMap::new();
        let mut trusted = Vec::new();
        for issuer in issuers {
            let id = (issuer.issuer.clone(), issuer.on_loopback);
            let keys = match shared.get(&id) {
                Some(keys) => Arc::clone(keys),
                None => Arc::new(IssuerKeys::new(&id.0, id.1, Arc::clone(clock))?),
            };
            shared.insert(id, Arc::clone(&keys));
            trusted.push(Trusted {
                issuer,
                keys,
                organization: OnceLock::new(),
            });
        }
        Ok(Self(trusted))
    }

    /// The provider that has to prove this token; null when the token names none of them, so that it may be one of our own.
    #[must_use]
    pub fn of(&self, token: &str) -> Option<Claimed<'_>> {
        if self.0.is_empty() {
            return None;
        }
        let named = Named::read(token)?;
        let all = || self.0.iter().filter(|one| one.issuer.issuer == named.iss);
        let meant = all().find(|one| named.is_for(&one.issuer.audience));
        meant.or_else(|| all().next()).map(Claimed)
    }
}

/// Whether the keys of the provider can be fetched now.
///
/// # Errors
/// Why not, for an operator.
pub async fn reach(issuer: &Issuer, clock: &SharedClock) -> Result<(), String> {
    let keys = IssuerKeys::new(&issuer.issuer, issuer.on_loopback, Arc::clone(clock));
    keys.map_err(|e| e.to_string())?.reach().await
}

impl Claimed<'_> {
    /// Who the token speaks for.
    ///
    /// # Errors
    /// [`Failure`] when it speaks for nobody, or that cannot be told now.
    pub async fn authenticate(
        self,
        services: &Services,
        token: &str,
    ) -> Result<Authenticated, Failure> {
        let (issuer, keys) = (&self.0.issuer, &self.0.keys);
        let asked = Asked::read(token, issuer)?;
        let key = keys.find(&asked.key, asked.algorithm).await;
        let key = key.map_err(|missing| match missing {
            Missing::Unknown => Refusal::NotOurs.into(),
            Missing::Unavailable => Failure::Keys,
        })?;
        let claims = Claims::verify(token, &key, issuer, services.clock.now_ms())?;
        let organization = self.organization(services).await?;
        let user = person::find(services, issuer, organization, &claims).await?;
        let ceiling = roles::ceiling(&services.store, issuer, organization, &claims)
            .await
            .map_err(Failure::Lookup)?;
        let viewer = person_now(&services.store, organization, user, None, ceiling).await;
        Ok(Authenticated {
            viewer: viewer.map_err(Failure::Lookup)?.ok_or(Refusal::Person)?,
            expires_at_ms: claims.expires_at_ms()?,
        })
    }

    /// It may be made after the server was started, so it is looked for until it is there.
    async fn organization(&self, services: &Services) -> Result<Uuid, Failure> {
        if let Some(known) = self.0.organization.get() {
            return Ok(*known);
        }
        let name = &self.0.issuer.organization;
        let found = by_name_or_id(&services.store, name).await;
        let Some(found) = found.map_err(Failure::Lookup)? else {
            tracing::warn!(
                organization = name,
                "the organization of an identity provider is not there; `provisioner init` makes it"
            );
            return Err(Refusal::Person.into());
        };
        Ok(*self.0.organization.get_or_init(|| found))
    }
}
