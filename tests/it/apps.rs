//! Apps of the organisation: adding, options, switches, removing; two administrators at once.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, new_user};

async fn add(client: &Client, name: Option<&str>) -> Value {
    let selection = "app { id name kind createdAt } appEdge { cursor node { id } }";
    let payload = client
        .done("appAdd", json!({ "name": name }), selection)
        .await;
    assert_eq!(payload["appEdge"]["node"]["id"], payload["app"]["id"]);
    payload["app"].clone()
}

async fn read(client: &Client, id: &Value, selection: &str) -> Value {
    let document = format!("query($id: ID!) {{ app(id: $id) {{ {selection} }} }}");
    client.query(&document, json!({ "id": id })).await["app"].clone()
}

const SWITCHES: &str = "version createUsers updateUserProfile deleteUsers activateAndDeactivateUsers savedBy { id } savedAt";

async fn save(client: &Client, app: &Value, version: i64, change: Value) -> Value {
    let mut input = json!({ "appId": app, "expectedVersion": version });
    for (name, value) in change.as_object().unwrap() {
        input[name] = value.clone();
    }
    let selection = format!("provisioningSettings {{ {SWITCHES} }} conflict {{ {SWITCHES} }}");
    let answer = client
        .mutate("provisioningSettingsSave", input, &selection)
        .await;
    answer.data()["provisioningSettingsSave"].clone()
}

#[tokio::test]
async fn an_app_is_added_with_everything_off() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add(&owner, None).await;
        assert_eq!((&okta["name"], &okta["kind"]), (&json!("Okta"), &json!("OKTA")));
        let seen = read(
            &owner,
            &okta["id"],
            "provisioningSettings { version createUsers updateUserProfile deleteUsers activateAndDeactivateUsers savedBy { id } } \
             options { version sendActivationEmail allowedRoles { type } rateLimitShare } \
             setup { nextStep steps { key status } } oktaAttributes { name } mappings { version status items { attribute } } \
             viewerCanConfigure viewerCanAssign viewerCanImport syncStatus { total }",
        )
        .await;
        assert_eq!(
            seen["provisioningSettings"],
            json!({ "version": 0, "createUsers": false, "updateUserProfile": false, "deleteUsers": false,
                    "activateAndDeactivateUsers": false, "savedBy": null })
        );
        assert_eq!(
            seen["options"],
            json!({ "version": 0, "sendActivationEmail": true, "allowedRoles": null, "rateLimitShare": 90 })
        );
        assert_eq!(seen["setup"]["nextStep"], "CONNECT_OKTA");
        assert_eq!(seen["setup"]["steps"][1], json!({ "key": "AUTHORIZE", "status": "LOCKED" }));
        assert_eq!(seen["mappings"], json!({ "version": 0, "status": "DEFAULT", "items": [] }));
        assert_eq!(seen["viewerCanConfigure"], true);
    })
    .await;
}

#[tokio::test]
async fn names_are_unique_and_readable() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        add(&owner, Some("Workforce Zürich")).await;
        for (name, expected) in [
            (json!("workforce zÜrich "), "ALREADY_EXISTS name"),
            (json!("   "), "REQUIRED name"),
            (json!("a\u{0}b"), "INVALID_VALUE name"),
            (json!("a\u{202e}b"), "INVALID_VALUE name"),
            (json!("x".repeat(101)), "TOO_LONG name"),
        ] {
            let refused = owner.refused("appAdd", json!({ "name": name })).await;
            assert_eq!(refused, [expected]);
        }
        let longest = add(&owner, Some(&"ü".repeat(100))).await;
        assert_eq!(longest["name"].as_str().unwrap().chars().count(), 100);
        for n in 2..10 {
            add(&owner, Some(&format!("Okta {n}"))).await;
        }
        assert_eq!(owner.refused("appAdd", json!({})).await, ["TOO_MANY"]);
        let document = "{ apps(first: 3) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } \
                        organization { availableApps { kind name viewerCanAdd apps { id } } } }";
        let seen = owner.query(document, json!({})).await;
        assert_eq!(seen["apps"]["totalCount"], 10);
        assert_eq!(seen["apps"]["nodes"][0]["name"], "Workforce Zürich");
        assert_eq!(seen["apps"]["pageInfo"]["hasNextPage"], true);
        let available = &seen["organization"]["availableApps"][0];
        assert_eq!(available["viewerCanAdd"], false);
        assert_eq!(available["apps"].as_array().unwrap().len(), 10);
    })
    .await;
}

#[tokio::test]
async fn adding_at_the_same_time_adds_once() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let input = json!({ "name": "Okta" });
        let tries = (0..8).map(|_| owner.mutate("appAdd", input.clone(), "app { id }"));
        let answers = futures::future::join_all(tries).await;
        let added = answers
            .into_iter()
            .filter(|answer| !answer.body["data"]["appAdd"]["app"].is_null());
        assert_eq!(added.count(), 1);
        let seen = owner.query("{ apps { totalCount } }", json!({})).await;
        assert_eq!(seen["apps"]["totalCount"], 1);
    })
    .await;
}

