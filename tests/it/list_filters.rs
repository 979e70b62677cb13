//! What an administrator narrows the tables of an app by, and the indexes for it.

use okta_sandbox::{Answer, Fault};
use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement};
use serde_json::{Value, json};

use crate::engine::world::{World, on_both, somebody};
use crate::support::TestApp;

/// Given names of those whom a list has, in its order.
async fn listed(world: &World, list: &str, filter: &Value) -> Vec<String> {
    let kind = match list {
        "assignments" => "AssignmentFilterInput",
        _ => "AccountFilterInput",
    };
    let document = format!(
        "query($id: ID!, $f: {kind}) {{ app(id: $id) {{ {list}(filter: $f) {{ totalCount nodes {{ user {{ givenName }} }} }} }} }}"
    );
    let variables = json!({ "id": world.app_id, "f": filter });
    let found = world.owner.query(&document, variables).await["app"][list].clone();
    let nodes = found["nodes"].as_array().unwrap();
    assert_eq!(found["totalCount"], nodes.len(), "{filter}");
    let name = |node: &Value| node["user"]["givenName"].as_str().unwrap().to_owned();
    nodes.iter().map(name).collect()
}

async fn person(world: &World, name: &str, department: Value, status: &str) -> String {
    let mut input = somebody(name);
    input["department"] = department;
    input["status"] = json!(status);
    world.person_with(input).await
}

/// The server's time, as the API writes it.
fn now(world: &World) -> Value {
    use provisioner::clock::Clock as _;
    let ms = world.app.clock.now_ms();
    json!(provisioner::graphql::context::time(ms).to_rfc3339())
}

