//! Assigning an app to a few, taking it away, changing roles.

use futures::future::join_all;
use provisioner::domain::okta_role::RoleType;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, add_app, new_user};

const RESULTS: &str = "bulkJob { id } results { userId user { id } changed removedAssignmentId \
    assignmentEdge { cursor node { id role { type label } user { id name } account { state revision } } } \
    userErrors { code message field params { name value } } }";

async fn people(client: &Client, names: &[&str]) -> Vec<Value> {
    let mut ids = Vec::new();
    for name in names {
        let made = client
            .done("userCreate", new_user(name), "user { id }")
            .await;
        ids.push(made["user"]["id"].clone());
    }
    ids
}

async fn assign(client: &Client, app: &str, users: &[Value], role: Option<&str>) -> Vec<Value> {
    let input = json!({ "appId": app, "targets": { "userIds": users }, "role": role });
    let payload = client.done("usersAssign", input, RESULTS).await;
    payload["results"].as_array().unwrap().clone()
}

async fn unassign(client: &Client, app: &str, users: &[Value]) -> Vec<Value> {
    let input = json!({ "appId": app, "targets": { "userIds": users } });
    let payload = client.done("usersUnassign", input, RESULTS).await;
    payload["results"].as_array().unwrap().clone()
}

async fn change_role(
    client: &Client,
    app: &str,
    users: &[Value],
    role: Option<&str>,
) -> Vec<Value> {
    let input = json!({ "appId": app, "targets": { "userIds": users }, "role": role });
    let payload = client.done("assignmentsRoleChange", input, RESULTS).await;
    payload["results"].as_array().unwrap().clone()
}

