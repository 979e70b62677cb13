//! The connection of an app: entering it, testing it, entering another one, ending it.

use std::time::Duration;

use provisioner::domain::plan::Settings;
use provisioner::store::apps::{self, Saved};
use provisioner::store::okta_snapshots::{self, CustomRoles, Schema};
use provisioner::store::{okta_orgs, organizations};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::connect::{OKTA_ORG, credentials, okta_org};
use crate::support::{Client, Socket, TestApp, add_app, connect, new_user, wait_until};

fn of(app_id: &str) -> Value {
    json!({ "appId": app_id })
}

/// The row behind a global id.
fn row(id: &str) -> Uuid {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(id)
        .unwrap();
    let text = String::from_utf8(text).unwrap();
    text.split_once(':').unwrap().1.parse().unwrap()
}

async fn organization(app: &TestApp) -> Uuid {
    organizations::all(&app.server.base.services.store)
        .await
        .unwrap()
        .remove(0)
        .id
}

/// Names of the attributes in our copy of the org's schema, and of its own roles.
async fn copies(app: &TestApp, app_id: &str) -> (Vec<String>, Vec<String>) {
    let store = &app.server.base.services.store;
    let org = okta_orgs::of_app(store, organization(app).await, row(app_id))
        .await
        .unwrap()
        .unwrap();
    let schema = okta_snapshots::find::<Schema>(store, org.id).await.unwrap();
    let roles = okta_snapshots::find::<CustomRoles>(store, org.id)
        .await
        .unwrap();
    let attributes = schema.map(|copy| copy.document).unwrap_or_default();
    let roles = roles.map(|copy| copy.document).unwrap_or_default();
    (
        attributes
            .into_iter()
            .map(|attribute| attribute.name)
            .collect(),
        roles.into_iter().map(|role| role.label).collect(),
    )
}

async fn switch_on(app: &TestApp, app_id: &str) {
    let settings = Settings {
        create_users: true,
        update_user_profile: true,
        delete_users: true,
        activate_and_deactivate_users: true,
    };
    let store = &app.server.base.services.store;
    let saved = Saved {
        by: Uuid::nil(),
        at: 0,
    };
    let saving =
        store.transaction(async |tx| apps::save_settings(&tx, row(app_id), settings, saved).await);
    saving.await.unwrap();
}

async fn assign(client: &Client, app_id: &str, name: &str) -> Value {
    let mut person = new_user(name);
    // Okta's logins have the shape of an address.
    person["userName"] = person["primaryEmail"].clone();
    let user = client.done("userCreate", person, "user { id }").await["user"]["id"].clone();
    let input = json!({ "appId": app_id, "targets": { "userIds": [user] } });
    let selection = "results { assignmentEdge { node { account { id } } } }";
    let payload = client.done("usersAssign", input, selection).await;
    payload["results"][0]["assignmentEdge"]["node"]["account"]["id"].clone()
}

async fn account(client: &Client, id: &Value) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on Account { state waitReason oktaId provenance revision } } }";
    client.query(document, json!({ "id": id })).await["node"].clone()
}

async fn in_sync(client: &Client, id: &Value) -> Value {
    wait_until("the account to be in sync", 20, async || {
        let account = account(client, id).await;
        (account["state"] == "IN_SYNC").then_some(account)
    })
    .await
}

fn effects(app: &TestApp, since: u64) -> Vec<String> {
    app.sandbox()
        .effects_since(since)
        .into_iter()
        .map(|effect| effect.kind)
        .collect()
}

#[tokio::test]
async fn before_anything_is_entered_it_says_what_to_register() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let app_id = add_app(&app, None).await;
        let org = okta_org(&owner, &app_id).await;
        assert_eq!(org["status"], "NOT_CONFIGURED");
        assert_eq!(
            org["redirectUri"],
            format!("{}/oauth/callback", app.base_url)
        );
        let required = org["requiredScopes"].as_array().unwrap();
        for scope in [
            "openid",
            "offline_access",
            "okta.users.manage",
            "okta.roles.manage",
            "okta.schemas.read",
            "okta.logs.read",
        ] {
            assert!(required.contains(&json!(scope)), "{scope}");
        }
        for empty in [
            "domain",
            "clientId",
            "clientSecretSetAt",
            "authorizedBy",
            "problem",
            "testedAt",
        ] {
            assert_eq!(org[empty], Value::Null, "{empty}");
        }
        for mutation in ["oktaOrgTest", "oktaSchemaRefresh", "oktaAuthorizationStart"] {
            assert_eq!(
                owner.refused(mutation, of(&app_id)).await,
                ["APP_NOT_CONNECTED"],
                "{mutation}"
            );
        }
        owner.done("oktaOrgDisconnect", of(&app_id), "").await;
        assert_eq!(okta_org(&owner, &app_id).await, org);
    })
    .await;
}

