//! Personal access tokens: less than their person, never more, and gone when they should be.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use provisioner::keys::personal::TokenKind;
use provisioner::random;
use provisioner::service::present::viewer_now;
use regex::Regex;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::connect::{
    authorization, consent_page, credentials, decide, start as start_authorization,
};
use crate::support::{Browser, Client, Socket, TestApp, add_app, new_user, wait_until};

const TOKEN: &str = "id name scopes status createdAt expiresAt lastUsedAt revokedAt user { id }";
const CREATE: &str = "personalAccessTokenCreate";
const REVOKE: &str = "personalAccessTokenRevoke";
const WHO: &str = "{ viewer { permissions user { id } personalAccessToken { id } } }";
/// Every permission that a token can have.
const SCOPES: [&str; 6] = [
    "VIEW_APPS",
    "ASSIGN_APPS",
    "IMPORT_USERS",
    "VIEW_USERS",
    "MANAGE_USERS",
    "VIEW_AUDIT_LOG",
];

fn wish(name: &str, scopes: &[&str]) -> Value {
    json!({ "name": name, "scopes": scopes, "validForDays": 7 })
}

/// Makes a token. Answers a client that comes with it, and the token's id.
async fn token(client: &Client, name: &str, scopes: &[&str]) -> (Client, Value) {
    let selection = format!("secret personalAccessToken {{ {TOKEN} }}");
    let made = client.done(CREATE, wish(name, scopes), &selection).await;
    let id = made["personalAccessToken"]["id"].clone();
    (client.with_token(made["secret"].as_str()), id)
}

async fn revoke(client: &Client, id: &Value) -> Value {
    let selection = format!("personalAccessToken {{ {TOKEN} }}");
    let input = json!({ "personalAccessTokenId": id });
    client.done(REVOKE, input, &selection).await["personalAccessToken"].clone()
}

/// The viewer's own tokens.
async fn own(client: &Client) -> Vec<Value> {
    let document =
        format!("{{ viewer {{ personalAccessTokens {{ totalCount nodes {{ {TOKEN} }} }} }} }}");
    let found = client.query(&document, json!({})).await;
    let found = &found["viewer"]["personalAccessTokens"];
    let nodes = found["nodes"].as_array().unwrap().clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes
}

async fn node(client: &Client, id: &Value) -> Value {
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on PersonalAccessToken {{ {TOKEN} }} }} }}"
    );
    client.query(&document, json!({ "id": id })).await["node"].clone()
}

async fn status(client: &Client) -> u16 {
    client.send(WHO, json!({})).await.status
}

/// Status and words of a refused token.
async fn refusal(app: &TestApp, token: &str) -> (u16, String) {
    let request = app.http().post(format!("{}/graphql", app.base_url));
    let request = request.bearer_auth(token).json(&json!({ "query": WHO }));
    let response = request.send().await.unwrap();
    let challenge = response.headers().get("www-authenticate");
    let words = challenge.map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), words.unwrap_or_default())
}

fn row_id(id: &Value) -> Uuid {
    let id = URL_SAFE_NO_PAD.decode(id.as_str().unwrap()).unwrap();
    let id = String::from_utf8(id).unwrap();
    id.split_once(':').unwrap().1.parse().unwrap()
}

async fn execute(database: &DatabaseConnection, statement: &str) {
    database.execute_unprepared(statement).await.unwrap();
}

/// Every text of a column of all rows.
async fn texts(database: &DatabaseConnection, select: &str) -> Vec<String> {
    let statement = Statement::from_string(database.get_database_backend(), select);
    let rows = database.query_all_raw(statement).await.unwrap();
    let text = |row: &sea_orm::QueryResult| row.try_get_by_index::<String>(0).unwrap();
    rows.iter().map(text).collect()
}

