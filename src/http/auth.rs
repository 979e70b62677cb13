//! Bearer tokens: what the transport asks of whoever knows people.

use std::sync::Arc;

use async_trait::async_trait;

use super::session::{AuthFailure, Authenticate, Session};
use crate::graphql::loaders;
use crate::service::Services;
use crate::service::authenticate::{Failure, Refusal, SigningKey, authenticate};
use crate::service::bootstrap::founding;
use crate::service::oidc::Oidc;

/// Accepts the tokens that we signed, and those of trusted identity providers, of people who are active now.
#[derive(Clone, Debug)]
pub struct BearerAuth {
    services: Services,
    key: Arc<SigningKey>,
    providers: Arc<Oidc>,
}

impl BearerAuth {
    /// Verifies with this key and looks people up through these use cases.
    #[must_use]
    pub fn new(services: Services, key: Arc<SigningKey>) -> Self {
        Self {
            services,
            key,
            providers: Arc::default(),
        }
    }

    /// The same, for tokens of these identity providers, too.
    #[must_use]
    pub fn trusting(self, providers: Oidc) -> Self {
        Self {
            providers: Arc::new(providers),
            ..self
        }
    }
}

#[async_trait]
impl Authenticate for BearerAuth {
    async fn authenticate(&self, bearer: Option<&str>) -> Result<Session, AuthFailure> {
        let token = bearer.ok_or(AuthFailure::Missing)?;
        if founding::is_meant(token) {
            let ticket = founding::admit(&self.services, &self.key, token)
                .await
                .map_err(failure)?;
            let (id, ends) = (ticket.id, ticket.expires_at_ms);
            let session = Session::new(Some(ends), move |request| request.data(ticket.clone()));
            return Ok(session.of(id));
        }
        let known = authenticate(&self.services, &self.key, &self.providers, token)
            .await
            .map_err(failure)?;
        let (services, viewer) = (self.services.clone(), known.viewer);
        let (caller, keys) = (viewer.user_id, viewer.keys());
        let session = Session::new(Some(known.expires_at_ms), move |request| {
            loaders::attach(request, &services, &viewer)
        });
        Ok(session.of(caller).with_keys_of(keys))
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
        Failure::Issuer(refusal) => AuthFailure::Invalid {
            reason: refusal.reason(),
        },
        Failure::Keys => AuthFailure::Unavailable,
        Failure::Revoked => AuthFailure::Invalid {
            reason: "it was revoked",
        },
        Failure::Used => AuthFailure::Invalid {
            reason: "it was used",
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
