//! Creating, reading, changing and deleting users.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Harness, finish, profile};

const PASSWORD: &str = "Password150kta";

fn links(user: &Value) -> Vec<&str> {
    let mut names: Vec<_> = user["_links"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

async fn status(okta: &Harness, id: &str) -> String {
    okta.get(&format!("/api/v1/users/{id}")).await.ok()["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn create_decides_the_status_by_activation_and_password() {
    let okta = Harness::start().await;
    let cases = [
        ("activate=false", None, "STAGED"),
        ("activate=false", Some(PASSWORD), "STAGED"),
        ("activate=true", None, "PROVISIONED"),
        ("", None, "PROVISIONED"),
        ("activate=true", Some(PASSWORD), "ACTIVE"),
        (
            "activate=true&nextLogin=changePassword",
            Some(PASSWORD),
            "PASSWORD_EXPIRED",
        ),
    ];
    for (index, (query, password, expected)) in cases.into_iter().enumerate() {
        let user = okta
            .create(&format!("case{index}@acme.org"), query, password)
            .await;
        assert_eq!(user["status"], expected, "{query}");
        assert_eq!(user["activated"].is_null(), expected == "STAGED");
        assert_eq!(user["passwordChanged"].is_null(), password.is_none());
        assert_eq!(
            user["credentials"].get("password").is_some(),
            password.is_some()
        );
    }
}

#[tokio::test]
async fn next_login_needs_activation_and_a_password() {
    let okta = Harness::start().await;
    let body = json!({ "profile": profile("a@acme.org"), "credentials": { "password": { "value": PASSWORD } } });
    okta.post(
        "/api/v1/users?activate=false&nextLogin=changePassword",
        body,
    )
    .await
    .expect(400, "E0000125");
    let body = json!({ "profile": profile("a@acme.org") });
    okta.post("/api/v1/users?nextLogin=changePassword", body)
        .await
        .expect(400, "E0000124");
}

#[tokio::test]
async fn unset_attributes_are_absent_but_for_two_explicit_nulls() {
    let okta = Harness::start().await;
    let user = okta.create("nulls@acme.org", "activate=false", None).await;
    let profile = user["profile"].as_object().unwrap();
    assert_eq!(profile.len(), 6, "{profile:?}");
    assert_eq!(profile["mobilePhone"], Value::Null);
    assert_eq!(profile["secondEmail"], Value::Null);
}

#[tokio::test]
async fn each_status_publishes_its_links() {
    let okta = Harness::start().await;
    let staged = okta.create("links@acme.org", "activate=false", None).await;
    assert_eq!(
        links(&staged),
        ["activate", "resetFactors", "schema", "self", "type"]
    );
    let id = staged["id"].as_str().unwrap();
    okta.act(&format!("/api/v1/users/{id}/lifecycle/activate"))
        .await
        .expect(200, "");
    let provisioned = okta.get(&format!("/api/v1/users/{id}")).await.ok();
    for name in ["suspend", "deactivate", "reactivate", "resetPassword"] {
        assert!(links(&provisioned).contains(&name), "{name}");
    }
    okta.act(&format!("/api/v1/users/{id}/lifecycle/deactivate"))
        .await
        .expect(200, "");
    let gone = okta.get(&format!("/api/v1/users/{id}")).await.ok();
    assert_eq!(
        links(&gone),
        ["activate", "delete", "schema", "self", "type"]
    );
}

#[tokio::test]
async fn a_login_is_taken_without_regard_to_case_accents_and_status() {
    let okta = Harness::start().await;
    let user = okta.create("Renée@acme.org", "activate=false", None).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    okta.delete(&path).await.expect(204, "");
    let again = || {
        okta.post(
            "/api/v1/users",
            json!({ "profile": profile("renee@ACME.org") }),
        )
    };
    let refused = again().await.expect(400, "E0000001").json();
    assert_eq!(refused["errorSummary"], "Api validation failed: login");
    assert_eq!(
        refused["errorCauses"][0]["errorSummary"],
        "login: An object with this field already exists in the current organization"
    );
    okta.delete(&path).await.expect(204, "");
    again().await.expect(200, "");
}

#[tokio::test]
async fn profiles_are_checked_against_the_schema() {
    let okta = Harness::start().await;
    let with = |name: &str, value: Value| {
        let mut profile = profile("check@acme.org");
        profile[name] = value;
        json!({ "profile": profile })
    };
    let refused = [
        ("login", json!("nomail")),
        ("login", json!(format!("{}@acme.org", "x".repeat(100)))),
        ("email", json!("nobody")),
        ("firstName", Value::Null),
        ("firstName", json!("")),
        ("lastName", json!("x".repeat(51))),
        ("countryCode", json!("Germany")),
        ("title", json!(7)),
        ("costCenterCode", json!("ab")),
        ("costCenterCode", json!("x".repeat(13))),
        ("employmentType", json!("ROBOT")),
        ("shoeSize", json!("44")),
    ];
    for (name, value) in refused {
        okta.post("/api/v1/users", with(name, value.clone()))
            .await
            .expect(400, "E0000001");
    }
    let unknown = okta
        .post("/api/v1/users", with("shoeSize", json!("44")))
        .await
        .json();
    assert_eq!(unknown["errorSummary"], "Api validation failed: newUser");
    assert_eq!(
        unknown["errorCauses"][0]["errorSummary"],
        "Property name 'shoeSize' is not defined in profile"
    );
    okta.post("/api/v1/users", with("employmentType", json!("INTERN")))
        .await
        .expect(200, "");
}

#[tokio::test]
async fn users_are_found_by_id_login_and_unambiguous_short_name() {
    let okta = Harness::start().await;
    let user = okta.create("grace@acme.org", "", None).await;
    let id = user["id"].as_str().unwrap();
    for key in [id, "grace@acme.org", "GRACE%40acme.org", "grace"] {
        assert_eq!(
            okta.get(&format!("/api/v1/users/{key}")).await.ok()["id"],
            id,
            "{key}"
        );
    }
    okta.create("grace@other.org", "", None).await;
    let missing = okta
        .get("/api/v1/users/grace")
        .await
        .expect(404, "E0000007")
        .json();
    assert_eq!(
        missing["errorSummary"],
        "Not found: Resource not found: grace (User)"
    );
    assert_eq!(missing["errorCauses"], json!([]));
    assert!(missing["errorId"].as_str().unwrap().starts_with("oae"));
}

#[tokio::test]
async fn post_merges_and_null_clears_while_put_replaces() {
    let okta = Harness::start().await;
    let user = okta.create("merge@acme.org", "activate=false", None).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    let body = json!({ "profile": { "title": "Countess", "city": "London" } });
    let changed = okta.post(&path, body).await.ok();
    assert_eq!(changed["profile"]["title"], "Countess");
    assert_eq!(changed["profile"]["lastName"], "Lovelace");
    let cleared = okta
        .post(&path, json!({ "profile": { "title": null } }))
        .await
        .ok();
    assert!(cleared["profile"].get("title").is_none());
    assert_eq!(cleared["profile"]["city"], "London");
    let replaced = okta
        .put(&path, json!({ "profile": profile("merge@acme.org") }))
        .await
        .ok();
    assert!(replaced["profile"].get("city").is_none());
    okta.put(&path, json!({ "profile": { "login": "merge@acme.org" } }))
        .await
        .expect(400, "E0000001");
    okta.post(&path, json!({ "profile": { "firstName": null } }))
        .await
        .expect(400, "E0000001");
}

#[tokio::test]
async fn an_update_counts_as_an_effect_only_when_something_changed() {
    let okta = Harness::start().await;
    let user = okta.create("effect@acme.org", "activate=false", None).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    let start = okta.sandbox.position();
    let body = json!({ "profile": { "title": "Countess" } });
    okta.post(&path, body.clone()).await.expect(200, "");
    okta.post(&path, body).await.expect(200, "");
    let effects = okta.sandbox.effects_since(start);
    assert_eq!(effects.len(), 1);
    assert_eq!(effects[0].before, Some(json!({ "title": null })));
    assert_eq!(effects[0].after, Some(json!({ "title": "Countess" })));
}

#[tokio::test]
async fn if_match_guards_against_lost_updates() {
    let okta = Harness::start().await;
    let user = okta.create("etag@acme.org", "activate=false", None).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    let etag = okta.get(&path).await.header("etag").to_owned();
    assert!(etag.starts_with("W/\""));
    let update = |title: &'static str| {
        let request = okta
            .http
            .post(okta.url(&path))
            .header("authorization", "SSWS test-token");
        finish(
            request
                .header("if-match", &etag)
                .json(&json!({ "profile": { "title": title } })),
        )
    };
    update("one").await.expect(200, "");
    update("two").await.expect(412, "E0000231");
}

#[tokio::test]
async fn lifecycle_operations_refuse_what_is_illegal_with_their_own_codes() {
    let okta = Harness::start().await;
    let user = okta
        .create("cycle@acme.org", "activate=false", Some(PASSWORD))
        .await;
    let id = user["id"].as_str().unwrap();
    let act = |operation: &str| {
        let path = format!("/api/v1/users/{id}/lifecycle/{operation}");
        let okta = &okta;
        async move { okta.act(&path).await }
    };
    act("suspend").await.expect(400, "E0000001");
    act("reactivate").await.expect(403, "E0000038");
    let activated = act("activate?sendEmail=false").await.ok();
    let token = activated["activationToken"].as_str().unwrap();
    assert!(activated["activationUrl"].as_str().unwrap().contains(token));
    act("activate").await.expect(403, "E0000016");
    act("unsuspend").await.expect(400, "E0000001");
    let locked = act("unlock").await.expect(403, "E0000032").json();
    assert_eq!(
        locked["errorCauses"][0]["errorSummary"],
        "The user is not locked out."
    );
    assert_eq!(act("suspend").await.expect(200, "").json(), json!({}));
    assert_eq!(status(&okta, id).await, "SUSPENDED");
    act("unsuspend").await.expect(200, "");
    assert_eq!(act("deactivate").await.expect(200, "").json(), json!({}));
    act("deactivate").await.expect(403, "E0000038");
    okta.post(
        &format!("/api/v1/users/{id}"),
        json!({ "profile": { "title": "x" } }),
    )
    .await
    .expect(403, "E0000038");
    assert_eq!(act("activate").await.ok(), json!({}));
    assert_eq!(status(&okta, id).await, "PROVISIONED");
    act("reactivate?sendEmail=false").await.expect(200, "");
}

#[tokio::test]
async fn a_locked_out_user_can_be_unlocked() {
    let okta = Harness::start().await;
    let user = okta.create("locked@acme.org", "", Some(PASSWORD)).await;
    let id = user["id"].as_str().unwrap();
    okta.post(
        &format!("/_control/users/{id}/status"),
        json!({ "status": "LOCKED_OUT" }),
    )
    .await
    .expect(200, "");
    okta.act(&format!("/api/v1/users/{id}/lifecycle/unlock"))
        .await
        .expect(200, "");
    assert_eq!(status(&okta, id).await, "ACTIVE");
}

#[tokio::test]
async fn the_first_delete_only_deactivates() {
    let okta = Harness::start().await;
    let start = okta.sandbox.position();
    let user = okta.create("delete@acme.org", "activate=false", None).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    okta.delete(&path).await.expect(204, "");
    assert_eq!(okta.get(&path).await.ok()["status"], "DEPROVISIONED");
    okta.delete(&path).await.expect(204, "");
    okta.get(&path).await.expect(404, "E0000007");
    okta.delete(&path).await.expect(404, "E0000007");
    assert_eq!(
        okta.kinds_since(start),
        ["user.create", "user.deactivate", "user.delete"]
    );
}

#[tokio::test]
async fn passwords_expire_reset_and_change() {
    let okta = Harness::start().await;
    let user = okta.create("secret@acme.org", "", Some(PASSWORD)).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    let weak = json!({ "credentials": { "password": { "value": "short" } } });
    okta.post(&path, weak).await.expect(400, "E0000001");
    let expired = okta
        .act(&format!("{path}/lifecycle/expire_password"))
        .await
        .ok();
    assert_eq!(expired["status"], "PASSWORD_EXPIRED");
    let change = async |old: &str, new: &str| {
        let body = json!({ "oldPassword": { "value": old }, "newPassword": { "value": new } });
        okta.post(&format!("{path}/credentials/change_password"), body)
            .await
    };
    change("wrong", "Brandnew2026")
        .await
        .expect(403, "E0000014");
    change(PASSWORD, "Brandnew2026").await.expect(200, "");
    let reset = okta
        .act(&format!("{path}/lifecycle/reset_password?sendEmail=false"))
        .await
        .ok();
    assert_eq!(okta.get(&path).await.ok()["status"], "RECOVERY");
    let link = reset["resetPasswordUrl"].as_str().unwrap();
    assert!(link.starts_with(&okta.url("/reset_password/")), "{link}");
    assert_eq!(okta.get(link).await.status, 200);
    let page = okta.form(link, &[("password", "Othernew2026")]).await;
    assert_eq!(page.status, 200);
    assert_eq!(okta.get(&path).await.ok()["status"], "ACTIVE");
}

#[tokio::test]
async fn broken_requests_get_oktas_answers() {
    let okta = Harness::start().await;
    let raw = |body: &'static str, kind: &'static str| {
        let request = okta
            .http
            .post(okta.url("/api/v1/users"))
            .header("authorization", "SSWS test-token");
        finish(request.header("content-type", kind).body(body))
    };
    raw("{\"profile\":", "application/json")
        .await
        .expect(400, "E0000003");
    raw("[]", "application/json").await.expect(400, "E0000003");
    raw("profile", "text/plain").await.expect(415, "E0000021");
    okta.get("/api/v1/unicorns").await.expect(404, "E0000008");
    okta.call(Method::PATCH, "/api/v1/users", Some(json!({})))
        .await
        .expect(405, "E0000022");
}

#[tokio::test]
async fn a_slash_before_the_query_does_not_matter() {
    let okta = Harness::start().await;
    let body = json!({ "profile": profile("slash@acme.org") });
    let user = okta.post("/api/v1/users/?activate=false", body).await.ok();
    assert_eq!(user["status"], "STAGED");
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    okta.act(&format!("{path}/lifecycle/activate/?sendEmail=false"))
        .await
        .expect(200, "");
    assert_eq!(
        okta.get("/api/v1/users/?limit=1").await.ok()[0]["status"],
        "ACTIVE"
    );
}

#[tokio::test]
async fn an_empty_post_must_declare_its_length() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let okta = Harness::start().await;
    let mut stream = tokio::net::TcpStream::connect(okta.sandbox.address)
        .await
        .unwrap();
    let request = "POST /api/v1/users/x/lifecycle/activate HTTP/1.1\r\nHost: localhost\r\n\
                   Authorization: SSWS test-token\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 411"), "{answer}");
}

#[tokio::test]
async fn credentials_are_told_apart() {
    let okta = Harness::start().await;
    let with = |authorization: Option<&'static str>| {
        let request = okta.http.get(okta.url("/api/v1/users"));
        finish(match authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        })
    };
    with(None).await.expect(403, "E0000005");
    with(Some("SSWS wrong")).await.expect(401, "E0000011");
    with(Some("Bearer nothing")).await.expect(401, "E0000011");
    with(Some("Basic dGVzdDp0ZXN0"))
        .await
        .expect(401, "E0000011");
    with(Some("SSWS test-token")).await.expect(200, "");
    with(Some("SSWStest-token")).await.expect(200, "");
}
