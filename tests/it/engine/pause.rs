//! An app that is paused: nothing that changes Okta leaves, whatever is under way, and everything goes on afterwards.

use okta_sandbox::Fault;
use serde_json::{Value, json};

use super::process::Process;
use super::world::{World, on_both};
use crate::support::{Socket, wait_until};

const PAUSE: &str = "provisioningPause { pausedBy { id } pausedAt note }";

async fn pause(world: &World, note: Option<&str>) -> Value {
    let input = json!({ "appId": world.app_id, "note": note });
    let done = world
        .owner
        .done("provisioningPause", input, &format!("app {{ {PAUSE} }}"))
        .await;
    done["app"]["provisioningPause"].clone()
}

async fn resume(world: &World) {
    let input = json!({ "appId": world.app_id });
    let done = world
        .owner
        .done("provisioningResume", input, &format!("app {{ {PAUSE} }}"))
        .await;
    assert_eq!(done["app"]["provisioningPause"], Value::Null);
}

/// The calls since a position that may change something.
fn changing(world: &World, since: u64) -> Vec<String> {
    let calls = world.calls_since(since).into_iter();
    let changing = calls.filter(|call| call.method != "GET");
    changing
        .map(|call| format!("{} {}", call.method, call.path))
        .collect()
}

async fn waits_for_the_end_of_the_pause(world: &World, user: &str) {
    world
        .until("the pause to be shown", async || {
            let account = world.account(user).await;
            (account["state"] == "WAITING" && account["waitReason"] == "PAUSED").then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_pause_in_the_middle_of_many_stops_within_the_calls_in_flight() {
    on_both(async |world| {
        let latency = |ms| move |settings: &mut okta_sandbox::Settings| settings.latency_ms = ms;
        world.app.sandbox().change_settings(latency(50));
        let people = world.people("p", 60).await;
        let before = world.position();
        world.assign(&people, None).await;
        world
            .until("the work to be under way", async || {
                (world.effects_since(before).len() > 9).then_some(())
            })
            .await;
        pause(&world, Some("Okta asks us to stop")).await;
        let under_way = world.position();
        let made = world
            .until("the rest to wait", async || {
                let (counts, made) = (world.counts().await, world.effects_since(before).len());
                let done = counts["IN_SYNC"] == made && counts["WAITING"] == 60 - made;
                done.then_some(made)
            })
            .await;
        assert!(made < 50, "stopped in the middle: {made}");
        let late = changing(&world, under_way).len();
        assert!(late <= 8, "{late} calls after the pause was answered");
        let quiet = world.position();
        world.pass(600);
        waits_for_the_end_of_the_pause(&world, &people[59]).await;
        assert!(world.calls_since(quiet).is_empty(), "not a call");
        resume(&world).await;
        world.quiet(60).await;
        assert_eq!(world.kinds_since(before), vec!["user.create"; 60]);
    })
    .await;
}

#[tokio::test]
async fn what_was_planned_before_the_pause_is_not_sent_after_it() {
    on_both(async |world| {
        let slow = |settings: &mut okta_sandbox::Settings| settings.latency_ms = 1_500;
        world.app.sandbox().change_settings(slow);
        let people = world.people("p", 8).await;
        let before = world.position();
        world.assign(&people, None).await;
        // The first call shows what Okta allows; the other seven are planned and wait for its answer.
        world
            .until("the first call", async || {
                (world.counts().await["RUNNING"] == 1).then_some(())
            })
            .await;
        pause(&world, None).await;
        let quick = |settings: &mut okta_sandbox::Settings| settings.latency_ms = 0;
        world.app.sandbox().change_settings(quick);
        world
            .until("its answer, for which the others waited", async || {
                (world.counts().await["IN_SYNC"] == 1).then_some(())
            })
            .await;
        // Whoever comes after them is dealt with after them.
        let last = world.person("last").await;
        world.assign(std::slice::from_ref(&last), None).await;
        waits_for_the_end_of_the_pause(&world, &last).await;
        assert_eq!(changing(&world, before).len(), 1);
        assert_eq!(world.counts().await["WAITING"], 8);
    })
    .await;
}

#[tokio::test]
async fn a_pause_says_who_when_and_why_and_is_told_to_watchers() {
    on_both(async |world| {
        let document = format!("subscription($app: ID!) {{ syncStatus(appId: $app) {{ {PAUSE} estimatedCompletion settled waits {{ reason count }} }} }}");
        let variables = json!({ "app": world.app_id });
        let token = world.owner.token();
        let mut socket =
            Socket::subscribe(&world.app.base_url, token, &document, variables).await;
        assert_eq!(socket.event().await["syncStatus"]["provisioningPause"], Value::Null);
        let paused = pause(&world, Some("  Audit at Okta  ")).await;
        assert_eq!(paused["note"], "Audit at Okta");
        assert_eq!(paused["pausedBy"]["id"], world.owner.user_id);
        let told = socket.event().await["syncStatus"]["provisioningPause"].clone();
        assert_eq!(told, paused);
        assert_eq!(pause(&world, Some("Again")).await, paused, "it stays the first one");
        let admin = world.app.admin().await;
        let input = json!({ "appId": world.app_id });
        admin.done("provisioningResume", input, "app { id }").await;
        loop {
            if socket.event().await["syncStatus"]["provisioningPause"] == Value::Null {
                break;
            }
        }
        let audit = "{ auditEvents(first: 20, filter: { actions: [\"provisioning.pause\", \"provisioning.resume\"] }) { nodes { action } } }";
        let found = world.owner.query(audit, json!({})).await;
        let acts = found["auditEvents"]["nodes"].as_array().unwrap().iter();
        let acts: Vec<&str> = acts.filter_map(|act| act["action"].as_str()).collect();
        assert_eq!(acts, ["provisioning.resume", "provisioning.pause"]);
    })
    .await;
}

#[tokio::test]
async fn a_note_that_is_too_long_is_refused_and_so_is_whoever_may_not_configure() {
    on_both(async |world| {
        let input = json!({ "appId": world.app_id, "note": "x".repeat(501) });
        let refused = world.owner.refused("provisioningPause", input).await;
        assert_eq!(refused, ["TOO_LONG note"]);
        let clerk = world.app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let document = "mutation($input: ProvisioningPauseInput!) { provisioningPause(input: $input) { app { id } } }";
        let input = json!({ "input": { "appId": world.app_id } });
        assert_eq!(clerk.send(document, input).await.code(), "FORBIDDEN");
    })
    .await;
}

#[tokio::test]
async fn a_pause_survives_a_crash_and_the_last_wish_counts() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        pause(&world, None).await;
        let before = world.position();
        let world = world.crash().await;
        for n in 0..10 {
            world
                .update(&ann, json!({ "title": format!("Title {n}") }))
                .await;
        }
        waits_for_the_end_of_the_pause(&world, &ann).await;
        let ben = world.person("ben").await;
        world.assign(std::slice::from_ref(&ben), None).await;
        waits_for_the_end_of_the_pause(&world, &ben).await;
        assert!(world.calls_since(before).is_empty());
        resume(&world).await;
        world.reach(&ann, "IN_SYNC").await;
        world.reach(&ben, "IN_SYNC").await;
        let mut kinds = world.kinds_since(before);
        kinds.sort();
        assert_eq!(kinds, ["user.create", "user.update"]);
        assert_eq!(world.okta("ann")["profile"]["title"], "Title 9");
    })
    .await;
}

