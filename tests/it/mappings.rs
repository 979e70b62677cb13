//! The mapping: what is offered, what is refused and why, what a person's Okta profile becomes, what saving would set going.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, connect, new_user};

fn field(key: &str) -> Value {
    json!({ "fieldId": URL_SAFE_NO_PAD.encode(format!("DirectoryField:{key}")) })
}

fn line(attribute: &str, source: Value) -> Value {
    json!({ "attribute": attribute, "source": source })
}

fn constant(attribute: &str, value: Value) -> Value {
    line(attribute, json!({ "constant": value }))
}

/// The four attributes that Okta requires.
fn required() -> Vec<Value> {
    vec![
        line("login", field("userName")),
        line("email", field("primaryEmail")),
        line("firstName", field("givenName")),
        line("lastName", field("familyName")),
    ]
}

fn with(extra: impl IntoIterator<Item = Value>) -> Vec<Value> {
    required().into_iter().chain(extra).collect()
}

async fn connected(app: &TestApp, owner: &Client) -> String {
    let added = owner.done("appAdd", json!({}), "app { id }").await;
    let id = added["app"]["id"].as_str().unwrap().to_owned();
    connect(app, owner, &id).await;
    id
}

const SET: &str = "version status savedBy { id } items { attribute source { __typename \
    ... on DirectoryFieldSource { field { key } } ... on ConstantSource { value { ... on StringValue { string } } } } } \
    problems { code field }";

async fn read(client: &Client, app: &str, selection: &str) -> Value {
    let document = format!("query($id: ID!) {{ app(id: $id) {{ {selection} }} }}");
    client.query(&document, json!({ "id": app })).await["app"].clone()
}

fn input(app: &str, version: i64, items: Vec<Value>) -> Value {
    json!({ "appId": app, "expectedVersion": version, "items": items })
}

async fn save(client: &Client, app: &str, version: i64, items: Vec<Value>) -> Value {
    let selection = format!("mappings {{ {SET} }}");
    let payload = client
        .done(
            "attributeMappingsSave",
            input(app, version, items),
            &selection,
        )
        .await;
    payload["mappings"].clone()
}

#[tokio::test]
async fn attributes_come_from_the_orgs_own_schema() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let id = connected(&app, &owner).await;
            let selection = "oktaAttributes { name title dataType itemType required writable custom minLength maxLength pattern \
                             choices { label value { ... on StringValue { string } } } compatibleFields { key } } \
                             oktaAttributesCopy { fetchedAt stale } oktaRoles { type label description assignable reasonCode customRoleId }";
            let seen = read(&owner, &id, selection).await;
            let attributes = seen["oktaAttributes"].as_array().unwrap();
            assert_eq!(attributes.len(), 33, "31 base attributes and two of the org's own");
            let attribute = |name: &str| attributes.iter().find(|each| each["name"] == name).unwrap();
            let login = attribute("login");
            assert_eq!((&login["required"], &login["dataType"]), (&json!(true), &json!("STRING")));
            assert_eq!((&login["minLength"], &login["maxLength"]), (&json!(5), &json!(100)));
            assert!(login["compatibleFields"].as_array().unwrap().contains(&json!({ "key": "userName" })));
            let kind = attribute("employmentType");
            assert_eq!((&kind["custom"], &kind["required"]), (&json!(true), &json!(false)));
            assert_eq!(kind["choices"][1], json!({ "label": "Contractor", "value": { "string": "CONTRACTOR" } }));
            assert_eq!(seen["oktaAttributesCopy"]["stale"], false);

            let roles = seen["oktaRoles"].as_array().unwrap();
            let custom: Vec<_> = roles.iter().filter(|role| role["type"] == "CUSTOM").collect();
            assert_eq!(custom.len(), 2);
            assert!(custom.iter().all(|role| role["assignable"] == false && role["reasonCode"] == "CUSTOM_ROLE"));
            let ann = owner.done("userCreate", new_user("ann"), "user { id }").await["user"]["id"].clone();
            for role in [&custom[0]["label"], &custom[0]["customRoleId"], &json!("CUSTOM")] {
                let wish = json!({ "appId": id, "targets": { "userIds": [ann] }, "role": role });
                assert_eq!(owner.refused("usersAssign", wish).await, ["CUSTOM_ROLE_NOT_ASSIGNABLE role"]);
            }
        })
        .await;
}

