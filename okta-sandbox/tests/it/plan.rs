//! Plans of faults, at the control endpoints and across a restart.

use std::{sync::Arc, time::Duration};

use okta_sandbox::{FaultPlan, Mix, SeededFaults};
use serde_json::{Value, json};

use crate::{
    harness::{Harness, profile, text},
    persistence::StateFile,
};

pub async fn follow(okta: &Harness, rules: Value) -> Value {
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
