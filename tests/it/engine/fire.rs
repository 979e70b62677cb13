//! Under fire: many answers bad, effects late, readings of the past, nonsense. What is wanted is done, once.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use okta_sandbox::{
    Family, Fault, FaultPlan, Faults, Malformed, Matcher, Mix, NoFaults, Sandbox, SeededFaults,
};
use provisioner::clock::{Clock as _, SystemClock};
use serde_json::json;

use super::holds::approve_holds;
use super::process::{Process, quick};
use super::world::{World, login, on_both};
use crate::support::{Client, TestApp, wait_until};

const USERS: &str = "/api/v1/users";
const ROLE: &str = "HELP_DESK_ADMIN";
/// People under fire.
const MANY: usize = 36;

/// How often each effect took place, by login.
fn effects(world: &World, position: u64) -> BTreeMap<String, Vec<String>> {
    let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut logins = BTreeMap::new();
    for effect in world.effects_since(position) {
        let id = effect.user_id.unwrap();
        if let Some(login) = effect.login {
            logins.insert(id.clone(), login);
        }
        of.entry(logins[&id].clone()).or_default().push(effect.kind);
    }
    of
}

/// Lets time pass until nothing is left to do, the second looks included.
async fn settle(world: &World) {
    wait_until("everything to be settled", 120, async || {
        world.pass(3);
        approve_holds(&world.owner, &world.app_id).await;
        let counts = world.counts().await;
        let busy = ["PENDING", "RUNNING", "CHECKING", "WAITING", "HELD"];
        busy.iter().all(|state| counts[*state] == 0).then_some(())
    })
    .await;
}

/// A crowd goes through a life: made, given roles, changed, sent away. Answers how many requests it took.
async fn life_of_a_crowd(world: &World, faults: Arc<dyn Faults>) -> usize {
    let people = world.people("p", MANY).await;
    let before = world.position();
    world.app.sandbox().set_faults(faults);
    let (with, without) = people.split_at(MANY / 3);
    world.assign(with, Some(ROLE)).await;
    world.assign(without, None).await;
    settle(world).await;
    for user in &people {
        world.update(user, json!({ "title": "Boss" })).await;
    }
    settle(world).await;
    world.change_role(&with[0], None).await;
    for user in &without[..MANY / 3] {
        world.on_person("userDeactivate", user, json!({})).await;
    }
    for user in &without[MANY / 3..] {
        world.unassign(user).await;
    }
    settle(world).await;
    world.app.sandbox().set_faults(Arc::new(NoFaults));
    // What was late lands, and is looked at once more.
    world.pass(100);
    settle(world).await;
    world.pass(100);
    settle(world).await;
    let seen = effects(world, before);
    for n in 0..MANY {
        let mut expected = vec!["user.create", "user.update"];
        match n {
            0 => expected.extend(["role.grant", "role.revoke"]),
            _ if n < MANY / 3 => expected.push("role.grant"),
            _ if n < 2 * MANY / 3 => expected.push("user.deactivate"),
            _ => expected.extend(["user.deactivate", "user.delete"]),
        }
        expected.sort_unstable();
        let mut got = seen[&login(&format!("p{n}"))].clone();
        got.sort_unstable();
        assert_eq!(got, expected, "p{n}");
    }
    assert_eq!(seen.len(), MANY, "nobody else");
    world.calls_since(before).len()
}

#[tokio::test]
async fn with_thirty_percent_of_answers_bad_all_is_done_once_in_twice_the_requests() {
    let clean = World::connected(TestApp::builder().sandbox().on_sqlite().await).await;
    let clean = life_of_a_crowd(&clean, Arc::new(NoFaults)).await;
    on_both(async |world| {
        let mix = Mix {
            hold: Duration::from_secs(1),
            ..Mix::default()
        };
        let faults = Arc::new(SeededFaults::mix(7, &mix));
        let requests = life_of_a_crowd(&world, Arc::clone(&faults) as _).await;
        println!(
            "{requests} requests instead of {clean}, {} struck",
            faults.struck()
        );
        assert!(faults.struck() > 40, "{}", faults.struck());
        assert!(
            requests <= 2 * clean,
            "{requests} requests instead of {clean}"
        );
    })
    .await;
}

#[tokio::test]
async fn late_effects_and_readings_of_the_past_lose_and_double_nothing() {
    let plan = json!({ "seed": 5, "rules": [
        { "fault": { "kind": "staleSearch", "seconds": 60 } },
        { "fault": { "kind": "staleRead", "seconds": [0, 10] } },
        { "match": { "pathContains": "/api/v1/" }, "probability": 0.3,
          "fault": { "kind": "lateEffect", "seconds": [1, 60], "seen": "drop" } }
    ] });
    on_both(async |world| {
        let plan: FaultPlan = plan.to_string().parse().unwrap();
        let faults = Arc::new(SeededFaults::new(plan).unwrap());
        life_of_a_crowd(&world, Arc::clone(&faults) as _).await;
        let late = &faults.counts()[2];
        assert!(late.struck > 20, "{late:?}");
    })
    .await;
}

