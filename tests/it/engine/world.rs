//! An app that is connected to the sandbox with all switches on, its people, and what Okta came to see of them.

use std::sync::Arc;
use std::time::Duration;

use okta_sandbox::{EffectEntry, Fault, Matcher, RequestEntry, Sandbox, ScriptedFaults};
use provisioner::config::Config;
use serde_json::{Value, json};

use crate::support::connect::authorize;
use crate::support::{Client, TestApp, connect, wait_until};

/// How long the engine may take for what needs no waiting, in seconds.
const PATIENCE: u64 = 60;

const ACCOUNT: &str = "id state waitReason nextAttemptAt oktaId oktaStatus { code } provenance revision grantedRole { type } \
    problem { code message detail linkReasons candidateOktaId }";

/// One connected app.
pub struct World {
    /// The server.
    pub app: TestApp,
    /// Its owner.
    pub owner: Client,
    /// Global id of the connected app.
    pub app_id: String,
    /// Faults that strike the sandbox's answers.
    pub faults: Arc<ScriptedFaults>,
    /// The sandbox's ledgers count from here.
    start: u64,
}

/// Runs a test against a connected app, on both databases.
pub async fn on_both(test: impl AsyncFn(World)) {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| test(World::connected(app).await).await)
        .await;
}

/// The input of `userCreate` for somebody whose login is this name at Acme.
pub fn somebody(name: &str) -> Value {
    let address = login(name);
    json!({ "userName": address, "primaryEmail": address, "givenName": name, "familyName": "Example" })
}

/// The login of [`somebody`].
pub fn login(name: &str) -> String {
    format!("{name}@acme.example")
}

impl World {
    /// An app of this server, connected, with all switches on.
    pub async fn connected(app: TestApp) -> Self {
        let owner = app.owner().await;
        let added = owner.done("appAdd", json!({}), "app { id }").await;
        let app_id = added["app"]["id"].as_str().unwrap().to_owned();
        connect(&app, &owner, &app_id).await;
        let faults = Arc::new(ScriptedFaults::default());
        app.sandbox().set_faults(Arc::clone(&faults) as _);
        let world = Self {
            start: app.sandbox().position(),
            app,
            owner,
            app_id,
            faults,
        };
        world.switch(json!({ "createUsers": true, "updateUserProfile": true, "deleteUsers": true, "activateAndDeactivateUsers": true })).await;
        world
    }

    /// Lets the administrator consent once more.
    pub async fn consent(&self) {
        authorize(&self.app, &self.owner, &self.app_id).await;
    }

    /// Changes switches.
    pub async fn switch(&self, mut switches: Value) {
        let document = "query($id: ID!) { app(id: $id) { provisioningSettings { version } } }";
        let found = self
            .owner
            .query(document, json!({ "id": self.app_id }))
            .await;
        switches["appId"] = json!(self.app_id);
        switches["expectedVersion"] = found["app"]["provisioningSettings"]["version"].clone();
        self.owner
            .done("provisioningSettingsSave", switches, "")
            .await;
    }

    /// Changes options of the app.
    pub async fn options(&self, mut options: Value) {
        let document = "query($id: ID!) { app(id: $id) { options { version } } }";
        let found = self
            .owner
            .query(document, json!({ "id": self.app_id }))
            .await;
        options["appId"] = json!(self.app_id);
        options["expectedVersion"] = found["app"]["options"]["version"].clone();
        self.owner.done("appOptionsSave", options, "").await;
    }

    /// Adds a person; answers the global id.
    pub async fn person(&self, name: &str) -> String {
        self.person_with(somebody(name)).await
    }

    /// Adds a person from an input.
    pub async fn person_with(&self, input: Value) -> String {
        let made = self.owner.done("userCreate", input, "user { id }").await;
        made["user"]["id"].as_str().unwrap().to_owned()
    }

    /// Adds people called `prefix` and a number.
    pub async fn people(&self, prefix: &str, count: usize) -> Vec<String> {
        let mut ids = Vec::with_capacity(count);
        for n in 0..count {
            ids.push(self.person(&format!("{prefix}{n}")).await);
        }
        ids
    }

    /// Assigns the app to people.
    pub async fn assign(&self, users: &[String], role: Option<&str>) {
        for users in users.chunks(100) {
            let input =
                json!({ "appId": self.app_id, "targets": { "userIds": users }, "role": role });
            let selection = "results { userErrors { code } }";
            let done = self.owner.done("usersAssign", input, selection).await;
            let results = done["results"].as_array().unwrap();
            assert!(
                results.iter().all(|row| row["userErrors"] == json!([])),
                "{done:#}"
            );
        }
    }

