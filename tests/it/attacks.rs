//! Attempts to get at more than one may: by ways round the role ceilings, by connections that last, by what is logged, by what a port gives away.

use std::process::{Command, Stdio};
use std::sync::Arc;

use okta_sandbox::{Seed, SeedUser};
use provisioner::clock::SystemClock;
use provisioner::config::Config;
use provisioner::{random, startup};
use serde_json::{Value, json};

use crate::support::{Client, Socket, TestApp, add_app, connect, new_user, wait_until};

const EVERYTHING: [&str; 7] = [
    "VIEW_APPS",
    "ASSIGN_APPS",
    "IMPORT_USERS",
    "VIEW_USERS",
    "MANAGE_USERS",
    "MANAGE_ADMIN_ROLES",
    "VIEW_AUDIT_LOG",
];

const ASSIGN: &str = "mutation($input: UsersAssignInput!) { usersAssign(input: $input) { userErrors { code } results { changed } } }";

async fn add(client: &Client, name: &str) -> Value {
    let made = client
        .done("userCreate", new_user(name), "user { id }")
        .await;
    made["user"]["id"].clone()
}

fn to(app: &str, users: &[&Value], role: &str) -> Value {
    json!({ "appId": app, "targets": { "userIds": users }, "role": role })
}

async fn set_role(owner: &Client, app: &str, user: &Value, role: &str) {
    let mutation = "assignmentsRoleChange";
    owner.done(mutation, to(app, &[user], role), "").await;
}

#[tokio::test]
async fn a_connection_does_not_keep_what_its_person_lost() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let (ann, admin) = (add(&owner, "ann").await, app.admin().await);
        let mut socket = Socket::open(&app.base_url, admin.token()).await;
        let clerk = app.custom("clerk", &["VIEW_USERS"]).await;
        let document = "{ viewer { user { adminRole { id } } } }";
        let role = clerk.query(document, json!({})).await["viewer"]["user"]["adminRole"].clone();
        let lower = json!({ "userId": admin.user_id, "adminRoleId": role["id"] });
        owner.done("userAdminRoleSet", lower, "").await;

        let wish = json!({ "input": to(&okta, &[&ann], "SUPER_ADMIN") });
        socket.begin("1", ASSIGN, wish.clone()).await;
        let answer = socket.hear().await;
        let code = &answer["payload"]["errors"][0]["extensions"]["code"];
        assert_eq!(code, "FORBIDDEN", "{answer:#}");
        assert_eq!(socket.hear().await["type"], "complete");

        let gone = json!({ "userId": admin.user_id });
        owner.done("userDeactivate", gone, "").await;
        socket
            .begin("2", "{ viewer { permissions } }", json!({}))
            .await;
        assert_eq!(socket.closed().await, 4401);
    })
    .await;
}

#[tokio::test]
async fn no_path_leads_over_the_ceiling() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let (ann, ben) = (add(&owner, "ann").await, add(&owner, "ben").await);
        let clerk = app.custom("clerk", &EVERYTHING).await;
        owner
            .done("usersAssign", to(&okta, &[&ann], "SUPER_ADMIN"), "")
            .await;
        let all = |count: u32| json!({ "matching": { "expectedCount": count } });
        for role in ["SUPER_ADMIN", "ORG_ADMIN"] {
            for targets in [json!({ "userIds": [ben] }), all(4), all(1)] {
                let input = json!({ "appId": okta, "targets": targets, "role": role });
                for mutation in ["usersAssign", "assignmentsRoleChange"] {
                    let refused = clerk.refused(mutation, input.clone()).await;
                    assert_eq!(refused, ["ROLE_ABOVE_CEILING role"], "{mutation} {input}");
                }
            }
        }
        for mutation in ["usersUnassign", "assignmentsRoleChange"] {
            let mut input = json!({ "appId": okta, "targets": { "userIds": [ann] } });
            if mutation == "assignmentsRoleChange" {
                input["role"] = json!("HELP_DESK_ADMIN");
            }
            let done = clerk
                .mutate(mutation, input, "results { userErrors { code } }")
                .await
                .data();
            let code = &done[mutation]["results"][0]["userErrors"][0]["code"];
            assert_eq!(code, "ROLE_ABOVE_CEILING", "{mutation}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_may_not_give_a_role_may_not_become_its_holder() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let (ann, admin) = (add(&owner, "ann").await, app.admin().await);
        let clerk = app.custom("clerk", &EVERYTHING).await;
        owner
            .done("usersAssign", to(&okta, &[&ann], "ORG_ADMIN"), "")
            .await;
        for change in [
            json!({ "primaryEmail": "mine@evil.example" }),
            json!({ "secondaryEmail": "mine@evil.example" }),
            json!({ "userName": "mine@evil.example" }),
        ] {
            let mut input = change;
            input["userId"] = ann.clone();
            let refused = clerk.refused("userUpdate", input.clone()).await;
            assert_eq!(refused, ["ROLE_ABOVE_CEILING userId"], "{input}");
            admin.done("userUpdate", input, "").await;
        }
        for mutation in ["userDeactivate", "userActivate", "userDelete"] {
            let refused = clerk.refused(mutation, json!({ "userId": ann })).await;
            assert_eq!(refused, ["ROLE_ABOVE_CEILING userId"], "{mutation}");
        }
        set_role(&owner, &okta, &ann, "HELP_DESK_ADMIN").await;
        let title = json!({ "userId": ann, "title": "Help" });
        clerk.done("userUpdate", title, "").await;
    })
    .await;
}

