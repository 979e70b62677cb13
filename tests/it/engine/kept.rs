//! What the engine keeps in mind from one moment to the next is given up when the rows say something else.

use std::time::Duration;

use okta_sandbox::{Fault, SchemaChange};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

use super::world::{World, login, on_both, somebody};
use crate::support::TestApp;

/// How long an answer is under way in which something happens: time enough for a statement on a busy machine.
const UNDER_WAY: Duration = Duration::from_secs(4);

#[tokio::test]
async fn what_changes_during_the_last_call_without_a_new_generation_is_seen() {
    on_both(async |world| {
        let mut input = somebody("ann");
        input["title"] = json!("Baker");
        let ann = world.person_with(input).await;
        world.assign(std::slice::from_ref(&ann), None).await;
        world.reach(&ann, "IN_SYNC").await;
        let id = world.okta("ann")["id"].as_str().unwrap().to_owned();
        let other = json!({ "profile": { "title": "Banker" } });
        world.change_in_okta(&format!("users/{id}"), other).await;
        let before = world.position();
        let fault = Fault::DelayAfterEffect(UNDER_WAY);
        world.fault("POST", "/api/v1/users/{id}/roles", fault);
        world.change_role(&ann, Some("HELP_DESK_ADMIN")).await;
        world
            .until("the last call to be under way", async || {
                (world.kinds_since(before) == ["role.grant"]).then_some(())
            })
            .await;
        // Another process notes what it read of the account, and raises nothing.
        let db = world.app.database().await;
        let profile = json!({ "login": login("ann"), "email": login("ann"), "firstName": "ann", "lastName": "Example", "title": "Banker" });
        let note = format!("UPDATE account SET okta_profile = '{profile}'");
        db.execute_unprepared(&note).await.unwrap();
        db.close().await.unwrap();
        assert_eq!(world.account(&ann).await["state"], "RUNNING", "the answer is still to come");
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.kinds_since(before), ["role.grant", "user.update"]);
        assert_eq!(world.okta("ann")["profile"]["title"], "Baker");
    })
    .await;
}

/// The epoch of the app's lease: another one for each worker.
async fn epoch(world: &World) -> i64 {
    let db = world.app.database().await;
    let statement =
        Statement::from_string(db.get_database_backend(), "SELECT epoch FROM app_lease");
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    let epoch = row.try_get("", "epoch").unwrap();
    db.close().await.unwrap();
    epoch
}

#[tokio::test]
async fn the_rules_follow_a_schema_that_is_fetched_anew_while_the_worker_goes_on() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let worker = epoch(&world).await;
        let change = SchemaChange::Require("title".to_owned());
        world.app.sandbox().change_schema(&change).unwrap();
        world.pass(60);
        let refresh = json!({ "appId": world.app_id });
        world.owner.done("oktaSchemaRefresh", refresh, "").await;
        let before = world.position();
        world.update(&ann, json!({ "city": "Graz" })).await;
        let ben = world.person("ben").await;
        world.assign(std::slice::from_ref(&ben), None).await;
        for user in [&ann, &ben] {
            let blocked = world.reach(user, "BLOCKED").await;
            assert_eq!(blocked["problem"]["code"], "PROFILE_INVALID", "{blocked:#}");
        }
        let changing = world.calls_since(before).into_iter();
        let changing: Vec<_> = changing.filter(|call| call.method != "GET").collect();
        assert!(
            changing.is_empty(),
            "known without asking Okta: {changing:#?}"
        );
        for user in [&ann, &ben] {
            world.update(user, json!({ "title": "Baker" })).await;
            world.reach(user, "IN_SYNC").await;
        }
        assert_eq!(world.okta("ben")["profile"]["title"], "Baker");
        assert_eq!(epoch(&world).await, worker, "no other worker");
    })
    .await;
}

#[tokio::test]
async fn a_row_that_cannot_be_understood_is_not_one_that_is_missing() {
    let app = TestApp::builder().sandbox().on_sqlite().await;
    let world = World::connected(app).await;
    let ann = world.provisioned("ann", None).await;
    let db = world.app.database().await;
    let damage = "UPDATE assignment SET created_at = 'nonsense'";
    db.execute_unprepared(damage).await.unwrap();
    let before = world.position();
    world.update(&ann, json!({ "city": "Graz" })).await;
    // Whoever comes after her is worked after her.
    world.provisioned("ben", None).await;
    assert_eq!(world.kinds_since(before), ["user.create"]);
    let mend = "UPDATE assignment SET created_at = 0 WHERE created_at = 'nonsense'";
    db.execute_unprepared(mend).await.unwrap();
    world.advance_until_in_sync(&ann).await;
    assert_eq!(world.kinds_since(before), ["user.create", "user.update"]);
}
