//! What happened, told after the commit to whoever watches. Watchers reload; an event carries ids only. `super::signals` tells other processes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

/// Events that a slow watcher may fall behind by before it is told to reload everything.
const BACKLOG: usize = 4096;

/// Something that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Event {
    /// An account's state, problem or link changed.
    Account {
        /// The tenant.
        organization: Uuid,
        /// The app.
        app: Uuid,
        /// The account.
        account: Uuid,
    },
    /// Many accounts of an app changed, or its switches, mappings or options did.
    App {
        /// The tenant.
        organization: Uuid,
        /// The app.
        app: Uuid,
    },
    /// A connection's status, problem or authorization changed.
    OktaOrg {
        /// The tenant.
        organization: Uuid,
        /// The app that it serves.
        app: Uuid,
    },
    /// A bulk job went on or ended.
    BulkJob {
        /// The tenant.
        organization: Uuid,
        /// The app.
        app: Uuid,
        /// The job.
        job: Uuid,
    },
    /// An import went on, ended, or has other ticks.
    Import {
        /// The tenant.
        organization: Uuid,
        /// The app.
        app: Uuid,
        /// The import.
        import: Uuid,
    },
    /// A personal access token was ended.
    PersonalAccessToken {
        /// The tenant.
        organization: Uuid,
        /// The token.
        token: Uuid,
    },
}

impl Event {
    /// The tenant whose people may hear of it.
    #[must_use]
    pub fn organization(self) -> Uuid {
        match self {
            Self::Account { organization, .. }
            | Self::App { organization, .. }
            | Self::OktaOrg { organization, .. }
            | Self::BulkJob { organization, .. }
            | Self::Import { organization, .. }
            | Self::PersonalAccessToken { organization, .. } => organization,
        }
    }

    /// The app that it concerns, if any.
    #[must_use]
    pub fn app(self) -> Option<Uuid> {
        match self {
            Self::Account { app, .. }
            | Self::App { app, .. }
            | Self::OktaOrg { app, .. }
            | Self::BulkJob { app, .. }
            | Self::Import { app, .. } => Some(app),
            Self::PersonalAccessToken { .. } => None,
        }
    }
}

/// The bus. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Events {
    all: broadcast::Sender<Event>,
    made_here: broadcast::Sender<Event>,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            all: broadcast::channel(BACKLOG).0,
            made_here: broadcast::channel(BACKLOG).0,
        }
    }
}

impl Events {
    /// Tells the watchers. Call it after the commit, never before.
    pub fn publish(&self, event: Event) {
        let _nobody_listens = self.made_here.send(event);
        self.pass_on(event);
    }

    /// Tells the watchers of this process what another one committed.
    pub(super) fn pass_on(&self, event: Event) {
        let _nobody_listens = self.all.send(event);
    }

    /// What is committed in this process from now on.
    pub(super) fn made_here(&self) -> broadcast::Receiver<Event> {
        self.made_here.subscribe()
    }

    /// Watches from now on. `Lagged` means: reload what you show.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.all.subscribe()
    }
}

/// Wakes the engine after a commit that made work for it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Work {
    here: Arc<Notify>,
    made_here: Arc<Notify>,
}

impl Work {
    /// There is work. Call it after the commit, never before.
    pub fn notify_one(&self) {
        self.made_here.notify_one();
        self.pass_on();
    }

    /// Another process made work.
    pub(super) fn pass_on(&self) {
        self.here.notify_one();
    }

    /// Completes when there is work.
    pub async fn notified(&self) {
        self.here.notified().await;
    }

    /// Completes when work was made in this process.
    pub(super) async fn made_here(&self) {
        self.made_here.notified().await;
    }
}
