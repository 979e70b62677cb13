//! Effects that land later than their answer, reads that lag, operations that take their time.

use std::{sync::Arc, time::Duration};

use okta_sandbox::{Fault, Matcher, ScriptedFaults, Seen};
use serde_json::{Value, json};

use crate::harness::{Harness, profile, text};

async fn scripted() -> (Harness, Arc<ScriptedFaults>) {
    let faults = Arc::new(ScriptedFaults::default());
    let okta = Harness::with(|builder| builder.faults(faults.clone())).await;
    (okta, faults)
}

fn late(seconds: u64) -> Fault {
    Fault::Late {
        by: Duration::from_secs(seconds),
        seen: Seen::BadGateway,
    }
}

fn advance(okta: &Harness, seconds: u64) {
    okta.sandbox.clock().advance(Duration::from_secs(seconds));
}

async fn post(okta: &Harness, login: &str) -> u16 {
    let body = json!({ "profile": profile(login) });
    okta.post("/api/v1/users", body).await.status
}

/// The path of a user.
fn path(user: &Value) -> String {
    format!("/api/v1/users/{}", text(user, "id"))
}

#[tokio::test]
async fn a_late_effect_lands_by_the_orgs_clock_and_names_its_request() {
    let (okta, faults) = scripted().await;
    faults.push(Matcher::any(), late(30));
    assert_eq!(post(&okta, "ada@acme.org").await, 502);
    advance(&okta, 20);
    assert!(okta.sandbox.user("ada@acme.org").is_none());
    assert_eq!(okta.sandbox.pending_effects().len(), 1);
    okta.post("/_control/clock/advance", json!({ "seconds": 20 }))
        .await
        .expect(200, "");
    assert!(okta.sandbox.pending_effects().is_empty());
    let request = okta.sandbox.requests_since(0).remove(0);
    assert_eq!(request.fault.as_deref(), Some("LATE_EFFECT BAD_GATEWAY"));
    assert_eq!(request.status, 502);
    let effect = okta.sandbox.effects_since(0).remove(0);
    assert_eq!(effect.kind, "user.create");
    assert_eq!(effect.request_id, request.request_id);
    let delay = (effect.time - request.time).num_milliseconds();
    assert!((30_000..31_000).contains(&delay), "{delay}");
}

#[tokio::test]
async fn what_a_late_effect_meets_is_what_is_there_when_it_lands() {
    let (okta, faults) = scripted().await;
    faults.push(Matcher::any(), late(30));
    assert_eq!(post(&okta, "ada@acme.org").await, 502);
    assert_eq!(post(&okta, "ada@acme.org").await, 200);
    advance(&okta, 60);
    assert_eq!(okta.kinds_since(0), ["user.create"]);
    let user = okta.sandbox.user("ada@acme.org").unwrap();
    for (seconds, name) in [(40, "First"), (20, "Second")] {
        faults.push(Matcher::any(), late(seconds));
        let body = json!({ "profile": { "firstName": name } });
        assert_eq!(okta.post(&path(&user), body).await.status, 502);
    }
    advance(&okta, 60);
    assert_eq!(
        okta.kinds_since(0),
        ["user.create", "user.update", "user.update"]
    );
    let user = okta.sandbox.user("ada@acme.org").unwrap();
    assert_eq!(
        user["profile"]["firstName"], "First",
        "the later one lands last"
    );
}

#[tokio::test]
async fn without_a_credential_nothing_lands() {
    let (mut okta, faults) = scripted().await;
    okta.bearer("stolen");
    faults.push(Matcher::any(), late(1));
    assert_eq!(post(&okta, "ada@acme.org").await, 502);
    assert!(okta.sandbox.pending_effects().is_empty());
}

#[tokio::test]
async fn a_late_refresh_rotates_the_token() {
    let okta = Harness::start().await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    okta.put(
        "/_control/config",
        json!({ "refreshTokens": { "rotating": { "graceSeconds": 30 } } }),
    )
    .await
    .expect(200, "");
    let faults = Arc::new(ScriptedFaults::default());
    okta.sandbox.set_faults(faults.clone());
    faults.push(Matcher::any(), late(5));
    let token = text(&tokens, "refresh_token");
    assert_eq!(okta.refresh(token).await.status, 502);
    advance(&okta, 6);
    assert_eq!(okta.kinds_since(0).last().unwrap(), "token.refresh");
    okta.refresh(token).await.expect(200, "");
    advance(&okta, 31);
    okta.refresh(token).await.expect(400, "");
}

