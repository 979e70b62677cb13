//! Plans of faults, at the control endpoints and across a restart; what they change in the org.

use std::{sync::Arc, time::Duration};

use okta_sandbox::{FaultPlan, Mix, SchemaChange, SeededFaults};
use serde_json::{Value, json};

use crate::{
    harness::{Got, Harness, finish, profile, text},
    persistence::StateFile,
};

async fn follow(okta: &Harness, rules: Value) -> Value {
    okta.put("/_control/faults", json!({ "seed": 7, "rules": rules }))
        .await
        .ok()
}

async fn statuses(okta: &Harness, count: usize) -> Vec<u16> {
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(okta.get("/api/v1/users").await.status);
    }
    seen
}

#[tokio::test]
async fn the_ready_example_is_a_plan() {
    let plan: FaultPlan = include_str!("../../examples/outage.json").parse().unwrap();
    let okta =
        Harness::with(|builder| builder.faults(Arc::new(SeededFaults::new(plan.clone()).unwrap())))
            .await;
    let request = okta.http.post(okta.url("/api/v1/users"));
    let request = request
        .header("authorization", "SSWS test-token")
        .json(&json!({ "profile": profile("ada@acme.org") }));
    request.send().await.unwrap_err();
    assert!(okta.sandbox.user("ada@acme.org").is_some());
    let shown = okta.get("/_control/faults").await.ok();
    assert_eq!(shown["plan"], json!(plan));
    assert_eq!(shown["rules"][0]["struck"], 1);
    let again = okta
        .put("/_control/faults", shown["plan"].clone())
        .await
        .ok();
    assert_eq!(
        again["plan"], shown["plan"],
        "what is shown can be sent back"
    );
    assert_eq!(again["rules"][0]["struck"], 0);
}

#[tokio::test]
async fn a_plan_is_followed_counted_and_ended() {
    let okta = Harness::start().await;
    let rule = json!({
        "name": "outage", "match": { "method": "GET", "route": "/api/v1/users" },
        "after": 1, "times": 2, "fault": { "kind": "unavailable" },
    });
    follow(&okta, json!([rule])).await;
    assert_eq!(statuses(&okta, 5).await, [200, 503, 503, 200, 200]);
    let shown = okta.get("/_control/faults").await.ok();
    let rule = &shown["rules"][0];
    assert_eq!(
        (&rule["name"], &rule["matched"], &rule["struck"]),
        (&json!("outage"), &json!(5), &json!(2))
    );
    follow(&okta, json!([{ "fault": { "kind": "unavailable" } }])).await;
    assert_eq!(statuses(&okta, 1).await, [503]);
    assert_eq!(
        okta.delete("/_control/faults").await.ok()["plan"],
        Value::Null
    );
    assert_eq!(statuses(&okta, 1).await, [200]);
}

#[tokio::test]
async fn the_same_seed_and_requests_meet_the_same_faults() {
    let run = async || {
        let okta = Harness::start().await;
        let rules = json!([
            { "probability": 0.4, "fault": { "kind": "internalError" } },
            { "probability": 0.4, "fault": { "kind": "rateLimit" } },
        ]);
        follow(&okta, rules).await;
        statuses(&okta, 40).await
    };
    let first = run().await;
    assert_eq!(first, run().await);
    for status in [200, 429, 500] {
        assert!(first.contains(&status), "{first:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_with_a_reason() {
    let okta = Harness::start().await;
    let drop = json!({ "kind": "dropBefore" });
    for (plan, reason) in [
        (json!({ "rules": [], "seeds": 1 }), "seeds"),
        (
            json!({ "rules": [{ "fault": drop }, { "fault": drop, "tiems": 1 }] }),
            "rule 2",
        ),
        (
            json!({ "rules": [{ "fault": drop, "match": { "pth": "x" } }] }),
            "pth",
        ),
        (
            json!({ "rules": [{ "fault": drop, "match": { "route": "/api/v1/user" } }] }),
            "there is no route",
        ),
        (
            json!({ "rules": [{ "fault": drop, "match": { "method": "get" } }] }),
            "there is no method",
        ),
        (
            json!({ "rules": [{ "fault": drop, "match": { "method": "DELETE", "route": "/api/v1/users" } }] }),
            "has no method",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "dropBefroe" } }] }),
            "dropBefroe",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "dropBefore", "effect": true } }] }),
            "effect",
        ),
        (
            json!({ "rules": [{ "fault": drop, "probability": 1.5 }] }),
            "from 0 to 1, not 1.5",
        ),
        (
            json!({ "rules": [{ "fault": drop, "probability": -0.1 }] }),
            "from 0 to 1",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "staleRead", "seconds": 601 } }] }),
            "at most 600 seconds",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "staleRead", "seconds": "x" } }] }),
            "[from, to]",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "lateEffect", "seconds": [9, 1] } }] }),
            "is empty",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "malformed", "shape": "nonsense" } }] }),
            "\"nonsense\"",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "redirect", "status": 200 } }] }),
            "200 is no redirect",
        ),
        (
            json!({ "rules": [{ "fault": { "kind": "changeSchema", "change": { "retype": { "name": "x", "to": "date" } } } }] }),
            "date",
        ),
    ] {
        let got = okta.put("/_control/faults", plan.clone()).await;
        assert_eq!(got.status, 400, "{plan}");
        let error = got.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(okta.get("/_control/faults").await.ok()["plan"], Value::Null);
}

