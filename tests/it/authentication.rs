//! Tokens: who is let in.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::{Client, TestApp, new_user};

const ME: &str = "{ viewer { user { userName status } organization { name } permissions } }";

async fn status(client: &Client) -> u16 {
    client.send(ME, json!({})).await.status
}

#[tokio::test]
async fn the_owner_is_let_in_and_strangers_are_not() {
    TestApp::on_both(async |app| {
        let me = app.owner().await.query(ME, json!({})).await["viewer"].clone();
        assert_eq!(me["user"]["userName"], "owner@acme.example");
        assert_eq!(me["organization"]["name"], "Acme");
        assert_eq!(me["permissions"].as_array().unwrap().len(), 7);
        let anonymous = app.anonymous();
        let answer = anonymous.send(ME, json!({})).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"));
        for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &"x".repeat(5_000)] {
            assert_eq!(
                status(&anonymous.with_token(Some(token))).await,
                401,
                "{token}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_token_is_named_in_the_challenge() {
    TestApp::on_both(async |app| {
        let request = app
            .http()
            .post(format!("{}/graphql", app.base_url))
            .json(&json!({ "query": ME }));
        let response = request.bearer_auth("nonsense").send().await.unwrap();
        assert_eq!(response.status(), 401);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap();
        assert!(
            challenge.starts_with("Bearer error=\"invalid_token\""),
            "{challenge}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_with_its_person() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let token = app
            .server
            .base
            .token("owner@acme.example", None, 1)
            .await
            .unwrap();
        let short = app.anonymous().with_token(Some(token.expose_secret()));
        assert_eq!(status(&short).await, 200);
        app.clock.advance(Duration::from_secs(3_610));
        assert_eq!(status(&short).await, 401);
        assert_eq!(status(&owner).await, 200);

        let admin = app.admin().await;
        let who = json!({ "userId": admin.user_id });
        owner.done("userDeactivate", who.clone(), "").await;
        assert_eq!(status(&admin).await, 401);
        owner.done("userActivate", who.clone(), "").await;
        assert_eq!(status(&admin).await, 200);
        owner.done("userDelete", who, "").await;
        assert_eq!(status(&admin).await, 401);
    })
    .await;
}

#[tokio::test]
async fn making_the_same_organization_again_changes_nothing() {
    TestApp::on_both(async |app| {
        let base = &app.server.base;
        let again = base.init(" ACME ", "Owner@Acme.example").await.unwrap();
        assert!(!again.created);
        assert_eq!(again.organization.name, "Acme");
        assert!(base.init("Acme", "somebody@else.example").await.is_err());
        assert!(base.init("", "a@b.example").await.is_err());
        assert!(base.init("New", "nowhere").await.is_err());
        assert!(base.init("New\u{0}", "a@b.example").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_token_needs_the_organization_when_the_address_is_in_two() {
    TestApp::on_both(async |app| {
        let base = &app.server.base;
        base.init("Second", "owner@acme.example").await.unwrap();
        let refusal = base
            .token("owner@acme.example", None, 1)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            refusal.contains("--organization") && refusal.contains("Second"),
            "{refusal}"
        );
        base.token("OWNER@acme.example", Some("second"), 1)
            .await
            .unwrap();
        assert!(base.token("nobody@acme.example", None, 1).await.is_err());
        let owner = app.owner().await;
        let mut input = new_user("idle");
        input["status"] = json!("INACTIVE");
        owner.done("userCreate", input, "").await;
        assert!(base.token("idle@acme.example", None, 1).await.is_err());
    })
    .await;
}
