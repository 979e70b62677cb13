//! What happened, told to whoever watches within this process, after the commit. Watchers reload; an event carries ids only.

use tokio::sync::broadcast;
use uuid::Uuid;

/// Events that a slow watcher may fall behind by before it is told to reload everything.
const BACKLOG: usize = 4096;

/// Something that was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Events {
    /// Tells the watchers. Call it after the commit, never before.
    pub fn publish(&self, event: Event) {
        let _nobody_listens = self.0.send(event);
    }

    /// Watches from now on. `Lagged` means: reload what you show.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
