//! A connected app, people on both sides, and an administrator who imports.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_sandbox::{Seed, SeedUser};
use provisioner::domain::import::{ImportMode, ImportStatus, SourceProfile};
use provisioner::service::apps::Saving;
use provisioner::service::imports::{
    self, Candidate, CandidateFilter, CandidateOrder, Import, Selection, SelectionChange,
};
use provisioner::service::page::PageRequest;
use provisioner::service::{Ceiling, Services, Viewer, present};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::engine::world::{self, World, login};
use crate::support::{Client, wait_until};

/// How long an import may take, in seconds of real time.
const PATIENCE: u64 = 120;

/// Runs a test against a connected app, on both databases.
pub async fn on_both(test: impl AsyncFn(Importing)) {
    world::on_both(async |world| test(Importing { world }).await).await;
}

/// A connected app to import into.
pub struct Importing {
    /// The app and its org.
    pub world: World,
}

/// The key in a global id.
pub fn key(id: &str) -> Uuid {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).unwrap()).unwrap();
    text.split_once(':').unwrap().1.parse().unwrap()
}

/// An account in Okta of somebody whose login is this name at Acme.
pub fn account(name: &str) -> SeedUser {
    with(name, json!({}))
}

/// As [`account`], with other attributes.
pub fn with(name: &str, more: Value) -> SeedUser {
    let mut profile = json!({
        "login": login(name), "email": login(name), "firstName": name, "lastName": "Example",
    });
    profile
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    SeedUser {
        profile: profile.as_object().unwrap().clone(),
        ..SeedUser::default()
    }
}

/// As [`account`], in another status.
pub fn in_status(name: &str, status: &str) -> SeedUser {
    SeedUser {
        status: Some(status.to_owned()),
        ..account(name)
    }
}

impl Importing {
    /// The use cases.
    pub fn services(&self) -> &Services {
        &self.world.app.server.base.services
    }

    /// The owner, as he is now.
    pub async fn owner(&self) -> Viewer {
        self.viewer(&self.world.owner).await
    }

    /// Somebody, as he is now.
    pub async fn viewer(&self, client: &Client) -> Viewer {
        self.viewer_within(client, None).await
    }

    /// Somebody in a session that may do less than he.
    pub async fn viewer_within(&self, client: &Client, ceiling: Option<Ceiling>) -> Viewer {
        let organization = self.app_row().await;
        let store = &self.services().store;
        present::viewer_now(store, organization, key(&client.user_id), None, ceiling, 0)
            .await
            .unwrap()
            .unwrap()
    }

    async fn app_row(&self) -> Uuid {
        let app = key(&self.world.app_id);
        let store = &self.services().store;
        provisioner::store::apps_worked::organization(store, app)
            .await
            .unwrap()
            .unwrap()
    }

    /// Puts accounts into Okta, and lets so much time pass that they are no news.
    pub fn sow(&self, users: Vec<SeedUser>) {
        let seed = Seed {
            users,
            ..Seed::default()
        };
        let seed = Seed {
            custom_attributes: Default::default(),
            custom_roles: Vec::new(),
            ..seed
        };
        self.world.app.sandbox().sow(&seed).unwrap();
        self.world.pass(600);
    }

    /// Starts an import.
    pub async fn start(&self, mode: Option<ImportMode>) -> Import {
        let (viewer, app) = (self.owner().await, key(&self.world.app_id));
        let started =
            imports::start(self.services(), &viewer, app, mode, SourceProfile::Okta).await;
        started.unwrap().import
    }

    /// The import as it is now.
    pub async fn look(&self, import: Uuid) -> Import {
        let viewer = self.owner().await;
        imports::find(self.services(), &viewer, import)
            .await
            .unwrap()
            .unwrap()
    }

    /// Waits until an import has a status.
    pub async fn reach(&self, import: Uuid, status: ImportStatus) -> Import {
        wait_until(status.as_str(), PATIENCE, async || {
            let now = self.look(import).await;
            assert!(
                now.status == status || !now.status.has_ended(),
                "{now:#?} instead of {status}"
            );
            (now.status == status).then_some(now)
        })
        .await
    }

