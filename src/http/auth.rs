//! Bearer tokens: what the transport asks of whoever knows people.

use std::sync::Arc;

use async_trait::async_trait;

use super::session::{AuthFailure, Authenticate, Session};
use crate::graphql::loaders;
use crate::service::Services;
use crate::service::authenticate::{Failure, Refusal, SigningKey, authenticate};

/// Accepts the tokens that we signed, of people who are active now.
#[derive(Clone, Debug)]
pub struct BearerAuth {
    services: Services,
    key: Arc<SigningKey>,
}

impl BearerAuth {
    /// Verifies with this key and looks people up through these use cases.
    #[must_use]
    pub fn new(services: Services, key: Arc<SigningKey>) -> Self {
        Self { services, key }
    }
}

#[async_trait]
impl Authenticate for BearerAuth {
    async fn authenticate(&self, bearer: Option<&str>) -> Result<Session, AuthFailure> {
        let token = bearer.ok_or(AuthFailure::Missing)?;
        let known = authenticate(&self.services, &self.key, token)
            .await
            .map_err(failure)?;
        let (services, viewer) = (self.services.clone(), known.viewer);
        let (caller, token) = (viewer.user_id, viewer.token);
        let session = Session::new(Some(known.expires_at_ms), move |request| {
            loaders::attach(request, &services, &viewer)
        });
        Ok(session.of(caller).with_keys_of(token.unwrap_or(caller)))
    }
}

fn failure(failure: Failure) -> AuthFailure {
    match failure {
        Failure::Token(Refusal::Expired) => AuthFailure::Invalid {
            reason: "it has expired",
        },
        Failure::Token(Refusal::NotYet) => AuthFailure::Invalid {
            reason: "it is not valid yet",
        },
        Failure::Token(Refusal::NotOurs) => AuthFailure::Invalid {
            reason: "it is not one of ours",
        },
        Failure::Revoked => AuthFailure::Invalid {
            reason: "it was revoked",
        },
        Failure::Person => AuthFailure::Invalid {
            reason: "its person is not active",
        },
        Failure::Lookup(error) => {
            tracing::warn!(%error, "a token could not be verified just now");
            AuthFailure::Unavailable
        }
    }
}