#[tokio::test]
async fn a_token_lets_its_holder_in_and_is_shown_once() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let selection = format!(
            "secret personalAccessToken {{ {TOKEN} }} personalAccessTokenEdge {{ cursor node {{ id }} }}"
        );
        let input = wish(" Nightly report ", &["VIEW_USERS", "VIEW_APPS", "VIEW_USERS"]);
        let made = owner.done(CREATE, input, &selection).await;
        let secret = made["secret"].as_str().unwrap();
        assert!(Regex::new("^prv_pat_[0-9A-Za-z]{51}$").unwrap().is_match(secret));
        let kept = &made["personalAccessToken"];
        let said = (&kept["name"], &kept["status"], &kept["user"]["id"]);
        assert_eq!(said, (&json!("Nightly report"), &json!("ACTIVE"), &json!(owner.user_id)));
        assert_eq!(kept["scopes"], json!(["VIEW_APPS", "VIEW_USERS"]));
        let at = |field: &str| {
            chrono::DateTime::parse_from_rfc3339(kept[field].as_str().unwrap()).unwrap()
        };
        assert_eq!((at("expiresAt") - at("createdAt")).num_hours(), 7 * 24);
        assert_eq!((&kept["lastUsedAt"], &kept["revokedAt"]), (&Value::Null, &Value::Null));
        assert_eq!(made["personalAccessTokenEdge"]["node"]["id"], kept["id"]);

        let program = owner.with_token(Some(secret));
        let who = program.query(WHO, json!({})).await["viewer"].clone();
        assert_eq!(who["user"]["id"], owner.user_id);
        assert_eq!(who["permissions"], kept["scopes"]);
        assert_eq!(who["personalAccessToken"]["id"], kept["id"]);
        let himself = owner.query(WHO, json!({})).await["viewer"].clone();
        assert_eq!(himself["personalAccessToken"], Value::Null);
        assert_eq!(node(&owner, &kept["id"]).await["name"], "Nightly report");

        let audit = "{ auditEvents { nodes { action detail user { id } } } }";
        let audit = owner.query(audit, json!({})).await;
        let entry = &audit["auditEvents"]["nodes"][0];
        assert_eq!(entry["action"], "personalAccessToken.create");
        assert_eq!(entry["user"]["id"], owner.user_id);
        assert_eq!(entry["detail"]["scopes"], kept["scopes"]);
        assert!(!audit.to_string().contains(&secret[8..]), "{audit:#}");
        let database = app.database().await;
        let select = "SELECT CAST(name AS TEXT) || COALESCE(CAST(name_key AS TEXT), '') || CAST(scopes AS TEXT) || \
                      CAST(length(hash) AS TEXT) FROM personal_access_token";
        let kept = texts(&database, select).await;
        assert!(kept.len() == 1 && kept[0].ends_with("]32"), "{kept:?}");
        assert!(!kept[0].contains(&secret[8..20]), "{kept:?}");
    })
    .await;
}

#[tokio::test]
async fn use_is_noted_behind_the_requests_back_and_rarely() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let (program, id) = token(&owner, "a", &["VIEW_USERS"]).await;
        let used = async |not: &Value| {
            wait_until("the use to be noted", 20, async || {
                let at = node(&owner, &id).await["lastUsedAt"].clone();
                (at != *not).then_some(at)
            })
            .await
        };
        join_all((0..20).map(|_| status(&program))).await;
        let first = used(&Value::Null).await;
        app.clock.advance(Duration::from_secs(240));
        assert_eq!(status(&program).await, 200);
        assert_eq!(node(&owner, &id).await["lastUsedAt"], first);
        app.clock.advance(Duration::from_secs(120));
        assert_eq!(status(&program).await, 200);
        assert_ne!(used(&first).await, first);
    })
    .await;
}

#[tokio::test]
async fn a_token_follows_its_person() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let clerk = app.custom("clerk", &["VIEW_USERS", "VIEW_AUDIT_LOG"]).await;
        let (program, id) = token(&clerk, "a", &["VIEW_USERS"]).await;
        let (users, audit) = ("{ users { totalCount } }", "{ auditEvents { totalCount } }");
        program.query(users, json!({})).await;
        assert_eq!(program.send(audit, json!({})).await.code(), "FORBIDDEN");

        let role = "{ viewer { user { adminRole { id } } } }";
        let role = clerk.query(role, json!({})).await["viewer"]["user"]["adminRole"]["id"].clone();
        let may = async |permissions: Value| {
            let input = json!({ "adminRoleId": role, "permissions": permissions });
            owner.done("adminRoleUpdate", input, "").await;
            program.query(WHO, json!({})).await["viewer"]["permissions"].clone()
        };
        assert_eq!(may(json!(["VIEW_AUDIT_LOG"])).await, json!([]));
        assert_eq!(program.send(users, json!({})).await.code(), "FORBIDDEN");
        let all = json!(["VIEW_USERS", "VIEW_AUDIT_LOG", "MANAGE_USERS"]);
        assert_eq!(may(all).await, json!(["VIEW_USERS"]));

        let who = json!({ "userId": clerk.user_id });
        owner.done("userDeactivate", who.clone(), "").await;
        assert_eq!(status(&program).await, 401);
        owner.done("userActivate", who.clone(), "").await;
        assert_eq!(status(&program).await, 200);
        owner.done("userDelete", who, "").await;
        assert_eq!(status(&program).await, 401);
        assert_eq!(node(&owner, &id).await["status"], "REVOKED");
    })
    .await;
}