#[tokio::test]
async fn what_was_open_is_found_out_while_paused_and_nothing_is_sent_again() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let ben = world.provisioned("ben", None).await;
        let before = world.position();
        world.fault("POST", "/api/v1/users/{id}", Fault::DropAfterEffect);
        world.fault("GET", "/api/v1/users/{id}", Fault::DropBefore);
        world.update(&ann, json!({ "title": "Baker" })).await;
        world.checking(&ann).await;
        world.fault("POST", "/api/v1/users/{id}", Fault::DropBefore);
        world.update(&ben, json!({ "title": "Miller" })).await;
        world.checking(&ben).await;
        pause(&world, None).await;
        let paused = world.position();
        // What arrived is found out. What did not is known to be missing, and waits.
        world.advance_until(&ann, "IN_SYNC").await;
        world
            .until("the other to wait", async || {
                let account = world.account(&ben).await;
                world.pass(5);
                (account["state"] == "CHECKING" && account["waitReason"] == "PAUSED").then_some(())
            })
            .await;
        assert!(changing(&world, paused).is_empty());
        let reads = world.calls_since(paused).len();
        world.pass(600);
        assert_eq!(world.counts().await["CHECKING"], 1);
        assert!(
            world.calls_since(paused).len() <= reads + 1,
            "no reading without end"
        );
        resume(&world).await;
        world.advance_until(&ben, "IN_SYNC").await;
        assert_eq!(world.kinds_since(before), ["user.update", "user.update"]);
        assert_eq!(world.okta("ben")["profile"]["title"], "Miller");
    })
    .await;
}