#[tokio::test]
async fn assignments_and_accounts_are_narrowed_by_their_people_their_standing_and_time() {
    on_both(async |world| {
        let ann = person(&world, "Ann", json!("Caf\u{e9} 50%"), "ACTIVE").await;
        let ben = person(&world, "Ben", json!("Caf\u{e9} 50%"), "INACTIVE").await;
        world.assign(&[ann.clone(), ben], Some("HELP_DESK_ADMIN")).await;
        world.reach(&ann, "IN_SYNC").await;
        let before = now(&world);
        world.pass(3_600);
        let later = now(&world);
        let cem = person(&world, "Cem", json!("Sales"), "ACTIVE").await;
        let dora = person(&world, "Dora", Value::Null, "ACTIVE").await;
        world.assign(&[cem.clone(), dora.clone()], None).await;
        world.reach(&cem, "IN_SYNC").await;
        world.reach(&dora, "IN_SYNC").await;

        let gone = person(&world, "Gone", json!("Abandoned"), "ACTIVE").await;
        world.on_person("userDelete", &gone, json!({})).await;
        let data = world.owner.query("{ viewer { organization { departments } } }", json!({})).await;
        let departments = &data["viewer"]["organization"]["departments"];
        assert_eq!(*departments, json!(["Caf\u{e9} 50%", "Sales"]));

        let of_people = [
            (json!({ "department": "Caf\u{e9} 50%" }), vec!["Ann", "Ben"]),
            (json!({ "department": "caf\u{e9} 50%" }), vec![]),
            (json!({ "department": "" }), vec!["Dora"]),
            (json!({ "userStatuses": ["INACTIVE"] }), vec!["Ben"]),
            (json!({ "userStatuses": [], "department": null }), vec!["Ann", "Ben", "Cem", "Dora"]),
            (json!({ "userStatuses": ["ACTIVE"], "department": "Caf\u{e9} 50%" }), vec!["Ann"]),
        ];
        for (filter, expected) in &of_people {
            for list in ["assignments", "accounts"] {
                assert_eq!(listed(&world, list, filter).await, *expected, "{list} {filter}");
            }
        }
        let of_assignments = [
            (json!({ "accountStates": ["IN_SYNC"] }), vec!["Ann", "Cem", "Dora"]),
            (json!({ "accountStates": ["NOT_PROVISIONED"], "hasRole": true }), vec!["Ben"]),
            (json!({ "accountStates": ["IN_SYNC"], "roles": ["HELP_DESK_ADMIN"] }), vec!["Ann"]),
            (json!({ "accountProblemCodes": ["REJECTED_BY_OKTA"] }), vec![]),
            (json!({ "accountWaitReasons": ["PAUSED"] }), vec![]),
            (json!({ "createdUntil": later }), vec!["Ann", "Ben"]),
            (json!({ "createdFrom": later }), vec!["Cem", "Dora"]),
            (json!({ "createdFrom": before, "createdUntil": later }), vec![]),
            (json!({ "createdFrom": later, "department": "Sales" }), vec!["Cem"]),
        ];
        for (filter, expected) in &of_assignments {
            let found = listed(&world, "assignments", filter).await;
            assert_eq!(found, *expected, "{filter}");
        }
        for (filter, expected) in [
            (json!({ "updatedUntil": later }), vec!["Ann", "Ben"]),
            (json!({ "updatedFrom": later, "states": ["IN_SYNC"] }), vec!["Cem", "Dora"]),
        ] {
            assert_eq!(listed(&world, "accounts", &filter).await, expected, "{filter}");
        }

        // Somebody whom Okta refuses is found by it.
        world.pass(60);
        let change = now(&world);
        let causes = json!({
            "errorCode": "E0000001", "errorSummary": "Api validation failed: user", "errorLink": "E0000001", "errorId": "oae1",
            "errorCauses": [{ "errorSummary": "title: does not please Okta" }],
        });
        let refusal = Fault::AnswerInstead(Answer::json(400, &causes));
        world.fault("POST", "/api/v1/users/{id}", refusal);
        world.update(&cem, json!({ "title": "Baker" })).await;
        world.reach(&cem, "BLOCKED").await;
        let refused = json!({ "accountProblemCodes": ["REJECTED_BY_OKTA"] });
        assert_eq!(listed(&world, "assignments", &refused).await, ["Cem"]);
        let people = json!({ "updatedFrom": change });
        let document = "query($f: UserFilterInput) { users(filter: $f) { totalCount nodes { givenName } } }";
        let users = async |filter: &Value| {
            let found = world.owner.query(document, json!({ "f": filter })).await["users"].clone();
            let nodes = found["nodes"].as_array().unwrap().clone();
            assert_eq!(found["totalCount"], nodes.len());
            let name = |node: &Value| node["givenName"].as_str().unwrap_or("-").to_owned();
            nodes.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(users(&people).await, ["Cem"]);
        let added = json!({ "createdFrom": later, "updatedUntil": change });
        assert_eq!(users(&added).await, ["Dora"]);

        let wrong = json!({ "id": world.app_id, "f": { "department": "a\u{0}b" } });
        let document = "query($id: ID!, $f: AssignmentFilterInput) { app(id: $id) { assignments(filter: $f) { totalCount } } }";
        let answer = world.owner.send(document, wrong).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT");

        let nobody = world.app.custom("nobody", &[]).await;
        let refused = nobody.send("{ viewer { organization { departments } } }", json!({})).await;
        let told = &refused.body["errors"][0]["extensions"];
        assert_eq!(told["code"], "FORBIDDEN");
        assert_eq!(told["permissions"], json!(["VIEW_USERS", "MANAGE_USERS", "ASSIGN_APPS", "VIEW_APPS"]));
    })
    .await;
}

#[tokio::test]
async fn each_filter_of_an_apps_lists_has_an_index() {
    let app = TestApp::builder().on_sqlite().await;
    let db = app.database().await;
    for (table, condition, index) in [
        (
            "assignment",
            "app_id = x'00' AND role IN ('A')",
            "assignment_app_id_role",
        ),
        (
            "assignment",
            "app_id = x'00' AND created_at >= 1",
            "assignment_app_id_created_at",
        ),
        (
            "account",
            "app_id = x'00' AND state IN ('A')",
            "account_app_id_state_id",
        ),
        (
            "account",
            "app_id = x'00' AND problem_code IN ('A')",
            "account_app_id_problem_code",
        ),
        (
            "account",
            "app_id = x'00' AND wait_reason IN ('A')",
            "account_app_id_wait_reason",
        ),
        (
            "account",
            "app_id = x'00' AND updated_at >= 1",
            "account_app_id_updated_at",
        ),
        (
            "directory_user",
            "organization_id = x'00' AND department = 'A'",
            "directory_user_organization_id_department_id",
        ),
        (
            "directory_user",
            "organization_id = x'00' AND created_at >= 1",
            "directory_user_organization_id_created_at_id",
        ),
        (
            "directory_user",
            "organization_id = x'00' AND updated_at >= 1",
            "directory_user_organization_id_updated_at_id",
        ),
    ] {
        let statement = format!("EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {condition}");
        let statement = Statement::from_string(DatabaseBackend::Sqlite, statement);
        let rows = db.query_all_raw(statement).await.unwrap();
        let plan: String = rows[0].try_get("", "detail").unwrap();
        assert!(plan.contains(index), "{table} {condition}: {plan}");
    }
}