    /// As [`Self::reach`], letting time pass where a call is to be tried again.
    pub async fn reach_in_time(&self, import: Uuid, status: ImportStatus) -> Import {
        wait_until(status.as_str(), PATIENCE, async || {
            let now = self.look(import).await;
            if now.next_attempt_at.is_some() {
                self.world.pass(10);
            }
            (now.status == status).then_some(now)
        })
        .await
    }

    /// Reads the org.
    pub async fn read(&self, mode: Option<ImportMode>) -> Import {
        let import = self.start(mode).await;
        self.reach(import.id, ImportStatus::Ready).await
    }

    /// All candidates by name, read page by page.
    pub async fn candidates(&self, import: Uuid) -> Vec<Candidate> {
        let viewer = self.owner().await;
        let filter = CandidateFilter::default();
        let mut all = Vec::new();
        let mut request = PageRequest::first(70);
        loop {
            let order = CandidateOrder::Name;
            let page = imports::candidates(
                self.services(),
                &viewer,
                import,
                &filter,
                order,
                request.clone(),
            )
            .await
            .unwrap();
            request.after = page.rows.last().map(|(at, _)| at.clone());
            let more = page.has_next;
            all.extend(page.into_rows());
            if !more {
                return all;
            }
        }
    }

    /// The candidate whose login is this name at Acme.
    pub async fn candidate(&self, import: Uuid, name: &str) -> Candidate {
        let all = self.candidates(import).await;
        let found = all.into_iter().find(|each| each.login == login(name));
        found.unwrap_or_else(|| panic!("no candidate {name}"))
    }

    /// Ticks.
    pub async fn tick(&self, import: Uuid, selection: Selection) -> Import {
        let viewer = self.owner().await;
        let change = SelectionChange {
            selected: Some(true),
            source: None,
        };
        imports::select(self.services(), &viewer, import, selection, change)
            .await
            .unwrap()
    }

    /// Ticks whatever can be ticked by a filter.
    pub async fn tick_all(&self, import: Uuid) -> Import {
        self.tick(import, Selection::Matching(CandidateFilter::default()))
            .await
    }

    /// Confirms as the owner.
    pub async fn confirm(&self, import: &Import, source: SourceProfile) -> Import {
        let viewer = self.owner().await;
        self.confirm_as(&viewer, import, source).await
    }

    /// Confirms.
    pub async fn confirm_as(
        &self,
        viewer: &Viewer,
        import: &Import,
        source: SourceProfile,
    ) -> Import {
        let version = import.selection_version;
        let saving =
            imports::confirm(self.services(), viewer, import.id, version, Some(source)).await;
        match saving.unwrap() {
            Saving::Done(import) => import,
            Saving::Conflict(import) => panic!("other ticks: {import:#?}"),
        }
    }

    /// Ticks everything, confirms it and waits for the end.
    pub async fn take_all(&self, import: Uuid, source: SourceProfile) -> Import {
        let ticked = self.tick_all(import).await;
        self.confirm(&ticked, source).await;
        self.reach(import, ImportStatus::Completed).await
    }

    /// The calls since a position that change something in Okta.
    pub fn changing_since(&self, position: u64) -> Vec<String> {
        let calls = self.world.calls_since(position).into_iter();
        calls
            .filter(|call| call.method != "GET")
            .map(|call| format!("{} {}", call.method, call.path))
            .collect()
    }

    /// How often the audit trail tells of an action.
    pub async fn told(&self, action: &str) -> Value {
        let document =
            "query($f: AuditEventFilterInput) { auditEvents(filter: $f) { totalCount } }";
        let filter = json!({ "f": { "actions": [action] } });
        let found = self.world.owner.query(document, filter).await;
        found["auditEvents"]["totalCount"].clone()
    }

    /// What the directory holds of a person.
    pub async fn person(&self, name: &str) -> Value {
        let document = "query($search: String) { users(first: 5, search: $search) { nodes { \
            id status userName primaryEmail givenName city } } }";
        let found = self
            .world
            .owner
            .query(document, json!({ "search": login(name) }))
            .await;
        found["users"]["nodes"][0].clone()
    }
}
