//! What the server keeps on disk, and how it starts and stops.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn keys_and_database_are_for_the_servers_user_alone() {
    TestApp::on_both(async |app| {
        let mode =
            |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(app.data_dir()), 0o700);
        for key in ["signing.key", "sealing.key"] {
            assert_eq!(mode(&app.data_dir().join(key)), 0o600, "{key}");
        }
        app.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_token_counts_only_in_its_header() {
    TestApp::on_both(async |app| {
        let token = app.owner().await.token().to_owned();
        let request = app.http().get(format!("{}/graphql", app.base_url));
        let query = [
            ("query", "{ viewer { user { id } } }"),
            ("access_token", &token),
        ];
        let request = request.query(&query).header("accept", "application/json");
        assert_eq!(request.send().await.unwrap().status(), 401);
    })
    .await;
}

#[tokio::test]
async fn an_org_beside_the_server_sees_nothing_before_it_is_connected() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            owner
                .done("userCreate", crate::support::new_user("ann"), "")
                .await;
            owner.query("{ users { totalCount } }", json!({})).await;
            assert!(app.sandbox().requests_since(0).is_empty());
        })
        .await;
}
