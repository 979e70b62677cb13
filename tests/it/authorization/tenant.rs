//! An organisation in which there is something of every kind.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_sandbox::{Seed, SeedUser};
use serde_json::{Value, json};

use crate::support::connect::{authorize, credentials};
use crate::support::{Client, TestApp, wait_until};

/// How long Okta may take to follow, in seconds.
const PATIENCE: u64 = 60;
/// People who lose the app at once: more than one change may take it from (design §3).
const LEAVERS: usize = 11;

/// An organisation, and the ids of what is in it by the names under which the tables know them.
pub struct Tenant {
    /// Its owner.
    pub owner: Client,
    /// Its name in addresses.
    pub domain: &'static str,
    ids: BTreeMap<&'static str, String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Tenant {
    /// Fills an organisation. In the end its app is paused, so that nothing moves any more.
    pub async fn found(app: &TestApp, owner: Client, domain: &'static str) -> Self {
        let mut tenant = Self {
            owner,
            domain,
            ids: BTreeMap::new(),
        };
        tenant.keep("me", tenant.owner.user_id.clone());
        tenant.directory().await;
        tenant.connect(app).await;
        tenant.assign(app).await;
        tenant.tokens(app).await;
        tenant.imports(app).await;
        tenant.finish().await;
        tenant
    }

    /// The id of something.
    pub fn id(&self, name: &str) -> &str {
        let id = self.ids.get(name);
        id.unwrap_or_else(|| panic!("there is no {name} in the organisation"))
    }