fn world_effects(sandbox: &Sandbox, position: u64) -> usize {
    sandbox.effects_since(position).len()
}

/// Greatest memory that a process ever had, in kibibytes.
fn most_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn nonsense_is_given_up_in_time_and_never_taken_for_success() {
    let app = TestApp::builder()
        .sandbox()
        .engine(quick())
        .on_sqlite()
        .await;
    let world = World::connected(app).await;
    // Those of lists leave other answers as they are, and another id alone does not show in the answer to a creation.
    let shapes: Vec<Malformed> = Malformed::all()
        .filter(|shape| shape.family() != Family::List)
        .filter(|shape| !matches!(shape.name(), "id-of-nobody" | "id-of-another"))
        .collect();
    assert!(shapes.len() >= 60);
    // Between two of them three good answers, so that the org as a whole does not count as failing.
    let people = world.people("p", 4 * shapes.len()).await;
    let (healthy, spare) = (world.people("h", 200).await, world.people("s", 60).await);
    for (n, shape) in shapes.iter().enumerate() {
        let fault = Fault::Malformed {
            shape: *shape,
            effect: false,
        };
        let login = format!("\"{}\"", login(&format!("p{}", 4 * n)));
        world
            .faults
            .push(Matcher::route("POST", USERS).body_containing(&login), fault);
    }
    let before = world.position();
    let World {
        app, owner, app_id, ..
    } = &world;
    let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
    let world = world
        .away(async |config, sandbox| {
            let process = Process::start(config, &http).await;
            let client = owner.at(&process.base_url);
            let assign = async |client: &Client, users: &[String]| {
                let input = json!({ "appId": app_id, "targets": { "userIds": users } });
                client.done("usersAssign", input, "").await;
            };
            for users in healthy.chunks(100) {
                assign(&client, users).await;
            }
            wait_until("the healthy to be made", 60, async || {
                (world_effects(sandbox, before) >= healthy.len()).then_some(())
            })
            .await;
            // What ordinary work takes does not count.
            let memory = most_memory(process.id());
            let began = SystemClock.monotonic_ms();
            for users in people.chunks(100) {
                assign(&client, users).await;
            }
            // Each is given up within 20 s, and certain some seconds later; a few are slow, at most eight at a time.
            let mut spare = spare.iter();
            wait_until("everybody to be made", 150, async || {
                let made = sandbox.effects_since(before);
                let made: Vec<String> =
                    made.into_iter().filter_map(|effect| effect.login).collect();
                let missing: Vec<&str> = (0..shapes.len())
                    .filter(|n| !made.contains(&login(&format!("p{}", 4 * n))))
                    .map(|n| shapes[n].name())
                    .collect();
                // While the slow ones are waited for, there is good news now and then.
                tokio::time::sleep(Duration::from_millis(500)).await;
                if !missing.is_empty()
                    && let Some(user) = spare.next()
                {
                    assign(&client, std::slice::from_ref(user)).await;
                }
                missing.is_empty().then_some(())
            })
            .await;
            let took = SystemClock.monotonic_ms() - began;
            println!("{took} ms for {} shapes", shapes.len());
            let grown = most_memory(process.id()) - memory;
            println!("{grown} KiB beside ordinary work");
            assert!(grown <= 64 * 1024, "{grown} KiB");
            process.kill();
        })
        .await;
    settle(&world).await;
    let seen = effects(&world, before);
    assert!(
        seen.values().all(|kinds| *kinds == ["user.create"]),
        "{seen:#?}"
    );
    assert!(seen.len() >= people.len());
    assert_eq!(world.counts().await["IN_SYNC"], seen.len());
}