#[tokio::test]
async fn an_owners_token_is_no_owner() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let admin = app.admin().await;
        let ann = owner
            .done("userCreate", new_user("ann"), "user { id }")
            .await["user"]["id"]
            .clone();
        let (program, id) = token(&owner, "all", &SCOPES).await;
        let (_, other) = token(&owner, "other", &SCOPES).await;
        let may = program.query(WHO, json!({})).await["viewer"]["permissions"].clone();
        assert_eq!(may, json!(SCOPES));

        // Okta roles: asked for, and in the background under the person's name.
        let one = json!({ "userIds": [ann] });
        let input = json!({ "appId": okta, "targets": one, "role": "SUPER_ADMIN" });
        let refused = program.refused("usersAssign", input.clone()).await;
        assert_eq!(refused, ["ROLE_ABOVE_CEILING role"]);
        owner.done("usersAssign", input, "").await;
        let matching = json!({ "filter": { "app": { "appId": okta } }, "expectedCount": 1 });
        let targets = json!({ "matching": matching });
        let input = json!({ "appId": okta, "targets": targets, "role": "REPORT_ADMIN" });
        let started = program.done("assignmentsRoleChange", input, "bulkJob { id }").await;
        let progress = "query($id: ID!) { node(id: $id) { ... on BulkJob { status total failures { nodes { code } } } } }";
        let job = wait_until("the job to end", 20, async || {
            let services = &app.server.base.services;
            while provisioner::service::bulk_jobs::work_one(services).await.unwrap() {}
            let id = &started["bulkJob"]["id"];
            let job = owner.query(progress, json!({ "id": id })).await["node"].clone();
            (job["status"] == "COMPLETED").then_some(job)
        })
        .await;
        assert_eq!((&job["total"], &job["failures"]["nodes"]), (&json!(1), &json!([{ "code": "ROLE_ABOVE_CEILING" }])));

        // People: nobody who stands higher than what the token is.
        let who = json!({ "userId": admin.user_id });
        assert_eq!(
            program.refused("userDeactivate", who.clone()).await,
            ["FORBIDDEN userId"]
        );
        let mail = json!({ "userId": owner.user_id, "primaryEmail": "thief@evil.example" });
        assert_eq!(
            program.refused("userUpdate", mail).await,
            ["FORBIDDEN userId"]
        );
        // What people sign in by, where there are permissions to be had, is not for a token.
        let clerk = app.custom("clerk", &["VIEW_APPS"]).await;
        let mail = json!({ "userId": clerk.user_id, "primaryEmail": "thief@evil.example" });
        let refused = program.refused("userUpdate", mail).await;
        assert_eq!(refused, ["FORBIDDEN userId"]);
        let title = json!({ "userId": clerk.user_id, "title": "Clerk" });
        program.done("userUpdate", title, "").await;
        let ida = owner.done("userCreate", new_user("ida"), "user { id }").await;
        let mail = json!({ "userId": ida["user"]["id"], "primaryEmail": "i@acme.example" });
        program.done("userUpdate", mail, "").await;

        // Roles and tokens.
        let role = json!({ "name": "All", "permissions": SCOPES });
        let answer = program.mutate("adminRoleCreate", role, "").await;
        assert_eq!(answer.code(), "FORBIDDEN");
        let input = json!({ "userId": ann, "adminRoleId": "x" });
        assert_eq!(
            program.mutate("userAdminRoleSet", input, "").await.code(),
            "FORBIDDEN"
        );
        assert_eq!(
            program.refused(CREATE, wish("more", &["VIEW_USERS"])).await,
            ["FORBIDDEN"]
        );
        let input = json!({ "personalAccessTokenId": other });
        let refused = program.refused(REVOKE, input).await;
        assert_eq!(refused, ["FORBIDDEN personalAccessTokenId"]);
        assert_eq!(own(&owner).await.len(), 2);
        assert_eq!(
            revoke(&program, &id).await["status"],
            "REVOKED",
            "itself it can end"
        );
        assert_eq!(status(&program).await, 401);

        let (small, id) = token(&owner, "small", &["VIEW_APPS"]).await;
        let seen: Vec<_> = own(&small)
            .await
            .iter()
            .map(|each| each["id"].clone())
            .collect();
        assert_eq!(seen, [id]);
        assert_eq!(node(&small, &other).await, Value::Null);
        let refused = small
            .refused(REVOKE, json!({ "personalAccessTokenId": other }))
            .await;
        assert_eq!(refused, ["NOT_FOUND personalAccessTokenId"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_token_did_says_so() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let (program, id) = token(&owner, "a", &["MANAGE_USERS"]).await;
        program.done("userCreate", new_user("ann"), "").await;
        owner.done("userCreate", new_user("ben"), "").await;
        let document = "{ auditEvents(filter: { actions: [\"user.create\"] }) { nodes { actor actorUser { id } personalAccessTokenId detail } } }";
        let seen = owner.query(document, json!({})).await["auditEvents"]["nodes"].clone();
        assert_eq!(seen[0]["personalAccessTokenId"], Value::Null);
        assert_eq!(seen[1]["personalAccessTokenId"], id);
        assert_eq!(seen[1]["detail"]["byPersonalAccessToken"], json!(row_id(&id)));
        assert_eq!((&seen[1]["actor"], &seen[1]["actorUser"]["id"]), (&json!("USER"), &json!(owner.user_id)));
        let verify = wait_until("the trail to be sealed", 20, async || {
            let out = app.command(&["audit", "verify"]).await;
            let said = String::from_utf8(out.stdout).unwrap();
            said.contains("intact").then_some(said)
        })
        .await;
        assert!(verify.starts_with("Acme: "), "{verify}");
    })
    .await;
}

