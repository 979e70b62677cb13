//! Watching an app: what was committed, brought together for a moment, and only for as long as the viewer may see it.

use std::collections::BTreeSet;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use uuid::Uuid;

use super::present::viewer_now;
use super::{Error, Event, Result, Services, Viewer};
use crate::domain::permission::Permission;
use crate::store::apps;

/// Events are brought together for this long: a screen that changes five times a second is as much as anybody can read.
const GATHER_MS: u64 = 200;
/// Whether the viewer is still let in is looked at this often. On a shared database other processes change things too, and what they tell may get lost:
/// so is the rest.
const POLL_MS: u64 = 10_000;

/// What has changed since the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// These accounts.
    pub accounts: BTreeSet<Uuid>,
    /// These bulk jobs.
    pub jobs: BTreeSet<Uuid>,
    /// These imports.
    pub imports: BTreeSet<Uuid>,
    /// The connection.
    pub okta_org: bool,
    /// Perhaps anything: look at everything that is shown.
    pub all: bool,
}

impl Changes {
    fn add(&mut self, event: Event) {
        match event {
            Event::Account { account, .. } => {
                self.accounts.insert(account);
            }
            Event::BulkJob { job, .. } => {
                self.jobs.insert(job);
            }
            Event::Import { import, .. } => {
                self.imports.insert(import);
            }
            Event::OktaOrg { .. } => self.okta_org = true,
            Event::App { .. } => self.all = true,
            // It changes nothing that is shown, but perhaps who may see it.
            Event::PersonalAccessToken { .. } => {}
        }
    }

    fn everything() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }
}

/// A viewer watching one app.
#[derive(Debug)]
pub struct Watch {
    services: Services,
    viewer: Viewer,
    app: Uuid,
    events: Receiver<Event>,
}

/// Begins to watch an app. What changes after this is heard, so read the present state after it.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`; `NotFound` when the app is not of the viewer's organisation.
pub async fn watch(services: &Services, viewer: &Viewer, app: Uuid) -> Result<Watch> {
    viewer.require(Permission::ViewApps)?;
    let events = services.events.subscribe();
    let found = apps::find(&services.store, viewer.organization_id, app).await?;
    found.ok_or(Error::NotFound)?;
    Ok(Watch {
        services: services.clone(),
        viewer: viewer.clone(),
        app,
        events,
    })
}

impl Watch {
    /// The viewer as of the last event.
    #[must_use]
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The next changes; `None` when the viewer may not see them any more, or the server stops.
    ///
    /// # Errors
    /// The database's own.
    pub async fn next(&mut self) -> Result<Option<Changes>> {
        loop {
            let Some(mut changes) = self.first().await else {
                return Ok(None);
            };
            if changes != Changes::default() {
                self.services.clock.sleep_ms(GATHER_MS).await;
                self.gather(&mut changes);
            }
            let idle = changes == Changes::default();
            match self.is_still_let_in().await {
                Ok(true) if idle => {}
                Ok(true) => return Ok(Some(changes)),
                Ok(false) => return Ok(None),
                Err(error) if idle => {
                    tracing::debug!(%error, "whether a stream may go on is asked again later")
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Looks whether the viewer may still see the app, and what else he may do by now.
    async fn is_still_let_in(&mut self) -> Result<bool> {
        let (store, now) = (&self.services.store, self.services.clock.now_ms());
        let Viewer {
            organization_id,
            user_id,
            token,
            ..
        } = self.viewer;
        let ceiling = self.viewer.ceiling.clone();
        let viewer = viewer_now(store, organization_id, user_id, token, ceiling, now).await?;
        let Some(viewer) = viewer.filter(|viewer| viewer.can(Permission::ViewApps)) else {
            return Ok(false);
        };
        self.viewer = viewer;
        Ok(true)
    }

    async fn first(&mut self) -> Option<Changes> {
        let poll = self.services.clock.sleep_ms(POLL_MS);
        tokio::pin!(poll);
        // What nobody else changes has not changed unheard.
        let missed = match self.services.store.is_shared() {
            true => Changes::everything(),
            false => Changes::default(),
        };
        loop {
            let heard = tokio::select! {
                heard = self.events.recv() => heard,
                () = &mut poll => return Some(missed),
            };
            match heard {
                Ok(event) if self.concerns(event) => {
                    let mut changes = Changes::default();
                    changes.add(event);
                    return Some(changes);
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(Changes::everything()),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn gather(&mut self, changes: &mut Changes) {
        loop {
            match self.events.try_recv() {
                Ok(event) if self.concerns(event) => changes.add(event),
                Ok(_) => {}
                Err(TryRecvError::Lagged(_)) => changes.all = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    fn concerns(&self, event: Event) -> bool {
        let concerns = match event {
            Event::PersonalAccessToken { token, .. } => self.viewer.token == Some(token),
            _ => event.app() == Some(self.app),
        };
        concerns && event.organization() == self.viewer.organization_id
    }
}