fn signal(process: &Process, name: &str) {
    let pid = process.id().to_string();
    let status = Command::new("kill").args([name, &pid]).status().unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn a_process_that_stops_in_flight_and_wakes_up_later_loses_and_doubles_nothing() {
    let app = TestApp::builder()
        .sandbox()
        .engine(quick())
        .on_postgres()
        .await;
    let world = World::connected(app).await;
    world
        .app
        .sandbox()
        .change_settings(|settings| settings.latency_ms = 300);
    let people = world.people("p", 60).await;
    let before = world.position();
    let World {
        app, owner, app_id, ..
    } = &world;
    let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
    let world = world
        .away(async |config, sandbox| {
            let effects = || sandbox.effects_since(before).len();
            let sleeper = Process::start(config, &http).await;
            let client = owner.at(&sleeper.base_url);
            let input = json!({ "appId": app_id, "targets": { "userIds": people } });
            client.done("usersAssign", input, "").await;
            wait_until("the work to be under way", 60, async || {
                (effects() > 8).then_some(())
            })
            .await;
            signal(&sleeper, "-STOP");
            let stopped = SystemClock.monotonic_ms();
            let other = Process::start(config, &http).await;
            // What the sleeper had sent has landed by now.
            let landed = effects();
            wait_until("the other to take over", 60, async || {
                (effects() > landed).then_some(())
            })
            .await;
            let took = SystemClock.monotonic_ms() - stopped;
            // Two leases, and what it takes to start on a busy machine.
            assert!(took < 20_000, "{took} ms");
            signal(&sleeper, "-CONT");
            wait_until("everybody", 120, async || (effects() >= 60).then_some(())).await;
            other.kill();
            sleeper.kill();
        })
        .await;
    world.quiet(120).await;
    let seen = effects(&world, before);
    assert!(
        seen.values().all(|kinds| *kinds == ["user.create"]),
        "{seen:#?}"
    );
    assert_eq!(seen.len(), 60);
    assert_eq!(world.counts().await["IN_SYNC"], 60);
}

#[tokio::test]
async fn a_process_that_slept_through_its_lease_sends_nothing_more() {
    let app = TestApp::builder()
        .sandbox()
        .engine(quick())
        .on_postgres()
        .await;
    let world = World::connected(app).await;
    let people = world.people("p", 6).await;
    let later = world.person("later").await;
    // The answer to one creation is under way when the process stops, those behind it are not begun.
    let slow = Matcher::route("POST", USERS).body_containing(&login("p0"));
    let under_way = Fault::DelayAfterEffect(Duration::from_secs(3));
    world.faults.push(slow, under_way);
    let before = world.position();
    let World {
        app, owner, app_id, ..
    } = &world;
    let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
    let world = world
        .away(async |config, sandbox| {
            let changing = |since| {
                let calls = sandbox.requests_since(since).into_iter();
                let calls =
                    calls.filter(|call| call.method != "GET" && call.path.starts_with("/api/"));
                calls.count()
            };
            let in_sync = async |client: &Client, people: i64| {
                let document =
                    "query($id: ID!) { app(id: $id) { syncStatus { counts { state count } } } }";
                wait_until("them to be in step", 60, async || {
                    let found = client.query(document, json!({ "id": app_id })).await;
                    let counts = found["app"]["syncStatus"]["counts"].as_array()?.clone();
                    let wanted = json!({ "state": "IN_SYNC", "count": people });
                    counts.contains(&wanted).then_some(())
                })
                .await;
            };
            let assign = async |client: &Client, users: &[String]| {
                let input = json!({ "appId": app_id, "targets": { "userIds": users } });
                client.done("usersAssign", input, "").await;
            };
            let sleeper = Process::start(config, &http).await;
            let client = owner.at(&sleeper.base_url);
            assign(&client, &people[..1]).await;
            wait_until("the effect", 60, async || {
                (world_effects(sandbox, before) == 1).then_some(())
            })
            .await;
            signal(&sleeper, "-STOP");
            let other = Process::start(config, &http).await;
            let awake = owner.at(&other.base_url);
            assign(&awake, &people[1..]).await;
            in_sync(&awake, 6).await;

            let woken = sandbox.position();
            signal(&sleeper, "-CONT");
            // It is awake when it answers; and what it takes on, the other one does.
            in_sync(&client, 6).await;
            assign(&client, std::slice::from_ref(&later)).await;
            in_sync(&client, 7).await;
            assert_eq!(
                changing(woken),
                1,
                "the one creation, by whoever holds the lease"
            );
            assert_eq!(changing(before), 7);
            other.kill();
            sleeper.kill();
        })
        .await;
    world.quiet(120).await;
    let seen = effects(&world, before);
    assert_eq!(seen.len(), 7);
    assert!(
        seen.values().all(|kinds| *kinds == ["user.create"]),
        "{seen:#?}"
    );
    let document = "{ auditEvents(filter: { actions: [\"oktaUser.create\"] }) { nodes { oktaRequestId user { userName } } } }";
    let found = world.owner.query(document, json!({})).await;
    let told = found["auditEvents"]["nodes"].as_array().unwrap();
    assert_eq!(told.len(), 7, "one entry for each: {told:#?}");
    let unanswered: Vec<_> = told
        .iter()
        .filter(|entry| entry["oktaRequestId"].is_null())
        .map(|entry| entry["user"]["userName"].as_str().unwrap())
        .collect();
    assert_eq!(
        unanswered,
        [login("p0")],
        "found out by the other, who had no answer"
    );
    let verdicts = world.app.server.base.verify_audit(&[]).await.unwrap();
    assert!(
        verdicts.iter().all(|one| one.outcome.is_ok()),
        "{verdicts:?}"
    );
}
