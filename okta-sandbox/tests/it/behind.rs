//! What changes in the org behind a client's back: consents, tokens, the schema.

use std::time::Duration;

use okta_sandbox::SchemaChange;
use serde_json::{Value, json};

use crate::{
    harness::{Got, Harness, finish, profile, text},
    plan::follow,
};

async fn as_panel(okta: &Harness, token: &str) -> Got {
    let request = okta.http.get(okta.url("/api/v1/users"));
    finish(request.header("authorization", format!("Bearer {token}"))).await
}

#[tokio::test]
async fn a_consent_is_revoked_in_the_middle_of_a_run() {
    let okta = Harness::start().await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    let token = text(&tokens, "access_token");
    let rule = json!({ "match": { "pathContains": "/api/v1/" }, "after": 2, "times": 1, "fault": { "kind": "revokeTokens" } });
    follow(&okta, json!([rule])).await;
    for _ in 0..2 {
        as_panel(&okta, token).await.expect(200, "");
    }
    for _ in 0..2 {
        as_panel(&okta, token).await.expect(401, "E0000011");
    }
    let refused = okta.refresh(text(&tokens, "refresh_token")).await;
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (400, Some("invalid_grant"))
    );
    let fresh = okta.tokens("okta.users.manage").await;
    as_panel(&okta, text(&fresh, "access_token"))
        .await
        .expect(200, "");
}

#[tokio::test]
async fn access_tokens_can_end_before_their_time() {
    let okta = Harness::start().await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    follow(
        &okta,
        json!([{ "times": 1, "fault": { "kind": "expireAccessTokens" } }]),
    )
    .await;
    as_panel(&okta, text(&tokens, "access_token"))
        .await
        .expect(401, "E0000011");
    let fresh = okta.refresh(text(&tokens, "refresh_token")).await.ok();
    as_panel(&okta, text(&fresh, "access_token"))
        .await
        .expect(200, "");
}

#[tokio::test]
async fn an_answer_to_a_rotating_refresh_gets_lost() {
    let okta = Harness::start().await;
    okta.put(
        "/_control/config",
        json!({ "refreshTokens": { "rotating": { "graceSeconds": 30 } } }),
    )
    .await
    .expect(200, "");
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    let token = text(&tokens, "refresh_token");
    let rule = json!({
        "match": { "route": "/oauth2/v1/token", "bodyContains": "grant_type=refresh_token" },
        "times": 1, "fault": { "kind": "dropAfterEffect" },
    });
    follow(&okta, json!([rule])).await;
    okta.tokens("okta.users.manage").await;
    let client = &okta.sandbox.config().client;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
    ];
    let request = okta.http.post(okta.url("/oauth2/v1/token")).form(&form);
    request.send().await.unwrap_err();
    okta.refresh(token).await.expect(200, "");
    okta.sandbox.clock().advance(Duration::from_secs(31));
    okta.refresh(token).await.expect(400, "");
    assert_eq!(okta.kinds_since(0).last().unwrap(), "token.reuse");
}

#[tokio::test]
async fn the_schema_changes_behind_ones_back() {
    let okta = Harness::start().await;
    let schema = async || okta.get("/api/v1/meta/schemas/user/default").await.ok();
    let custom = async || schema().await["definitions"]["custom"].clone();
    let change = async |change: Value| okta.post("/_control/schema", change).await;
    let badge =
        json!({ "add": { "name": "badge", "definition": { "title": "Badge", "type": "string" } } });
    change(badge).await.expect(200, "");
    let mut body = json!({ "profile": profile("ada@acme.org") });
    body["profile"]["badge"] = json!("A1");
    let user = okta.post("/api/v1/users", body.clone()).await.ok();
    let path = format!("/api/v1/users/{}", text(&user, "id"));

    change(json!({ "require": "badge" })).await.expect(200, "");
    assert_eq!(custom().await["required"], json!(["badge"]));
    let without = json!({ "profile": profile("bob@acme.org") });
    okta.post("/api/v1/users", without)
        .await
        .expect(400, "E0000001");

    change(json!({ "retype": { "name": "badge", "to": "integer" } }))
        .await
        .expect(200, "");
    assert_eq!(custom().await["properties"]["badge"]["type"], "integer");
    assert!(okta.get(&path).await.ok()["profile"].get("badge").is_none());

    let rule = json!({ "match": { "method": "POST" }, "after": 1, "times": 1, "fault": { "kind": "changeSchema", "change": { "remove": "badge" } } });
    follow(&okta, json!([rule])).await;
    let update = json!({ "profile": { "badge": 7 } });
    okta.post(&path, update.clone()).await.expect(200, "");
    okta.post(&path, update).await.expect(400, "E0000001");
    assert!(custom().await["properties"].get("badge").is_none());
    assert_eq!(change(json!({ "remove": "badge" })).await.status, 400);
    assert_eq!(change(json!({ "remove": "login" })).await.status, 400);
    assert!(
        okta.sandbox
            .change_schema(&SchemaChange::Require("title".into()))
            .is_ok()
    );
    assert!(!okta.kinds_since(0).contains(&"schema.update".into()));
}
