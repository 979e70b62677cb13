//! Rate limits, concurrency, latency.

use std::time::Duration;

use okta_sandbox::{RateLimit, Settings};

use crate::harness::Harness;

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

#[tokio::test]
async fn every_answer_has_the_headers() {
    let okta = Harness::start().await;
    for path in [
        "/api/v1/users",
        "/api/v1/nothing",
        "/oauth2/v1/keys",
        "/oauth2/v1/authorize",
    ] {
        let got = okta.get(path).await;
        for header in [
            "x-rate-limit-limit",
            "x-rate-limit-remaining",
            "x-rate-limit-reset",
            "x-okta-request-id",
        ] {
            assert!(got.headers.contains_key(header), "{path} {header}");
        }
    }
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
    assert_eq!(refused.header("x-rate-limit-remaining"), "0");
}