#[tokio::test]
async fn made_up_tokens_are_refused_without_a_look_into_the_database() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let (program, _) = token(&owner, "a", &["VIEW_USERS"]).await;
        let ours = program.token().to_owned();
        // With the right checksum, yet never given to anybody.
        let form = &app.server.base.services.token_form;
        let (code, words) =
            refusal(&app, form.make(TokenKind::PersonalAccess).expose_secret()).await;
        assert_eq!(code, 401);
        assert!(words.contains("not one of ours"), "{words}");

        let database = app.database().await;
        execute(
            &database,
            "ALTER TABLE personal_access_token RENAME TO hidden",
        )
        .await;
        assert_eq!(status(&program).await, 503, "this one is looked up");
        let last = ours.chars().last().unwrap();
        let forged = [
            format!(
                "{}{}",
                &ours[..ours.len() - 1],
                if last == 'x' { 'y' } else { 'x' }
            ),
            ours.replacen("prv_pat_", "prv_pat_0", 1),
            ours[..ours.len() - 1].to_owned(),
            format!("prv_pat_{}", "0".repeat(51)),
            format!("prv_pat_{}", "x".repeat(100_000 / 20)),
            "prv_pat_".to_owned(),
            "prv_pat_' OR 1=1 --".to_owned(),
            ours.to_uppercase(),
        ];
        for token in forged {
            assert_eq!(refusal(&app, &token).await.0, 401, "{token}");
        }
        execute(
            &database,
            "ALTER TABLE hidden RENAME TO personal_access_token",
        )
        .await;
        assert_eq!(status(&program).await, 200);
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_gives_its_name_back() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let mut input = wish("a", &["VIEW_USERS"]);
        input["validForDays"] = json!(1);
        let made = owner.done(CREATE, input, "secret personalAccessToken { id }").await;
        let id = &made["personalAccessToken"]["id"];
        let program = owner.with_token(made["secret"].as_str());
        app.clock.advance(Duration::from_secs(86_400 - 60));
        let mut socket = Socket::open(&app.base_url, program.token()).await;
        assert_eq!(status(&program).await, 200);
        assert_eq!(owner.refused(CREATE, wish("A", &["VIEW_USERS"])).await, ["ALREADY_EXISTS name"]);
        app.clock.advance(Duration::from_secs(61));
        let (code, words) = refusal(&app, program.token()).await;
        assert!(code == 401 && words.contains("expired"), "{code} {words}");
        assert_eq!(socket.closed().await, 4401);
        assert_eq!(node(&owner, id).await["status"], "EXPIRED");
        let (program, _) = token(&owner, "A", &["VIEW_USERS"]).await;
        assert_eq!(status(&program).await, 200);

        let document = "query($s: [PersonalAccessTokenStatus!]) { viewer { personalAccessTokens(statuses: $s) { totalCount nodes { name } } } }";
        for (statuses, names) in [
            (json!([]), vec!["A", "a"]),
            (json!(["ACTIVE"]), vec!["A"]),
            (json!(["EXPIRED"]), vec!["a"]),
            (json!(["REVOKED"]), vec![]),
            (json!(["EXPIRED", "ACTIVE"]), vec!["A", "a"]),
        ] {
            let found = owner.query(document, json!({ "s": statuses })).await;
            let found = &found["viewer"]["personalAccessTokens"];
            let names: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
            assert_eq!((&found["nodes"], &found["totalCount"]), (&json!(names), &json!(names.len())));
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_revoked() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let (program, id) = token(&owner, "a", &["VIEW_APPS"]).await;
        let (other, _) = token(&owner, "b", &["VIEW_APPS"]).await;
        let document = "subscription($app: ID!) { syncStatus(appId: $app) { total } }";
        let app_id = json!({ "app": okta });
        let watch = async |client: &Client| {
            let (url, token) = (&app.base_url, client.token());
            let mut socket = Socket::subscribe(url, token, document, app_id.clone()).await;
            assert_eq!(socket.event().await["syncStatus"]["total"], 0);
            socket
        };
        let (mut ended, mut kept) = (watch(&program).await, watch(&other).await);
        assert_eq!(revoke(&owner, &id).await["status"], "REVOKED");
        assert_eq!(ended.hear().await["type"], "complete");
        ended
            .begin("2", "{ viewer { permissions } }", json!({}))
            .await;
        assert_eq!(ended.closed().await, 4401);
        let (code, words) = refusal(&app, program.token()).await;
        assert!(code == 401 && words.contains("revoked"), "{code} {words}");

        let ann = owner
            .done("userCreate", new_user("ann"), "user { id }")
            .await["user"]["id"]
            .clone();
        let input = json!({ "appId": okta, "targets": { "userIds": [ann] } });
        owner.done("usersAssign", input, "").await;
        assert_eq!(
            kept.event().await["syncStatus"]["total"],
            1,
            "another token's goes on"
        );

        let again = revoke(&owner, &id).await;
        assert_eq!(
            again,
            node(&owner, &id).await,
            "done twice it changes nothing"
        );
    })
    .await;
}