#[tokio::test]
async fn what_is_entered_is_checked_and_the_secret_stays_inside() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            let nothing =
                json!({ "appId": app_id, "domain": " ", "clientId": "", "clientSecret": null });
            let refused = owner.refused("oktaOrgConfigure", nothing).await;
            assert_eq!(
                refused,
                [
                    "REQUIRED domain",
                    "REQUIRED clientId",
                    "REQUIRED clientSecret"
                ]
            );
            let mut admin = credentials(&app, &app_id);
            admin["domain"] = json!("https://acme-admin.okta.com/");
            let answer = owner.mutate("oktaOrgConfigure", admin, "").await.data();
            let error = &answer["oktaOrgConfigure"]["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("INVALID_VALUE"), &json!(["domain"]))
            );
            assert_eq!(
                error["params"],
                json!([{ "name": "suggestion", "value": "acme.okta.com" }])
            );
            for domain in [
                "169.254.169.254",
                "evil.example",
                "acme.okta.com.evil.example",
            ] {
                let mut input = credentials(&app, &app_id);
                input["domain"] = json!(domain);
                assert_eq!(
                    owner.refused("oktaOrgConfigure", input).await,
                    ["DOMAIN_NOT_ALLOWED domain"],
                    "{domain}"
                );
            }
            assert_eq!(okta_org(&owner, &app_id).await["status"], "NOT_CONFIGURED");

            let done = owner
                .done(
                    "oktaOrgConfigure",
                    credentials(&app, &app_id),
                    &format!("oktaOrg {{ {OKTA_ORG} }}"),
                )
                .await;
            let org = done["oktaOrg"].clone();
            assert_eq!(org["status"], "NOT_AUTHORIZED");
            assert_eq!(
                Some(org["domain"].as_str().unwrap()),
                app.sandbox().base_url.strip_prefix("http://")
            );
            assert_eq!(org["clientId"], app.sandbox().config().client.id);
            let mut same = credentials(&app, &app_id);
            same["clientSecret"] = Value::Null;
            owner.done("oktaOrgConfigure", same.clone(), "").await;
            assert_eq!(okta_org(&owner, &app_id).await, org, "nothing was changed");
            same["clientId"] = json!("0oaanother");
            assert_eq!(
                owner.refused("oktaOrgConfigure", same).await,
                ["REQUIRED clientSecret"]
            );

            let secret = &app.sandbox().config().client.secret;
            let trail = owner
                .query(
                    "{ auditEvents(first: 100) { nodes { action detail } } }",
                    json!({}),
                )
                .await;
            assert!(trail.to_string().contains("oktaOrg.configure"));
            assert!(
                !trail.to_string().contains(secret.as_str())
                    && !done.to_string().contains(secret.as_str())
            );
        })
        .await;
}

#[tokio::test]
async fn an_org_serves_one_app_and_nobody_elses_app_can_be_touched() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let (one, two) = (add_app(&app, None).await, add_app(&app, None).await);
            owner
                .done("oktaOrgConfigure", credentials(&app, &one), "")
                .await;
            assert_eq!(
                owner
                    .refused("oktaOrgConfigure", credentials(&app, &two))
                    .await,
                ["ALREADY_EXISTS domain"]
            );
            let rival = app.rival().await;
            for mutation in ["oktaOrgTest", "oktaOrgDisconnect", "oktaSchemaRefresh"] {
                assert_eq!(
                    rival.refused(mutation, of(&one)).await,
                    ["NOT_FOUND appId"],
                    "{mutation}"
                );
            }
            assert_eq!(
                rival
                    .refused("oktaOrgConfigure", credentials(&app, &one))
                    .await,
                ["NOT_FOUND appId"]
            );
            assert_eq!(okta_org(&rival, &one).await, Value::Null);
            assert_eq!(okta_org(&app.member().await, &one).await, Value::Null);
            let clerk = app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
            assert_eq!(okta_org(&clerk, &one).await["status"], "NOT_AUTHORIZED");
            for mutation in ["oktaOrgTest", "oktaOrgDisconnect", "oktaSchemaRefresh"] {
                assert_eq!(
                    clerk.mutate(mutation, of(&one), "").await.code(),
                    "FORBIDDEN",
                    "{mutation}"
                );
            }
        })
        .await;
}