#[tokio::test]
async fn a_default_is_offered_and_a_mapping_is_saved_over_it() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let id = connected(&app, &owner).await;
            let offered = read(&owner, &id, &format!("mappings {{ {SET} }} setup {{ nextStep }}")).await;
            assert_eq!(offered["setup"]["nextStep"], "MAP_ATTRIBUTES");
            let offered = &offered["mappings"];
            assert_eq!((&offered["status"], &offered["version"]), (&json!("DEFAULT"), &json!(0)));
            assert_eq!(offered["problems"], json!([]));
            let source = |attribute: &str| {
                let items = offered["items"].as_array().unwrap();
                items.iter().find(|item| item["attribute"] == attribute).unwrap()["source"]["field"]["key"].clone()
            };
            assert_eq!(
                ["login", "email", "firstName", "lastName", "secondEmail", "title", "countryCode"].map(source),
                ["userName", "primaryEmail", "givenName", "familyName", "secondaryEmail", "title", "country"].map(|key| json!(key))
            );

            let saved = save(&owner, &id, 0, with([constant("organization", json!({ "string": "  Acme  " }))])).await;
            assert_eq!((&saved["status"], &saved["version"]), (&json!("SAVED"), &json!(1)));
            assert_eq!(saved["savedBy"]["id"], owner.user_id);
            assert_eq!(saved["items"][4]["source"]["value"]["string"], "Acme");
            let again = save(&owner, &id, 1, with([constant("organization", json!({ "string": "Acme" }))])).await;
            assert_eq!(again["version"], 1, "saving what is there changes nothing");

            let late = owner.mutate("attributeMappingsSave", input(&id, 0, required()), "mappings { version } conflict { version savedBy { id } savedAt items { attribute } }").await;
            let late = late.data()["attributeMappingsSave"].clone();
            assert_eq!(late["userErrors"][0]["code"], "VERSION_CONFLICT");
            assert_eq!(late["conflict"]["version"], 1);
            assert_eq!(late["conflict"]["savedBy"]["id"], owner.user_id);
            assert_eq!(late["conflict"]["items"].as_array().unwrap().len(), 5);
        })
        .await;
}