#[tokio::test]
async fn a_stream_has_no_more_than_its_token() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let (program, id) = token(&owner, "a", &["VIEW_APPS"]).await;
        let store = &app.server.base.services.store;
        let organization = provisioner::store::organizations::all(store)
            .await
            .unwrap()
            .remove(0)
            .id;
        let (user, token_id) = (row_id(&json!(owner.user_id)), row_id(&id));
        let now = provisioner::clock::Clock::now_ms(&app.clock);
        let viewer = async |user: Uuid, at: i64| {
            let found = viewer_now(store, organization, user, Some(token_id), None, at).await;
            found.unwrap().map(|viewer| {
                viewer
                    .role
                    .permissions()
                    .iter()
                    .map(|p| p.as_str())
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(viewer(user, now).await, Some(vec!["VIEW_APPS"]));
        assert_eq!(viewer(user, now + 8 * 86_400_000).await, None, "expired");
        let ann = owner
            .done("userCreate", new_user("ann"), "user { id }")
            .await["user"]["id"]
            .clone();
        assert_eq!(viewer(row_id(&ann), now).await, None, "somebody else's");

        let document = "subscription($app: ID!) { syncStatus(appId: $app) { total } }";
        let mut socket = Socket::subscribe(
            &app.base_url,
            program.token(),
            document,
            json!({ "app": okta }),
        )
        .await;
        socket.event().await;
        let (blind, _) = token(&owner, "b", &["VIEW_USERS"]).await;
        let mut refused = Socket::subscribe(
            &app.base_url,
            blind.token(),
            document,
            json!({ "app": okta }),
        )
        .await;
        assert!(refused.hear().await.to_string().contains("FORBIDDEN"));
        revoke(&owner, &id).await;
        assert_eq!(viewer(user, now).await, None, "revoked");
        assert_eq!(socket.hear().await["type"], "complete");
    })
    .await;
}

