//! Sessions from the stored grants of the connections.

use std::sync::Arc;

use async_trait::async_trait;
use okta_client::Auth;
use uuid::Uuid;

use super::clients::OktaClients;
use super::sessions::{Session, SessionError, Sessions};
use crate::service::Services;
use crate::service::tokens::{self, AccessToken, TokenFault};

/// Gives sessions with the tokens that the use cases keep.
pub struct GrantSessions {
    services: Services,
    clients: Arc<OktaClients>,
}

impl GrantSessions {
    /// Sessions for the connections of `services`, through `clients`.
    #[must_use]
    pub fn new(services: Services, clients: Arc<OktaClients>) -> Self {
        Self { services, clients }
    }

    fn session_with(&self, token: AccessToken) -> Result<Session, SessionError> {
        let client = self
            .clients
            .client(&token.base_url)
            .map_err(|fault| SessionError::Unavailable(fault.to_string()))?;
        Ok(Session {
            client,
            auth: Auth::Bearer(token.token),
            token_version: token.version,
        })
    }
}

#[async_trait]
impl Sessions for GrantSessions {
    async fn session(&self, organization: Uuid, okta_org: Uuid) -> Result<Session, SessionError> {
        let token = tokens::access(&self.services, organization, okta_org).await?;
        self.session_with(token)
    }

    async fn renewed(
        &self,
        organization: Uuid,
        okta_org: Uuid,
        rejected: i64,
    ) -> Result<Session, SessionError> {
        let token = tokens::refresh_after(&self.services, organization, okta_org, rejected).await?;
        self.session_with(token)
    }
}

impl From<TokenFault> for SessionError {
    fn from(fault: TokenFault) -> Self {
        match fault {
            TokenFault::NotConnected => Self::NotConnected,
            TokenFault::NeedsReauthorization(_) => Self::NeedsReauthorization,
            TokenFault::Unavailable(_) | TokenFault::Busy => Self::Unavailable(fault.to_string()),
            TokenFault::Store(_) | TokenFault::Sealed(_) | TokenFault::Book(_) => {
                Self::Internal(fault.to_string())
            }
        }
    }
}
