//! Faults before, after and instead of an effect.

use std::{sync::Arc, time::Duration};

use okta_sandbox::{Answer, Fault, Matcher, ScriptedFaults};
use serde_json::json;

use crate::harness::{Harness, profile};

async fn struck(fault: Fault) -> (Harness, Arc<ScriptedFaults>) {
    let faults = Arc::new(ScriptedFaults::default());
    faults.push(Matcher::route("POST", "/api/v1/users"), fault);
    let okta = Harness::with(|builder| builder.faults(faults.clone())).await;
    (okta, faults)
}

/// Sends a create and answers whether a whole answer came, with its status.
async fn create(okta: &Harness) -> Result<u16, reqwest::Error> {
    let request = okta
        .http
        .post(okta.url("/api/v1/users"))
        .header("authorization", "SSWS test-token");
    let response = request
        .json(&json!({ "profile": profile("fault@acme.org") }))
        .send()
        .await?;
    let status = response.status().as_u16();
    response.bytes().await.map(|_| status)
}

#[tokio::test]
async fn dropped_before_means_no_effect() {
    let (okta, faults) = struck(Fault::DropBefore).await;
    assert!(create(&okta).await.is_err());
    assert_eq!(faults.pending(), 0);
    assert!(okta.sandbox.user("fault@acme.org").is_none());
    let request = &okta.sandbox.requests_since(0)[0];
    assert!(!request.answered);
    assert_eq!(request.fault.as_deref(), Some("DROP_BEFORE"));
    assert_eq!(create(&okta).await.unwrap(), 200);
}

#[tokio::test]
async fn dropped_after_means_an_effect_that_nobody_was_told_of() {
    let (okta, _) = struck(Fault::DropAfterEffect).await;
    assert!(create(&okta).await.is_err());
    assert!(okta.sandbox.user("fault@acme.org").is_some());
    assert_eq!(okta.kinds_since(0), ["user.create"]);
    assert_eq!(create(&okta).await.unwrap(), 400);
}

#[tokio::test]
async fn truncated_answers_break_in_the_body() {
    let (okta, _) = struck(Fault::TruncateAfterEffect).await;
    let error = create(&okta).await.unwrap_err();
    assert!(
        error.is_body() || error.is_decode() || error.is_request(),
        "{error:?}"
    );
    assert!(okta.sandbox.user("fault@acme.org").is_some());
}

#[tokio::test]
async fn other_answers_come_with_or_without_the_effect() {
    let answer = || Answer::json(503, &json!({ "errorCode": "E0000010" }));
    let (okta, faults) = struck(Fault::AnswerInstead(answer())).await;
    assert_eq!(create(&okta).await.unwrap(), 503);
    assert!(okta.sandbox.user("fault@acme.org").is_none());
    faults.push(Matcher::any(), Fault::AnswerAfterEffect(answer()));
    assert_eq!(create(&okta).await.unwrap(), 503);
    assert!(okta.sandbox.user("fault@acme.org").is_some());
}

#[tokio::test]
async fn an_effect_does_not_depend_on_a_patient_caller() {
    let (okta, _) = struck(Fault::DelayBefore(Duration::from_millis(200))).await;
    let hasty = tokio::time::timeout(Duration::from_millis(50), create(&okta)).await;
    assert!(hasty.is_err());
    let deadline = async {
        while okta.sandbox.user("fault@acme.org").is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), deadline)
        .await
        .unwrap();
}

#[tokio::test]
async fn matchers_choose_by_path_and_let_some_pass() {
    let okta = Harness::start().await;
    let faults = Arc::new(ScriptedFaults::default());
    okta.sandbox.set_faults(faults.clone());
    let matcher = Matcher::route("GET", "/api/v1/users/{id}")
        .path_containing("admin")
        .after(1);
    faults.push(matcher, Fault::AnswerInstead(Answer::json(500, &json!({}))));
    okta.get("/api/v1/users/nobody").await.expect(404, "");
    okta.get("/api/v1/users/admin@example.com")
        .await
        .expect(200, "");
    okta.get("/api/v1/users/admin@example.com")
        .await
        .expect(500, "");
    okta.get("/api/v1/users/admin@example.com")
        .await
        .expect(200, "");
}