#[tokio::test]
async fn consent_begun_with_a_revoked_token_comes_to_nothing() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let okta = add_app(&app, None).await;
            owner
                .done("oktaOrgConfigure", credentials(&app, &okta), "")
                .await;
            let three = ["VIEW_APPS", "ASSIGN_APPS", "IMPORT_USERS"];
            let (program, id) = token(&owner, "a", &three).await;
            let (journey, url) = start_authorization(&program, &okta, None).await;
            let mut browser = Browser::default();
            let page = consent_page(&app, &mut browser, &url).await;
            let back = decide(&app, &mut browser, &page, "allow").await;
            revoke(&owner, &id).await;
            browser.get(&back).await;
            let end = authorization(&owner, &journey).await;
            assert_eq!(end["status"], "FAILED", "{end:#}");
            assert_eq!(end["problem"]["code"], "PERMISSION_WITHDRAWN");
        })
        .await;
}

#[tokio::test]
async fn what_is_asked_for_is_checked() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let clerk = app
            .custom("clerk", &["VIEW_USERS", "MANAGE_ADMIN_ROLES"])
            .await;
        let view = ["VIEW_USERS"];
        token(&owner, "Straße ☃", &view).await;
        token(&clerk, "Straße ☃", &view).await;
        let long = "☃".repeat(100);
        token(&owner, &long, &view).await;
        for (name, expected) in [
            ("STRASSE \u{2603}", "ALREADY_EXISTS name"),
            ("", "REQUIRED name"),
            (" \u{3000}\t", "REQUIRED name"),
            ("a\u{0}b", "INVALID_VALUE name"),
            ("a\nb", "INVALID_VALUE name"),
            (&"x".repeat(101), "TOO_LONG name"),
            (&"x".repeat(50_000), "TOO_LONG name"),
        ] {
            assert_eq!(
                owner.refused(CREATE, wish(name, &view)).await,
                [expected],
                "{name:.20}"
            );
        }
        for days in [i32::MIN, -1, 0, 367, i32::MAX] {
            let mut input = wish("days", &view);
            input["validForDays"] = json!(days);
            assert_eq!(
                owner.refused(CREATE, input).await,
                ["INVALID_VALUE validForDays"],
                "{days}"
            );
        }
        for (days, name) in [(1, "short"), (366, "long")] {
            let mut input = wish(name, &view);
            input["validForDays"] = json!(days);
            owner.done(CREATE, input, "").await;
        }
        assert_eq!(
            owner.refused(CREATE, wish("none", &[])).await,
            ["REQUIRED scopes"]
        );
        let asked = ["VIEW_USERS", "VIEW_APPS", "MANAGE_ADMIN_ROLES", "VIEW_APPS"];
        assert_eq!(
            clerk.refused(CREATE, wish("", &asked)).await,
            [
                "REQUIRED name",
                "FORBIDDEN scopes.1",
                "INVALID_VALUE scopes.2"
            ]
        );
        assert_eq!(
            owner
                .refused(CREATE, wish("roles", &["MANAGE_ADMIN_ROLES"]))
                .await,
            ["INVALID_VALUE scopes.0"]
        );
        let member = app.member().await;
        assert_eq!(
            member.refused(CREATE, wish("a", &view)).await,
            ["FORBIDDEN scopes.0"]
        );
        assert_eq!(own(&owner).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn nobody_has_too_many_tokens_however_fast_he_asks() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let attempts = |names: Vec<String>| {
            let owner = owner.clone();
            async move {
                let one = async |name: &str| {
                    let answer = owner
                        .mutate(CREATE, wish(name, &["VIEW_USERS"]), "")
                        .await
                        .data();
                    let errors = answer[CREATE]["userErrors"].as_array().unwrap().clone();
                    errors.first().map_or("done".to_owned(), |error| {
                        error["code"].as_str().unwrap().to_owned()
                    })
                };
                join_all(names.iter().map(|name| one(name))).await
            }
        };
        let count =
            |outcomes: &[String], of: &str| outcomes.iter().filter(|each| *each == of).count();
        let same = attempts(vec!["same".to_owned(); 8]).await;
        assert_eq!(
            (count(&same, "done"), count(&same, "ALREADY_EXISTS")),
            (1, 7),
            "{same:?}"
        );
        let most = attempts((0..47).map(|i| format!("token {i}")).collect()).await;
        assert_eq!(count(&most, "done"), 47, "{most:?}");
        let last = attempts((0..8).map(|i| format!("last {i}")).collect()).await;
        assert_eq!(
            (count(&last, "done"), count(&last, "TOO_MANY")),
            (2, 6),
            "{last:?}"
        );
        let document =
            "{ viewer { personalAccessTokens(first: 100, statuses: [ACTIVE]) { nodes { id } } } }";
        let tokens =
            owner.query(document, json!({})).await["viewer"]["personalAccessTokens"]["nodes"]
                .clone();
        assert_eq!(tokens.as_array().unwrap().len(), 50);
        revoke(&owner, &tokens[7]["id"]).await;
        token(&owner, "one more", &["VIEW_USERS"]).await;
        assert_eq!(
            owner
                .refused(CREATE, wish("two more", &["VIEW_USERS"]))
                .await,
            ["TOO_MANY"]
        );
    })
    .await;
}

