//! Subscriptions: the present state first, then what changes, and only for those who may see it.

use serde_json::{Value, json};

use crate::support::{Client, Socket, TestApp, add_app, new_user};

const ACCOUNTS: &str = "subscription($app: ID!, $accounts: [ID!]!) \
    { accountChanged(appId: $app, accountIds: $accounts) { snapshot accounts { id revision assignment { role { type } } } } }";

async fn assigned(client: &Client, app: &str, name: &str) -> (Value, Value) {
    let user = client
        .done("userCreate", new_user(name), "user { id }")
        .await["user"]["id"]
        .clone();
    let input = json!({ "appId": app, "targets": { "userIds": [user] } });
    let payload = client
        .done(
            "usersAssign",
            input,
            "results { assignmentEdge { node { account { id } } } }",
        )
        .await;
    let account = payload["results"][0]["assignmentEdge"]["node"]["account"]["id"].clone();
    (user, account)
}

async fn change_role(client: &Client, app: &str, user: &Value, role: &str) {
    let input = json!({ "appId": app, "targets": { "userIds": [user] }, "role": role });
    client.done("assignmentsRoleChange", input, "").await;
}

#[tokio::test]
async fn accounts_are_shown_first_and_then_as_they_change() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let (ann, account) = assigned(&owner, &okta, "ann").await;
        let (ben, _) = assigned(&owner, &okta, "ben").await;
        let variables = json!({ "app": okta, "accounts": [account, "made-up"] });
        let mut socket = Socket::subscribe(&app.base_url, owner.token(), ACCOUNTS, variables).await;
        let first = socket.event().await["accountChanged"].clone();
        assert_eq!(first["snapshot"], true);
        assert_eq!(first["accounts"].as_array().unwrap().len(), 1);

        change_role(&owner, &okta, &ben, "APP_ADMIN").await;
        for role in ["APP_ADMIN", "REPORT_ADMIN", "HELP_DESK_ADMIN"] {
            change_role(&owner, &okta, &ann, role).await;
        }
        let mut revision = first["accounts"][0]["revision"].as_i64().unwrap();
        loop {
            let event = socket.event().await["accountChanged"].clone();
            assert_eq!(event["snapshot"], false);
            let shown = &event["accounts"][0];
            assert_eq!(shown["id"], account, "only what is followed");
            assert!(shown["revision"].as_i64().unwrap() > revision, "only news");
            revision = shown["revision"].as_i64().unwrap();
            if shown["assignment"]["role"]["type"] == "HELP_DESK_ADMIN" {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_the_permission() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let clerk = app.custom("clerk", &["VIEW_APPS"]).await;
        let (ann, account) = assigned(&owner, &okta, "ann").await;
        let variables = json!({ "app": okta, "accounts": [account] });
        let mut socket = Socket::subscribe(&app.base_url, clerk.token(), ACCOUNTS, variables).await;
        assert_eq!(socket.event().await["accountChanged"]["snapshot"], true);
        owner
            .done("userDeactivate", json!({ "userId": clerk.user_id }), "")
            .await;
        change_role(&owner, &okta, &ann, "APP_ADMIN").await;
        assert_eq!(socket.hear().await["type"], "complete");
    })
    .await;
}

#[tokio::test]
async fn a_stream_in_which_nothing_happens_ends_with_the_permission_too() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let clerk = app.custom("clerk", &["VIEW_APPS"]).await;
        let document = "subscription($app: ID!) { syncStatus(appId: $app) { total } }";
        let variables = json!({ "app": okta });
        let mut socket = Socket::subscribe(&app.base_url, clerk.token(), document, variables).await;
        assert_eq!(socket.event().await["syncStatus"]["total"], 0);
        owner
            .done("userDeactivate", json!({ "userId": clerk.user_id }), "")
            .await;
        let ended = async { while socket.hear().await["type"] != "complete" {} };
        let passing = async {
            loop {
                app.clock.advance(std::time::Duration::from_secs(1));
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = ended => {}
            () = passing => {}
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_watches_what_he_may_not_see() {
    TestApp::on_both(async |app| {
        let okta = add_app(&app, None).await;
        let owner = app.owner().await;
        let (_, account) = assigned(&owner, &okta, "ann").await;
        let status = "subscription($app: ID!) { syncStatus(appId: $app) { total } }";
        for (client, code) in [
            (app.member().await, "FORBIDDEN"),
            (app.rival().await, "NOT_FOUND"),
        ] {
            let variables = json!({ "app": okta, "accounts": [account] });
            let mut socket =
                Socket::subscribe(&app.base_url, client.token(), ACCOUNTS, variables).await;
            assert!(socket.hear().await.to_string().contains(code));
            let variables = json!({ "app": okta });
            let mut socket =
                Socket::subscribe(&app.base_url, client.token(), status, variables).await;
            assert!(socket.hear().await.to_string().contains(code));
        }
    })
    .await;
}

#[tokio::test]
async fn progress_is_counted() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        assigned(&owner, &okta, "ann").await;
        let document = "subscription($app: ID!) { syncStatus(appId: $app) { total counts { state count } oldestPendingAt } }";
        let variables = json!({ "app": okta });
        let mut socket = Socket::subscribe(&app.base_url, owner.token(), document, variables).await;
        assert_eq!(socket.event().await["syncStatus"]["total"], 1);
        assigned(&owner, &okta, "ben").await;
        let mut total = 1;
        while total != 2 {
            let status = socket.event().await["syncStatus"].clone();
            total = status["total"].as_i64().unwrap();
            assert_eq!(status["counts"].as_array().unwrap().len(), 9);
        }
    })
    .await;
}