#[tokio::test]
async fn a_schema_that_changed_reaches_us_and_the_accounts_are_looked_at_again() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            connect(&app, &owner, &app_id).await;
            let (before, roles) = copies(&app, &app_id).await;
            assert!(
                before.contains(&"login".to_owned())
                    && before.contains(&"costCenterCode".to_owned())
            );
            assert_eq!(roles.len(), 2);
            switch_on(&app, &app_id).await;
            let account_id = assign(&owner, &app_id, "ann").await;
            let revision = in_sync(&owner, &account_id).await["revision"]
                .as_i64()
                .unwrap();

            owner.done("oktaSchemaRefresh", of(&app_id), "").await;
            assert_eq!(
                account(&owner, &account_id).await["revision"],
                revision,
                "nothing differs"
            );
            let schema = format!(
                "{}/api/v1/meta/schemas/user/default",
                app.sandbox().base_url
            );
            let body = json!({ "definitions": { "custom": { "id": "#custom", "type": "object",
            "properties": { "badge": { "title": "Badge", "type": "string" } } } } });
            let token = format!("SSWS {}", app.sandbox().config().api_token);
            let changed = app
                .http()
                .post(schema)
                .header("authorization", token)
                .json(&body)
                .send()
                .await
                .unwrap();
            assert_eq!(changed.status(), 200);
            owner.done("oktaSchemaRefresh", of(&app_id), "").await;
            assert!(copies(&app, &app_id).await.0.contains(&"badge".to_owned()));
            assert!(
                account(&owner, &account_id).await["revision"]
                    .as_i64()
                    .unwrap()
                    > revision
            );
        })
        .await;
}

#[tokio::test]
async fn the_right_secret_brings_a_connection_back_without_a_new_consent() {
    TestApp::builder().sandbox().on_both(async |app| {
        let owner = app.owner().await;
        let app_id = add_app(&app, None).await;
        connect(&app, &owner, &app_id).await;
        let mut input = credentials(&app, &app_id);
        input["clientSecret"] = json!("renewed-in-okta");
        owner.done("oktaOrgConfigure", input, "").await;
        assert_eq!(okta_org(&owner, &app_id).await["status"], "CONNECTED", "the token lives on");
        app.clock.advance(Duration::from_secs(60));
        let answer = owner.mutate("oktaOrgTest", of(&app_id), "oktaOrg { status problem { code } }").await.data();
        let payload = &answer["oktaOrgTest"];
        assert_eq!(payload["userErrors"][0]["code"], "OKTA_REFUSED");
        assert!(payload["userErrors"][0]["params"].as_array().unwrap().contains(&json!({ "name": "problem", "value": "CLIENT_REFUSED" })));
        assert_eq!(payload["oktaOrg"], json!({ "status": "NEEDS_REAUTHORIZATION", "problem": { "code": "CLIENT_REFUSED" } }));

        owner.done("oktaOrgConfigure", credentials(&app, &app_id), "").await;
        let tested = owner.done("oktaOrgTest", of(&app_id), "oktaOrg { status problem { code } }").await;
        assert_eq!(tested["oktaOrg"], json!({ "status": "CONNECTED", "problem": null }));
        let position = app.sandbox().position();
        owner.done("oktaOrgTest", of(&app_id), "").await;
        assert_eq!(effects(&app, position), [""; 0], "a secret that was tested needs no new token");
    })
    .await;
}

#[tokio::test]
async fn a_grant_that_okta_withdrew_asks_for_a_new_consent() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            connect(&app, &owner, &app_id).await;
            app.sandbox().revoke_grants().unwrap();
            let refused = owner.refused("oktaOrgTest", of(&app_id)).await;
            assert_eq!(refused, ["OKTA_REFUSED"]);
            let org = okta_org(&owner, &app_id).await;
            assert_eq!(
                (&org["status"], &org["problem"]["code"]),
                (&json!("NEEDS_REAUTHORIZATION"), &json!("GRANT_REVOKED"))
            );
            connect(&app, &owner, &app_id).await;
            let org = okta_org(&owner, &app_id).await;
            assert_eq!(
                (&org["status"], &org["problem"]),
                (&json!("CONNECTED"), &Value::Null)
            );
        })
        .await;
}

