//! The browser sets out: it is bound to the journey by a cookie, and goes on to Okta.

use secrecy::SecretString;
use url::Url;

use super::kept::{Kept, hash, is_bound, label};
use super::{AuthorizationStatus, JourneyError, Lost, Presented, Row};
use crate::random;
use crate::service::Services;
use crate::store::okta_authorizations;

/// Where the browser goes, and what it takes along.
#[derive(Clone, Debug)]
pub struct Departure {
    /// The consent page of the org.
    pub okta_url: Url,
    /// Names the cookie; not secret.
    pub label: String,
    /// The cookie; `None` when the browser has it already.
    pub cookie: Option<SecretString>,
}

/// Lets a browser set out. The first one that comes is bound to the journey; the same one may come again, another may not.
///
/// # Errors
/// [`JourneyError::Lost`], or the database's own.
pub async fn set_out(
    services: &Services,
    start_secret: &str,
    presented: &Presented,
) -> Result<Departure, JourneyError> {
    let found = okta_authorizations::by_start(&services.store, &hash(start_secret)).await?;
    let journey = found.ok_or(JourneyError::Lost(Lost::Unknown))?;
    if services.clock.now_ms() >= journey.expires_at {
        return Err(JourneyError::Lost(Lost::Expired));
    }
    if journey.status != AuthorizationStatus::Pending {
        return Err(JourneyError::Lost(Lost::Used));
    }
    let cookie = match journey.cookie_hash {
        Some(_) if is_bound(&journey, presented) => None,
        Some(_) => return Err(JourneyError::Lost(Lost::OtherBrowser)),
        None => Some(bind(services, &journey).await?),
    };
    Ok(Departure {
        okta_url: Kept::open(services, &journey)?.url,
        label: label(&journey.state_hash),
        cookie,
    })
}

async fn bind(services: &Services, journey: &Row) -> Result<SecretString, JourneyError> {
    let secret = random::secret();
    let cookie_hash = hash(&secret);
    let id = journey.id;
    let first = services
        .store
        .transaction(async |tx| {
            okta_authorizations::bind_browser(&tx, id, &cookie_hash)
                .await
                .map_err(JourneyError::from)
        })
        .await?;
    match first {
        true => Ok(secret.into()),
        false => Err(JourneyError::Lost(Lost::OtherBrowser)),
    }
}