/// Every endpoint, by method and path.
const EVERYWHERE: [(&str, &str); 32] = [
    ("GET", "/api/v1/users"),
    ("POST", "/api/v1/users"),
    ("GET", "/api/v1/users/me"),
    ("POST", "/api/v1/users/me"),
    ("PUT", "/api/v1/users/me"),
    ("DELETE", "/api/v1/users/me"),
    ("POST", "/api/v1/users/me/lifecycle/activate"),
    ("POST", "/api/v1/users/me/lifecycle/reactivate"),
    ("POST", "/api/v1/users/me/lifecycle/deactivate"),
    ("POST", "/api/v1/users/me/lifecycle/suspend"),
    ("POST", "/api/v1/users/me/lifecycle/unsuspend"),
    ("POST", "/api/v1/users/me/lifecycle/unlock"),
    ("GET", "/api/v1/users/me/roles"),
    ("POST", "/api/v1/users/me/roles"),
    ("GET", "/api/v1/users/me/roles/x"),
    ("DELETE", "/api/v1/users/me/roles/x"),
    ("GET", "/api/v1/iam/assignees/users"),
    ("GET", "/api/v1/iam/roles"),
    ("GET", "/api/v1/meta/schemas/user/default"),
    ("POST", "/api/v1/meta/schemas/user/default"),
    ("GET", "/api/v1/meta/types/user"),
    ("GET", "/api/v1/logs"),
    ("GET", "/oauth2/v1/authorize"),
    ("POST", "/oauth2/v1/token"),
    ("POST", "/oauth2/v1/revoke"),
    ("POST", "/oauth2/v1/introspect"),
    ("GET", "/oauth2/v1/keys"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("POST", "/signin"),
    ("POST", "/consent"),
    ("GET", "/no/such/path"),
];

#[tokio::test]
async fn every_endpoint_can_be_struck_and_is_recorded() {
    let okta = Harness::start().await;
    let faults = Arc::new(ScriptedFaults::default());
    okta.sandbox.set_faults(faults.clone());
    for (method, path) in EVERYWHERE {
        let answer = Answer::json(503, &json!({ "errorCode": "E0000010" }));
        faults.push(Matcher::any(), Fault::AnswerInstead(answer));
        let before = okta.sandbox.position();
        let method = method.parse().unwrap();
        okta.call(method, path, None).await.expect(503, "E0000010");
        let recorded = okta.sandbox.requests_since(before);
        assert_eq!(recorded.len(), 1, "{path}");
        assert_eq!(recorded[0].fault.as_deref(), Some("ANSWER_INSTEAD"));
    }
    assert!(okta.kinds_since(0).is_empty());
}

#[tokio::test]
async fn control_endpoints_are_never_struck() {
    let okta = Harness::start().await;
    let faults = Arc::new(ScriptedFaults::default());
    okta.sandbox.set_faults(faults.clone());
    faults.push(Matcher::any(), Fault::DropBefore);
    for path in [
        "/",
        "/assets/sandbox.css",
        "/_control/snapshot",
        "/_control/ledger/requests",
    ] {
        okta.get(path).await.expect(200, "");
    }
    assert_eq!(faults.pending(), 1);
    assert!(okta.sandbox.requests_since(0).is_empty());
}

#[tokio::test]
async fn no_fault_is_spent_on_a_request_that_was_not_let_in() {
    let settings = okta_sandbox::Settings {
        concurrency_limit: Some(0),
        ..Default::default()
    };
    let faults = Arc::new(ScriptedFaults::default());
    faults.push(Matcher::any(), Fault::DropAfterEffect);
    let okta = Harness::with(|builder| builder.settings(settings).faults(faults.clone())).await;
    okta.get("/api/v1/users").await.expect(429, "E0000047");
    assert_eq!(faults.pending(), 1);
    assert_eq!(okta.sandbox.requests_since(0)[0].fault, None);
}