#[tokio::test]
async fn a_pause_is_seen_by_another_process_in_the_middle_of_its_work() {
    on_both(async |world| {
        let latency = |settings: &mut okta_sandbox::Settings| settings.latency_ms = 50;
        world.app.sandbox().change_settings(latency);
        let people = world.people("p", 60).await;
        let before = world.position();
        let World { app, owner, app_id, .. } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let world = world
            .away(async |config, sandbox| {
                if config.database_url.is_none() {
                    return; // A second process is refused the directory.
                }
                let effects = || sandbox.effects_since(before).len();
                let worker = Process::start(config, &http).await;
                let client = owner.at(&worker.base_url);
                let input = json!({ "appId": app_id, "targets": { "userIds": people } });
                client.done("usersAssign", input, "").await;
                wait_until("the work to be under way", 20, async || {
                    (effects() > 5).then_some(())
                })
                .await;
                let other = Process::start(config, &http).await;
                let client = owner.at(&other.base_url);
                client.done("provisioningPause", json!({ "appId": app_id }), "").await;
                let paused = sandbox.position();
                let document = "query($id: ID!) { app(id: $id) { syncStatus { pending running waits { reason count } } } }";
                wait_until("the rest to wait", 30, async || {
                    let found = client.query(document, json!({ "id": app_id })).await;
                    let status = &found["app"]["syncStatus"];
                    (status["pending"] == 0 && status["running"] == 0).then_some(())
                })
                .await;
                let late = sandbox.requests_since(paused).into_iter();
                let late = late.filter(|call| call.method == "POST" && call.path == "/api/v1/users");
                assert!(late.count() <= 8);
                assert!(effects() < 60, "stopped in the middle");
                worker.kill();
                other.kill();
            })
            .await;
        if world.effects_since(before).is_empty() {
            return;
        }
        resume(&world).await;
        world.quiet(60).await;
        assert_eq!(world.kinds_since(before), vec!["user.create"; 60]);
    })
    .await;
}

#[tokio::test]
async fn an_import_reads_and_changes_the_directory_and_okta_follows_after_the_pause() {
    on_both(async |world| {
        let profile = json!({
            "login": "okta@acme.example", "email": "okta@acme.example", "firstName": "Otto", "lastName": "Example",
        });
        world.create_in_okta(json!({ "profile": profile })).await;
        pause(&world, None).await;
        let before = world.position();
        let input = json!({ "appId": world.app_id, "mode": "FULL", "sourceProfile": "OKTA" });
        let started = world.owner.done("importStart", input, "import { id }").await;
        let id = started["import"]["id"].clone();
        let document = "query($id: ID!) { node(id: $id) { ... on Import { status selectionVersion } } }";
        let reached = async |status: &str| {
            world
                .until(status, async || {
                    let found = world.owner.query(document, json!({ "id": id })).await;
                    world.pass(1);
                    (found["node"]["status"] == status).then(|| found["node"].clone())
                })
                .await
        };
        reached("READY").await;
        let candidates = json!({ "matching": { "category": ["NEW"], "conflict": false } });
        let input = json!({ "importId": id, "candidates": candidates, "selected": true });
        world.owner.done("importCandidatesSelect", input, "").await;
        let version = reached("READY").await["selectionVersion"].clone();
        let input = json!({ "importId": id, "expectedSelectionVersion": version });
        world.owner.done("importConfirm", input, "").await;
        reached("COMPLETED").await;
        let found = "{ users(search: \"okta@acme.example\", first: 1) { nodes { id } } }";
        let found = world.owner.query(found, json!({})).await;
        let otto = found["users"]["nodes"][0]["id"].as_str().unwrap().to_owned();
        world.reach(&otto, "IN_SYNC").await;
        world.update(&otto, json!({ "title": "Baker" })).await;
        waits_for_the_end_of_the_pause(&world, &otto).await;
        assert!(changing(&world, before).is_empty());
        resume(&world).await;
        world.reach(&otto, "IN_SYNC").await;
        assert_eq!(world.kinds_since(before), ["user.update"]);
    })
    .await;
}