fn codes(results: &[Value]) -> Vec<String> {
    let code = |row: &Value| {
        row["userErrors"][0]["code"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    };
    results.iter().map(code).collect()
}

async fn assigned(client: &Client, user: &Value) -> Value {
    let document = "query($id: ID!) { user(id: $id) { assignments { id role { type } appId account { state } } accounts { state } } }";
    client.query(document, json!({ "id": user })).await["user"].clone()
}

#[tokio::test]
async fn a_person_is_assigned_gets_another_role_and_loses_the_app() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let ann = people(&owner, &["ann"]).await;

        let made = assign(&owner, &okta, &ann, Some("HELP_DESK_ADMIN")).await;
        assert_eq!(made[0]["changed"], true);
        let node = &made[0]["assignmentEdge"]["node"];
        assert_eq!(node["role"]["label"], "Help Desk Administrator");
        assert_eq!(node["user"]["id"], ann[0]);
        // A worker that runs beside the test may have found that the app is not connected.
        let state = node["account"]["state"].as_str().unwrap();
        assert!(["PENDING", "WAITING"].contains(&state), "{state}");

        let again = assign(&owner, &okta, &ann, None).await;
        assert_eq!(
            again[0]["changed"], false,
            "assigning again keeps what is there"
        );
        let kept = &again[0]["assignmentEdge"]["node"];
        assert_eq!((&kept["id"], &kept["role"]), (&node["id"], &node["role"]));
        let other = assign(&owner, &okta, &ann, Some("READ_ONLY_ADMIN")).await;
        assert_eq!(codes(&other), ["ALREADY_EXISTS"]);

        let changed = change_role(&owner, &okta, &ann, Some("READ_ONLY_ADMIN")).await;
        let after = &changed[0]["assignmentEdge"]["node"];
        assert_eq!(after["role"]["type"], "READ_ONLY_ADMIN");
        assert_eq!(after["id"], node["id"]);
        assert!(
            after["account"]["revision"].as_i64() > node["account"]["revision"].as_i64(),
            "the account has to hear of it"
        );
        let none = change_role(&owner, &okta, &ann, None).await;
        assert_eq!(none[0]["assignmentEdge"]["node"]["role"], Value::Null);

        let gone = unassign(&owner, &okta, &ann).await;
        assert_eq!(gone[0]["removedAssignmentId"], node["id"]);
        assert_eq!(unassign(&owner, &okta, &ann).await[0]["changed"], false);
        let left = assigned(&owner, &ann[0]).await;
        assert_eq!(left["assignments"], json!([]));
        assert_eq!(
            left["accounts"].as_array().unwrap().len(),
            1,
            "the account outlives it"
        );
        assert_eq!(
            codes(&change_role(&owner, &okta, &ann, None).await),
            ["NOT_FOUND"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_hundred_rows_succeed_or_fail_on_their_own() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let names: Vec<String> = (0..97).map(|n| format!("person{n:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut users = people(&owner, &names).await;
        assign(&owner, &okta, &users[..1], Some("REPORT_ADMIN")).await;
        owner
            .done("userDeactivate", json!({ "userId": users[1] }), "")
            .await;
        owner
            .done("userDelete", json!({ "userId": users[2] }), "")
            .await;
        users.push(json!("made-up"));
        users.push(json!(app.rival().await.user_id));
        users.push(users[3].clone());

        let results = assign(&owner, &okta, &users, Some("HELP_DESK_ADMIN")).await;
        assert_eq!(results.len(), 100);
        let failed: Vec<_> = codes(&results)
            .into_iter()
            .enumerate()
            .filter(|(_, code)| !code.is_empty())
            .collect();
        let expected = [
            (0, "ALREADY_EXISTS"),
            (2, "NOT_FOUND"),
            (97, "NOT_FOUND"),
            (98, "NOT_FOUND"),
        ];
        assert_eq!(failed, expected.map(|(at, code)| (at, code.to_owned())));
        assert_eq!(
            results[97]["userErrors"][0]["field"],
            json!(["targets", "userIds", "97"])
        );
        assert_eq!(
            results[97]["userErrors"][0]["message"], results[98]["userErrors"][0]["message"],
            "a foreign id reads like a made-up one"
        );
        assert_eq!(results[98]["user"], Value::Null);
        assert_eq!(
            results[1]["changed"], true,
            "inactive people may be assigned"
        );
        // A worker runs beside the test: only the account may have moved between the two rows.
        let named = |at: usize| {
            let edge = &results[at]["assignmentEdge"];
            (edge["cursor"].clone(), edge["node"]["id"].clone())
        };
        assert_eq!(named(99), named(3), "named twice, done once");
        assert_ne!(named(3).1, Value::Null);

        users.push(users[4].clone());
        let input = json!({ "appId": okta, "targets": { "userIds": users } });
        assert_eq!(
            owner.refused("usersAssign", input).await,
            ["TOO_MANY targets.userIds"]
        );
        let input = json!({ "appId": okta, "targets": { "userIds": [] } });
        assert_eq!(
            owner.refused("usersAssign", input).await,
            ["REQUIRED targets.userIds"]
        );
    })
    .await;
}

#[tokio::test]
async fn roles_that_nobody_or_not_everybody_can_give() {
    TestApp::on_both(async |app| {
        let (owner, admin) = (app.owner().await, app.admin().await);
        let clerk = app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let okta = add_app(&app, None).await;
        let ann = people(&owner, &["ann"]).await;
        let wish = |role: &str, user: &Value| json!({ "appId": okta, "targets": { "userIds": [user] }, "role": role });

        for (role, expected) in [
            ("CUSTOM", "CUSTOM_ROLE_NOT_ASSIGNABLE role"),
            ("cr0Yq6IJxGIr0ouum0g3", "CUSTOM_ROLE_NOT_ASSIGNABLE role"),
            ("KING", "UNKNOWN_ROLE role"),
            ("", "UNKNOWN_ROLE role"),
        ] {
            assert_eq!(owner.refused("usersAssign", wish(role, &ann[0])).await, [expected]);
        }
        for role in ["SUPER_ADMIN", "ORG_ADMIN"] {
            assert_eq!(
                clerk.refused("usersAssign", wish(role, &ann[0])).await,
                ["ROLE_ABOVE_CEILING role"]
            );
        }
        assert_eq!(assigned(&owner, &ann[0]).await["assignments"], json!([]), "nothing was done");

        let own = json!(admin.user_id);
        let raised = assign(&admin, &okta, &[own, ann[0].clone()], Some("SUPER_ADMIN")).await;
        assert_eq!(codes(&raised), ["NOT_ALLOWED_TO_YOURSELF", ""]);
        assert_eq!(codes(&unassign(&clerk, &okta, &ann).await), ["ROLE_ABOVE_CEILING"]);
        assert_eq!(codes(&change_role(&clerk, &okta, &ann, None).await), ["ROLE_ABOVE_CEILING"]);
        assert_eq!(codes(&unassign(&admin, &okta, &ann).await), [""]);
        let mine = assign(&owner, &okta, &[json!(owner.user_id)], Some("SUPER_ADMIN")).await;
        assert_eq!(codes(&mine), [""], "an owner may");

        let narrow = add_app(&app, Some(vec![RoleType::HelpDeskAdmin])).await;
        let input = json!({ "appId": narrow, "targets": { "userIds": ann }, "role": "APP_ADMIN" });
        assert_eq!(owner.refused("usersAssign", input).await, ["ROLE_NOT_ALLOWED_BY_APP role"]);
    })
    .await;
}

#[tokio::test]
async fn apps_of_others_are_not_there() {
    TestApp::on_both(async |app| {
        let okta = add_app(&app, None).await;
        let rival = app.rival().await;
        let theirs = people(&rival, &["eve"]).await;
        for id in [okta.as_str(), "made-up"] {
            let input = json!({ "appId": id, "targets": { "userIds": theirs } });
            for mutation in ["usersAssign", "usersUnassign"] {
                assert_eq!(
                    rival.refused(mutation, input.clone()).await,
                    ["NOT_FOUND appId"]
                );
            }
        }
        let owner = app.owner().await;
        let input = json!({ "appId": okta, "targets": { "userIds": theirs } });
        let missing = owner.refused("assignmentsRoleChange", input).await;
        assert_eq!(missing, ["REQUIRED role"], "absent is not null");
        let made = assign(&owner, &okta, &people(&owner, &["ann"]).await, None).await;
        let id = &made[0]["assignmentEdge"]["node"]["id"];
        let document = "query($id: ID!) { node(id: $id) { __typename id } }";
        let seen = owner.query(document, json!({ "id": id })).await;
        assert_eq!(
            seen["node"],
            json!({ "__typename": "Assignment", "id": id })
        );
        assert_eq!(
            rival.query(document, json!({ "id": id })).await["node"],
            Value::Null
        );
    })
    .await;
}

#[tokio::test]
async fn assigning_at_the_same_time_assigns_once() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let mut users = people(&owner, &["ann", "ben", "cleo", "dan"]).await;
        let backwards: Vec<Value> = users.iter().rev().cloned().collect();
        let clients = (0..8).map(|n| {
            let users = if n % 2 == 0 {
                users.clone()
            } else {
                backwards.clone()
            };
            let (owner, okta) = (owner.clone(), okta.clone());
            async move { assign(&owner, &okta, &users, Some("APP_ADMIN")).await }
        });
        let answers = join_all(clients).await;
        let changed = answers
            .iter()
            .flatten()
            .filter(|row| row["changed"] == true);
        assert_eq!(changed.count(), users.len());
        assert!(
            answers
                .iter()
                .flatten()
                .all(|row| row["userErrors"] == json!([]))
        );
        let user = users.remove(0);
        assert_eq!(
            assigned(&owner, &user).await["assignments"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn who_did_it_is_on_record() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let ann = people(&owner, &["ann"]).await;
        assign(&owner, &okta, &ann, Some("APP_ADMIN")).await;
        change_role(&owner, &okta, &ann, None).await;
        unassign(&owner, &okta, &ann).await;
        let document =
            "query($app: ID!) { auditEvents(filter: { appId: $app }) { nodes { action detail } } }";
        let events = owner.query(document, json!({ "app": okta })).await;
        let actions: Vec<_> = events["auditEvents"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["action"].as_str().unwrap())
            .collect();
        assert_eq!(
            actions,
            [
                "assignment.delete",
                "assignment.changeRole",
                "assignment.create"
            ]
        );
    })
    .await;
}