#[tokio::test]
async fn every_fault_has_its_own_refusal() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let fresh = owner
                .done("appAdd", json!({ "name": "Fresh" }), "app { id }")
                .await["app"]["id"]
                .clone();
            let early = input(fresh.as_str().unwrap(), 0, required());
            assert_eq!(
                owner.refused("attributeMappingsSave", early).await,
                ["APP_NOT_CONNECTED appId"]
            );

            let id = connected(&app, &owner).await;
            let number = json!({ "label": "Desk", "dataType": "INTEGER" });
            let desk = owner
                .done("directoryFieldCreate", number, "field { id }")
                .await["field"]["id"]
                .clone();
            let items = vec![
                line("login", field("userName")),
                line("email", field("primaryEmail")),
                line("firstName", field("givenName")),
                line("nickname", field("nickName")),
                line("firstName", field("familyName")),
                line("title", field("noSuchField")),
                line("title2", json!({ "fieldId": "made-up" })),
                line("city", json!({ "fieldId": desk })),
                constant("department", json!({ "integer": 7 })),
                constant("employmentType", json!({ "string": "KING" })),
                constant("costCenterCode", json!({ "string": "x".repeat(13) })),
            ];
            let refused = owner
                .refused("attributeMappingsSave", input(&id, 0, items))
                .await;
            assert_eq!(
                refused,
                [
                    "UNKNOWN_ATTRIBUTE items.3.attribute",
                    "DUPLICATE_ATTRIBUTE items.4.attribute",
                    "UNKNOWN_FIELD items.5.source",
                    "UNKNOWN_ATTRIBUTE items.6.attribute",
                    "TYPE_MISMATCH items.7.source",
                    "TYPE_MISMATCH items.8.source",
                    "NOT_IN_CHOICES items.9.source",
                    "TOO_LONG items.10.source",
                    "REQUIRED_UNMAPPED items",
                ]
            );
            let constants = vec![
                constant("login", json!({ "string": "everybody@acme.example" })),
                line("email", field("primaryEmail")),
                line("firstName", field("givenName")),
                constant("lastName", json!({ "string": " " })),
                constant("costCenterCode", json!({ "string": "ab" })),
            ];
            assert_eq!(
                owner
                    .refused("attributeMappingsSave", input(&id, 0, constants))
                    .await,
                [
                    "CONSTANT_NOT_ALLOWED items.0.source",
                    "REQUIRED_UNMAPPED items.3.source",
                    "TOO_SHORT items.4.source"
                ]
            );
            let many: Vec<_> = (0..501)
                .map(|n| line(&format!("a{n}"), field("title")))
                .collect();
            assert_eq!(
                owner
                    .refused("attributeMappingsSave", input(&id, 0, many))
                    .await,
                ["TOO_MANY items"]
            );
            assert_eq!(
                read(&owner, &id, "mappings { version }").await["mappings"]["version"],
                0,
                "nothing was saved"
            );
        })
        .await;
}

#[tokio::test]
async fn a_mapping_that_the_org_outgrows_says_so() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let id = connected(&app, &owner).await;
            save(&owner, &id, 0, with([constant("employmentType", json!({ "string": "EMPLOYEE" }))])).await;
            let url = format!("{}/api/v1/meta/schemas/user/default", app.sandbox().base_url);
            let change = json!({ "definitions": { "custom": { "id": "#custom", "type": "object", "properties": { "employmentType": null } } } });
            let token = app.sandbox().config().api_token.clone();
            let request = app.http().post(url).header("authorization", format!("SSWS {token}"));
            assert!(request.json(&change).send().await.unwrap().status().is_success());

            owner.done("oktaSchemaRefresh", json!({ "appId": id }), "oktaOrg { status }").await;
            let seen = read(&owner, &id, &format!("mappings {{ {SET} }} setup {{ nextStep }} oktaAttributes {{ name }}")).await;
            assert_eq!(seen["oktaAttributes"].as_array().unwrap().len(), 32);
            assert_eq!(seen["mappings"]["status"], "INVALID");
            assert_eq!(
                seen["mappings"]["problems"],
                json!([{ "code": "UNKNOWN_ATTRIBUTE", "field": ["items", "4", "attribute"] }])
            );
            assert_eq!(seen["setup"]["nextStep"], "MAP_ATTRIBUTES");
        })
        .await;
}

const PREVIEW: &str = "query($app: ID!, $user: ID!, $mappings: [AttributeMappingInput!]) { app(id: $app) { \
    mappingPreview(userId: $user, mappings: $mappings) { user { id } state operations faults { attribute code } problems { code } problem { code } \
    attributes { attribute title changed value { ... on StringValue { string } } currentValue { ... on StringValue { string } } } } } }";

