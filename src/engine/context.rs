//! What all passes of one app share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::config::EngineConfig;
use super::gateway::Gateway;
use super::trust::Trust;
use crate::domain::account::Capability;
use crate::domain::plan::Now;
use crate::domain::plan::OperationKind;
use crate::service::planning::{self, Rules};
use crate::service::{Event, Services};
use crate::store::leases::{Hold, holds};
use crate::store::situations::Situation;
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
    /// The rules as they were read last: the org's schema is long, and few passes find another one.
    rules: Mutex<Option<Arc<KnownRules>>>,
}

/// Rules, and what they are the rules of.
struct KnownRules {
    rules: Arc<Rules>,
    okta_org: Option<Uuid>,
    mappings_version: i64,
    schema_fetched_at: Option<i64>,
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
            rules: Mutex::default(),
        }
    }

    /// The mapping and the schema for an account of this app, if they are those that were read last.
    pub(super) fn known_rules(&self, found: &Situation) -> Option<Arc<Rules>> {
        let known = self.kept_rules().clone()?;
        let same = known.okta_org == found.facts.okta_org.as_ref().map(|org| org.id)
            && known.mappings_version == found.facts.app.mappings_version
            && known.schema_fetched_at == found.schema_fetched_at;
        same.then(|| Arc::clone(&known.rules))
    }

    /// The mapping and the schema for an account of this app.
    pub(super) async fn rules(&self, tx: &Arc<Tx>, found: &Situation) -> Result<Arc<Rules>, Stop> {
        let facts = &found.facts;
        let rules = Arc::new(planning::rules(tx, facts).await?);
        *self.kept_rules() = Some(Arc::new(KnownRules {
            rules: Arc::clone(&rules),
            okta_org: facts.okta_org.as_ref().map(|org| org.id),
            mappings_version: facts.app.mappings_version,
            schema_fetched_at: found.schema_fetched_at,
        }));
        Ok(rules)
    }

    fn kept_rules(&self) -> MutexGuard<'_, Option<Arc<KnownRules>>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
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