#[tokio::test]
async fn two_administrators_save_over_each_other() {
    TestApp::on_both(async |app| {
        let (owner, admin) = (app.owner().await, app.admin().await);
        let okta = add(&owner, None).await["id"].clone();
        let first = save(&owner, &okta, 0, json!({ "createUsers": true })).await;
        assert_eq!(first["provisioningSettings"]["version"], 1);
        assert_eq!(
            first["provisioningSettings"]["savedBy"]["id"],
            owner.user_id
        );

        let second = save(&admin, &okta, 0, json!({ "deleteUsers": true })).await;
        assert_eq!(second["provisioningSettings"], Value::Null);
        assert_eq!(second["userErrors"][0]["code"], "VERSION_CONFLICT");
        assert_eq!(second["userErrors"][0]["field"], json!(["expectedVersion"]));
        let conflict = &second["conflict"];
        assert_eq!(
            (&conflict["createUsers"], &conflict["deleteUsers"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(conflict["savedBy"]["id"], owner.user_id);
        assert!(conflict["savedAt"].is_string());

        let third = save(
            &admin,
            &okta,
            1,
            json!({ "deleteUsers": true, "createUsers": null }),
        )
        .await;
        let settings = &third["provisioningSettings"];
        assert_eq!(
            (&settings["createUsers"], &settings["deleteUsers"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(settings["savedBy"]["id"], admin.user_id);
        let same = save(&admin, &okta, 2, json!({ "deleteUsers": true })).await;
        assert_eq!(
            same["provisioningSettings"]["version"], 2,
            "saving what is there changes nothing"
        );

        let saves = (0..6).map(|_| save(&owner, &okta, 2, json!({ "deleteUsers": false })));
        let answers = futures::future::join_all(saves).await;
        let won = answers
            .iter()
            .filter(|answer| answer["userErrors"] == json!([]));
        assert_eq!(won.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn options_are_checked_one_by_one() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add(&owner, None).await["id"].clone();
        add(&owner, Some("Other")).await;
        let bad = json!({ "appId": okta, "expectedVersion": 0, "name": "", "rateLimitShare": 0,
                          "allowedRoleTypes": ["HELP_DESK_ADMIN", "CUSTOM", "KING"] });
        assert_eq!(
            owner.refused("appOptionsSave", bad).await,
            [
                "REQUIRED name",
                "CUSTOM_ROLE_NOT_ASSIGNABLE allowedRoleTypes.1",
                "UNKNOWN_ROLE allowedRoleTypes.2",
                "INVALID_VALUE rateLimitShare",
            ]
        );
        let taken = json!({ "appId": okta, "expectedVersion": 0, "name": "OTHER" });
        assert_eq!(owner.refused("appOptionsSave", taken).await, ["ALREADY_EXISTS name"]);

        let good = json!({ "appId": okta, "expectedVersion": 0, "name": "Main", "sendActivationEmail": false,
                           "allowedRoleTypes": ["READ_ONLY_ADMIN", "HELP_DESK_ADMIN", "HELP_DESK_ADMIN"], "rateLimitShare": 100 });
        let selection = "app { name options { version sendActivationEmail allowedRoles { type } rateLimitShare } \
                         oktaRoles { type assignable reasonCode } }";
        let saved = owner.done("appOptionsSave", good.clone(), selection).await["app"].clone();
        assert_eq!(saved["name"], "Main");
        assert_eq!(
            saved["options"],
            json!({ "version": 1, "sendActivationEmail": false, "rateLimitShare": 100,
                    "allowedRoles": [{ "type": "HELP_DESK_ADMIN" }, { "type": "READ_ONLY_ADMIN" }] })
        );
        let role = |name: &str| {
            let roles = saved["oktaRoles"].as_array().unwrap();
            roles.iter().find(|role| role["type"] == name).unwrap().clone()
        };
        assert_eq!(role("HELP_DESK_ADMIN")["assignable"], true);
        assert_eq!(role("APP_ADMIN")["reasonCode"], "ROLE_NOT_ALLOWED_BY_APP");
        let admin = app.admin().await;
        let late = admin.mutate("appOptionsSave", good, "conflict { version rateLimitShare savedBy { id } savedAt }").await.data();
        let conflict = &late["appOptionsSave"]["conflict"];
        assert_eq!((&conflict["version"], &conflict["rateLimitShare"]), (&json!(1), &json!(100)));
        assert_eq!(conflict["savedBy"]["id"], owner.user_id);
        assert!(conflict["savedAt"].is_string(), "{conflict}");

        let all = json!({ "appId": okta, "expectedVersion": 1, "allowedRoleTypes": null });
        let saved = owner.done("appOptionsSave", all, "app { options { allowedRoles { type } sendActivationEmail } }").await;
        assert_eq!(
            saved["app"]["options"],
            json!({ "allowedRoles": null, "sendActivationEmail": false }),
            "null is not absent"
        );
    })
    .await;
}

#[tokio::test]
async fn a_removed_app_is_gone_with_what_hung_on_it() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add(&owner, None).await["id"].clone();
        let ann = owner.done("userCreate", new_user("ann"), "user { id }").await["user"]["id"].clone();
        let assign = json!({ "appId": okta, "targets": { "userIds": [ann] } });
        owner.done("usersAssign", assign.clone(), "").await;
        let hung = read(&owner, &okta, "assignments { nodes { id account { id } } }").await["assignments"]["nodes"][0].clone();
        let removed = owner.done("appRemove", json!({ "appId": okta }), "removedAppId").await;
        assert_eq!(removed["removedAppId"], okta);
        assert_eq!(read(&owner, &okta, "id").await, Value::Null);
        let document = "query($user: ID!, $app: ID!) { user(id: $user) { assignments { id } accounts { id } } node(id: $app) { id } apps { totalCount } }";
        let seen = owner.query(document, json!({ "user": ann, "app": okta })).await;
        assert_eq!(seen["user"], json!({ "assignments": [], "accounts": [] }));
        assert_eq!((&seen["node"], &seen["apps"]["totalCount"]), (&Value::Null, &json!(0)));
        let (assignment, account) = (&hung["id"], &hung["account"]["id"]);
        let nodes = owner.query("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [assignment, account] })).await;
        assert_eq!(nodes["nodes"], json!([null, null]));
        let retry = json!({ "accountIds": [account] });
        let retried = owner.done("accountsRetry", retry, "results { userErrors { code } }").await;
        assert_eq!(retried["results"][0]["userErrors"], json!([{ "code": "NOT_FOUND" }]));
        for (mutation, input) in [
            ("appRemove", json!({ "appId": okta })),
            ("usersAssign", assign),
            ("provisioningSettingsSave", json!({ "appId": okta, "expectedVersion": 0 })),
            ("attributeMappingsSave", json!({ "appId": okta, "expectedVersion": 0, "items": [] })),
            ("appOptionsSave", json!({ "appId": okta, "expectedVersion": 0 })),
        ] {
            assert_eq!(owner.refused(mutation, input).await, ["NOT_FOUND appId"], "{mutation}");
        }
        add(&owner, Some("Okta")).await;
    })
    .await;
}

#[tokio::test]
async fn who_may_what_and_foreign_apps_read_like_missing_ones() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add(&owner, None).await["id"].clone();
        let clerk = app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let seen = read(
            &clerk,
            &okta,
            "viewerCanConfigure viewerCanAssign viewerCanImport oktaRoles { type reasonCode }",
        )
        .await;
        assert_eq!(
            (
                &seen["viewerCanConfigure"],
                &seen["viewerCanAssign"],
                &seen["viewerCanImport"]
            ),
            (&json!(false), &json!(true), &json!(false))
        );
        let roles = seen["oktaRoles"].as_array().unwrap();
        assert!(
            roles.contains(&json!({ "type": "SUPER_ADMIN", "reasonCode": "ROLE_ABOVE_CEILING" }))
        );
        assert!(
            roles.contains(&json!({ "type": "WORKFLOWS_ADMIN", "reasonCode": "LICENSED_ROLE" }))
        );
        for (mutation, input) in [
            ("appAdd", json!({})),
            ("appRemove", json!({ "appId": okta })),
            (
                "provisioningSettingsSave",
                json!({ "appId": okta, "expectedVersion": 0 }),
            ),
        ] {
            assert_eq!(
                clerk.mutate(mutation, input, "").await.code(),
                "FORBIDDEN",
                "{mutation}"
            );
        }
        let rival = app.rival().await;
        let document = "query($id: ID!) { app(id: $id) { id } node(id: $id) { id } }";
        let foreign = rival.send(document, json!({ "id": okta })).await;
        let missing = rival.send(document, json!({ "id": "made-up" })).await;
        assert_eq!(foreign.body["data"], missing.body["data"]);
        for mutation in ["appRemove", "provisioningSettingsSave"] {
            let input = |id: &Value| match mutation {
                "appRemove" => json!({ "appId": id }),
                _ => json!({ "appId": id, "expectedVersion": 0 }),
            };
            let foreign = rival.mutate(mutation, input(&okta), "").await.data();
            let missing = rival
                .mutate(mutation, input(&json!("made-up")), "")
                .await
                .data();
            assert_eq!(foreign, missing);
        }
    })
    .await;
}