/// Somebody with this name is a super administrator of the org already.
fn sow_admin(app: &TestApp, name: &str) {
    let login = format!("{name}@acme.example");
    let profile =
        json!({ "login": login, "email": login, "firstName": name, "lastName": "Example" });
    let user = SeedUser {
        profile: profile.as_object().unwrap().clone(),
        status: Some("ACTIVE".to_owned()),
        roles: vec!["SUPER_ADMIN".to_owned()],
        ..SeedUser::default()
    };
    let seed = Seed {
        users: vec![user],
        ..Seed::default()
    };
    app.sandbox().sow(&seed).unwrap();
}

async fn account(client: &Client, user: &Value, state: &str) -> Value {
    let document = "query($id: ID!) { user(id: $id) { accounts { id state problem { code linkReasons candidateOktaId } } } }";
    wait_until(state, 20, async || {
        let found = client.query(document, json!({ "id": user })).await;
        let account = found["user"]["accounts"][0].clone();
        (account["state"] == state).then_some(account)
    })
    .await
}

#[tokio::test]
async fn an_okta_admin_is_taken_over_by_nobody_below() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let added = owner.done("appAdd", json!({}), "app { id }").await;
            let okta = added["app"]["id"].as_str().unwrap().to_owned();
            connect(&app, &owner, &okta).await;
            let clerk = app.custom("clerk", &EVERYTHING).await;
            let admin = app.admin().await;
            sow_admin(&app, "cleo");
            sow_admin(&app, "admin");
            let mut input = new_user("cleo");
            input["userName"] = input["primaryEmail"].clone();
            let cleo = clerk.done("userCreate", input, "user { id }").await["user"]["id"].clone();
            let login = json!({ "userId": admin.user_id, "userName": "admin@acme.example" });
            owner.done("userUpdate", login, "").await;
            let own = json!(admin.user_id);
            let input = json!({ "appId": okta, "targets": { "userIds": [cleo, own] } });
            clerk.done("usersAssign", input, "").await;

            let confirm = async |user: &Value| {
                let blocked = account(&owner, user, "BLOCKED").await;
                assert_eq!(blocked["problem"]["linkReasons"], json!(["ADMIN_ROLE"]));
                json!({ "accountId": blocked["id"], "oktaId": blocked["problem"]["candidateOktaId"] })
            };
            let (hers, his) = (confirm(&cleo).await, confirm(&own).await);
            assert_eq!(
                clerk.refused("accountLinkConfirm", hers.clone()).await,
                ["ROLE_ABOVE_CEILING accountId"]
            );
            assert_eq!(
                admin.refused("accountLinkConfirm", his).await,
                ["NOT_ALLOWED_TO_YOURSELF accountId"]
            );
            admin.done("accountLinkConfirm", hers, "").await;
            account(&owner, &cleo, "IN_SYNC").await;
            let address = json!({ "userId": cleo, "primaryEmail": "mine@evil.example" });
            assert_eq!(
                clerk.refused("userUpdate", address).await,
                ["ROLE_ABOVE_CEILING userId"]
            );
        })
        .await;
}

