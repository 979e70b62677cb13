//! Okta's own refusals, failures of its servers, and silence.

use std::{sync::Arc, time::Duration};

use okta_sandbox::{Fault, Matcher, ScriptedFaults, ServerError};
use serde_json::json;

use crate::harness::{Got, Harness, finish, profile};

/// A sandbox whose next request meets this fault.
async fn struck(fault: Fault) -> Harness {
    let faults = Arc::new(ScriptedFaults::default());
    faults.push(Matcher::any(), fault);
    Harness::with(|builder| builder.faults(faults)).await
}

async fn create(okta: &Harness) -> Got {
    okta.post(
        "/api/v1/users",
        json!({ "profile": profile("ada@acme.org") }),
    )
    .await
}

fn number(got: &Got, header: &str) -> i64 {
    got.header(header).parse().unwrap()
}

#[tokio::test]
async fn an_empty_bucket_is_refused_as_okta_does() {
    let reset = Duration::from_secs(25);
    let okta = struck(Fault::RateLimit { reset }).await;
    let got = create(&okta).await.expect(429, "E0000047");
    assert!(number(&got, "x-rate-limit-limit") > 0);
    assert_eq!(got.header("x-rate-limit-remaining"), "0");
    let date = chrono::DateTime::parse_from_rfc2822(got.header("date")).unwrap();
    let ahead = number(&got, "x-rate-limit-reset") - date.timestamp();
    assert!((25..=26).contains(&ahead), "{ahead}");
    assert!(got.headers.get("retry-after").is_none());
    assert!(okta.sandbox.user("ada@acme.org").is_none());
    let request = &okta.sandbox.requests_since(0)[0];
    assert_eq!(request.fault.as_deref(), Some("RATE_LIMIT"));
    assert!(request.answered);
    create(&okta).await.expect(200, "");
}

#[tokio::test]
async fn a_limited_token_endpoint_says_invalid_grant() {
    let reset = Duration::from_secs(60);
    let okta = struck(Fault::RateLimit { reset }).await;
    let got = okta.refresh("none").await;
    assert_eq!(got.status, 429);
    assert_eq!(got.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn too_many_at_once_show_a_limit_of_zero() {
    let okta = struck(Fault::ConcurrencyLimit).await;
    let got = create(&okta).await.expect(429, "E0000047");
    assert_eq!(got.header("x-rate-limit-limit"), "0");
    assert_eq!(got.header("x-rate-limit-remaining"), "0");
}

#[tokio::test]
async fn servers_fail_with_and_without_the_effect() {
    for (error, status, code) in [
        (ServerError::Internal, 500, "E0000009"),
        (ServerError::Unavailable, 503, "E0000010"),
        (ServerError::BadGateway, 502, ""),
        (ServerError::GatewayTimeout, 504, ""),
    ] {
        for effect in [false, true] {
            let okta = struck(Fault::ServerError { error, effect }).await;
            let got = create(&okta).await.expect(status, code);
            let from_okta = got.headers.contains_key("x-okta-request-id");
            assert_eq!(from_okta, !code.is_empty(), "a proxy knows nothing of Okta");
            assert_eq!(got.text.contains("<html>"), code.is_empty());
            assert_eq!(okta.sandbox.user("ada@acme.org").is_some(), effect);
            let fault = okta.sandbox.requests_since(0)[0].fault.clone().unwrap();
            assert_eq!(fault.ends_with("_AFTER_EFFECT"), effect, "{fault}");
        }
    }
}

#[tokio::test]
async fn silence_lasts_as_long_as_it_was_told_and_then_breaks() {
    for effect in [false, true] {
        let hold = Duration::from_millis(300);
        let okta = struck(Fault::Timeout { effect, hold }).await;
        let request = okta.http.post(okta.url("/api/v1/users"));
        let request = request
            .header("authorization", "SSWS test-token")
            .json(&json!({ "profile": profile("ada@acme.org") }));
        let answer = request.send();
        tokio::pin!(answer);
        let early = tokio::time::timeout(Duration::from_millis(100), &mut answer).await;
        assert!(early.is_err(), "answered at once");
        answer.await.unwrap_err();
        assert_eq!(okta.sandbox.user("ada@acme.org").is_some(), effect);
        let request = &okta.sandbox.requests_since(0)[0];
        assert!(!request.answered);
        assert_eq!(request.status, if effect { 200 } else { 0 });
    }
}

#[tokio::test]
async fn silence_takes_no_place_and_does_not_delay_the_end() {
    let settings = okta_sandbox::Settings {
        concurrency_limit: Some(1),
        ..Default::default()
    };
    let faults = Arc::new(ScriptedFaults::default());
    let silence = Fault::Timeout {
        effect: false,
        hold: okta_sandbox::HOLD,
    };
    faults.push(Matcher::any(), silence);
    let okta = Harness::with(|builder| builder.settings(settings).faults(faults)).await;
    let http = okta.http.clone();
    let url = okta.url("/api/v1/users");
    let waiting = tokio::spawn(async move { http.get(url).send().await });
    while okta.sandbox.requests_since(0).is_empty() {
        tokio::task::yield_now().await;
    }
    let another = okta.http.get(okta.url("/oauth2/v1/keys"));
    let deadline = async {
        let again = async || finish(another.try_clone().unwrap()).await.status;
        while again().await == 429 {}
    };
    tokio::time::timeout(Duration::from_secs(60), deadline)
        .await
        .unwrap();
    // Were it waited for, this would take ten minutes.
    okta.sandbox.shutdown().await;
    waiting.await.unwrap().unwrap_err();
}

#[tokio::test]
async fn a_redirect_leads_to_the_same_path_elsewhere() {
    for (effect, status) in [(false, 307), (true, 302)] {
        let to = "https://elsewhere.example".into();
        let okta = struck(Fault::Redirect { status, to, effect }).await;
        let body = json!({ "profile": profile("ada@acme.org") });
        let got = okta.post("/api/v1/users?activate=false", body).await;
        assert_eq!(got.status, status);
        let expected = "https://elsewhere.example/api/v1/users?activate=false";
        assert_eq!(got.header("location"), expected);
        assert_eq!(okta.sandbox.user("ada@acme.org").is_some(), effect);
    }
}
