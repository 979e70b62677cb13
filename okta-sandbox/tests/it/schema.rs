//! The user schema.

use serde_json::json;

use crate::harness::{Harness, profile};

const DEFAULT: &str = "/api/v1/meta/schemas/user/default";

#[tokio::test]
async fn the_schema_is_found_by_name_and_by_the_id_in_users_links() {
    let okta = Harness::start().await;
    let schema = okta.get(DEFAULT).await.ok();
    assert_eq!(
        schema["definitions"]["base"]["properties"]
            .as_object()
            .unwrap()
            .len(),
        31
    );
    let user = okta.create("schema@acme.org", "", None).await;
    let linked = okta
        .get(user["_links"]["schema"]["href"].as_str().unwrap())
        .await
        .ok();
    assert_eq!(linked, schema);
    okta.get("/api/v1/meta/schemas/user/oscnothing")
        .await
        .expect(404, "E0000007");
    let types = okta.get("/api/v1/meta/types/user").await.ok();
    assert_eq!(types[0]["id"], user["type"]["id"]);
}

#[tokio::test]
async fn custom_attributes_come_into_force_at_once_and_go_with_their_values() {
    let okta = Harness::start().await;
    let define = |definition: serde_json::Value| {
        okta.post(
            DEFAULT,
            json!({ "definitions": { "custom": { "properties": { "badge": definition } } } }),
        )
    };
    let attribute = json!({ "title": "Badge", "type": "string", "required": true, "unique": true, "pattern": "[A-Z]{2}" });
    let schema = define(attribute).await.ok();
    let badge = &schema["definitions"]["custom"]["properties"]["badge"];
    assert_eq!(badge["unique"], "UNIQUE_VALIDATED");
    assert_eq!(badge["mutability"], "READ_WRITE");
    assert_eq!(
        schema["definitions"]["custom"]["required"],
        json!(["badge"])
    );
    let create = |login: &str, badge: serde_json::Value| {
        let mut profile = profile(login);
        profile["badge"] = badge;
        okta.post("/api/v1/users", json!({ "profile": profile }))
    };
    create("a@acme.org", json!(null))
        .await
        .expect(400, "E0000001");
    create("a@acme.org", json!("abc"))
        .await
        .expect(400, "E0000001");
    let user = create("a@acme.org", json!("AB")).await.ok();
    create("b@acme.org", json!("AB"))
        .await
        .expect(400, "E0000001");
    define(json!(null)).await.expect(200, "");
    let user = okta
        .get(&format!("/api/v1/users/{}", user["id"].as_str().unwrap()))
        .await
        .ok();
    assert!(user["profile"].get("badge").is_none());
}

#[tokio::test]
async fn malformed_attributes_are_refused() {
    let okta = Harness::start().await;
    let refused = [
        ("bad name", json!({ "title": "x", "type": "string" })),
        ("login", json!({ "title": "x", "type": "string" })),
        ("fine", json!({ "title": "x", "type": "poem" })),
        ("fine", json!({ "type": "string" })),
        ("costCenterCode", json!({ "title": "x", "type": "integer" })),
    ];
    for (name, definition) in refused {
        let mut body = json!({ "definitions": { "custom": { "properties": {} } } });
        body["definitions"]["custom"]["properties"][name] = definition;
        okta.post(DEFAULT, body).await.expect(400, "E0000001");
    }
}

#[tokio::test]
async fn names_can_be_made_optional_and_the_logins_pattern_changed() {
    let okta = Harness::start().await;
    let body = json!({ "definitions": { "base": { "properties": {
        "lastName": { "required": false },
        "login": { "pattern": "[a-z]+" },
    } } } });
    let schema = okta.post(DEFAULT, body).await.ok();
    assert_eq!(
        schema["definitions"]["base"]["required"],
        json!(["login", "firstName", "email"])
    );
    let body =
        json!({ "profile": { "login": "cher.", "email": "cher@acme.org", "firstName": "Cher" } });
    okta.post("/api/v1/users", body)
        .await
        .expect(400, "E0000001");
    let body =
        json!({ "profile": { "login": "cherx", "email": "cher@acme.org", "firstName": "Cher" } });
    okta.post("/api/v1/users", body).await.expect(200, "");
}

#[tokio::test]
async fn attributes_that_another_system_owns_cannot_be_written() {
    let okta = Harness::start().await;
    let user = okta.create("owned@acme.org", "", None).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    let body = json!({ "definitions": { "base": { "properties": {
        "department": { "master": { "type": "OVERRIDE", "priority": [{ "type": "APP", "value": "0oa1" }] } },
    } } } });
    okta.post(DEFAULT, body).await.expect(200, "");
    okta.post(&path, json!({ "profile": { "department": "x" } }))
        .await
        .expect(403, "E0000077");
    okta.post(&path, json!({ "profile": { "title": "x" } }))
        .await
        .expect(200, "");
}
