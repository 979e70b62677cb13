//! Refusals, told apart by Okta's codes; rate limits, told by its headers.

use std::time::Duration;

use chrono::DateTime;
use okta_client::{Error, ErrorCode, Outcome};
use serde_json::json;

use crate::server::{Reply, Server, auth};

fn refusal(status: u16, code: &str) -> Reply {
    let body = json!({"errorCode": code, "errorSummary": "No.", "errorLink": code, "errorId": "oae1",
                      "errorCauses": [{"errorSummary": "Because."}]});
    Reply::json(status, &body).header("x-okta-request-id", "req1")
}

async fn suspend(reply: Reply) -> Error {
    let server = Server::start([reply]).await;
    let client = server.client();
    client.users(&auth()).suspend("00u1").await.unwrap_err()
}

#[tokio::test]
async fn everything_okta_says_is_kept() {
    let error = suspend(refusal(400, "E0000001")).await;
    let refusal = error.refusal().unwrap();
    assert_eq!(
        (refusal.status, &refusal.code),
        (400, &ErrorCode::Validation)
    );
    assert_eq!(refusal.summary, "No.");
    assert_eq!(refusal.error_id.as_deref(), Some("oae1"));
    assert_eq!(refusal.causes, ["Because."]);
    assert_eq!(refusal.meta.request_id.as_deref(), Some("req1"));
    assert!(error.may_be_login_conflict());
    assert_eq!(error.to_string(), "refused (400 E0000001)");
}

#[tokio::test]
async fn only_one_401_means_a_dead_token() {
    for (code, dead) in [("E0000011", true), ("E0000015", false), ("E0000004", false)] {
        let error = suspend(refusal(401, code)).await;
        assert_eq!(error.is_token_invalid(), dead, "{code}");
        assert_eq!(
            (error.outcome(), error.retryable()),
            (Outcome::NotApplied, false)
        );
    }
    let bare = suspend(Reply::status(401)).await;
    assert!(!bare.is_token_invalid());
}

#[tokio::test]
async fn a_missing_scope_is_no_missing_right() {
    let denied = suspend(refusal(403, "E0000006")).await;
    assert!(denied.is_capability_denied());
    assert_eq!(denied.insufficient_scope(), None);
    let challenge = "Bearer authorization_uri=\"https://a/\", realm=\"https://a\", \
                     scope=\"okta.users.manage\", error=\"insufficient_scope\"";
    let scoped = suspend(refusal(403, "E0000006").header("www-authenticate", challenge)).await;
    assert!(!scoped.is_capability_denied());
    assert_eq!(scoped.insufficient_scope(), Some("okta.users.manage"));
    let status = suspend(refusal(403, "E0000038")).await;
    assert!(!status.is_capability_denied());
}

#[tokio::test]
async fn a_404_counts_only_with_oktas_word() {
    assert!(suspend(refusal(404, "E0000007")).await.is_not_found());
    assert!(!suspend(refusal(404, "E0000008")).await.is_not_found());
    assert!(
        !suspend(Reply::status(404).body("<html>"))
            .await
            .is_not_found()
    );
}

#[tokio::test]
async fn conflicts_that_pass_are_retryable() {
    for (status, code, retryable) in [
        (409, "E0000268", true),
        (409, "E0000112", true),
        (409, "E0000090", false),
        (409, "E0000263", false),
        (412, "E0000231", false),
        (403, "E0000016", false),
        (400, "E9999999", false),
    ] {
        let error = suspend(refusal(status, code)).await;
        assert_eq!(error.retryable(), retryable, "{code}");
        assert_eq!(error.code().unwrap().as_str(), code);
        assert_eq!(error.outcome(), Outcome::NotApplied);
    }
}

#[tokio::test]
async fn a_429_says_how_long_to_wait() {
    let throttled = refusal(429, "E0000047")
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("x-rate-limit-limit", "600")
        .header("x-rate-limit-remaining", "0")
        .header("x-rate-limit-reset", "784111807");
    let error = suspend(throttled).await;
    assert!(matches!(error, Error::RateLimited(_)));
    assert_eq!(
        (error.outcome(), error.retryable()),
        (Outcome::NotApplied, true)
    );
    let meta = error.meta().unwrap();
    assert_eq!(
        meta.wait(DateTime::UNIX_EPOCH),
        Some(Duration::from_secs(31))
    );
    assert!(!meta.rate_limit.unwrap().is_concurrency_breach());
}

#[tokio::test]
async fn a_429_for_concurrency_is_told_apart() {
    let crowded = refusal(429, "E0000047")
        .header("x-rate-limit-limit", "0")
        .header("x-rate-limit-remaining", "0")
        .header("x-rate-limit-reset", "784111807");
    let error = suspend(crowded).await;
    let meta = error.meta().unwrap();
    assert!(meta.rate_limit.unwrap().is_concurrency_breach());
    assert_eq!(meta.wait(DateTime::UNIX_EPOCH), None);
}
