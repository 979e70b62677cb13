//! Every mutation leaves its entry in the audit trail, with who did it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::engine::world::{World, on_both, somebody};
use crate::support::connect::credentials;

/// Mutations whose entries are proved where their scenario is.
const ELSEWHERE: [&str; 5] = [
    // bootstrap
    "organizationBootstrap",
    // engine::delay
    "accountDeletionsDecide",
    // engine::hold_decisions
    "deprovisioningHoldApprove",
    "deprovisioningHoldDiscard",
    // imports::held
    "importDeactivationsApprove",
];

/// An administrator who does one thing after the other.
struct Walk<'a> {
    world: &'a World,
    done: BTreeSet<String>,
}

impl Walk<'_> {
    /// Runs a mutation, and finds the entry that it left.
    async fn act(&mut self, mutation: &str, input: Value, selection: &str, action: &str) -> Value {
        let before = self.count(action).await;
        let payload = self.world.owner.done(mutation, input, selection).await;
        let after = self.count(action).await;
        assert_eq!(after, before + 1, "{mutation} leaves one `{action}`");
        self.done.insert(mutation.to_owned());
        payload
    }

    /// Entries of the owner's.
    async fn count(&self, action: &str) -> i64 {
        let document =
            "query($f: AuditEventFilterInput) { auditEvents(filter: $f) { totalCount } }";
        let filter = json!({ "actorUserId": self.world.owner.user_id, "actor": "USER", "actions": [action] });
        let found = self
            .world
            .owner
            .query(document, json!({ "f": filter }))
            .await;
        found["auditEvents"]["totalCount"].as_i64().unwrap()
    }

    /// A mutation on the app.
    async fn on_app(&mut self, mutation: &str, mut input: Value, action: &str) {
        input["appId"] = json!(self.world.app_id);
        self.act(mutation, input, "", action).await;
    }

    /// A part of the app.
    async fn app(&self, selection: &str) -> Value {
        let document = format!("query($id: ID!) {{ app(id: $id) {{ {selection} }} }}");
        let owner = &self.world.owner;
        owner
            .query(&document, json!({ "id": self.world.app_id }))
            .await["app"]
            .clone()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_mutation_leaves_its_entry() {
    on_both(async |world| {
        let mut walk = Walk {
            world: &world,
            done: BTreeSet::new(),
        };
        directory(&mut walk).await;
        configuration(&mut walk).await;
        assignments(&mut walk).await;
        imports(&mut walk).await;
        connection(&mut walk).await;
        let document = "{ __schema { mutationType { fields { name } } } }";
        let schema = world.owner.query(document, json!({})).await;
        let fields = schema["__schema"]["mutationType"]["fields"].as_array().unwrap();
        let all: BTreeSet<_> = fields.iter().map(|field| text(&field["name"])).collect();
        walk.done.extend(ELSEWHERE.map(str::to_owned));
        let missing: Vec<_> = all.difference(&walk.done).collect();
        assert!(
            missing.is_empty(),
            "no proof that these are told of; add them to the walk, or to ELSEWHERE with their proof: {missing:?}"
        );
    })
    .await;
}

async fn directory(walk: &mut Walk<'_>) {
    let made = walk
        .act("userCreate", somebody("zoe"), "user { id }", "user.create")
        .await;
    let zoe = &made["user"]["id"];
    let input = json!({ "userId": zoe, "title": "Baker" });
    walk.act("userUpdate", input, "", "user.update").await;
    walk.act(
        "userDeactivate",
        json!({ "userId": zoe }),
        "",
        "user.deactivate",
    )
    .await;
    walk.act(
        "userActivate",
        json!({ "userId": zoe }),
        "",
        "user.activate",
    )
    .await;

    let input = json!({ "name": "Clerk", "permissions": ["VIEW_USERS"] });
    let role = walk
        .act(
            "adminRoleCreate",
            input,
            "adminRole { id }",
            "adminRole.create",
        )
        .await["adminRole"]["id"]
        .clone();
    let input = json!({ "adminRoleId": role, "name": "Clerks" });
    walk.act("adminRoleUpdate", input, "", "adminRole.update")
        .await;
    let input = json!({ "userId": zoe, "adminRoleId": role });
    walk.act("userAdminRoleSet", input, "", "user.adminRoleSet")
        .await;
    walk.act("userDelete", json!({ "userId": zoe }), "", "user.delete")
        .await;
    walk.act(
        "adminRoleDelete",
        json!({ "adminRoleId": role }),
        "",
        "adminRole.delete",
    )
    .await;

    let input = json!({ "name": "Report", "scopes": ["VIEW_USERS"], "validForDays": 30 });
    let made = walk
        .act(
            "personalAccessTokenCreate",
            input,
            "personalAccessToken { id }",
            "personalAccessToken.create",
        )
        .await;
    let input = json!({ "personalAccessTokenId": made["personalAccessToken"]["id"] });
    walk.act(
        "personalAccessTokenRevoke",
        input,
        "",
        "personalAccessToken.revoke",
    )
    .await;

    let input = json!({ "label": "Badge", "dataType": "STRING" });
    let made = walk
        .act(
            "directoryFieldCreate",
            input,
            "field { id }",
            "directoryField.create",
        )
        .await;
    let field = &made["field"]["id"];
    let input = json!({ "fieldId": field, "label": "Badge number" });
    walk.act("directoryFieldUpdate", input, "", "directoryField.update")
        .await;
    walk.act(
        "directoryFieldDelete",
        json!({ "fieldId": field }),
        "",
        "directoryField.delete",
    )
    .await;
}

async fn configuration(walk: &mut Walk<'_>) {
    let now = walk
        .app("mappings { version } provisioningSettings { version } options { version }")
        .await;
    let field =
        |key: &str| json!({ "fieldId": URL_SAFE_NO_PAD.encode(format!("DirectoryField:{key}")) });
    let items: Vec<_> = [
        ("login", "userName"),
        ("email", "primaryEmail"),
        ("firstName", "givenName"),
        ("lastName", "familyName"),
    ]
    .map(|(attribute, key)| json!({ "attribute": attribute, "source": field(key) }))
    .to_vec();
    let input = json!({ "expectedVersion": now["mappings"]["version"], "items": items });
    walk.on_app("attributeMappingsSave", input, "attributeMappings.save")
        .await;
    let version = &now["provisioningSettings"]["version"];
    let input = json!({ "expectedVersion": version, "deleteUsers": false });
    walk.on_app(
        "provisioningSettingsSave",
        input,
        "provisioningSettings.save",
    )
    .await;
    let input = json!({ "expectedVersion": now["options"]["version"], "rateLimitShare": 50 });
    walk.on_app("appOptionsSave", input, "appOptions.save")
        .await;
    walk.on_app("provisioningPause", json!({}), "provisioning.pause")
        .await;
    walk.on_app("provisioningResume", json!({}), "provisioning.resume")
        .await;
}

async fn assignments(walk: &mut Walk<'_>) {
    let world = walk.world;
    let ann = world.person("ann").await;
    let targets = json!({ "userIds": [ann] });
    walk.on_app(
        "usersAssign",
        json!({ "targets": targets }),
        "assignment.create",
    )
    .await;
    world.reach(&ann, "IN_SYNC").await;
    let input = json!({ "targets": targets, "role": "HELP_DESK_ADMIN" });
    walk.on_app("assignmentsRoleChange", input, "assignment.changeRole")
        .await;
    world.reach(&ann, "IN_SYNC").await;
    walk.on_app(
        "usersUnassign",
        json!({ "targets": targets }),
        "assignment.delete",
    )
    .await;

    // Somebody whose Okta account holds a role that we did not give.
    let ben = somebody("ben");
    let profile = json!({ "login": ben["userName"], "email": ben["primaryEmail"], "firstName": "ben", "lastName": "Example" });
    world.create_in_okta(json!({ "profile": profile })).await;
    world.grant_in_okta("ben", "HELP_DESK_ADMIN").await;
    let ben = world.person("ben").await;
    world.assign(std::slice::from_ref(&ben), None).await;
    let blocked = world.reach(&ben, "BLOCKED").await;
    let input = json!({ "accountIds": [blocked["id"]] });
    walk.act("accountsRetry", input, "", "account.retry").await;
    let blocked = world.reach(&ben, "BLOCKED").await;
    let input =
        json!({ "accountId": blocked["id"], "oktaId": blocked["problem"]["candidateOktaId"] });
    walk.act("accountLinkConfirm", input, "", "account.confirmLink")
        .await;
    world.reach(&ben, "IN_SYNC").await;
}

async fn imports(walk: &mut Walk<'_>) {
    let world = walk.world;
    let cy = json!({ "login": "cy@acme.example", "email": "cy@acme.example", "firstName": "cy", "lastName": "Example" });
    world.create_in_okta(json!({ "profile": cy })).await;
    // Somebody who is changed here between the list and its confirmation, so that his candidate is stale.
    let dee = world.person("dee").await;
    let profile = json!({ "login": "dee@acme.example", "email": "dee@acme.example", "firstName": "Dee", "lastName": "Example" });
    world.create_in_okta(json!({ "profile": profile })).await;
    world.pass(600);
    for last in [false, true] {
        let input = json!({ "appId": world.app_id, "mode": "FULL" });
        let started = walk
            .act("importStart", input, "import { id }", "import.start")
            .await;
        let id = &started["import"]["id"];
        if last {
            walk.act(
                "importCancel",
                json!({ "importId": id }),
                "",
                "import.cancel",
            )
            .await;
            return;
        }
        ready(world, id, "READY").await;
        world.update(&dee, json!({ "givenName": "Deedee" })).await;
        let input = json!({ "importId": id, "candidates": { "matching": {} }, "selected": true });
        let selected = walk
            .act(
                "importCandidatesSelect",
                input,
                "import { selectionVersion }",
                "import.select",
            )
            .await;
        let version = &selected["import"]["selectionVersion"];
        let input = json!({ "importId": id, "expectedSelectionVersion": version });
        walk.act("importConfirm", input, "", "import.confirm").await;
        ready(world, id, "COMPLETED").await;
        let document = "query($id: ID!) { node(id: $id) { ... on Import { candidates(outcome: [STALE]) { nodes { id } } } } }";
        let found = world.owner.query(document, json!({ "id": id })).await;
        let stale = &found["node"]["candidates"]["nodes"][0]["id"];
        let input = json!({ "importId": id, "candidateIds": [stale] });
        let selection = "results { userErrors { code } }";
        let retried = walk
            .act("importCandidatesRetry", input, selection, "import.retry")
            .await;
        assert_eq!(retried["results"], json!([{ "userErrors": [] }]));
        ready(world, id, "COMPLETED").await;
    }
}

/// Waits until an import has a status.
async fn ready(world: &World, import: &Value, status: &str) {
    let document = "query($id: ID!) { node(id: $id) { ... on Import { status } } }";
    world
        .until(status, async || {
            let found = world.owner.query(document, json!({ "id": import })).await;
            (found["node"]["status"] == status).then_some(())
        })
        .await;
}

async fn connection(walk: &mut Walk<'_>) {
    let world = walk.world;
    walk.on_app("oktaSchemaRefresh", json!({}), "oktaOrg.refreshSchema")
        .await;
    walk.on_app("oktaOrgTest", json!({}), "oktaOrg.test").await;
    walk.on_app(
        "oktaAuthorizationStart",
        json!({}),
        "oktaAuthorization.start",
    )
    .await;
    walk.on_app("oktaOrgDisconnect", json!({}), "oktaOrg.disconnect")
        .await;
    walk.on_app("appRemove", json!({}), "app.remove").await;
    let added = walk.act("appAdd", json!({}), "app { id }", "app.add").await;
    let input = credentials(&world.app, added["app"]["id"].as_str().unwrap());
    walk.act("oktaOrgConfigure", input, "", "oktaOrg.configure")
        .await;
}