    /// Adds a person, assigns the app and waits until Okta is in step.
    pub async fn provisioned(&self, name: &str, role: Option<&str>) -> String {
        let user = self.person(name).await;
        self.assign(std::slice::from_ref(&user), role).await;
        self.reach(&user, "IN_SYNC").await;
        user
    }

    /// Takes the app away from a person.
    pub async fn unassign(&self, user: &str) {
        let input = json!({ "appId": self.app_id, "targets": { "userIds": [user] } });
        self.owner.done("usersUnassign", input, "").await;
    }

    /// Gives another role.
    pub async fn change_role(&self, user: &str, role: Option<&str>) {
        let input = json!({ "appId": self.app_id, "targets": { "userIds": [user] }, "role": role });
        self.owner.done("assignmentsRoleChange", input, "").await;
    }

    /// Runs a mutation on a person with a `userId`.
    pub async fn on_person(&self, mutation: &str, user: &str, mut input: Value) {
        input["userId"] = json!(user);
        self.owner.done(mutation, input, "").await;
    }

    /// Changes a person's values.
    pub async fn update(&self, user: &str, values: Value) {
        self.on_person("userUpdate", user, values).await;
    }

    /// The account of a person, deleted ones too.
    pub async fn account(&self, user: &str) -> Value {
        let document =
            format!("query($id: ID!) {{ user(id: $id) {{ accounts {{ {ACCOUNT} }} }} }}");
        let found = self.owner.query(&document, json!({ "id": user })).await;
        found["user"]["accounts"][0].clone()
    }

