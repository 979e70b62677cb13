//! The process ends in the middle, in any way: the next one finishes the work, and nothing is lost or done twice.

use std::collections::BTreeMap;

use serde_json::json;

use super::process::Process;
use super::world::{World, on_both};
use crate::support::wait_until;

/// How often each login was created in Okta.
fn creations(world: &World, position: u64) -> BTreeMap<String, usize> {
    let mut made = BTreeMap::new();
    for effect in world.effects_since(position) {
        assert_eq!(effect.kind, "user.create");
        *made.entry(effect.login.unwrap()).or_default() += 1;
    }
    made
}

/// Fifty people are assigned, and a few are under way.
async fn fifty_under_way(world: &World) -> u64 {
    world
        .app
        .sandbox()
        .change_settings(|settings| settings.latency_ms = 50);
    let people = world.people("p", 50).await;
    let before = world.position();
    world.assign(&people, None).await;
    world
        .until("the work to be under way", async || {
            (world.effects_since(before).len() > 9).then_some(())
        })
        .await;
    before
}

async fn finish(world: &World, before: u64) {
    world
        .until("everybody", async || {
            let counts = world.counts().await;
            if counts["IN_SYNC"] == 50 {
                return Some(());
            }
            if counts["CHECKING"] != 0 || counts["WAITING"] != 0 {
                world.hurry(10).await;
            }
            None
        })
        .await;
    let made = creations(world, before);
    assert_eq!(made.len(), 50);
    assert!(made.values().all(|times| *times == 1), "{made:?}");
}

#[tokio::test]
async fn a_stop_in_the_middle_of_fifty_loses_and_doubles_nothing() {
    on_both(async |world| {
        let before = fifty_under_way(&world).await;
        let world = world.restart().await;
        finish(&world, before).await;
    })
    .await;
}

#[tokio::test]
async fn a_crash_in_the_middle_of_fifty_loses_and_doubles_nothing() {
    on_both(async |world| {
        let before = fifty_under_way(&world).await;
        let world = world.crash().await;
        finish(&world, before).await;
    })
    .await;
}

#[tokio::test]
async fn a_killed_process_in_the_middle_of_fifty_loses_and_doubles_nothing() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 50);
        let people = world.people("p", 50).await;
        let before = world.position();
        let World {
            app, owner, app_id, ..
        } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let world = world
            .away(async |config, sandbox| {
                let effects = |since| {
                    let all = sandbox.effects_since(since).into_iter();
                    all.filter(|effect| effect.kind == "user.create").count()
                };
                let first = Process::start(config, &http).await;
                let client = owner.at(&first.base_url);
                let input = json!({ "appId": app_id, "targets": { "userIds": people } });
                client.done("usersAssign", input, "").await;
                wait_until("the work to be under way", 20, async || {
                    (effects(before) > 12).then_some(())
                })
                .await;
                first.kill();
                assert!(effects(before) < 50, "killed in the middle");
                let second = Process::start(config, &http).await;
                let client = owner.at(&second.base_url);
                let document =
                    "query($id: ID!) { app(id: $id) { syncStatus { counts { state count } } } }";
                wait_until("everybody", 60, async || {
                    let found = client.query(document, json!({ "id": app_id })).await;
                    let counts = found["app"]["syncStatus"]["counts"].as_array()?.clone();
                    counts
                        .iter()
                        .any(|row| row["state"] == "IN_SYNC" && row["count"] == 50)
                        .then_some(())
                })
                .await;
                second.kill();
            })
            .await;
        let made = creations(&world, before);
        assert_eq!(made.len(), 50);
        assert!(made.values().all(|times| *times == 1), "{made:?}");
    })
    .await;
}

#[tokio::test]
async fn of_two_processes_on_one_database_one_works_and_the_other_takes_over() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 50);
        let people = world.people("p", 60).await;
        let before = world.position();
        let World {
            app, owner, app_id, ..
        } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let world = world
            .away(async |config, sandbox| {
                if config.database_url.is_none() {
                    return; // A second process is refused the directory.
                }
                let effects = || sandbox.effects_since(before).len();
                let (one, other) = (
                    Process::start(config, &http).await,
                    Process::start(config, &http).await,
                );
                for (process, people) in [(&one, &people[..30]), (&other, &people[30..])] {
                    let client = owner.at(&process.base_url);
                    let input = json!({ "appId": app_id, "targets": { "userIds": people } });
                    client.done("usersAssign", input, "").await;
                }
                wait_until("the work to be under way", 20, async || {
                    (effects() > 12).then_some(())
                })
                .await;
                one.kill();
                wait_until("everybody", 60, async || (effects() >= 60).then_some(())).await;
                other.kill();
            })
            .await;
        let made = creations(&world, before);
        assert!(made.values().all(|times| *times == 1), "{made:?}");
        assert!(made.is_empty() || made.len() == 60);
    })
    .await;
}