#[tokio::test]
async fn lagging_reads_show_what_was() {
    let (okta, faults) = scripted().await;
    let lag = || Fault::StaleRead(Duration::from_secs(10));
    let user = okta.create("ada@acme.org", "", None).await;
    for path in [path(&user), "/api/v1/users/ada@acme.org".into()] {
        faults.push(Matcher::any(), lag());
        okta.get(&path).await.expect(404, "E0000007");
    }
    faults.push(Matcher::any(), lag());
    let listed = okta.get("/api/v1/users").await.ok();
    assert_eq!(
        listed.as_array().unwrap().len(),
        1,
        "only the administrator"
    );
    okta.get(&path(&user)).await.expect(200, "");

    advance(&okta, 20);
    let body = json!({ "profile": { "firstName": "Augusta" } });
    okta.post(&path(&user), body).await.expect(200, "");
    advance(&okta, 4);
    okta.act(&format!("{}/lifecycle/deactivate", path(&user)))
        .await
        .expect(200, "");
    let expected = [
        (1, "Augusta", "PROVISIONED"),
        (5, "Ada", "PROVISIONED"),
        (0, "Augusta", "DEPROVISIONED"),
    ];
    for (seconds, name, status) in expected {
        faults.push(
            Matcher::any(),
            Fault::StaleRead(Duration::from_secs(seconds)),
        );
        let seen = okta.get(&path(&user)).await.ok();
        assert_eq!(seen["profile"]["firstName"], name, "{seconds}");
        assert_eq!(seen["status"], status, "{seconds}");
    }
    okta.delete(&path(&user)).await.expect(204, "");
    faults.push(Matcher::any(), lag());
    okta.get(&path(&user)).await.expect(200, "");
    okta.get(&path(&user)).await.expect(404, "E0000007");
}

#[tokio::test]
async fn a_write_is_never_stale() {
    let (okta, faults) = scripted().await;
    faults.push(Matcher::any(), Fault::StaleRead(Duration::from_secs(10)));
    assert_eq!(post(&okta, "ada@acme.org").await, 200);
    faults.push(Matcher::any(), Fault::StaleRead(Duration::from_secs(10)));
    assert_eq!(post(&okta, "ada@acme.org").await, 400);
    assert_eq!(okta.kinds_since(0), ["user.create"]);
}

#[tokio::test]
async fn a_deactivation_takes_its_time() {
    let (okta, faults) = scripted().await;
    let user = okta.create("ada@acme.org", "", None).await;
    let deactivate = format!("{}/lifecycle/deactivate", path(&user));
    faults.push(Matcher::any(), Fault::Asynchronous(Duration::from_secs(15)));
    assert_eq!(
        okta.act(&deactivate).await.expect(200, "").json(),
        json!({})
    );
    let seen = okta.get(&path(&user)).await.ok();
    assert_eq!(seen["status"], "PROVISIONED");
    assert_eq!(seen["transitioningToStatus"], "DEPROVISIONED");
    assert_eq!(okta.kinds_since(0), ["user.create"]);
    okta.act(&deactivate).await.expect(403, "E0000038");
    okta.delete(&path(&user)).await.expect(403, "E0000038");
    advance(&okta, 16);
    let seen = okta.get(&path(&user)).await.ok();
    assert_eq!(seen["status"], "DEPROVISIONED");
    assert!(seen.get("transitioningToStatus").is_none());
    assert_eq!(okta.kinds_since(0), ["user.create", "user.deactivate"]);
}

#[tokio::test]
async fn an_activation_takes_its_time_and_its_link_works_afterwards() {
    let (okta, faults) = scripted().await;
    let user = okta.create("ada@acme.org", "activate=false", None).await;
    let activate = format!("{}/lifecycle/activate?sendEmail=false", path(&user));
    faults.push(Matcher::any(), Fault::Asynchronous(Duration::from_secs(15)));
    let answer = okta.act(&activate).await.ok();
    let link = text(&answer, "activationUrl");
    okta.get(link).await.expect(404, "");
    let body = json!({ "profile": { "firstName": "Augusta" } });
    okta.post(&path(&user), body.clone())
        .await
        .expect(409, "E0000112");
    okta.act(&activate).await.expect(409, "E0000112");
    advance(&okta, 16);
    okta.get(link).await.expect(200, "");
    okta.post(&path(&user), body).await.expect(200, "");
    okta.act(&activate).await.expect(403, "E0000016");
}

#[tokio::test]
async fn an_illegal_operation_is_refused_at_once() {
    let (okta, faults) = scripted().await;
    let user = okta.create("ada@acme.org", "", None).await;
    faults.push(Matcher::any(), Fault::Asynchronous(Duration::from_secs(15)));
    let activate = format!("{}/lifecycle/activate", path(&user));
    okta.act(&activate).await.expect(403, "E0000016");
    assert!(okta.sandbox.pending_effects().is_empty());
}
