//! Use cases, one file per noun of the schema. Transactions live here; nothing here knows HTTP or GraphQL.

pub mod accounts;
pub mod admin_roles;
pub mod app_settings;
pub mod app_setup;
pub mod apps;
pub mod assignments;
pub mod audit;
pub mod audit_chain;
pub mod authenticate;
pub mod bootstrap;
pub mod bulk_jobs;
pub mod ceiling;
pub mod config;
pub mod connection_health;
pub mod deletions;
pub mod deprovisioning;
pub mod directory_fields;
pub mod error;
pub mod estimate;
pub mod events;
pub mod gauges;
pub mod idempotency;
pub mod impact;
pub mod imports;
pub mod mapping_preview;
pub mod mappings;
pub mod oidc;
pub mod okta_authorizations;
pub mod okta_catalog;
pub mod okta_orgs;
pub mod okta_port;
mod okta_probe;
mod okta_schema;
pub mod operations;
pub mod organization;
pub mod personal_access_tokens;
pub mod planning;
pub mod present;
pub mod provisioning_pause;
pub mod search;
pub mod signals;
pub mod sync_status;
pub mod tokens;
pub mod user_error;
pub mod users;
pub mod viewer;
pub mod watching;

use std::sync::Arc;

pub use ceiling::Ceiling;
pub use config::ServiceConfig;
pub use error::{Error, Result};
pub use events::{Event, Events, Work};
pub use okta_port::OktaPort;
pub use tokens::Refreshes;
pub use user_error::{PathStep, UserError, UserErrorCode};
pub use viewer::Viewer;

use crate::clock::SharedClock;
use crate::crypto::Sealer;
use crate::metrics::Metrics;
use crate::store::Store;

pub use crate::store::page;

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: SharedClock,
    /// Seals secrets before they reach the database.
    pub sealer: Arc<Sealer>,
    /// Tells watchers what was committed.
    pub events: Events,
    /// Wakes the worker after a commit that made work for it.
    pub work: Work,
    /// Okta, apart from the engine's own work.
    pub okta: Arc<dyn OktaPort>,
    /// What the use cases know of the configuration.
    pub config: Arc<ServiceConfig>,
    /// Whose turn it is to fetch a new access token.
    pub refreshes: Arc<Refreshes>,
    /// Makes personal access tokens, and tells them from made-up ones.
    pub token_form: Arc<personal_access_tokens::TokenForm>,
    /// Personal access tokens whose use is being noted.
    pub token_uses: Arc<personal_access_tokens::Uses>,
    /// What this process counts.
    pub metrics: Arc<Metrics>,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
