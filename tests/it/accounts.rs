//! What can be done for an account.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, add_app, new_user};

async fn assigned(client: &Client, app: &str, names: &[&str]) -> Vec<Value> {
    let mut users = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let mut input = new_user(&format!("user{n}"));
        input["displayName"] = json!(name);
        users.push(client.done("userCreate", input, "user { id }").await["user"]["id"].clone());
    }
    let input = json!({ "appId": app, "targets": { "userIds": users } });
    let payload = client
        .done(
            "usersAssign",
            input,
            "results { assignmentEdge { node { account { id } } } }",
        )
        .await;
    let rows = payload["results"].as_array().unwrap().iter();
    rows.map(|row| row["assignmentEdge"]["node"]["account"]["id"].clone())
        .collect()
}

#[tokio::test]
async fn only_what_is_stuck_can_be_tried_again() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let mut accounts = assigned(&owner, &okta, &["Ann"]).await;
        accounts.push(json!("made-up"));
        let input = json!({ "accountIds": accounts });
        let retried = owner
            .done(
                "accountsRetry",
                input,
                "results { accountId account { state } userErrors { code field } }",
            )
            .await;
        assert_eq!(
            retried["results"][1]["userErrors"],
            json!([{ "code": "NOT_FOUND", "field": ["accountIds", "1"] }])
        );
        assert_eq!(retried["results"][0]["accountId"], accounts[0]);
        let confirm = json!({ "accountId": accounts[0], "oktaId": "00u1" });
        assert_eq!(
            owner.refused("accountLinkConfirm", confirm.clone()).await,
            ["NOT_POSSIBLE_NOW accountId"]
        );
        let rival = app.rival().await;
        assert_eq!(
            rival.refused("accountLinkConfirm", confirm.clone()).await,
            ["NOT_FOUND accountId"]
        );
        let clerk = app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        assert_eq!(
            clerk.mutate("accountLinkConfirm", confirm, "").await.code(),
            "FORBIDDEN"
        );
    })
    .await;
}
