//! Administrator roles.

use serde_json::json;

use crate::harness::Harness;

async fn user(okta: &Harness) -> String {
    let user = okta
        .create("roles@acme.org", "", Some("Password150kta"))
        .await;
    format!("/api/v1/users/{}/roles", user["id"].as_str().unwrap())
}

#[tokio::test]
async fn grants_are_created_listed_and_revoked() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    let start = okta.sandbox.position();
    let granted = okta
        .post(&path, json!({ "type": "HELP_DESK_ADMIN" }))
        .await
        .expect(201, "")
        .json();
    assert_eq!(granted["id"], "JBCUYUC7IRCVGS27IFCE2SKO");
    assert_eq!(granted["label"], "Help Desk Administrator");
    assert_eq!(granted["assignmentType"], "USER");
    assert_eq!(okta.get(&path).await.ok(), json!([granted]));
    let one = format!("{path}/JBCUYUC7IRCVGS27IFCE2SKO");
    assert_eq!(okta.get(&one).await.ok(), granted);
    okta.delete(&one).await.expect(204, "");
    let missing = okta.delete(&one).await.expect(404, "E0000007").json();
    assert!(
        missing["errorSummary"]
            .as_str()
            .unwrap()
            .ends_with("(RoleAssignment)")
    );
    assert_eq!(okta.get(&path).await.ok(), json!([]));
    assert_eq!(okta.kinds_since(start), ["role.grant", "role.revoke"]);
}

#[tokio::test]
async fn duplicates_and_unknown_types_are_refused() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    okta.post(&path, json!({ "type": "APP_ADMIN" }))
        .await
        .expect(201, "");
    okta.post(&path, json!({ "type": "APP_ADMIN" }))
        .await
        .expect(409, "E0000090");
    okta.post(&path, json!({ "type": "WORKFLOWS_ADMIN" }))
        .await
        .expect(201, "");
    okta.post(&path, json!({ "type": "WORKFLOWS_ADMIN" }))
        .await
        .expect(409, "E0000263");
    for kind in ["EMPEROR", "MOBILE_ADMIN", ""] {
        okta.post(&path, json!({ "type": kind }))
            .await
            .expect(400, "E0000001");
    }
    okta.post(&path, json!({ "type": "CUSTOM" }))
        .await
        .expect(400, "E0000001");
}

#[tokio::test]
async fn ids_have_the_form_of_their_kind() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    let id =
        async |kind: &str| okta.post(&path, json!({ "type": kind })).await.ok()["id"].to_string();
    assert!(id("SUPER_ADMIN").await.starts_with("\"ra1"));
    assert!(id("ACCESS_REQUESTS_ADMIN").await.starts_with("\"irb"));
    assert_eq!(id("APP_ADMIN").await, "\"IFIFAX2BIRGUSTQ\"");
}

#[tokio::test]
async fn custom_roles_can_be_listed_and_assigned() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    let roles = okta.get("/api/v1/iam/roles").await.ok();
    assert_eq!(roles["roles"][0]["label"], "Help desk – Berlin");
    let role = roles["roles"][0]["id"].as_str().unwrap();
    let body = json!({ "type": "CUSTOM", "role": role, "resource-set": "iamoJDFKaJxGIr0oamd9g" });
    let granted = okta.post(&path, body.clone()).await.expect(201, "").json();
    assert_eq!(granted["type"], "CUSTOM");
    assert_eq!(granted["role"], role);
    assert!(granted["id"].as_str().unwrap().starts_with("irb"));
    okta.post(&path, body).await.expect(409, "E0000263");
}

#[tokio::test]
async fn roles_from_a_group_are_shown_but_stay() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    let body = json!({ "type": "HELP_DESK_ADMIN", "fromGroup": true });
    okta.post("/_control/users/roles@acme.org/roles", body)
        .await
        .expect(200, "");
    let listed = okta.get(&path).await.ok();
    assert_eq!(listed[0]["assignmentType"], "GROUP");
    okta.delete(&format!("{path}/JBCUYUC7IRCVGS27IFCE2SKO"))
        .await
        .expect(404, "E0000007");
}

#[tokio::test]
async fn holders_of_roles_are_listed_in_pages() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    okta.post(&path, json!({ "type": "APP_ADMIN" }))
        .await
        .expect(201, "");
    let first = okta.get("/api/v1/iam/assignees/users?limit=1").await.ok();
    assert_eq!(first["value"].as_array().unwrap().len(), 1);
    let second = okta
        .get(first["_links"]["next"]["href"].as_str().unwrap())
        .await
        .ok();
    assert_eq!(second["value"][0]["id"], path.split('/').nth(4).unwrap());
    assert!(second["_links"].get("next").is_none());
}

#[tokio::test]
async fn deactivation_takes_roles_away_unless_configured() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    okta.post(&path, json!({ "type": "APP_ADMIN" }))
        .await
        .expect(201, "");
    let start = okta.sandbox.position();
    okta.act(&path.replace("/roles", "/lifecycle/deactivate"))
        .await
        .expect(200, "");
    let effects = okta.sandbox.effects_since(start);
    assert_eq!(effects.len(), 1);
    assert_eq!(
        effects[0].before,
        Some(json!({ "status": "ACTIVE", "roles": ["APP_ADMIN"] }))
    );
    okta.act(&path.replace("/roles", "/lifecycle/activate"))
        .await
        .expect(200, "");
    assert_eq!(okta.get(&path).await.ok(), json!([]));
}

#[tokio::test]
async fn an_app_admin_may_manage_users_but_not_roles() {
    let mut okta = Harness::start().await;
    let path = user(&okta).await;
    okta.put("/_control/config", json!({ "adminRole": "APP_ADMIN" }))
        .await
        .expect(200, "");
    let tokens = okta.tokens("okta.users.manage okta.roles.manage").await;
    assert_eq!(tokens["scope"], "okta.users.manage okta.roles.manage");
    okta.bearer(tokens["access_token"].as_str().unwrap());
    okta.create("another@acme.org", "", None).await;
    okta.get(&path).await.expect(200, "");
    let refused = okta
        .post(&path, json!({ "type": "HELP_DESK_ADMIN" }))
        .await
        .expect(403, "E0000006");
    assert!(refused.headers.get("www-authenticate").is_none());
}

#[tokio::test]
async fn unlicensed_roles_answer_that_the_feature_is_off() {
    let okta = Harness::start().await;
    let path = user(&okta).await;
    okta.sandbox
        .change_settings(|settings| settings.iam_roles_licensed = false);
    okta.post(&path, json!({ "type": "WORKFLOWS_ADMIN" }))
        .await
        .expect(401, "E0000015");
}
