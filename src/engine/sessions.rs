//! Where the engine gets an authorized client from.

use async_trait::async_trait;
use okta_client::{Auth, Client};
use uuid::Uuid;

/// A client of one connection with a token that is believed to be good.
#[derive(Clone, Debug)]
pub struct Session {
    /// The client.
    pub client: Client,
    /// The token.
    pub auth: Auth,
    /// Which token it is; say it when Okta rejects it.
    pub token_version: i64,
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The connection's authorization is dead, and that is recorded on the connection by now.
    #[error("the connection has to be authorized again")]
    NeedsReauthorization,
    /// The connection is gone, archived or was never authorized.
    #[error("the app is not connected")]
    NotConnected,
    /// The token could not be renewed just now.
    #[error("no token just now: {0}")]
    Unavailable(String),
    /// A defect or a fault of the machine.
    #[error("internal: {0}")]
    Internal(String),
}

/// Gives sessions and renews tokens, one renewal at a time per connection.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// A session of the connection; renews a token that has expired.
    async fn session(&self, organization: Uuid, okta_org: Uuid) -> Result<Session, SessionError>;

    /// A session after Okta rejected the token `rejected` (401 `E0000011`); renews it unless somebody did already.
    async fn renewed(
        &self,
        organization: Uuid,
        okta_org: Uuid,
        rejected: i64,
    ) -> Result<Session, SessionError>;
}