    /// Waits until the person's account is in a state; answers the account.
    pub async fn reach(&self, user: &str, state: &str) -> Value {
        let mut last = Value::Null;
        let reached = async {
            loop {
                last = self.account(user).await;
                if last["state"] == state {
                    return last.clone();
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(PATIENCE), reached).await {
            Ok(account) => account,
            Err(_) => panic!(
                "never {state}: {:#}\n{:#?}",
                self.account(user).await,
                self.last_calls()
            ),
        }
    }

    /// Waits until it is being found out what became of a call, and the next reading is planned.
    pub async fn checking(&self, user: &str) {
        self.until("a reading to be planned", async || {
            let account = self.account(user).await;
            (account["state"] == "CHECKING" && account["nextAttemptAt"].is_string()).then_some(())
        })
        .await;
    }

    /// The newest calls, for somebody who wonders.
    fn last_calls(&self) -> Vec<String> {
        let calls = self.calls_since(self.start).into_iter().rev().take(12);
        calls
            .map(|call| {
                let fault = call.fault.unwrap_or_default();
                format!("{} {} {} {fault}", call.method, call.path, call.status)
            })
            .collect()
    }

    /// Waits until nothing is left to do for anybody; answers how many accounts are in each state.
    pub async fn quiet(&self, seconds: u64) -> Value {
        wait_until("everything to be settled", seconds, async || {
            let counts = self.counts().await;
            let busy = ["PENDING", "RUNNING", "CHECKING", "WAITING"];
            let settled = busy.iter().all(|state| counts[*state] == 0);
            settled.then_some(counts)
        })
        .await
    }

    /// Waits until a person's account is in step, letting time pass as far as it has to.
    pub async fn advance_until_in_sync(&self, user: &str) -> Value {
        self.advance_until(user, "IN_SYNC").await
    }

    /// Waits until a person's account is in a state, letting time pass as far as it has to.
    pub async fn advance_until(&self, user: &str, state: &str) -> Value {
        self.until(state, async || {
            let account = self.account(user).await;
            if account["state"] == state {
                return Some(account);
            }
            if account["nextAttemptAt"].is_string() {
                self.pass(5);
            }
            None
        })
        .await
    }

    /// Waits until something holds.
    pub async fn until<T>(&self, what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
        wait_until(what, PATIENCE, condition).await
    }

    /// Somebody calls Okta without us.
    pub async fn in_okta(&self, method: &str, path: &str) -> Value {
        self.tell_okta(method, path, None).await
    }

    /// Somebody gives a role in Okta itself.
    pub async fn grant_in_okta(&self, name: &str, role: &str) {
        let id = self.okta(name)["id"].as_str().unwrap().to_owned();
        let body = json!({ "type": role });
        self.tell_okta("POST", &format!("users/{id}/roles"), Some(body))
            .await;
    }

    /// Somebody makes a user in Okta itself.
    pub async fn create_in_okta(&self, body: Value) -> Value {
        self.tell_okta("POST", "users", Some(body)).await
    }

    /// Somebody changes something in Okta itself.
    pub async fn change_in_okta(&self, path: &str, body: Value) -> Value {
        self.tell_okta("POST", path, Some(body)).await
    }

    async fn tell_okta(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let sandbox = self.app.sandbox();
        let url = format!("{}/api/v1/{path}", sandbox.base_url);
        let token = format!("SSWS {}", sandbox.config().api_token);
        let mut request = self
            .app
            .http()
            .request(method.parse().unwrap(), url)
            .header("authorization", token);
        request = match body {
            Some(body) => request.json(&body),
            None => request.header("content-length", "0"),
        };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    /// How many accounts are in each state.
    pub async fn counts(&self) -> Value {
        let document = "query($id: ID!) { app(id: $id) { syncStatus { counts { state count } } } }";
        let found = self
            .owner
            .query(document, json!({ "id": self.app_id }))
            .await;
        let counts = found["app"]["syncStatus"]["counts"]
            .as_array()
            .unwrap()
            .clone();
        let pairs = counts.iter().map(|row| {
            (
                row["state"].as_str().unwrap().to_owned(),
                row["count"].clone(),
            )
        });
        Value::Object(pairs.collect())
    }

    /// Lets time pass, here and in Okta.
    pub fn pass(&self, seconds: u64) {
        self.app
            .sandbox()
            .clock()
            .advance(Duration::from_secs(seconds));
        self.app.clock.advance(Duration::from_secs(seconds));
    }

    /// Lets so much time pass while the org is left alone or nobody's outcome is looked for, and a second otherwise: what was read must not be old
    /// before it is used, however busy the machine is.
    pub async fn hurry(&self, seconds: u64) {
        let document = "query($id: ID!) { app(id: $id) { oktaOrg { status } } }";
        let found = self.owner.query(document, json!({ "id": self.app_id }));
        let alone = found.await["app"]["oktaOrg"]["status"] == "QUARANTINED";
        let checking = self.counts().await["CHECKING"] != 0;
        self.pass(if alone || !checking { seconds } else { 1 });
    }

    /// The next request to match is struck by a fault.
    pub fn fault(&self, method: &str, route: &str, fault: Fault) {
        self.faults.push(Matcher::route(method, route), fault);
    }

    /// A position in the sandbox's ledgers.
    pub fn position(&self) -> u64 {
        self.app.sandbox().position()
    }

    /// Changes that took place in Okta since a position, apart from tokens.
    pub fn effects_since(&self, position: u64) -> Vec<EffectEntry> {
        let effects = self.app.sandbox().effects_since(position).into_iter();
        effects
            .filter(|effect| !effect.kind.starts_with("token."))
            .collect()
    }

    /// The kinds of the changes since a position, in order.
    pub fn kinds_since(&self, position: u64) -> Vec<String> {
        let effects = self.effects_since(position).into_iter();
        effects.map(|effect| effect.kind).collect()
    }

    /// Calls of the API since a position, as `METHOD path`.
    pub fn calls_since(&self, position: u64) -> Vec<RequestEntry> {
        let calls = self.app.sandbox().requests_since(position).into_iter();
        calls
            .filter(|call| call.path.starts_with("/api/"))
            .collect()
    }

    /// What Okta holds of [`somebody`]; null when nobody has the login.
    pub fn okta(&self, name: &str) -> Value {
        self.app.sandbox().user(&login(name)).unwrap_or(Value::Null)
    }

    /// The server starts anew on the same data.
    pub async fn restart(self) -> Self {
        let app = self.app.restart().await;
        let owner = app.owner().await;
        Self { app, owner, ..self }
    }

    /// Stops the server, lets others work with its data and Okta, and starts it again.
    pub async fn away(self, work: impl AsyncFnOnce(&Config, &Sandbox)) -> Self {
        let app = self.app.away(work).await;
        let owner = app.owner().await;
        Self { app, owner, ..self }
    }

    /// The server crashes and starts anew on the same data.
    pub async fn crash(self) -> Self {
        let app = self.app.crash().await;
        let owner = app.owner().await;
        Self { app, owner, ..self }
    }
}
