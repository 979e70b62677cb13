//! What all passes of one app share.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::config::EngineConfig;
use super::gateway::Gateway;
use super::trust::Trust;
use crate::domain::account::Capability;
use crate::domain::plan::Now;
use crate::domain::plan::OperationKind;
use crate::service::{Event, Services};
use crate::store::leases::{Hold, holds};
use crate::store::{self, Tx};

/// Why work on an account stopped before it was done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop {
    /// Another process works the app by now.
    #[error("the lease is lost")]
    LeaseLost,
    /// The database.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// Something that a use case of the service refused or could not do.
    #[error("{0}")]
    Service(#[from] crate::service::Error),
}

/// What all passes of one app share.
pub(super) struct AppContext {
    pub(super) services: Services,
    pub(super) gateway: Gateway,
    pub(super) config: EngineConfig,
    pub(super) organization: Uuid,
    pub(super) hold: Hold,
    /// Whether the org carries out changes.
    pub(super) trust: Trust,
    /// Cancelled when no new step may begin.
    pub(super) stopping: CancellationToken,
    /// The account to which Okta last denied a capability, until it was granted to anybody.
    denials: Mutex<HashMap<Capability, Uuid>>,
}

impl AppContext {
    pub(super) fn new(
        services: Services,
        gateway: Gateway,
        config: EngineConfig,
        organization: Uuid,
        hold: Hold,
        stopping: CancellationToken,
    ) -> Self {
        Self {
            services,
            gateway,
            config,
            organization,
            hold,
            trust: Trust::default(),
            stopping,
            denials: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.services.clock.now_ms()
    }

    /// What time it is by our clock and, where it is known, by Okta's.
    pub(super) fn time(&self) -> Now {
        match self.gateway.knows_time() {
            true => Now::by_both(self.now(), self.gateway.okta_now()),
            false => Now::at(self.now()),
        }
    }

    /// Stops when the lease is lost; else nobody can take it before the transaction ends.
    pub(super) async fn fence(&self, tx: &Tx) -> Result<(), Stop> {
        if holds(tx, self.hold).await? {
            Ok(())
        } else {
            Err(Stop::LeaseLost)
        }
    }

    /// Tells the watchers that an account changed.
    pub(super) fn tell(&self, account: Uuid) {
        self.services.events.publish(Event::Account {
            organization: self.organization,
            app: self.hold.app,
            account,
        });
    }

    /// Counts an operation that came to an end.
    pub(super) fn ended(&self, kind: OperationKind, status: &'static str) {
        self.services.metrics.operation(kind.as_str(), status);
    }

    /// Notes that Okta denied a capability for an account. Answers whether it was denied for another one before:
    /// twice, for different people, means that the connection lacks the right.
    pub(super) fn denied(&self, capability: Capability, account: Uuid) -> bool {
        let mut denials = self.denials.lock().unwrap_or_else(PoisonError::into_inner);
        let before = denials.insert(capability, account);
        before.is_some_and(|other| other != account)
    }

    /// Notes that Okta granted a capability.
    pub(super) fn granted(&self, capability: Capability) {
        self.denials
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&capability);
    }
}