#[tokio::test]
async fn a_token_of_an_okta_admin_does_not_change_what_lets_him_back_in() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        // So that a token may do all that he may.
        let clerk = app.custom("clerk", &["MANAGE_USERS"]).await;
        let user = json!(clerk.user_id);
        let input = to(&okta, &[&user], "SUPER_ADMIN");
        let assigned = owner
            .done("usersAssign", input, "results { changed }")
            .await;
        assert_eq!(assigned["results"][0]["changed"], true);
        let second =
            |n: u32| json!({ "userId": user, "secondaryEmail": format!("a{n}@evil.example") });
        clerk.done("userUpdate", second(1), "").await;
        let input = json!({ "name": "script", "scopes": ["MANAGE_USERS"], "validForDays": 1 });
        let made = clerk
            .done("personalAccessTokenCreate", input, "secret")
            .await;
        let stolen = clerk.with_token(made["secret"].as_str());
        assert_eq!(
            stolen.refused("userUpdate", second(2)).await,
            ["ROLE_ABOVE_CEILING userId"]
        );
        let document = "query($id: ID!) { user(id: $id) { viewerCanUpdate } }";
        for (client, can) in [(&clerk, true), (&stolen, false)] {
            let found = client.query(document, json!({ "id": user })).await;
            assert_eq!(found["user"]["viewerCanUpdate"], can);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_gives_roles_is_not_shown_people_by_it() {
    TestApp::on_both(async |app| {
        let giver = app.custom("giver", &["MANAGE_ADMIN_ROLES"]).await;
        let document = "{ viewer { organization { adminRoles { id kind } } } }";
        let roles = app.owner().await.query(document, json!({})).await;
        let roles = roles["viewer"]["organization"]["adminRoles"]
            .as_array()
            .unwrap()
            .clone();
        let owners = roles.iter().find(|role| role["kind"] == "OWNER").unwrap();
        let owner = app.owner().await.user_id;
        let input = json!({ "userId": owner, "adminRoleId": owners["id"], "expectedRevision": -1 });
        let selection = "user { primaryEmail } conflict { primaryEmail } userErrors { code }";
        let answer = giver
            .mutate("userAdminRoleSet", input.clone(), selection)
            .await;
        let payload = &answer.body["data"]["userAdminRoleSet"];
        assert_eq!(
            (&payload["user"], &payload["conflict"]),
            (&Value::Null, &Value::Null)
        );
        let both = app
            .custom("both", &["MANAGE_ADMIN_ROLES", "VIEW_USERS"])
            .await;
        let answer = both.mutate("userAdminRoleSet", input, selection).await;
        let conflict = &answer.body["data"]["userAdminRoleSet"]["conflict"];
        assert_eq!(conflict["primaryEmail"], "owner@acme.example");
    })
    .await;
}

/// The default mapping, as it would be saved.
async fn mapping(client: &Client, app: &str) -> Vec<Value> {
    let document = "query($id: ID!) { app(id: $id) { mappings { items { attribute source { ... on DirectoryFieldSource { fieldId } } } } } }";
    let found = client.query(document, json!({ "id": app })).await;
    found["app"]["mappings"]["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn recovery_mail_of_everybody_goes_to_no_single_mailbox() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let added = owner.done("appAdd", json!({}), "app { id }").await;
            let okta = added["app"]["id"].as_str().unwrap().to_owned();
            connect(&app, &owner, &okta).await;
            let clerk = app.custom("clerk", &EVERYTHING).await;
            let mut items = mapping(&clerk, &okta).await;
            let at = items
                .iter()
                .position(|item| item["attribute"] == "secondEmail");
            let at = at.unwrap();
            items[at]["source"] = json!({ "constant": { "string": "mine@evil.example" } });
            let input = json!({ "appId": okta, "expectedVersion": 0, "items": items });
            let refused = clerk.refused("attributeMappingsSave", input).await;
            assert_eq!(refused, [format!("CONSTANT_NOT_ALLOWED items.{at}.source")]);
        })
        .await;
}

