//! Answers have the shape of those that real orgs gave: presence, absence, explicit nulls, status, headers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Got, Harness, profile};

const PASSWORD: &str = "Password150kta";

/// Recorded answers by name.
fn recordings() -> BTreeMap<String, Value> {
    include_str!("../../testdata/recorded.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|recording| (recording["name"].as_str().unwrap().to_owned(), recording))
        .collect()
}

/// The value with everything replaced that differs from org to org.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(items) => items.first().map(shape).into_iter().collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), shape(value)))
            .collect(),
    }
}

fn same(name: &str, recording: &Value, got: &Got) {
    assert_eq!(got.status, recording["status"], "{name}: {}", got.text);
    for header in recording["headers"].as_array().unwrap() {
        let header = header.as_str().unwrap();
        assert!(
            header == "accept-ch" || got.headers.contains_key(header),
            "{name} has no {header}"
        );
    }
    if recording["body"].is_null() {
        assert_eq!(got.text, "", "{name}");
    } else {
        assert_eq!(shape(&got.json()), shape(&recording["body"]), "{name}");
    }
}

/// The recorded people had a password and no other attributes.
fn person(login: &str) -> Value {
    json!({ "profile": profile(login), "credentials": { "password": { "value": PASSWORD } } })
}

#[tokio::test]
async fn users_and_their_lists() {
    let (okta, recorded) = (Harness::start().await, recordings());
    let check = |name: &str, got: Got| {
        same(name, &recorded[name], &got);
        got
    };
    let created = check(
        "create_active",
        okta.post("/api/v1/users?activate=true", person("one@acme.org"))
            .await,
    );
    let staged = okta
        .post("/api/v1/users?activate=false", person("two@acme.org"))
        .await;
    check("create_staged", staged);
    let path = format!("/api/v1/users/{}", created.json()["id"].as_str().unwrap());
    let mut body = person("one@acme.org");
    body["profile"]["nickName"] = json!("JD");
    check("update", okta.post(&path, body).await);
    let more = json!({ "profile": { "displayName": "Ada", "mobilePhone": "+44 20 7946 0000" } });
    okta.post(&path, more).await.expect(200, "");
    check("get_active", okta.get(&path).await);
    check(
        "suspend",
        okta.act(&format!("{path}/lifecycle/suspend")).await,
    );
    check("get_suspended", okta.get(&path).await);
    let less = json!({ "profile": { "displayName": null, "mobilePhone": null, "nickName": null } });
    okta.post(&path, less).await.expect(200, "");
    check(
        "list_suspended",
        okta.get("/api/v1/users?filter=status+eq+%22SUSPENDED%22")
            .await,
    );
    check(
        "unsuspend",
        okta.act(&format!("{path}/lifecycle/unsuspend")).await,
    );
}

#[tokio::test]
async fn lifecycle_and_credentials() {
    let (okta, recorded) = (Harness::start().await, recordings());
    let check = |name: &str, got: Got| same(name, &recorded[name], &got);
    let staged = okta
        .post("/api/v1/users?activate=false", person("one@acme.org"))
        .await
        .ok();
    let path = format!("/api/v1/users/{}", staged["id"].as_str().unwrap());
    check(
        "reactivate_refused",
        okta.act(&format!("{path}/lifecycle/reactivate?sendEmail=false"))
            .await,
    );
    let mut replaced = person("one@acme.org");
    replaced["profile"]["nickName"] = json!("JaneDoe");
    check("replace", okta.put(&path, replaced).await);
    check(
        "activate",
        okta.act(&format!("{path}/lifecycle/activate?sendEmail=false"))
            .await,
    );
    check(
        "unlock_refused",
        okta.act(&format!("{path}/lifecycle/unlock")).await,
    );
    okta.post(&path, json!({ "profile": { "nickName": null } }))
        .await
        .expect(200, "");
    check(
        "expire_password",
        okta.act(&format!("{path}/lifecycle/expire_password")).await,
    );
    check("get_password_expired", okta.get(&path).await);
    let temporary = format!("{path}/lifecycle/expire_password_with_temp_password");
    check("temporary_password", okta.act(&temporary).await);
    check(
        "reset_password",
        okta.act(&format!("{path}/lifecycle/reset_password?sendEmail=false"))
            .await,
    );
    check(
        "reset_factors",
        okta.act(&format!("{path}/lifecycle/reset_factors")).await,
    );
    check(
        "deactivate",
        okta.act(&format!("{path}/lifecycle/deactivate")).await,
    );
    check("delete", okta.delete(&path).await);
    check("not_found", okta.get(&path).await);
}

#[tokio::test]
async fn roles_types_and_schema() {
    let (okta, recorded) = (Harness::start().await, recordings());
    let check = |name: &str, got: Got| same(name, &recorded[name], &got);
    let user = okta
        .post("/api/v1/users", person("one@acme.org"))
        .await
        .ok();
    let path = format!("/api/v1/users/{}/roles", user["id"].as_str().unwrap());
    check(
        "role_assigned",
        okta.post(&path, json!({ "type": "USER_ADMIN" })).await,
    );
    check("roles", okta.get(&path).await);
    check(
        "role_removed",
        okta.delete(&format!("{path}/KVJUKUS7IFCE2SKO")).await,
    );
    check("roles_empty", okta.get(&path).await);
    check("types", okta.get("/api/v1/meta/types/user").await);
    let mut recording = recorded["schema"].clone();
    let got = okta.get("/api/v1/meta/schemas/user/default").await;
    let custom = got.json()["definitions"]["custom"]["properties"].clone();
    recording["body"]["definitions"]["custom"]["properties"] = custom;
    same("schema", &recording, &got);
    assert_eq!(
        got.json()["definitions"]["base"],
        recording["body"]["definitions"]["base"]
    );
}