#[tokio::test]
async fn who_manages_people_sees_and_ends_their_tokens() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let (viewer, manager) = (app.custom("viewer", &["VIEW_USERS"]).await, app.custom("manager", &["MANAGE_USERS", "VIEW_USERS"]).await);
        let (program, id) = token(&viewer, "a", &["VIEW_USERS"]).await;
        let (_, owners) = token(&owner, "a", &["VIEW_USERS"]).await;
        let document = "query($id: ID!) { user(id: $id) { name personalAccessTokens { totalCount nodes { id name } } } }";
        let of = async |client: &Client, whose: &Client| client.send(document, json!({ "id": whose.user_id })).await;
        let seen = of(&manager, &viewer).await.data()["user"]["personalAccessTokens"].clone();
        assert_eq!(seen, json!({ "totalCount": 1, "nodes": [{ "id": id, "name": "a" }] }));
        assert_eq!(of(&viewer, &viewer).await.data()["user"]["personalAccessTokens"]["totalCount"], 1);
        let refused = of(&viewer, &manager).await;
        assert_eq!(refused.code(), "FORBIDDEN");
        assert_eq!(refused.body["errors"][0]["extensions"]["permission"], "MANAGE_USERS");
        assert_eq!(node(&viewer, &owners).await, Value::Null);

        let input = json!({ "personalAccessTokenId": owners });
        assert_eq!(viewer.refused(REVOKE, input.clone()).await, ["NOT_FOUND personalAccessTokenId"]);
        assert_eq!(manager.refused(REVOKE, input).await, ["FORBIDDEN personalAccessTokenId"]);
        assert_eq!(revoke(&manager, &id).await["status"], "REVOKED");
        assert_eq!(status(&program).await, 401);
        let audit = "{ auditEvents(filter: { actions: [\"personalAccessToken.revoke\"] }) { nodes { user { id } actorUser { id } } } }";
        let audit = owner.query(audit, json!({})).await["auditEvents"]["nodes"].clone();
        assert_eq!(audit, json!([{ "user": { "id": viewer.user_id }, "actorUser": { "id": manager.user_id } }]));
    })
    .await;
}

#[tokio::test]
async fn another_organization_knows_nothing_of_it() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let rival = app.rival().await;
        let (program, id) = token(&owner, "a", &SCOPES).await;
        assert_eq!(node(&rival, &id).await, Value::Null);
        let answer = async |id: Value| {
            let input = json!({ "personalAccessTokenId": id });
            rival.mutate(REVOKE, input, "").await.body.to_string()
        };
        assert_eq!(answer(id.clone()).await, answer(json!("made-up")).await);
        assert_eq!(own(&rival).await, Vec::<Value>::new());
        token(&rival, "a", &["VIEW_USERS"]).await;
        let user = "query($id: ID!) { user(id: $id) { id } }";
        let found = program.query(user, json!({ "id": rival.user_id })).await;
        assert_eq!(found["user"], Value::Null);
        let who = program.query(WHO, json!({})).await;
        assert_eq!(who["viewer"]["user"]["id"], owner.user_id);
    })
    .await;
}

