//! GraphiQL's tabs, run from left to right as a person does who tries the API: each must work as it stands.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::support::connect::{
    authorization, connect, consent_page, credentials, decide, okta_org,
};
use crate::support::{Browser, Client, Socket, TestApp, add_app, wait_until};

/// What the tabs make of the person who gets the app. Okta takes the role away with the deactivation, so it is given again.
const JOURNEY: [&str; 9] = [
    "user.create",
    "role.grant",
    "user.update",
    "user.deactivate",
    "user.activate",
    "role.grant",
    "role.revoke",
    "role.grant",
    "role.revoke",
];

/// One operation of `graphiql/operations`.
struct Tab {
    name: String,
    query: String,
    variables: Value,
}

fn graphiql(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("graphiql")
        .join(path)
}

fn read_json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn tabs() -> Vec<Tab> {
    let files = std::fs::read_dir(graphiql("operations")).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "graphql"));
    paths.sort();
    let tab = |path: PathBuf| {
        let variables = path.with_extension("variables.json");
        Tab {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            query: std::fs::read_to_string(&path).unwrap(),
            variables: if variables.exists() {
                read_json(&variables)
            } else {
                json!({})
            },
        }
    };
    paths.into_iter().map(tab).collect()
}

/// What `graphiql/src/placeholders.js` does, from the same table.
struct Placeholders {
    table: Value,
    client: Client,
}

impl Placeholders {
    async fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if self.rule(text).is_object() => self.resolve(text).await,
            Value::Array(items) => {
                let mut filled = Vec::new();
                for item in items {
                    match Box::pin(self.fill(item)).await {
                        Value::Array(several) => filled.extend(several),
                        one => filled.push(one),
                    }
                }
                filled.into()
            }
            Value::Object(fields) => {
                let mut filled = Map::new();
                for (name, field) in fields {
                    filled.insert(name.clone(), Box::pin(self.fill(field)).await);
                }
                filled.into()
            }
            other => other.clone(),
        }
    }

    fn rule(&self, text: &str) -> &Value {
        let name = text.strip_prefix('$').unwrap_or_default();
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        &self.table[name]
    }

    async fn resolve(&self, text: &str) -> Value {
        let rule = self.rule(text);
        let query = rule["query"].as_str().unwrap();
        let variables = match query.contains("$app") {
            true => json!({ "app": Box::pin(self.resolve("$app")).await }),
            false => json!({}),
        };
        let data = self.client.query(query, variables).await;
        let key = text.split_once(':').map(|(_, key)| key);
        let unwanted = found(&data, "not", None);
        let mut values = found(&data, "value", key);
        values.retain(|value| !value.is_null() && !unwanted.contains(value));
        assert!(!values.is_empty(), "{text}: {}", rule["missing"]);
        match rule["atMost"].as_u64() {
            Some(most) => values.into_iter().take(most as usize).collect(),
            None => values.swap_remove(0),
        }
    }
}

/// The fields of this alias, in their order; with a key, only those beside it.
fn found(node: &Value, alias: &str, key: Option<&str>) -> Vec<Value> {
    let mut values = Vec::new();
    if node.get(alias).is_some() && key.is_none_or(|key| node["key"] == key) {
        values.push(node[alias].clone());
    }
    let children: Vec<_> = match node {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    values.extend(
        children
            .into_iter()
            .flat_map(|child| found(child, alias, key)),
    );
    values
}

/// Fails when anything below `value` was refused.
fn assert_not_refused(tab: &str, value: &Value) {
    if let Some(errors) = value.get("userErrors") {
        assert_eq!(errors, &json!([]), "{tab}");
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| assert_not_refused(tab, item)),
        Value::Object(fields) => fields
            .values()
            .for_each(|field| assert_not_refused(tab, field)),
        _ => {}
    }
}

/// What a person types over before the first run: the org, of which nothing is known yet.
async fn enter_org(app: &TestApp, placeholders: &Placeholders, variables: &mut Value) {
    let app_id = placeholders.resolve("$app").await;
    variables["input"] = credentials(app, app_id.as_str().unwrap());
}

/// What a person does in the browser after the tab that starts the authorization.
async fn consent(app: &TestApp, client: &Client, started: &Value) {
    let started = &started["oktaAuthorizationStart"];
    let mut browser = Browser::default();
    let url = started["authorizationUrl"].as_str().unwrap();
    let page = consent_page(app, &mut browser, url).await;
    let back = decide(app, &mut browser, &page, "allow").await;
    browser.get(&back).await;
    let id = started["authorization"]["id"].as_str().unwrap();
    assert_eq!(authorization(client, id).await["status"], "SUCCEEDED");
}

/// Waits until nothing is left to do, and nobody is stuck.
async fn settled(client: &Client) {
    let query = "{ apps { nodes { syncStatus { settled blocked } } } }";
    wait_until("the work to be done", 30, async || {
        let apps = client.query(query, json!({})).await["apps"]["nodes"].take();
        let done = json!({ "syncStatus": { "settled": true, "blocked": 0 } });
        apps.as_array()
            .unwrap()
            .iter()
            .all(|app| *app == done)
            .then_some(())
    })
    .await;
}

async fn run(app: &TestApp, client: &Client, tab: &Tab, variables: Value) -> Value {
    if tab.query.contains("\nsubscription ") {
        let mut socket =
            Socket::subscribe(&app.base_url, client.token(), &tab.query, variables).await;
        return socket.event().await;
    }
    client.query(&tab.query, variables).await
}

#[tokio::test]
async fn every_tab_works_from_left_to_right() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let placeholders = Placeholders {
                table: read_json(&graphiql("src/placeholders.json")),
                client: owner.clone(),
            };
            for tab in tabs() {
                let mut variables = tab.variables.clone();
                if tab.query.contains("oktaOrgConfigure(") {
                    enter_org(&app, &placeholders, &mut variables).await;
                }
                let variables = placeholders.fill(&variables).await;
                let data = run(&app, &owner, &tab, variables).await;
                assert_not_refused(&tab.name, &data);
                if tab.query.contains("oktaAuthorizationStart(") {
                    consent(&app, &owner, &data).await;
                }
                settled(&owner).await;
            }
            assert_eq!(effects(&app), JOURNEY);
        })
        .await;
}

#[tokio::test]
async fn entering_the_same_org_again_changes_nothing() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            connect(&app, &owner, &app_id).await;
            let before = okta_org(&owner, &app_id).await;
            let placeholders = Placeholders {
                table: read_json(&graphiql("src/placeholders.json")),
                client: owner.clone(),
            };
            let tabs = tabs();
            let configure = tabs
                .iter()
                .find(|tab| tab.query.contains("oktaOrgConfigure("));
            let configure = configure.unwrap();
            let variables = placeholders.fill(&configure.variables).await;
            let data = run(&app, &owner, configure, variables).await;
            assert_not_refused(&configure.name, &data);
            let after = okta_org(&owner, &app_id).await;
            assert_eq!(
                (after, &before["status"]),
                (before.clone(), &json!("CONNECTED"))
            );
        })
        .await;
}

/// What happened to people in the org.
fn effects(app: &TestApp) -> Vec<String> {
    let effects = app.sandbox().effects_since(0).into_iter();
    effects
        .map(|effect| effect.kind)
        .filter(|kind| !kind.starts_with("token."))
        .collect()
}
