//! The browser comes back from Okta, with a code or with an error.

use okta_client::OAuthErrorCode;
use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::accept::accept;
use super::kept::{hash, is_bound};
use super::{Arrival, AuthorizationStatus, JourneyError, Lost, Presented, Row, shown};
use crate::crypto;
use crate::domain::connection::{ConnectionProblem, ConnectionProblemCode};
use crate::service::okta_port::{oauth_code_problem, quoted};
use crate::service::{Error, Services};
use crate::store::audit::{self, Actor, Entry};
use crate::store::{self, okta_authorizations};

/// What Okta gave the browser along.
#[derive(Clone, Debug, Default)]
pub struct Return {
    /// The OAuth `state`.
    pub state: String,
    /// The authorization code.
    pub code: Option<SecretString>,
    /// Who answers (RFC 9207), if it says so.
    pub issuer: Option<String>,
    /// The error instead of a code.
    pub error: Option<String>,
    /// Okta's words on the error.
    pub error_description: Option<String>,
}

/// Why a journey that came back comes to nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Setback {
    /// The person declined, or may not use the app.
    #[error("declined")]
    Declined(ConnectionProblem),
    /// Something is wrong with what came.
    #[error("failed: {}", .0.code)]
    Failed(ConnectionProblem),
    /// Something of ours failed.
    #[error(transparent)]
    Broken(#[from] Error),
}

impl Setback {
    pub(super) fn failed(code: ConnectionProblemCode) -> Self {
        Self::Failed(ConnectionProblem::new(code))
    }
}

impl From<store::Error> for Setback {
    fn from(error: store::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl From<crypto::Error> for Setback {
    fn from(error: crypto::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// Ends a journey. Its `state` is used up before anything else happens, whatever comes of it.
///
/// Run it to its end even if the browser does not wait.
///
/// # Errors
/// [`JourneyError::Lost`] when the browser is not on this journey; nothing was used up then. Else the database's own.
pub async fn come_back(
    services: &Services,
    back: Return,
    presented: &Presented,
) -> Result<Arrival, JourneyError> {
    let journey = recognise(services, &back.state, presented).await?;
    match consented(services, &journey, back).await {
        Ok(()) => {}
        Err(Setback::Declined(problem)) => {
            close(services, &journey, AuthorizationStatus::Denied, &problem).await?;
        }
        Err(Setback::Failed(problem)) => {
            close(services, &journey, AuthorizationStatus::Failed, &problem).await?;
        }
        Err(Setback::Broken(error)) => return Err(error.into()),
    }
    let (organization, id) = (journey.organization_id, journey.id);
    let ended = okta_authorizations::find(&services.store, organization, id).await?;
    let ended = ended.ok_or(Error::NotFound)?;
    Ok(Arrival {
        return_to: ended
            .return_to
            .as_deref()
            .and_then(|url| Url::parse(url).ok()),
        authorization: shown(ended, services.clock.now_ms()),
    })
}

async fn recognise(
    services: &Services,
    state: &str,
    presented: &Presented,
) -> Result<Row, JourneyError> {
    let found = okta_authorizations::by_state(&services.store, &hash(state)).await?;
    let journey = found.ok_or(JourneyError::Lost(Lost::Unknown))?;
    // At the end its cookie was taken from the browser, which can't show any more that it is the one. Whoever has the secret may know how it ended.
    if journey.status != AuthorizationStatus::Pending {
        return Err(JourneyError::Lost(Lost::Over(journey.status)));
    }
    // The cookie ends with the time, too.
    let now = services.clock.now_ms();
    if now >= journey.expires_at {
        return Err(JourneyError::Lost(Lost::Expired));
    }
    if !is_bound(&journey, presented) {
        return Err(JourneyError::Lost(Lost::OtherBrowser));
    }
    let id = journey.id;
    let first = services
        .store
        .transaction(async |tx| {
            okta_authorizations::use_up(&tx, id, now)
                .await
                .map_err(JourneyError::from)
        })
        .await?;
    match first {
        true => Ok(journey),
        false => Err(JourneyError::Lost(Lost::Used)),
    }
}

async fn consented(services: &Services, journey: &Row, back: Return) -> Result<(), Setback> {
    if let Some(error) = &back.error {
        return Err(refused(error, back.error_description.as_deref()));
    }
    let Some(code) = back.code else {
        return Err(Setback::failed(ConnectionProblemCode::CodeRefused));
    };
    accept(services, journey, &code, back.issuer.as_deref()).await
}

/// Okta's error in the browser's address. Whoever holds the state may have written it, so it is quoted, never believed.
fn refused(error: &str, description: Option<&str>) -> Setback {
    let code = OAuthErrorCode::from(error);
    let detail = match description {
        Some(said) => quoted(&format!("{error}: {said}")),
        None => quoted(error),
    };
    let problem = ConnectionProblem::new(oauth_code_problem(&code)).with_detail(Some(detail));
    match code {
        OAuthErrorCode::AccessDenied => Setback::Declined(problem),
        _ => Setback::Failed(problem),
    }
}

async fn close(
    services: &Services,
    journey: &Row,
    status: AuthorizationStatus,
    problem: &ConnectionProblem,
) -> Result<(), JourneyError> {
    let now = services.clock.now_ms();
    tracing::info!(authorization = %journey.id, %status, problem = %problem.code, "an authorization came to nothing");
    services
        .store
        .transaction(async |tx| {
            okta_authorizations::complete(&tx, journey.id, status, Some(problem), now).await?;
            let actor = Actor::of(journey.started_by, journey.token_id);
            let action = "oktaAuthorization.fail";
            let detail =
                json!({ "oktaAuthorizationId": journey.id, "status": status, "problem": problem });
            let entry = Entry::new(journey.organization_id, now, actor, action);
            audit::record(&tx, entry.app(journey.app_id).detail(detail)).await?;
            Ok::<_, JourneyError>(())
        })
        .await
}
