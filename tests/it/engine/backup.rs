//! A database from a back-up, restored as docs/operating.md says, while Okta went on.

use std::time::Duration;

use okta_sandbox::{Fault, Matcher};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::holds::people_hit;
use super::world::{World, login};
use crate::support::TestApp;

/// How long answers are under way while the back-up is made.
const UNDER_WAY: Duration = Duration::from_secs(4);

/// Copies the database beside the running server, as an operator does.
async fn back_up(world: &World) -> std::path::PathBuf {
    let file = world.app.data_dir().join("back-up.sqlite3");
    let db = world.app.database().await;
    let copy = format!("VACUUM INTO '{}'", file.display());
    db.execute_unprepared(&copy).await.unwrap();
    db.close().await.unwrap();
    file
}

/// Puts the copy in place of the database, and says so.
async fn restore(world: World, file: &std::path::Path) -> World {
    world
        .away(async |config, _| {
            let database = config.data_dir.join("provisioner.sqlite3");
            for suffix in ["", "-wal", "-shm"] {
                let _absent = std::fs::remove_file(format!("{}{suffix}", database.display()));
            }
            std::fs::rename(file, &database).unwrap();
            let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_provisioner"));
            command
                .arg("restored")
                .arg("--data-dir")
                .arg(&config.data_dir);
            let done = command.env_remove("DATABASE_URL").output().await.unwrap();
            let said = String::from_utf8(done.stdout).unwrap();
            assert!(
                done.status.success() && said.starts_with("1 apps are paused"),
                "{said}"
            );
        })
        .await
}

fn changing(world: &World, since: u64) -> Vec<String> {
    let calls = world.calls_since(since).into_iter();
    calls
        .filter(|call| call.method != "GET")
        .map(|call| format!("{} {}", call.method, call.path))
        .collect()
}

#[tokio::test]
async fn a_database_from_before_makes_nobody_twice_and_takes_nothing_away_unasked() {
    let app = TestApp::builder().sandbox().on_sqlite().await;
    let world = World::connected(app).await;
    let start = world.position();
    let gone = world.provisioned("gone", None).await;
    let leaver = world.provisioned("leaver", None).await;
    let eleven = world.provisioned_people("p", 11).await;
    world.unassign_all(&eleven).await;
    world.held(11).await;

    // A creation and a deactivation are under way when the copy is made.
    let fresh = world.person("fresh").await;
    for route in ["/api/v1/users", "/api/v1/users/{id}/lifecycle/deactivate"] {
        let under_way = Fault::DelayAfterEffect(UNDER_WAY);
        world.faults.push(Matcher::route("POST", route), under_way);
    }
    world.assign(std::slice::from_ref(&fresh), None).await;
    world.on_person("userDeactivate", &leaver, json!({})).await;
    world
        .until("both to be under way", async || {
            let done = world.kinds_since(start);
            let has = |kind: &str, times| done.iter().filter(|each| *each == kind).count() == times;
            (has("user.create", 14) && has("user.deactivate", 1)).then_some(())
        })
        .await;
    let file = back_up(&world).await;
    assert_eq!(world.account(&fresh).await["state"], "RUNNING");
    assert_eq!(world.account(&leaver).await["state"], "RUNNING");

    // Life goes on: the deactivations were mistakes, somebody leaves, somebody comes.
    world.reach(&fresh, "IN_SYNC").await;
    world.reach(&leaver, "IN_SYNC").await;
    world.on_person("userActivate", &leaver, json!({})).await;
    world.assign(&eleven, None).await;
    world.unassign(&gone).await;
    world.reach(&gone, "NOT_PROVISIONED").await;
    world.provisioned("late", None).await;
    world.quiet(60).await;
    assert_eq!(world.okta("leaver")["status"], "PROVISIONED");

    let world = restore(world, &file).await;
    let before = world.position();
    let document =
        "query($id: ID!) { app(id: $id) { provisioningPause { pausedBy { id } note } } }";
    let id = json!({ "id": world.app_id });
    let paused = world.owner.query(document, id.clone()).await["app"]["provisioningPause"].clone();
    assert_eq!(paused["pausedBy"], Value::Null);
    assert!(
        paused["note"].as_str().unwrap().contains("back-up"),
        "{paused:#}"
    );
    let document = "{ auditEvents(filter: { actor: OPERATOR, actions: [\"provisioning.pause\"] }) { totalCount } }";
    assert_eq!(
        world.owner.query(document, json!({})).await["auditEvents"]["totalCount"],
        1
    );

    // What was under way is found out by reading, and what is missing is not sent again.
    world.advance_until_in_sync(&fresh).await;
    for _ in 0..20 {
        world.pass(60);
        world.counts().await;
    }
    world
        .until("the deactivation to be known as missing", async || {
            let account = world.account(&leaver).await;
            (account["waitReason"] == "PAUSED").then_some(())
        })
        .await;
    assert_eq!(changing(&world, before), [""; 0]);

    // The administrator puts right what he sees, and resumes.
    world.on_person("userActivate", &leaver, json!({})).await;
    world
        .owner
        .done("provisioningResume", json!({ "appId": world.app_id }), "")
        .await;
    world.advance_until_in_sync(&leaver).await;
    world.held(11).await;
    assert_eq!(people_hit(&world, before), 0);
    assert_eq!(world.okta("leaver")["status"], "PROVISIONED");

    // Whom the directory forgot is found by the login, and who is gone from Okta does not come back by a change of values.
    let late = world.person("late").await;
    world.assign(std::slice::from_ref(&late), None).await;
    let found = world.advance_until_in_sync(&late).await;
    assert_eq!(found["oktaId"], world.okta("late")["id"]);
    world.update(&gone, json!({ "title": "Baker" })).await;
    world
        .until("the missing account to be noticed", async || {
            let account = world.account(&gone).await;
            (account["oktaStatus"]["code"] == "DELETED").then_some(())
        })
        .await;
    assert_eq!(world.okta("gone"), Value::Null);
    let made = world.effects_since(start).into_iter();
    let made: Vec<_> = made.filter(|effect| effect.kind == "user.create").collect();
    assert_eq!(made.len(), 15, "nobody twice");
    assert!(
        made.iter()
            .any(|effect| effect.login.as_deref() == Some(&login("late")))
    );
    assert_eq!(people_hit(&world, before), 0);
}

#[tokio::test]
async fn who_had_paused_before_is_told_of_the_restored_database() {
    let app = TestApp::builder().sandbox().on_sqlite().await;
    let world = World::connected(app).await;
    let pause = json!({ "appId": world.app_id, "note": "Until Monday." });
    world.owner.done("provisioningPause", pause, "").await;
    let file = back_up(&world).await;
    let world = restore(world, &file).await;
    let document = "query($id: ID!) { app(id: $id) { provisioningPause { note } } }";
    let id = json!({ "id": world.app_id });
    let found = world.owner.query(document, id).await["app"]["provisioningPause"]["note"].clone();
    let note = found.as_str().unwrap();
    assert!(
        note.contains("back-up") && note.ends_with("Until Monday."),
        "{note}"
    );
}