/// The schema of the org's users with these custom attributes besides.
async fn add_attributes(app: &TestApp, properties: Value) {
    let sandbox = app.sandbox();
    let body = json!({ "definitions": { "custom": { "id": "#custom", "type": "object", "properties": properties } } });
    let answer = app
        .http()
        .post(format!(
            "{}/api/v1/meta/schemas/user/default",
            sandbox.base_url
        ))
        .header(
            "authorization",
            format!("SSWS {}", sandbox.config().api_token),
        )
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn a_schema_of_absurd_size_is_not_kept() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let added = owner.done("appAdd", json!({}), "app { id }").await;
            let okta = added["app"]["id"].as_str().unwrap().to_owned();
            connect(&app, &owner, &okta).await;
            let long = "long ".repeat(100_000);
            for name in ["one", "two", "three", "four", "five"] {
                let attribute = json!({ "title": name, "type": "string", "description": long });
                add_attributes(&app, json!({ name: attribute })).await;
            }
            let refused = owner
                .refused("oktaSchemaRefresh", json!({ "appId": okta }))
                .await;
            assert_eq!(refused, ["OKTA_UNAVAILABLE"]);
            let document = "query($id: ID!) { app(id: $id) { oktaAttributes { name } } }";
            let kept = owner.query(document, json!({ "id": okta })).await;
            let kept = kept["app"]["oktaAttributes"].to_string();
            assert!(kept.contains("login") && !kept.contains("five"), "{kept}");
        })
        .await;
}

#[tokio::test]
async fn a_constant_that_cannot_be_stored_is_refused() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let added = owner.done("appAdd", json!({}), "app { id }").await;
            let okta = added["app"]["id"].as_str().unwrap().to_owned();
            connect(&app, &owner, &okta).await;
            let mut items = mapping(&owner, &okta).await;
            let at = items.iter().position(|item| item["attribute"] == "title");
            let at = at.unwrap();
            items[at]["source"] = json!({ "constant": { "string": "Bo\u{0}ss" } });
            let input = json!({ "appId": okta, "expectedVersion": 0, "items": items });
            let refused = owner.refused("attributeMappingsSave", input).await;
            assert_eq!(refused, [format!("INVALID_VALUE items.{at}.source")]);
        })
        .await;
}

#[tokio::test]
async fn the_demonstrations_token_is_not_for_the_network() {
    let data_dir = std::env::temp_dir().join(format!("provisioner-it-{}", random::new_id()));
    for (listen, expected) in [("127.0.0.1:0", 200), ("0.0.0.0:0", 204)] {
        let mut config = Config::new(data_dir.clone());
        config.listen = listen.parse().unwrap();
        config.graphiql_token = Some("demo".to_owned().into());
        let server = startup::start(config, Arc::new(SystemClock)).await.unwrap();
        let port = server.address.port();
        #[expect(
            clippy::disallowed_methods,
            reason = "the suite is a client of its own, not of Okta"
        )]
        let http = reqwest::Client::new();
        let answer = http
            .get(format!(
                "http://127.0.0.1:{port}/graphiql-assets/session.json"
            ))
            .header("sec-fetch-site", "same-origin")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), expected, "{listen}");
        server.stop().await;
    }
    std::fs::remove_dir_all(data_dir).unwrap();
}

/// What a command of the binary prints.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_provisioner"))
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn a_token_is_in_no_log_however_much_is_logged() {
    let dir = std::env::temp_dir().join(format!("provisioner-it-{}", random::new_id()));
    let data = ["--data-dir", dir.to_str().unwrap()];
    let email = "owner@acme.example";
    printed(
        &[
            &["init", "--organization", "Acme", "--owner", email],
            &data[..],
        ]
        .concat(),
    );
    let token = printed(&[&["token", "--user", email], &data[..]].concat());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let log = std::fs::File::create(dir.join("log")).unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_provisioner"))
        .args([&["serve", "--listen", &address], &data[..]].concat())
        .env("RUST_LOG", "trace,tungstenite::protocol=trace")
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    wait_until("the process to answer", 20, async || {
        tokio::net::TcpStream::connect(&address).await.ok()
    })
    .await;
    let mut socket = Socket::open(&format!("http://{address}"), &token).await;
    let document = "{ viewer { user { primaryEmail } } }";
    socket.begin("1", document, json!({})).await;
    assert_eq!(
        socket.event().await["viewer"]["user"]["primaryEmail"],
        email
    );
    server.kill().unwrap();
    server.wait().unwrap();
    let log = std::fs::read_to_string(dir.join("log")).unwrap();
    assert!(log.contains("provisioner serves"), "nothing was logged");
    for secret in [token.as_str(), email] {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
    std::fs::remove_dir_all(dir).unwrap();
}
