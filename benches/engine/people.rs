//! People of the directory, what is done to them, and the wait until Okta has it.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::support::{Client, profile};

/// Requests that an administrator's client has under way at a time.
const AT_ONCE: usize = 16;
/// Between two looks at the work.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Switches on everything that reaches Okta.
pub async fn switch_on(owner: &Client, app: &str) {
    let document = "query($id: ID!) { app(id: $id) { provisioningSettings { version } } }";
    let found = owner.query(document, json!({ "id": app })).await;
    let version = &found["app"]["provisioningSettings"]["version"];
    let input = json!({
        "appId": app, "expectedVersion": version, "createUsers": true, "updateUserProfile": true, "deleteUsers": true,
        "activateAndDeactivateUsers": true,
    });
    owner.done("provisioningSettingsSave", input, "").await;
}

/// Adds people to the directory; answers their ids.
pub async fn add(owner: &Client, numbers: std::ops::Range<usize>) -> Vec<String> {
    let inputs = numbers.map(|n| {
        let okta = profile(n);
        json!({
            "userName": okta["login"], "primaryEmail": okta["email"],
            "givenName": okta["firstName"], "familyName": okta["lastName"],
        })
    });
    stream::iter(inputs)
        .map(async |input| {
            let made = owner.done("userCreate", input, "user { id }").await;
            made["user"]["id"].as_str().unwrap().to_owned()
        })
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// Runs a mutation for each of these people.
pub async fn each(owner: &Client, mutation: &str, people: &[String], values: Value) {
    stream::iter(people)
        .for_each_concurrent(AT_ONCE, async |person| {
            let mut input = values.clone();
            input["userId"] = json!(person);
            owner.done(mutation, input, "").await;
        })
        .await;
}

/// Runs a mutation about an app and people.
pub async fn together(owner: &Client, mutation: &str, app: &str, people: &[String], values: Value) {
    for some in people.chunks(100) {
        let mut input = values.clone();
        input["appId"] = json!(app);
        input["targets"] = json!({ "userIds": some });
        let done = owner
            .done(mutation, input, "results { userErrors { code } }")
            .await;
        let results = done["results"].as_array().unwrap();
        assert!(
            results.iter().all(|row| row["userErrors"] == json!([])),
            "{done:#}"
        );
    }
}

/// Approves what is held.
pub async fn approve(owner: &Client, app: &str) {
    let document = "query($id: ID!) { app(id: $id) { deprovisioningHolds(statuses: [OPEN]) { nodes { id version } } } }";
    let found = owner.query(document, json!({ "id": app })).await;
    let holds = found["app"]["deprovisioningHolds"]["nodes"].as_array();
    for hold in holds.unwrap() {
        let input = json!({ "holdId": hold["id"], "expectedVersion": hold["version"] });
        owner.done("deprovisioningHoldApprove", input, "").await;
    }
}

/// How far the work is.
pub async fn status(owner: &Client, app: &str) -> Value {
    let document = "query($id: ID!) { app(id: $id) { syncStatus { counts { state count } estimatedCompletion at } } }";
    let found = owner.query(document, json!({ "id": app })).await;
    found["app"]["syncStatus"].clone()
}

/// Accounts in a state.
pub fn in_state(status: &Value, state: &str) -> u64 {
    let counts = status["counts"].as_array().unwrap().iter();
    let mut found = counts.filter(|row| row["state"] == state);
    found.next().unwrap()["count"].as_u64().unwrap()
}

/// Waits until nothing is left to do.
pub async fn settled(owner: &Client, app: &str) {
    let busy = ["PENDING", "RUNNING", "CHECKING", "WAITING"];
    loop {
        let now = status(owner, app).await;
        if busy.iter().all(|state| in_state(&now, state) == 0) {
            assert_eq!(in_state(&now, "BLOCKED"), 0, "{now:#}");
            return;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