#[tokio::test]
async fn a_token_is_not_given_answers_that_its_person_got() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let (program, _) = token(&owner, "small", &["VIEW_USERS"]).await;
        let document = "mutation($input: PersonalAccessTokenCreateInput!) { personalAccessTokenCreate(input: $input) { secret userErrors { code } } }";
        let body = json!({ "query": document, "variables": { "input": wish("large", &SCOPES) } });
        let send = async |client: &Client| {
            let request = app.http().post(format!("{}/graphql", app.base_url));
            let request = request.bearer_auth(client.token()).header("idempotency-key", "1");
            let answer = request.json(&body).send().await.unwrap();
            let replayed = answer.headers().contains_key("idempotency-replayed");
            (replayed, answer.json::<Value>().await.unwrap()["data"][CREATE].clone())
        };
        let (replayed, first) = send(&owner).await;
        assert!(!replayed && first["secret"].is_string(), "{first:#}");
        let (replayed, refused) = send(&program).await;
        assert_eq!((replayed, &refused["secret"]), (false, &Value::Null));
        assert_eq!(refused["userErrors"][0]["code"], "FORBIDDEN");
        assert_eq!(send(&owner).await, (true, first));
        assert_eq!(send(&program).await, (true, refused));
    })
    .await;
}

#[tokio::test]
async fn pages_of_tokens_follow_each_other() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        for name in ["a", "b", "c"] {
            token(&owner, name, &["VIEW_USERS"]).await;
        }
        let document = "query($after: String) { viewer { personalAccessTokens(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } } }";
        let page = async |after: Value| owner.query(document, json!({ "after": after })).await["viewer"]["personalAccessTokens"].clone();
        let first = page(Value::Null).await;
        assert_eq!(first["nodes"], json!([{ "name": "c" }, { "name": "b" }]));
        let second = page(first["pageInfo"]["endCursor"].clone()).await;
        assert_eq!((&second["nodes"], &second["pageInfo"]["hasNextPage"]), (&json!([{ "name": "a" }]), &json!(false)));
    })
    .await;
}

fn printed(args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provisioner"));
    let out = command
        .args(args)
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_token_is_in_no_log_however_much_is_logged() {
    let dir = std::env::temp_dir().join(format!("provisioner-pat-log-{}", random::new_id()));
    std::fs::create_dir(&dir).unwrap();
    let data_dir = dir.join("data");
    let data = ["--data-dir", data_dir.to_str().unwrap()];
    let email = "owner@acme.example";
    printed(
        &[
            &["init", "--organization", "Acme", "--owner", email],
            &data[..],
        ]
        .concat(),
    );
    let person = printed(&[&["token", "--user", email], &data[..]].concat());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_provisioner"))
        .args([&["serve", "--listen", &address], &data[..]].concat())
        .env("RUST_LOG", "trace,tungstenite::protocol=trace")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    wait_until("the process to answer", 20, async || {
        tokio::net::TcpStream::connect(&address).await.ok()
    })
    .await;
    let base_url = format!("http://{address}");
    let document = "mutation($input: PersonalAccessTokenCreateInput!) { personalAccessTokenCreate(input: $input) { secret } }";
    let mut socket = Socket::open(&base_url, &person).await;
    let mut secrets = BTreeSet::new();
    let input = json!({ "input": wish("by socket", &["VIEW_USERS"]) });
    socket.begin("1", document, input).await;
    let made = socket.event().await;
    secrets.insert(made[CREATE]["secret"].as_str().unwrap().to_owned());
    let post = async |token: &str, query: &str, variables: Value| {
        let http = app_http();
        let request = http.post(format!("{base_url}/graphql")).bearer_auth(token);
        let request = request.json(&json!({ "query": query, "variables": variables }));
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let input = json!({ "input": wish("by request", &["VIEW_USERS"]) });
    let made = post(&person, document, input).await;
    let secret = made["data"][CREATE]["secret"].as_str().unwrap().to_owned();
    post(&secret, "{ users { nodes { id } } }", json!({})).await;
    post(&secret, "{ auditEvents { nodes { id } } }", json!({})).await;
    let forged = format!("{}0", &secret[..secret.len() - 1]);
    post(&forged, WHO, json!({})).await;
    Socket::open(&base_url, &secret).await;
    secrets.insert(secret);
    server.kill().unwrap();
    server.wait().unwrap();
    let log = std::fs::read_to_string(dir.join("log")).unwrap();
    assert!(log.contains("provisioner serves"), "nothing was logged");
    for secret in &secrets {
        assert!(!log.contains(&secret[8..30]), "the log tells a token");
    }
    std::fs::remove_dir_all(dir).unwrap();
}

#[expect(
    clippy::disallowed_methods,
    reason = "the suite is a client of its own, not of Okta"
)]
fn app_http() -> reqwest::Client {
    reqwest::Client::new()
}
