//! Refreshing and revoking.

use std::time::Duration;

use okta_sandbox::{RefreshPolicy, Settings};

use crate::harness::{Harness, finish, refused, text};

async fn rotating(grace_seconds: u32) -> Harness {
    let refresh_tokens = RefreshPolicy::Rotating { grace_seconds };
    let settings = Settings {
        refresh_tokens,
        ..Settings::default()
    };
    Harness::with(|builder| builder.settings(settings)).await
}

#[tokio::test]
async fn static_refresh_tokens_stay() {
    let okta = Harness::start().await;
    let tokens = okta
        .tokens("offline_access okta.users.manage okta.logs.read")
        .await;
    let token = text(&tokens, "refresh_token");
    let again = okta.refresh(token).await.ok();
    assert_eq!(again["refresh_token"], token);
    assert_ne!(again["access_token"], tokens["access_token"]);
    let narrow = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("scope", "okta.logs.read"),
    ];
    assert_eq!(okta.token(&narrow).await.ok()["scope"], "okta.logs.read");
    let wide = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("scope", "okta.apps.read"),
    ];
    refused(okta.token(&wide).await, 400, "invalid_scope");
    okta.sandbox
        .clock()
        .advance(Duration::from_secs(90 * 24 * 3600));
    refused(okta.refresh(token).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_rotated_token_works_for_its_grace_and_then_ends_the_family() {
    let mut okta = rotating(30).await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    let first = text(&tokens, "refresh_token").to_owned();
    let second = okta.refresh(&first).await.ok();
    assert_ne!(second["refresh_token"], tokens["refresh_token"]);
    okta.sandbox.clock().advance(Duration::from_secs(29));
    let retried = okta.refresh(&first).await.ok();
    okta.sandbox.clock().advance(Duration::from_secs(1));
    let start = okta.sandbox.position();
    refused(okta.refresh(&first).await, 400, "invalid_grant");
    assert_eq!(okta.kinds_since(start), ["token.reuse"]);
    refused(
        okta.refresh(text(&retried, "refresh_token")).await,
        400,
        "invalid_grant",
    );
    let log = okta.get("/api/v1/logs?q=detect_reuse").await.ok();
    assert_eq!(log[0]["eventType"], "app.oauth2.token.detect_reuse");
    okta.bearer(text(&retried, "access_token"));
    okta.get("/api/v1/users").await.expect(401, "E0000011");
}

#[tokio::test]
async fn revoking_a_refresh_token_kills_its_access_token_but_not_the_reverse() {
    let mut okta = Harness::start().await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    let (id, secret) = (
        okta.sandbox.config().client.id.clone(),
        okta.sandbox.config().client.secret.clone(),
    );
    let revoke = |token: &str| {
        let request = okta
            .http
            .post(okta.url("/oauth2/v1/revoke"))
            .basic_auth(&id, Some(&secret));
        finish(request.form(&[("token", token)]))
    };
    assert_eq!(revoke("unknown").await.expect(200, "").text, "");
    revoke(text(&tokens, "access_token")).await.expect(200, "");
    let next = okta.refresh(text(&tokens, "refresh_token")).await.ok();
    revoke(text(&tokens, "refresh_token")).await.expect(200, "");
    refused(
        okta.refresh(text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
    );
    okta.bearer(text(&next, "access_token"));
    okta.get("/api/v1/users").await.expect(401, "E0000011");
}