#[tokio::test]
async fn a_mix_runs_on_many_kinds() {
    let mix = Mix {
        share: 0.9,
        hold: Duration::from_secs(1),
        ..Mix::default()
    };
    let faults = Arc::new(SeededFaults::mix(11, &mix));
    let okta = Harness::with(|builder| builder.faults(faults.clone())).await;
    let creates = (0..60).map(|n| {
        let request = okta.http.post(okta.url("/api/v1/users"));
        let body = json!({ "profile": profile(&format!("user{n}@acme.org")) });
        let request = request
            .header("authorization", "SSWS test-token")
            .json(&body);
        // Most of them fail, which is the point.
        async {
            request
                .send()
                .await
                .map(|answer| answer.status().as_u16())
                .ok()
        }
    });
    for create in creates {
        create.await;
    }
    let kinds: std::collections::BTreeSet<_> = okta
        .sandbox
        .requests_since(0)
        .into_iter()
        .filter_map(|request| request.fault)
        .collect();
    assert!(kinds.len() >= 8, "{kinds:?}");
    assert!(faults.struck() >= 45, "{}", faults.struck());
}

#[tokio::test]
async fn the_index_lags_where_single_reads_do_not() {
    let okta = Harness::start().await;
    follow(
        &okta,
        json!([{ "fault": { "kind": "staleSearch", "seconds": 60 } }]),
    )
    .await;
    let user = okta.create("ada@acme.org", "", None).await;
    okta.get(&format!("/api/v1/users/{}", text(&user, "id")))
        .await
        .expect(200, "");
    let found = async |query: &str| {
        let listed = okta.get(&format!("/api/v1/users{query}")).await.ok();
        listed.as_array().unwrap().len()
    };
    let search = "?search=profile.login%20eq%20%22ada%40acme.org%22";
    assert_eq!(found("").await, 2);
    for query in [search, "?filter=status%20eq%20%22PROVISIONED%22", "?q=ada"] {
        assert_eq!(found(query).await, 0, "{query}");
    }
    okta.sandbox.clock().advance(Duration::from_secs(61));
    assert_eq!(found(search).await, 1);
}

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

#[tokio::test]
async fn plan_and_late_effects_survive_a_restart() {
    let file = StateFile::new("plan");
    let okta = file.start().await;
    let rules = json!([
        { "match": { "method": "GET" }, "after": 1, "times": 2, "fault": { "kind": "unavailable" } },
        { "match": { "method": "POST" }, "fault": { "kind": "lateEffect", "seconds": 30, "seen": "badGateway" } },
    ]);
    follow(&okta, rules).await;
    assert_eq!(statuses(&okta, 2).await, [200, 503]);
    let secret = json!({ "profile": profile("bob@acme.org"), "credentials": { "password": { "value": "Sup3rSecretValue" } } });
    for body in [json!({ "profile": profile("ada@acme.org") }), secret] {
        assert_eq!(okta.post("/api/v1/users", body).await.status, 502);
    }
    okta.sandbox.shutdown().await;
    let written = std::fs::read_to_string(file.path()).unwrap();
    assert!(!written.contains("Sup3rSecretValue"));

    let okta = file.start().await;
    assert_eq!(statuses(&okta, 2).await, [503, 200]);
    okta.sandbox.clock().advance(Duration::from_secs(31));
    assert!(okta.sandbox.user("ada@acme.org").is_some());
    assert!(
        okta.sandbox.user("bob@acme.org").is_none(),
        "what held a password is forgotten"
    );
    assert_eq!(okta.sandbox.effects_since(0)[0].kind, "user.create");
    okta.delete("/_control/faults").await.expect(200, "");
    okta.sandbox.shutdown().await;
    let okta = file.start().await;
    assert_eq!(okta.get("/_control/faults").await.ok()["plan"], Value::Null);
}

#[tokio::test]
async fn every_kind_has_a_form() {
    let okta = Harness::start().await;
    let listed = okta.get("/_control/faults/malformed").await.ok();
    assert!(listed["malformed"].as_array().unwrap().len() >= 60);
    let kinds = [
        json!({ "kind": "dropBefore" }),
        json!({ "kind": "dropAfterEffect" }),
        json!({ "kind": "truncateAfterEffect" }),
        json!({ "kind": "delayBefore", "millis": 1 }),
        json!({ "kind": "delayAfterEffect", "millis": 1 }),
        json!({ "kind": "rateLimit", "resetSeconds": 5 }),
        json!({ "kind": "concurrencyLimit" }),
        json!({ "kind": "internalError" }),
        json!({ "kind": "badGateway", "effect": true }),
        json!({ "kind": "unavailable" }),
        json!({ "kind": "gatewayTimeout" }),
        json!({ "kind": "answer", "status": 403, "body": { "errorCode": "E0000006" } }),
        json!({ "kind": "timeout", "effect": true, "holdSeconds": 1 }),
        json!({ "kind": "lateEffect", "seconds": 1, "seen": "drop" }),
        json!({ "kind": "staleRead", "seconds": [0, 10] }),
        json!({ "kind": "staleSearch", "seconds": 60 }),
        json!({ "kind": "revokeTokens" }),
        json!({ "kind": "expireAccessTokens" }),
        json!({ "kind": "changeSchema", "change": { "remove": "x" } }),
        json!({ "kind": "malformed", "shape": "any" }),
        json!({ "kind": "paging", "how": "otherHost", "to": "https://elsewhere.example" }),
        json!({ "kind": "redirect" }),
        json!({ "kind": "asynchronous", "seconds": 5 }),
    ];
    let rules: Vec<_> = kinds
        .iter()
        .map(|fault| json!({ "fault": fault }))
        .collect();
    let shown = follow(&okta, json!(rules)).await;
    assert_eq!(shown["rules"].as_array().unwrap().len(), kinds.len());
}
