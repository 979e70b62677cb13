//! Changes for all who match: accepted by number, worked in batches, whatever happens in between.

use provisioner::service::bulk_jobs::work_one;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, add_app, new_user, wait_until};

const JOB: &str = "bulkJob { id status total } results { userId }";
const PROGRESS: &str = "query($id: ID!) { node(id: $id) { ... on BulkJob { status kind total processed succeeded failed problem \
    failures { nodes { code message user { id name } } } } } }";

async fn add(client: &Client, name: &str, department: &str) -> Value {
    let mut input = new_user(name);
    input["department"] = json!(department);
    client.done("userCreate", input, "user { id }").await["user"]["id"].clone()
}

async fn work(app: &TestApp) {
    while work_one(&app.server.base.services).await.unwrap() {}
}

async fn ended(client: &Client, id: &Value) -> Value {
    wait_until("the job to end", 20, async || {
        let job = client.query(PROGRESS, json!({ "id": id })).await["node"].clone();
        let open = job["status"] == "QUEUED" || job["status"] == "RUNNING";
        (!open).then_some(job)
    })
    .await
}

fn all_of(app: &str, department: &str, count: u32, role: Option<&str>) -> Value {
    json!({
        "appId": app,
        "role": role,
        "targets": { "matching": { "filter": { "department": department }, "expectedCount": count } },
    })
}

fn without_role(mut input: Value) -> Value {
    input.as_object_mut().unwrap().remove("role");
    input
}

#[tokio::test]
async fn a_job_is_accepted_only_for_the_number_that_was_shown() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let mut users = Vec::new();
        for name in ["ann", "ben", "cleo"] {
            users.push(add(&owner, name, "Sales").await);
        }
        let refused = owner.mutate("usersAssign", all_of(&okta, "Sales", 2, None), "").await.data();
        let error = &refused["usersAssign"]["userErrors"][0];
        assert_eq!(error["code"], "COUNT_MISMATCH");
        assert_eq!(error["params"], json!([{ "name": "count", "value": "3" }]));
        let mut nobody = all_of(&okta, "Nowhere", 0, None);
        nobody["targets"]["matching"]["expectedCount"] = json!(-1);
        assert_eq!(
            owner.refused("usersAssign", nobody).await,
            ["COUNT_MISMATCH targets.matching.expectedCount"]
        );

        let mut input = all_of(&okta, "Sales", 2, None);
        input["targets"]["matching"]["excludedUserIds"] = json!([users[0]]);
        let started = owner.done("usersAssign", input, JOB).await;
        assert_eq!(started["results"], json!([]));
        assert_eq!(started["bulkJob"]["total"], 2);
        add(&owner, "late", "Sales").await;
        work(&app).await;
        let job = ended(&owner, &started["bulkJob"]["id"]).await;
        assert_eq!((&job["status"], &job["succeeded"]), (&json!("COMPLETED"), &json!(2)));
        let document = "query($a: ID!) { users(filter: { app: { appId: $a } }) { totalCount nodes { name } } }";
        let holders = owner.query(document, json!({ "a": okta })).await["users"].clone();
        assert_eq!(holders["totalCount"], 2, "neither the excluded nor the one who came later");

        let change = all_of(&okta, "Sales", 2, Some("REPORT_ADMIN"));
        let started = owner.done("assignmentsRoleChange", change, JOB).await;
        work(&app).await;
        assert_eq!(ended(&owner, &started["bulkJob"]["id"]).await["succeeded"], 2);
        let taken = without_role(all_of(&okta, "Sales", 2, None));
        let started = owner.done("usersUnassign", taken, JOB).await;
        work(&app).await;
        assert_eq!(ended(&owner, &started["bulkJob"]["id"]).await["succeeded"], 2);
        assert_eq!(owner.query(document, json!({ "a": okta })).await["users"]["totalCount"], 0);

        let nobody = owner.done("usersAssign", all_of(&okta, "Nowhere", 0, None), JOB).await;
        assert_eq!(nobody["bulkJob"]["status"], "COMPLETED");
    })
    .await;
}

#[tokio::test]
async fn a_job_goes_on_after_a_restart_and_keeps_whom_it_could_not_change() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let okta = add_app(&app, None).await;
        let mut users = Vec::new();
        for n in 0..230 {
            users.push(add(&owner, &format!("person{n:03}"), "Plant").await);
        }
        let first =
            json!({ "appId": okta, "targets": { "userIds": users[..3] }, "role": "APP_ADMIN" });
        owner.done("usersAssign", first, "").await;
        let started = owner
            .done(
                "usersAssign",
                all_of(&okta, "Plant", 230, Some("REPORT_ADMIN")),
                JOB,
            )
            .await;
        let id = started["bulkJob"]["id"].clone();
        work_one(&app.server.base.services).await.unwrap();
        // A worker that runs beside the test may have the first batch in hand still.
        wait_until("the first batch", 20, async || {
            let job = owner.query(PROGRESS, json!({ "id": id })).await;
            (job["node"]["processed"].as_i64() >= Some(200)).then_some(())
        })
        .await;
        let app = app.restart().await;
        let owner = app.owner().await;
        let half = owner.query(PROGRESS, json!({ "id": id })).await["node"]["processed"].clone();
        assert!(
            half.as_i64().unwrap() >= 200,
            "what was done is kept: {half}"
        );
        work(&app).await;
        let job = ended(&owner, &id).await;
        assert_eq!(job["status"], "COMPLETED");
        assert_eq!(
            [&job["processed"], &job["succeeded"], &job["failed"]],
            [&json!(230), &json!(227), &json!(3)]
        );
        let failures = job["failures"]["nodes"].as_array().unwrap();
        assert_eq!(failures.len(), 3);
        assert!(
            failures
                .iter()
                .all(|failure| failure["code"] == "ALREADY_EXISTS")
        );
    })
    .await;
}

#[tokio::test]
async fn a_job_stops_when_its_starter_may_no_longer_assign() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let clerk = app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let okta = add_app(&app, None).await;
        add(&owner, "ann", "Sales").await;
        owner
            .done("userDeactivate", json!({ "userId": clerk.user_id }), "")
            .await;
        owner
            .done("userActivate", json!({ "userId": clerk.user_id }), "")
            .await;
        let started = clerk
            .done("usersAssign", all_of(&okta, "Sales", 1, None), JOB)
            .await;
        let id = started["bulkJob"]["id"].clone();
        owner
            .done("userDeactivate", json!({ "userId": clerk.user_id }), "")
            .await;
        work(&app).await;
        let job = ended(&owner, &id).await;
        // A worker that runs beside the test may have been quicker than the deactivation.
        assert!(
            job["status"] == "FAILED" && job["processed"] == 0 && job["problem"].is_string()
                || job["status"] == "COMPLETED",
            "{job:#}"
        );
        let rival = app.rival().await;
        assert_eq!(
            rival.query(PROGRESS, json!({ "id": id })).await["node"],
            Value::Null
        );
    })
    .await;
}
