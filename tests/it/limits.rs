//! What one caller may ask for in a minute.

use std::time::Duration;

use provisioner::config::LimitsSection;
use serde_json::{Value, json};

use crate::support::{Socket, TestApp};

/// Requests in a minute.
const RATE: u32 = 12;

/// A server that lets a person ask this often.
async fn server() -> TestApp {
    let limits = LimitsSection {
        requests_per_minute: RATE,
        ..LimitsSection::default()
    };
    TestApp::builder().limits(limits).on_sqlite().await
}

/// The answer to a question with this token: its status, its code if it is an error, and what it says of the rate.
async fn ask(app: &TestApp, token: &str) -> (u16, Value, String, String) {
    let sent = app
        .http()
        .post(format!("{}/graphql", app.base_url))
        .bearer_auth(token)
        .json(&json!({ "query": "{ viewer { user { name } } }" }));
    let answer = sent.send().await.unwrap();
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    };
    let (left, after) = (header("ratelimit"), header("retry-after"));
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    let code = body["errors"][0]["extensions"]["code"].clone();
    (status, code, left, after)
}

#[tokio::test]
async fn a_person_may_ask_so_often_in_a_minute_with_all_tokens_together() {
    let app = server().await;
    let (one, other) = (app.owner().await, app.owner().await);
    let (one, other) = (one.token(), other.token());
    let tokens = [one, other];
    app.clock.advance(Duration::from_secs(60));
    for (n, left) in (0..RATE).rev().enumerate() {
        let (status, _, told, _) = ask(&app, tokens[n % 2]).await;
        let reset = (RATE - left) * 5;
        assert_eq!(status, 200);
        assert_eq!(told, format!("\"caller\";r={left};t={reset}"));
    }
    for token in tokens {
        let (status, code, told, after) = ask(&app, token).await;
        assert_eq!((status, code), (429, json!("RATE_LIMITED")));
        assert_eq!(
            (told.as_str(), after.as_str()),
            ("\"caller\";r=0;t=60", "5")
        );
    }
    app.clock.advance(Duration::from_secs(4));
    assert_eq!(ask(&app, one).await.0, 429);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&app, one).await.0, 200);
    assert_eq!(ask(&app, other).await.0, 429);
}

#[tokio::test]
async fn one_person_does_not_use_up_what_others_may_ask() {
    let app = server().await;
    let admin = app.admin().await;
    let owner = app.owner().await;
    while ask(&app, owner.token()).await.0 == 200 {}
    assert_eq!(ask(&app, admin.token()).await.0, 200);
    let (status, code, ..) = ask(&app, "made.up.token").await;
    assert_eq!((status, code), (401, json!("UNAUTHENTICATED")));
}

#[tokio::test]
async fn a_refusal_looks_nothing_up() {
    let app = server().await;
    let owner = app.owner().await;
    let token = owner.token();
    while ask(&app, token).await.0 == 200 {}
    let store = app.server.base.services.store.clone();
    store.close().await.unwrap();
    let (status, code, ..) = ask(&app, token).await;
    assert_eq!((status, code), (429, json!("RATE_LIMITED")));
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(ask(&app, token).await.0, 503, "the database is gone");
}

#[tokio::test]
async fn a_token_that_has_expired_uses_up_nothing_of_its_persons() {
    let app = server().await;
    let owner = app.owner().await;
    assert_eq!(ask(&app, owner.token()).await.0, 200);
    app.clock.advance(Duration::from_secs(50 * 24 * 3_600));
    // The first time it is looked at; from then on it is a caller of its own.
    for _ in 0..=RATE {
        assert_eq!(ask(&app, owner.token()).await.0, 401);
    }
    assert_eq!(ask(&app, owner.token()).await.0, 429);
    let again = app.owner().await;
    assert_eq!(ask(&app, again.token()).await.0, 200);
}

#[tokio::test]
async fn who_is_refused_over_and_over_is_not_looked_up_any_more() {
    let app = server().await;
    let (owner, admin) = (app.owner().await, app.admin().await);
    let person = json!({ "userId": admin.user_id });
    owner.done("userDeactivate", person.clone(), "").await;
    let mut answers = Vec::new();
    for _ in 0..RATE + 5 {
        answers.push(ask(&app, admin.token()).await.0);
    }
    assert_eq!(
        answers.iter().filter(|status| **status == 401).count() as u32,
        RATE + 1
    );
    assert_eq!(answers.last(), Some(&429));
    assert_eq!(Socket::refused(&app.base_url, admin.token()).await, 1013);
    // Let in again, he is himself at once, with what he has left.
    owner.done("userActivate", person, "").await;
    app.clock.advance(Duration::from_secs(60));
    assert_eq!(ask(&app, admin.token()).await.0, 200);

    let token = owner.token().to_owned();
    app.clock.advance(Duration::from_secs(50 * 24 * 3_600));
    while ask(&app, &token).await.0 == 401 {}
    app.server
        .base
        .services
        .store
        .clone()
        .close()
        .await
        .unwrap();
    assert_eq!(ask(&app, &token).await.0, 429, "nothing was looked up");
    let code = Socket::refused(&app.base_url, &token).await;
    assert_eq!(code, 1013, "here neither");
}

#[tokio::test]
async fn whoever_asks_for_too_much_is_told_how_much_he_may() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let wide =
        "{ users(first: 100) { nodes { personalAccessTokens(first: 100) { nodes { id } } } } }";
    let (open, close) = ("assignment { account { ".repeat(8), "} }".repeat(8));
    let deep = format!("{{ node(id: \"x\") {{ ... on Account {{ {open} id {close} }} }} }}");
    for (document, told) in [(wide, "at most 5000 in all"), (deep.as_str(), "15 levels")] {
        let refused = owner.send(document, json!({})).await;
        assert_eq!(refused.code(), "QUERY_TOO_COMPLEX");
        let message = refused.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(told), "{message}");
    }
}