    /// A text with `$name` replaced by the id of that name, in quotes.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        // Longer names first: one may begin with another.
        let mut names: Vec<_> = self.ids.iter().collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, id) in names {
            filled = filled.replace(&format!("${name}"), &format!("\"{id}\""));
        }
        filled
    }

    fn keep(&mut self, name: &'static str, id: String) {
        self.ids.insert(name, id);
    }

    /// The login of a person.
    pub fn login(&self, name: &str) -> String {
        format!("{name}@{}.example", self.domain)
    }

    async fn person(&mut self, name: &str) -> String {
        let address = self.login(name);
        let input = json!({
            "userName": address, "primaryEmail": address, "givenName": name, "familyName": "Example", "nickName": "Nick",
        });
        let made = self.owner.done("userCreate", input, "user { id }").await;
        text(&made["user"]["id"])
    }

    async fn directory(&mut self) {
        let viewer = self
            .ask("{ viewer { organization { id adminRoles { id kind } } } }")
            .await;
        let organization = &viewer["viewer"]["organization"];
        self.keep("organization", text(&organization["id"]));
        for role in organization["adminRoles"].as_array().unwrap() {
            let name = match role["kind"].as_str().unwrap() {
                "OWNER" => "owners",
                "ADMIN" => "admins",
                _ => "members",
            };
            self.keep(name, text(&role["id"]));
        }
        let input = json!({ "label": "Badge", "dataType": "STRING" });
        let made = self
            .owner
            .done("directoryFieldCreate", input, "field { id }")
            .await;
        self.keep("field", text(&made["field"]["id"]));
        let input = json!({ "name": "Auditors", "permissions": ["VIEW_AUDIT_LOG"] });
        let made = self
            .owner
            .done("adminRoleCreate", input, "adminRole { id }")
            .await;
        self.keep("role", text(&made["adminRole"]["id"]));
        let auditor = self.person("auditor").await;
        let input = json!({ "userId": auditor, "adminRoleId": self.id("role") });
        self.owner.done("userAdminRoleSet", input, "").await;
        self.keep("auditor", auditor);
        for name in ["ann", "boss", "ben", "dee", "eve", "plain"] {
            let id = self.person(name).await;
            self.keep(name, id);
        }
        let input = json!({ "userId": self.id("ann"), "department": "Bread" });
        self.owner.done("userUpdate", input, "").await;
    }

    async fn ask(&self, document: &str) -> Value {
        self.owner.query(&self.fill(document), json!({})).await
    }

    async fn connect(&mut self, app: &TestApp) {
        for (name, title) in [("app", "Okta"), ("spare", "Spare")] {
            let made = self
                .owner
                .done(
                    "appAdd",
                    json!({ "name": title }),
                    "app { id oktaOrg { id } }",
                )
                .await;
            self.keep(name, text(&made["app"]["id"]));
            if name == "app" {
                self.keep("org", text(&made["app"]["oktaOrg"]["id"]));
            }
        }
        let app_id = self.id("app").to_owned();
        self.owner
            .done("oktaOrgConfigure", credentials(app, &app_id), "")
            .await;
        let (authorization, _) = authorize(app, &self.owner, &app_id).await;
        self.keep("authorization", authorization);
        let switches = json!({
            "appId": app_id, "expectedVersion": 0,
            "createUsers": true, "updateUserProfile": true, "deleteUsers": true, "activateAndDeactivateUsers": true,
        });
        self.owner
            .done("provisioningSettingsSave", switches, "")
            .await;
        let roles = ["HELP_DESK_ADMIN", "READ_ONLY_ADMIN", "SUPER_ADMIN"];
        let options = json!({ "appId": app_id, "expectedVersion": 0, "allowedRoleTypes": roles });
        self.owner.done("appOptionsSave", options, "").await;
        let mappings = json!({ "appId": app_id, "expectedVersion": 0, "items": self.mapping() });
        self.owner.done("attributeMappingsSave", mappings, "").await;
    }

    /// A mapping with the custom field and a constant in it.
    pub fn mapping(&self) -> Value {
        let standard = |key: &str| URL_SAFE_NO_PAD.encode(format!("DirectoryField:{key}"));
        let mut items: Vec<_> = [
            ("login", "userName"),
            ("email", "primaryEmail"),
            ("firstName", "givenName"),
            ("lastName", "familyName"),
            ("nickName", "nickName"),
        ]
        .map(|(attribute, key)| json!({ "attribute": attribute, "source": { "fieldId": standard(key) } }))
        .to_vec();
        items.push(json!({ "attribute": "title", "source": { "fieldId": self.id("field") } }));
        items.push(
            json!({ "attribute": "userType", "source": { "constant": { "string": "Staff" } } }),
        );
        json!(items)
    }

    async fn assigned(&self, people: &[String], role: Option<&str>) {
        let input =
            json!({ "appId": self.id("app"), "targets": { "userIds": people }, "role": role });
        let selection = "results { userErrors { code } }";
        let done = self.owner.done("usersAssign", input, selection).await;
        let rows = done["results"].as_array().unwrap();
        assert!(
            rows.iter().all(|row| row["userErrors"] == json!([])),
            "{done:#}"
        );
    }

    /// Waits for a person's account; answers it.
    async fn reach(&self, user: &str, state: &str) -> Value {
        let document = "query($id: ID!) { user(id: $id) { accounts { id state lastOperation { id } assignment { id } problem { code detail } } } }";
        wait_until(
            &format!("{state} of {}", self.domain),
            PATIENCE,
            async || {
                let found = self.owner.query(document, json!({ "id": user })).await;
                let account = found["user"]["accounts"][0].clone();
                (account["state"] == state).then_some(account)
            },
        )
        .await
    }

    /// Somebody is in Okta, not by us.
    pub fn sow(&self, app: &TestApp, name: &str, roles: &[&str], first_name: &str) {
        let login = self.login(name);
        let profile = json!({ "login": login, "email": login, "firstName": first_name, "lastName": "Example" });
        let user = SeedUser {
            profile: profile.as_object().unwrap().clone(),
            status: Some("ACTIVE".to_owned()),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            ..SeedUser::default()
        };
        let users = vec![user];
        app.sandbox()
            .sow(&Seed {
                users,
                ..Seed::default()
            })
            .unwrap();
    }

    async fn assign(&mut self, app: &TestApp) {
        let (ann, boss) = (self.id("ann").to_owned(), self.id("boss").to_owned());
        self.assigned(std::slice::from_ref(&ann), Some("HELP_DESK_ADMIN"))
            .await;
        self.assigned(std::slice::from_ref(&boss), Some("SUPER_ADMIN"))
            .await;
        let account = self.reach(&ann, "IN_SYNC").await;
        self.keep("account", text(&account["id"]));
        self.keep("assignment", text(&account["assignment"]["id"]));
        self.keep("operation", text(&account["lastOperation"]["id"]));
        let account = self.reach(&boss, "IN_SYNC").await;
        self.keep("superAssignment", text(&account["assignment"]["id"]));
        // Somebody whom others made an admin of the org.
        self.sow(app, "ben", &["HELP_DESK_ADMIN"], "ben");
        let ben = self.id("ben").to_owned();
        self.assigned(std::slice::from_ref(&ben), None).await;
        let account = self.reach(&ben, "BLOCKED").await;
        self.keep("blocked", text(&account["id"]));

        let targets = json!({ "matching": { "search": self.login("ann"), "expectedCount": 1 } });
        let input =
            json!({ "appId": self.id("app"), "targets": targets, "role": "READ_ONLY_ADMIN" });
        let begun = self
            .owner
            .done("usersAssign", input, "bulkJob { id }")
            .await;
        self.keep("job", text(&begun["bulkJob"]["id"]));
        let job = "{ node(id: $job) { ... on BulkJob { status failed } } }";
        self.until("the job", async || {
            let found = self.ask(job).await;
            (found["node"]["status"] == "COMPLETED").then_some(())
        })
        .await;
        self.hold().await;
    }

    async fn until<T>(&self, what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
        wait_until(what, PATIENCE, condition).await
    }

    /// More people lose the app than the budget lets through.
    async fn hold(&mut self) {
        let mut leavers = Vec::new();
        for n in 0..LEAVERS {
            leavers.push(self.person(&format!("leaver{n}")).await);
        }
        self.assigned(&leavers, None).await;
        for leaver in &leavers {
            self.reach(leaver, "IN_SYNC").await;
        }
        let input = json!({ "appId": self.id("app"), "targets": { "userIds": leavers } });
        self.owner.done("usersUnassign", input, "").await;
        let held = self.reach(&leavers[0], "HELD").await;
        self.keep("held", text(&held["id"]));
        self.keep("leaver", leavers[0].clone());
        let found = self
            .ask("{ app(id: $app) { deprovisioningHolds { nodes { id } } } }")
            .await;
        self.keep(
            "hold",
            text(&found["app"]["deprovisioningHolds"]["nodes"][0]["id"]),
        );
    }

    async fn tokens(&mut self, app: &TestApp) {
        let organization = if self.domain == "acme" {
            "Acme"
        } else {
            "Rival"
        };
        let auditor = app.sign_in(&self.login("auditor"), organization).await;
        for (name, person, scope) in [
            ("token", &self.owner, "VIEW_USERS"),
            ("ended", &auditor, "VIEW_AUDIT_LOG"),
        ] {
            let input = json!({ "name": name, "scopes": [scope], "validForDays": 30 });
            let made = person
                .done(
                    "personalAccessTokenCreate",
                    input,
                    "personalAccessToken { id }",
                )
                .await;
            self.ids
                .insert(name, text(&made["personalAccessToken"]["id"]));
        }
        let input = json!({ "personalAccessTokenId": self.id("ended") });
        auditor.done("personalAccessTokenRevoke", input, "").await;
    }

    /// Starts an import; answers its id.
    pub async fn start_import(&self, app: &TestApp, client: &Client) -> String {
        // What was written a moment ago, Okta's search finds later.
        let later = Duration::from_secs(600);
        app.sandbox().clock().advance(later);
        app.clock.advance(later);
        let input = json!({ "appId": self.id("app"), "mode": "FULL" });
        let started = client.done("importStart", input, "import { id }").await;
        text(&started["import"]["id"])
    }

    /// Waits until an import has a status.
    pub async fn import_reaches(&self, import: &str, status: &str) {
        let document = "query($id: ID!) { node(id: $id) { ... on Import { status } } }";
        self.until(status, async || {
            let found = self.owner.query(document, json!({ "id": import })).await;
            (found["node"]["status"] == status).then_some(())
        })
        .await;
    }

    async fn import(&mut self, app: &TestApp, name: &'static str) {
        let id = self.start_import(app, &self.owner).await;
        self.keep(name, id);
    }

    async fn stands(&self, import: &str, status: &str) {
        self.import_reaches(self.id(import), status).await;
    }

    /// One that was cancelled, one that was carried out, and one to be confirmed.
    async fn imports(&mut self, app: &TestApp) {
        self.import(app, "cancelled").await;
        let input = json!({ "importId": self.id("cancelled") });
        self.owner.done("importCancel", input, "").await;
        self.sow(app, "dee", &[], "Deedee");
        self.import(app, "completed").await;
        self.stands("completed", "READY").await;
        let input = json!({ "importId": self.id("completed"), "candidates": { "matching": { "search": self.login("dee") } }, "selected": true });
        let ticked = self
            .owner
            .done(
                "importCandidatesSelect",
                input,
                "import { selectionVersion }",
            )
            .await;
        let version = &ticked["import"]["selectionVersion"];
        let input = json!({ "importId": self.id("completed"), "expectedSelectionVersion": version, "sourceProfile": "OKTA" });
        self.owner.done("importConfirm", input, "").await;
        self.stands("completed", "COMPLETED").await;
        self.sow(app, "eve", &[], "Evelyn");
        self.import(app, "import").await;
        self.stands("import", "READY").await;
        let first = format!(
            "candidates(search: \"{}\") {{ nodes {{ id }} }}",
            self.login("eve")
        );
        for (import, name) in [("import", "candidate"), ("completed", "applied")] {
            let candidates = if import == "import" {
                first.as_str()
            } else {
                "candidates(outcome: [APPLIED]) { nodes { id } }"
            };
            let document =
                format!("{{ node(id: ${import}) {{ ... on Import {{ {candidates} }} }} }}");
            let found = self.ask(&document).await;
            self.ids
                .insert(name, text(&found["node"]["candidates"]["nodes"][0]["id"]));
        }
    }

    async fn finish(&mut self) {
        let input = json!({ "appId": self.id("app"), "note": "All that is needed is there." });
        self.owner.done("provisioningPause", input, "").await;
        let found = self
            .ask("{ auditEvents(filter: { userId: $ann, actor: USER }) { nodes { id } } }")
            .await;
        self.keep("event", text(&found["auditEvents"]["nodes"][0]["id"]));
    }
}
