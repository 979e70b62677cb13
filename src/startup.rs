//! Wires the rooms together: the data directory, the database, the use cases, the engine and the HTTP side.

mod base;
mod ready;
mod serve;

use std::net::SocketAddr;

pub use self::base::Base;
pub use self::serve::{Server, start, stop_signal, trusted_documents};

use crate::config::ConfigError;
use crate::data_dir::DataDirError;
use crate::http::ManifestError;
use crate::service::audit_chain;
use crate::{crypto, keys, store};

/// Why the server did not start, in one line for an operator.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The key that seals secrets cannot be used.
    #[error(transparent)]
    SealingKey(#[from] crypto::Error),
    /// The key that signs tokens cannot be used.
    #[error(transparent)]
    SigningKey(#[from] keys::Error),
    /// HTTP towards identity providers cannot be set up.
    #[error(transparent)]
    Oidc(#[from] okta_client::BuildError),
    /// The database cannot be opened or migrated.
    #[error("cannot open the database: {0}")]
    Database(#[from] store::Error),
    /// The audit trail cannot be gone on with.
    #[error("cannot go on with the audit trail: {0}")]
    AuditTrail(#[from] audit_chain::Refusal),
    /// A manifest of trusted documents cannot be used.
    #[error("{0}")]
    Manifest(ManifestError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}
