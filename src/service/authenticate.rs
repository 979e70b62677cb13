//! Who a token speaks for, as of now: a token only names a person, what he may do is looked up on each request.

use super::oidc::{self, Oidc};
use super::users::{User, standing};
use super::{Error, Services, Viewer, personal_access_tokens};
use crate::domain::plan::DirectoryStatus;
use crate::store;

pub use crate::keys::{Refusal, SigningKey};

/// A person who proved who he is.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The person.
    pub viewer: Viewer,
    /// When the proof ends, epoch milliseconds.
    pub expires_at_ms: i64,
}

/// Why a token proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The token itself is not accepted.
    #[error("{0}")]
    Token(#[from] Refusal),
    /// A token of an identity provider is not accepted.
    #[error("{0}")]
    Issuer(#[from] oidc::Refusal),
    /// The keys of its provider are out of reach.
    #[error("the identity provider cannot be reached")]
    Keys,
    /// The person is gone or inactive. Which of the two is nobody's business.
    #[error("the person is not active")]
    Person,
    /// The token was ended before its time.
    #[error("the token was revoked")]
    Revoked,
    /// The one-time token was used.
    #[error("the token was used")]
    Used,
    /// It cannot be told just now.
    #[error("cannot be told: {0}")]
    Lookup(Error),
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Lookup(error.into())
    }
}

/// Who the token speaks for. Only active people count.
///
/// # Errors
/// [`Failure`] when it speaks for nobody, or that cannot be told now.
pub async fn authenticate(
    services: &Services,
    key: &SigningKey,
    providers: &Oidc,
    token: &str,
) -> Result<Authenticated, Failure> {
    if personal_access_tokens::is_meant(token) {
        return personal_access_tokens::authenticate(services, token).await;
    }
    if let Some(claimed) = providers.of(token) {
        return claimed.authenticate(services, token).await;
    }
    let accepted = key.verify(token, services.clock.now_ms())?;
    let subject = accepted.subject;
    let row = store::users::find(&services.store, subject.organization, subject.user)
        .await
        .map_err(|e| Failure::Lookup(e.into()))?
        .ok_or(Failure::Person)?;
    let user = User::try_from(row).map_err(|e| Failure::Lookup(e.into()))?;
    if user.status != DirectoryStatus::Active {
        return Err(Failure::Person);
    }
    let role = standing(&services.store, user.organization_id, user.role)
        .await
        .map_err(Failure::Lookup)?;
    Ok(Authenticated {
        viewer: Viewer {
            user_id: user.id,
            organization_id: user.organization_id,
            role,
            token: None,
            ceiling: None,
        },
        expires_at_ms: accepted.expires_at_ms,
    })
}
