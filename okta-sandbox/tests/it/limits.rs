//! Rate limits, concurrency, latency.

use std::time::Duration;

use okta_sandbox::{RateLimit, Settings};
use serde_json::json;

use crate::harness::{Got, Harness, finish};

#[tokio::test]
async fn a_bucket_runs_dry_and_fills_again() {
    let settings = Settings {
        rate_limit: RateLimit::PerMinute(2),
        ..Settings::default()
    };
    let okta = Harness::with(|builder| builder.settings(settings)).await;
    let first = okta.get("/api/v1/users").await.expect(200, "");
    assert_eq!(first.header("x-rate-limit-limit"), "2");
    assert_eq!(first.header("x-rate-limit-remaining"), "1");
    okta.get("/api/v1/users").await.expect(200, "");
    let refused = okta.get("/api/v1/users").await.expect(429, "E0000047");
    assert_eq!(refused.header("x-rate-limit-remaining"), "0");
    assert!(refused.headers.get("retry-after").is_none());
    let reset: i64 = refused.header("x-rate-limit-reset").parse().unwrap();
    let date = chrono::DateTime::parse_from_rfc2822(refused.header("date"))
        .unwrap()
        .timestamp();
    assert!((1..=61).contains(&(reset - date)));
    okta.get("/api/v1/logs").await.expect(200, "");
    okta.sandbox.clock().advance(Duration::from_secs(60));
    okta.get("/api/v1/users").await.expect(200, "");
}

fn dressed(got: &Got) -> bool {
    let headers = [
        "date",
        "x-rate-limit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
        "x-okta-request-id",
        "cache-control",
    ];
    headers.iter().all(|name| got.headers.contains_key(*name))
}

#[tokio::test]
async fn every_answer_has_the_headers() {
    let okta = Harness::start().await;
    for path in [
        "/api/v1/users",
        "/api/v1/users/nobody",
        "/api/v1/nothing",
        "/oauth2/v1/keys",
        "/oauth2/v1/authorize",
        "/oauth2/v1/token",
        "/tokens/none/verify",
    ] {
        let got = okta.get(path).await;
        assert!(dressed(&got), "{path} {got:?}");
    }
    let huge = json!({ "profile": { "login": "x".repeat(2 << 20) } });
    let got = okta.post("/api/v1/users", huge).await.expect(413, "");
    assert!(dressed(&got), "{got:?}");
    let got = finish(okta.http.get(okta.url("/api/v1/users"))).await;
    assert!(dressed(&got.expect(403, "E0000005")));
}

#[tokio::test]
async fn too_many_at_once_are_refused_with_a_limit_of_zero() {
    let settings = Settings {
        concurrency_limit: Some(1),
        latency_ms: 300,
        ..Settings::default()
    };
    let okta = Harness::with(|builder| builder.settings(settings)).await;
    let (one, two) = tokio::join!(okta.get("/api/v1/users"), okta.get("/api/v1/users"));
    let (served, refused) = if one.status == 200 {
        (one, two)
    } else {
        (two, one)
    };
    served.expect(200, "");
    let refused = refused.expect(429, "E0000047");
    assert_eq!(refused.header("x-rate-limit-limit"), "0");
    assert!(dressed(&refused));
    assert_eq!(refused.header("x-rate-limit-remaining"), "0");
}
