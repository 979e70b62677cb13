//! Two processes on one database.

use std::sync::Arc;
use std::time::Duration;

use provisioner::startup;
use serde_json::{Value, json};

use crate::support::{Socket, TestApp, add_app, credentials, wait_until};

/// Time that passes: enough for what is gathered to be told, and with the real seconds below less than the ten after which a watcher looks by
/// itself.
const PASSES: Duration = Duration::from_secs(2);
/// Real seconds.
const PATIENCE_S: u64 = 6;

#[tokio::test]
async fn what_one_process_commits_the_watchers_of_another_hear() {
    let app = TestApp::builder().sandbox().on_postgres().await;
    let app_id = add_app(&app, None).await;
    let owner = app.owner().await;
    let entered = credentials(&app, &app_id);
    owner.done("oktaOrgConfigure", entered.clone(), "").await;
    let clock = Arc::new(app.clock.clone());
    let other = startup::start(app.config.clone(), clock).await.unwrap();
    let elsewhere = format!("http://{}", other.address);

    let document = "subscription($app: ID!) { oktaOrgChanged(appId: $app) { clientId } }";
    let variables = json!({ "app": app_id });
    let mut socket = Socket::subscribe(&elsewhere, owner.token(), document, variables).await;
    let first = socket.event().await["oktaOrgChanged"]["clientId"].clone();
    assert_eq!(first, entered["clientId"]);

    let mut anew = entered;
    anew["clientId"] = json!("0oa9");
    owner.done("oktaOrgConfigure", anew, "").await;
    let told = heard(&app, &mut socket).await;
    assert_eq!(
        told["payload"]["data"]["oktaOrgChanged"]["clientId"],
        "0oa9"
    );
    other.stop().await;
}

#[tokio::test]
async fn a_token_that_one_process_revokes_has_no_stream_at_another() {
    let app = TestApp::builder().on_postgres().await;
    let app_id = add_app(&app, None).await;
    let owner = app.owner().await;
    let clock = Arc::new(app.clock.clone());
    let other = startup::start(app.config.clone(), clock).await.unwrap();
    let elsewhere = format!("http://{}", other.address);
    let input = json!({ "name": "a", "scopes": ["VIEW_APPS"], "validForDays": 1 });
    let selection = "secret personalAccessToken { id }";
    let made = owner.done("personalAccessTokenCreate", input, selection);
    let made = made.await;

    let document = "subscription($app: ID!) { syncStatus(appId: $app) { total } }";
    let (secret, variables) = (made["secret"].as_str().unwrap(), json!({ "app": app_id }));
    let mut socket = Socket::subscribe(&elsewhere, secret, document, variables).await;
    assert_eq!(socket.event().await["syncStatus"]["total"], 0);
    let input = json!({ "personalAccessTokenId": made["personalAccessToken"]["id"] });
    owner.done("personalAccessTokenRevoke", input, "").await;
    assert_eq!(heard(&app, &mut socket).await["type"], "complete");
    other.stop().await;
}

/// What comes next, while so little time passes that no watcher looks by itself.
async fn heard(app: &TestApp, socket: &mut Socket) -> Value {
    let message = socket.hear();
    tokio::pin!(message);
    let mut waited = Duration::ZERO;
    wait_until("the other process", PATIENCE_S, async || {
        let step = Duration::from_millis(100);
        if waited < PASSES {
            app.clock.advance(step);
            waited += step;
        }
        let soon = Duration::from_millis(20);
        tokio::time::timeout(soon, &mut message).await.ok()
    })
    .await
}