#[tokio::test]
async fn another_client_is_another_connection_and_deprovisions_nobody() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            connect(&app, &owner, &app_id).await;
            switch_on(&app, &app_id).await;
            let account_id = assign(&owner, &app_id, "ann").await;
            let first = in_sync(&owner, &account_id).await;
            assert_eq!(first["provenance"], "CREATED");
            let position = app.sandbox().position();

            let mut input = credentials(&app, &app_id);
            input["clientId"] = json!("0oaanother");
            owner.done("oktaOrgConfigure", input, "").await;
            let org = okta_org(&owner, &app_id).await;
            assert_eq!(
                (&org["status"], &org["authorizedBy"], &org["grantedScopes"]),
                (&json!("NOT_AUTHORIZED"), &Value::Null, &json!([]))
            );
            assert_eq!(account(&owner, &account_id).await["oktaId"], Value::Null);
            assert_eq!(effects(&app, position), ["token.revoke"]);
            let waiting = wait_until("the account to wait", 20, async || {
                let account = account(&owner, &account_id).await;
                (account["state"] == "WAITING").then_some(account)
            });
            assert_eq!(waiting.await["waitReason"], "NOT_CONNECTED");

            connect(&app, &owner, &app_id).await;
            let again = in_sync(&owner, &account_id).await;
            assert_eq!(
                (&again["oktaId"], &again["provenance"]),
                (&first["oktaId"], &json!("LINKED"))
            );
            let touched: Vec<_> = effects(&app, position)
                .into_iter()
                .filter(|kind| kind.starts_with("user."))
                .collect();
            assert_eq!(touched, [""; 0], "matched anew, and nobody was touched");
        })
        .await;
}

#[tokio::test]
async fn disconnecting_ends_the_access_and_touches_nobody() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            connect(&app, &owner, &app_id).await;
            switch_on(&app, &app_id).await;
            let ann = assign(&owner, &app_id, "ann").await;
            let okta_id = in_sync(&owner, &ann).await["oktaId"].clone();
            let position = app.sandbox().position();
            let done = owner
                .done(
                    "oktaOrgDisconnect",
                    of(&app_id),
                    &format!("oktaOrg {{ {OKTA_ORG} }}"),
                )
                .await;
            let org = &done["oktaOrg"];
            assert_eq!(
                (&org["status"], &org["grantedScopes"]),
                (&json!("DISCONNECTED"), &json!([]))
            );
            assert!(
                org["authorizedBy"]["login"].is_string() && org["clientSecretSetAt"].is_string()
            );
            assert_eq!(effects(&app, position), ["token.revoke"]);
            assert_eq!(
                owner.refused("oktaOrgTest", of(&app_id)).await,
                ["APP_NOT_CONNECTED"]
            );
            let ben = assign(&owner, &app_id, "ben").await;
            wait_until("the new account to wait", 20, async || {
                (account(&owner, &ben).await["waitReason"] == "NOT_CONNECTED").then_some(())
            })
            .await;
            owner.done("oktaOrgDisconnect", of(&app_id), "").await;

            connect(&app, &owner, &app_id).await;
            in_sync(&owner, &ben).await;
            assert_eq!(
                in_sync(&owner, &ann).await["oktaId"],
                okta_id,
                "the links stayed"
            );
        })
        .await;
}

#[tokio::test]
async fn many_who_need_a_token_share_one_refresh() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            connect(&app, &owner, &app_id).await;
            let position = app.sandbox().position();
            app.clock.advance(Duration::from_secs(2 * 3_600));
            let tests = (0..20).map(|_| owner.done("oktaOrgTest", json!({ "appId": app_id }), ""));
            futures::future::join_all(tests).await;
            assert_eq!(effects(&app, position), ["token.refresh"]);
        })
        .await;
}

#[tokio::test]
async fn whoever_watches_sees_it_first_as_it_is_and_then_as_it_changes() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            let document =
                "subscription($app: ID!) { oktaOrgChanged(appId: $app) { status domain } }";
            let variables = json!({ "app": app_id });
            let mut socket =
                Socket::subscribe(&app.base_url, owner.token(), document, variables).await;
            assert_eq!(
                socket.event().await["oktaOrgChanged"],
                json!({ "status": "NOT_CONFIGURED", "domain": null })
            );
            owner
                .done("oktaOrgConfigure", credentials(&app, &app_id), "")
                .await;
            assert_eq!(
                socket.event().await["oktaOrgChanged"]["status"],
                "NOT_AUTHORIZED"
            );
            connect(&app, &owner, &app_id).await;
            let mut status = socket.event().await["oktaOrgChanged"]["status"].clone();
            while status == "NOT_AUTHORIZED" {
                status = socket.event().await["oktaOrgChanged"]["status"].clone();
            }
            assert_eq!(status, "CONNECTED");
        })
        .await;
}