#[tokio::test]
async fn a_preview_shows_the_profile_and_what_would_change() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let id = connected(&app, &owner).await;
            let mut person = new_user("zoë");
            person["userName"] = json!("zoë@acme.example");
            person["title"] = json!("Ärztin 医者");
            let zoe = owner.done("userCreate", person, "user { id }").await["user"]["id"].clone();
            let on = json!({ "appId": id, "expectedVersion": 0, "createUsers": true, "updateUserProfile": true });
            let preview = async |mappings: Value| {
                let variables = json!({ "app": id, "user": zoe, "mappings": mappings });
                owner.query(PREVIEW, variables).await["app"]["mappingPreview"].clone()
            };
            let value = |preview: &Value, name: &str, of: &str| {
                let lines = preview["attributes"].as_array().unwrap();
                lines.iter().find(|line| line["attribute"] == name).unwrap()[of]["string"].clone()
            };

            let off = preview(Value::Null).await;
            assert_eq!(off["problem"]["code"], "CREATE_DISABLED", "the switches are still off");
            owner.done("provisioningSettingsSave", on, "").await;
            let made = preview(Value::Null).await;
            assert_eq!(made["operations"], json!(["CREATE"]));
            assert_eq!(value(&made, "title", "value"), "Ärztin 医者");
            assert_eq!(value(&made, "title", "currentValue"), Value::Null);

            let tried = with([
                constant("title", json!({ "string": "Doctor" })),
                constant("employmentType", json!({ "string": "KING" })),
            ]);
            let tried = preview(json!(tried)).await;
            assert_eq!(value(&tried, "title", "value"), "Doctor");
            assert_eq!(tried["faults"], json!([{ "attribute": "employmentType", "code": "NOT_IN_CHOICES" }]));
            assert_eq!(tried["problems"], json!([{ "code": "NOT_IN_CHOICES" }]));
            assert_eq!(read(&owner, &id, "mappings { version }").await["mappings"]["version"], 0, "nothing is saved");

            let nobody = json!({ "app": id, "user": app.rival().await.user_id });
            assert_eq!(owner.query(PREVIEW, nobody).await["app"]["mappingPreview"], Value::Null);
            let viewer = app.custom("viewer", &["VIEW_APPS"]).await;
            let refused = viewer.send(PREVIEW, json!({ "app": id, "user": zoe })).await;
            assert_eq!(refused.code(), "FORBIDDEN", "previews show a person's values");
        })
        .await;
}

#[tokio::test]
async fn the_impact_is_known_before_anything_is_saved() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let id = connected(&app, &owner).await;
            let mut users = Vec::new();
            for name in ["ann", "ben", "cleo"] {
                let mut person = new_user(name);
                person["userName"] = person["primaryEmail"].clone();
                users.push(owner.done("userCreate", person, "user { id }").await["user"]["id"].clone());
            }
            let assign = json!({ "appId": id, "targets": { "userIds": users[..2] } });
            owner.done("usersAssign", assign, "").await;
            crate::support::wait_until("both are blocked", 20, async || {
                let seen = read(&owner, &id, "syncStatus { blocked }").await;
                (seen["syncStatus"]["blocked"] == 2).then_some(())
            })
            .await;
            let document = "query($app: ID!, $change: ImpactChangeInput!) { app(id: $app) { impactPreview(change: $change) { \
                accountCount examinedCount affectedCount newlyBlockedCount unblockedCount operations { kind count } examples { id } problems { code } } } }";
            let before = app.sandbox().effects_since(0).len();
            let impact = async |change: Value| {
                let variables = json!({ "app": id, "change": change });
                owner.query(document, variables).await["app"]["impactPreview"].clone()
            };
            let on = impact(json!({ "settings": { "createUsers": true } })).await;
            assert_eq!(
                (&on["accountCount"], &on["affectedCount"], &on["unblockedCount"]),
                (&json!(2), &json!(2), &json!(2))
            );
            assert_eq!(on["operations"], json!([{ "kind": "CREATE", "count": 2 }]));
            assert_eq!(on["examples"].as_array().unwrap().len(), 2);
            let nothing = impact(json!({ "settings": { "deleteUsers": true } })).await;
            assert_eq!((&nothing["affectedCount"], &nothing["operations"]), (&json!(0), &json!([])));
            let broken = impact(json!({ "mappings": [line("nope", field("title"))] })).await;
            assert_eq!(broken["problems"][0]["code"], "UNKNOWN_ATTRIBUTE");
            assert_eq!(app.sandbox().effects_since(0).len(), before, "looking ahead does nothing");
        })
        .await;
}
