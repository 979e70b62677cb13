//! Two processes on one database.

use std::sync::Arc;
use std::time::Duration;

use provisioner::startup;
use serde_json::json;

use crate::support::{Socket, TestApp, add_app, wait_until};

/// How long a watcher waits at most until it looks by itself.
const LOOKS_AFTER: Duration = Duration::from_secs(10);

#[tokio::test]
async fn what_one_process_commits_the_watchers_of_another_hear() {
    let app = TestApp::builder().on_postgres().await;
    let app_id = add_app(&app, None).await;
    let owner = app.owner().await;
    let clock = Arc::new(app.clock.clone());
    let other = startup::start(app.config.clone(), clock).await.unwrap();
    let elsewhere = format!("http://{}", other.address);

    let document = "subscription($app: ID!) { syncStatus(appId: $app) { total } }";
    let variables = json!({ "app": app_id });
    let mut socket = Socket::subscribe(&elsewhere, owner.token(), document, variables).await;
    assert_eq!(socket.event().await["syncStatus"]["total"], 0);

    let person = owner
        .done("userCreate", crate::support::new_user("ada"), "user { id }")
        .await["user"]["id"]
        .clone();
    let input = json!({ "appId": app_id, "targets": { "userIds": [person] } });
    owner.done("usersAssign", input, "").await;
    let mut waited = Duration::ZERO;
    let told = async { socket.event().await["syncStatus"]["total"].clone() };
    tokio::pin!(told);
    let total = wait_until("the other process", 20, async || {
        let step = Duration::from_millis(100);
        if waited + step < LOOKS_AFTER {
            app.clock.advance(step);
            waited += step;
        }
        tokio::time::timeout(Duration::from_millis(20), &mut told)
            .await
            .ok()
    })
    .await;
    assert_eq!(total, 1);
    other.stop().await;
}
