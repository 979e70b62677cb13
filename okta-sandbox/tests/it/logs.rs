//! The system log.

use serde_json::{Value, json};

use crate::harness::{Got, Harness};

fn kinds(got: &Got) -> Vec<String> {
    let kind = |event: &Value| event["eventType"].as_str().unwrap().to_owned();
    got.json().as_array().unwrap().iter().map(kind).collect()
}

#[tokio::test]
async fn polling_goes_on_even_over_empty_pages() {
    let okta = Harness::start().await;
    okta.create("log@acme.org", "activate=false", None).await;
    let first = okta.get("/api/v1/logs?limit=10").await.expect(200, "");
    assert_eq!(kinds(&first), ["user.lifecycle.create"]);
    let empty = okta.get(&first.link("next").unwrap()).await.expect(200, "");
    assert_eq!(empty.json(), json!([]));
    okta.act("/api/v1/users/log@acme.org/lifecycle/activate")
        .await
        .expect(200, "");
    okta.act("/api/v1/users/log@acme.org/lifecycle/deactivate")
        .await
        .expect(200, "");
    let next = okta.get(&empty.link("next").unwrap()).await;
    assert_eq!(
        kinds(&next),
        ["user.lifecycle.activate", "user.lifecycle.deactivate"]
    );
    assert!(next.link("next").is_some());
}

#[tokio::test]
async fn bounded_queries_end_and_can_run_backwards() {
    let okta = Harness::start().await;
    for index in 0..3 {
        okta.create(&format!("log{index}@acme.org"), "activate=false", None)
            .await;
    }
    okta.sandbox
        .clock()
        .advance(std::time::Duration::from_secs(1));
    let until = okta
        .sandbox
        .now()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let first = okta
        .get(&format!(
            "/api/v1/logs?until={until}&limit=2&sortOrder=DESCENDING"
        ))
        .await
        .expect(200, "");
    assert_eq!(first.json()[0]["target"][0]["alternateId"], "log2@acme.org");
    let second = okta.get(&first.link("next").unwrap()).await;
    assert_eq!(
        second.json()[0]["target"][0]["alternateId"],
        "log0@acme.org"
    );
    assert!(second.link("next").is_none());
}

#[tokio::test]
async fn filters_and_words_narrow_down() {
    let okta = Harness::start().await;
    let user = okta
        .create("needle@acme.org", "", Some("Password150kta"))
        .await;
    okta.create("hay@acme.org", "activate=false", None).await;
    let path = format!("/api/v1/users/{}/roles", user["id"].as_str().unwrap());
    okta.post(&path, json!({ "type": "APP_ADMIN" }))
        .await
        .expect(201, "");
    okta.delete(&format!("{path}/IFIFAX2BIRGUSTQ"))
        .await
        .expect(204, "");
    let filter = |text: &str| {
        let query = url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let path = format!("/api/v1/logs?filter={query}");
        let okta = &okta;
        async move { okta.get(&path).await }
    };
    let grants = filter("eventType sw \"user.account.privilege\"").await;
    assert_eq!(
        kinds(&grants),
        [
            "user.account.privilege.grant",
            "user.account.privilege.revoke"
        ]
    );
    let id = user["id"].as_str().unwrap();
    assert_eq!(
        kinds(&filter(&format!("target.id eq \"{id}\"")).await).len(),
        4
    );
    assert_eq!(
        kinds(&okta.get("/api/v1/logs?q=NEEDLE+create").await),
        ["user.lifecycle.create"]
    );
    filter("eventType eq").await.expect(400, "E0000031");
}

#[tokio::test]
async fn contradictory_bounds_are_refused() {
    let okta = Harness::start().await;
    for query in [
        "since=2026-01-01T00:00:00Z&after=1_1",
        "since=yesterday",
        "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z",
        "limit=1001",
        "sortOrder=asc",
    ] {
        okta.get(&format!("/api/v1/logs?{query}"))
            .await
            .expect(400, "E0000001");
    }
    assert_eq!(okta.get("/api/v1/logs?limit=0").await.ok(), json!([]));
}
