//! The way to PostgreSQL is cut, again and again, or falls silent: nothing is lost or done twice, nobody is told that all is well, and the work
//! goes on by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use provisioner::clock::{Clock as _, SystemClock};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use super::world::World;
use crate::support::{Relay, TestApp, wait_until};

/// How soon after a disturbance the server does its work again.
const BACK_WITHIN: Duration = Duration::from_secs(15);

/// The status of `/health/ready`, and how long it took.
async fn ready(app: &TestApp) -> (u16, Duration) {
    let begun = SystemClock.monotonic_ms();
    let url = format!("{}/health/ready", app.base_url);
    let answer = app.http().get(url).send().await.unwrap();
    (answer.status().as_u16(), since(begun))
}

/// Real time that passed.
fn since(begun: u64) -> Duration {
    Duration::from_millis(SystemClock.monotonic_ms() - begun)
}

/// How many accounts are in step; null while the server cannot say.
async fn in_sync(world: &World) -> Option<i64> {
    let document = "query($id: ID!) { app(id: $id) { syncStatus { counts { state count } } } }";
    let answer = world
        .owner
        .send(document, json!({ "id": world.app_id }))
        .await;
    let counts = answer.body["data"]["app"]["syncStatus"]["counts"]
        .as_array()?
        .clone();
    let row = counts.iter().find(|row| row["state"] == "IN_SYNC");
    Some(row.map_or(0, |row| row["count"].as_i64().unwrap()))
}

/// Waits until everybody is in step, letting time pass where it has to; then everybody was made once.
async fn finish(world: &World, before: u64, everybody: i64) {
    wait_until("everybody", 120, async || {
        world.pass(1);
        (in_sync(world).await? == everybody).then_some(())
    })
    .await;
    let mut made: BTreeMap<String, u32> = BTreeMap::new();
    for effect in world.effects_since(before) {
        assert_eq!(effect.kind, "user.create");
        *made.entry(effect.login.unwrap()).or_default() += 1;
    }
    assert_eq!(i64::try_from(made.len()).unwrap(), everybody);
    assert!(made.values().all(|times| *times == 1), "{made:?}");
}

async fn under_way(world: &World, people: usize, latency_ms: u64) -> u64 {
    let sandbox = world.app.sandbox();
    sandbox.change_settings(|settings| settings.latency_ms = latency_ms);
    let people = world.people("p", people).await;
    let before = world.position();
    world.assign(&people, None).await;
    world
        .until("the work to be under way", async || {
            (world.effects_since(before).len() > 8).then_some(())
        })
        .await;
    before
}

/// The server's connections, by the process of PostgreSQL that serves each.
async fn connections(db: &impl ConnectionTrait) -> BTreeSet<i32> {
    let ask = "SELECT pid FROM pg_stat_activity \
        WHERE datname = current_database() AND backend_type = 'client backend'";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), ask));
    let rows = rows.await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "pid").unwrap())
        .collect()
}

#[tokio::test]
async fn sound_connections_are_used_again() {
    let direct = async |url: &str| ((), url.to_owned());
    TestApp::builder()
        .sandbox()
        .on_postgres_by(direct, async |app, ()| {
            let world = World::connected(app).await;
            let db = world.app.database().await;
            let before = connections(&db).await;
            let position = world.position();
            let people = world.people("p", 10).await;
            world.assign(&people, None).await;
            finish(&world, position, 10).await;
            let after = connections(&db).await;
            assert!(before.len() > 1, "{before:?}");
            assert!(after.is_superset(&before), "{before:?} {after:?}");
        })
        .await;
}

#[tokio::test]
async fn connections_killed_every_two_seconds_cost_nothing_but_time() {
    let direct = async |url: &str| ((), url.to_owned());
    TestApp::builder()
        .sandbox()
        .on_postgres_by(direct, async |app, ()| {
            let world = World::connected(app).await;
            let before = under_way(&world, 80, 500).await;
            let db = world.app.database().await;
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            for _ in 0..4 {
                db.execute_unprepared(kill).await.unwrap();
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            wait_until("the server to be back", BACK_WITHIN.as_secs(), async || {
                (ready(&world.app).await.0 == 200).then_some(())
            })
            .await;
            finish(&world, before, 80).await;
            told(&world).await;
        })
        .await;
}

/// The trail is whole.
async fn told(world: &World) {
    let verdicts = world.app.server.base.verify_audit(&[]).await.unwrap();
    assert!(
        verdicts.iter().all(|one| one.outcome.is_ok()),
        "{verdicts:?}"
    );
}

#[tokio::test]
async fn connections_that_fall_silent_are_given_up_and_replaced() {
    TestApp::builder()
        .sandbox()
        .on_postgres_by(Relay::to, async |app, relay| {
            let world = World::connected(app).await;
            let before = under_way(&world, 40, 100).await;
            relay.fall_silent();
            let silent_since = SystemClock.monotonic_ms();
            wait_until("a mutation to be done", 30, async || {
                let input = json!({ "input": super::world::somebody("late") });
                let document = "mutation($input: UserCreateInput!) { userCreate(input: $input) { user { id } } }";
                let sent = world.owner.send(document, input);
                let answer = tokio::time::timeout(Duration::from_secs(5), sent).await.ok()?;
                answer.body["data"]["userCreate"]["user"]["id"].as_str().map(|_| ())
            })
            .await;
            let took = since(silent_since);
            assert!(took < BACK_WITHIN, "{took:?}");
            finish(&world, before, 40).await;
        })
        .await;
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_of_in_time_and_missed_no_longer_than_it_lasts() {
    TestApp::builder()
        .on_postgres_by(Relay::to, async |app, relay| {
            assert_eq!(ready(&app).await.0, 200);
            relay.go_away();
            for _ in 0..3 {
                app.clock.advance(Duration::from_secs(2));
                let (status, took) = ready(&app).await;
                assert_eq!(status, 503);
                assert!(took < Duration::from_secs(4), "{took:?}");
            }
            let url = format!("{}/metrics", app.base_url);
            let figures = app
                .http()
                .get(&url)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap();
            assert!(figures.contains("provisioner_database_up 0"), "{figures}");
            relay.come_back();
            wait_until("the server to be back", BACK_WITHIN.as_secs(), async || {
                app.clock.advance(Duration::from_secs(2));
                (ready(&app).await.0 == 200).then_some(())
            })
            .await;
            let owner = app.owner().await;
            let viewer: Value = owner.query("{ viewer { user { id } } }", json!({})).await;
            assert!(viewer["viewer"]["user"]["id"].is_string());
        })
        .await;
}

/// What is given up while its transaction begins leaves no transaction open behind it: on such a connection others would read old data, and
/// what they write would be undone.
#[tokio::test]
async fn requests_that_are_given_up_leave_no_transaction_open() {
    TestApp::builder()
        .sandbox()
        .on_postgres_by(Relay::to, async |app, relay| {
            let world = World::connected(app).await;
            for patience in (0..80).map(Duration::from_millis) {
                relay.slow_down(Duration::from_millis(2));
                let given_up = tokio::time::timeout(patience, in_sync(&world)).await;
                relay.slow_down(Duration::ZERO);
                if given_up.is_err() {
                    for _ in 0..4 {
                        assert!(in_sync(&world).await.is_some(), "after {patience:?}");
                    }
                }
            }
        })
        .await;
}
