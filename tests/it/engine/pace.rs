//! How fast the work goes: as fast as Okta allows and never faster, the urgent first and nobody left behind, and how long it will take.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use okta_sandbox::{RateLimit, RequestEntry, Settings};
use provisioner::clock::Clock as _;
use serde_json::json;

use super::holds::approve_holds;
use super::world::{World, on_both};
use crate::support::wait_until;

const USERS: &str = "/api/v1/users";

fn set(world: &World, change: impl FnOnce(&mut Settings)) {
    world.app.sandbox().change_settings(change);
}

/// Lets time pass whenever nothing happens, until so many accounts are in step. `look` is called between.
async fn work_off(world: &World, count: usize, since: u64, mut look: impl AsyncFnMut()) {
    let mut seen = usize::MAX;
    wait_until("everybody", 240, async || {
        let counts = world.counts().await;
        let made = world.calls_since(since).len();
        let waits = counts["WAITING"] != 0 || counts["PENDING"] == 0;
        if made == seen && counts["RUNNING"] == 0 && waits {
            world.pass(1);
        }
        seen = made;
        look().await;
        (counts["IN_SYNC"] == count).then_some(())
    })
    .await;
}

/// Creations by Okta's windows, which begin with their first request and last a minute.
fn windows(calls: &[RequestEntry]) -> Vec<usize> {
    let mut windows: Vec<(DateTime<Utc>, usize)> = Vec::new();
    let creations = calls
        .iter()
        .filter(|call| call.method == "POST" && call.path == USERS);
    for call in creations {
        match windows.last_mut() {
            Some((ends, count)) if call.time < *ends => *count += 1,
            _ => windows.push((call.time + chrono::Duration::seconds(60), 1)),
        }
    }
    windows.into_iter().map(|(_, count)| count).collect()
}

#[tokio::test]
async fn with_a_clock_ten_minutes_wrong_the_share_is_used_and_never_overrun() {
    on_both(async |world| {
        let people = world.people("p", 130).await;
        set(&world, |settings| {
            settings.rate_limit = RateLimit::PerMinute(40);
            settings.concurrency_limit = Some(35);
            settings.latency_ms = 5;
        });
        world.app.clock.advance(Duration::from_secs(600));
        let before = world.position();
        world.assign(&people, None).await;
        work_off(&world, 130, before, async || {}).await;
        let calls = world.calls_since(before);
        let refused = calls.iter().filter(|call| call.status == 429).count();
        assert!(refused * 100 <= calls.len(), "{refused} of {}", calls.len());
        assert_eq!(world.kinds_since(before), vec!["user.create"; 130]);
        // 90 % of 40 are ours.
        let windows = windows(&calls);
        let (_, whole) = windows.split_last().unwrap();
        assert!(
            whole.iter().all(|used| (33..=36).contains(used)),
            "{windows:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_share_is_the_apps_own_and_follows_its_option() {
    on_both(async |world| {
        let people = world.people("p", 50).await;
        world.options(json!({ "rateLimitShare": 25 })).await;
        set(&world, |settings| {
            settings.rate_limit = RateLimit::PerMinute(40);
        });
        let before = world.position();
        world.assign(&people, None).await;
        let mut raised = false;
        work_off(&world, 50, before, async || {
            if !raised && windows(&world.calls_since(before)).len() == 2 {
                raised = true;
                world.options(json!({ "rateLimitShare": 100 })).await;
            }
        })
        .await;
        let windows = windows(&world.calls_since(before));
        assert!((9..=10).contains(&windows[0]), "{windows:?}");
        assert_eq!(windows.iter().sum::<usize>(), 50);
        assert!(windows.len() <= 4, "{windows:?}");
    })
    .await;
}

#[tokio::test]
async fn a_restart_does_not_forget_what_was_used() {
    on_both(async |world| {
        let people = world.people("p", 60).await;
        set(&world, |settings| {
            settings.rate_limit = RateLimit::PerMinute(20);
        });
        let before = world.position();
        world.assign(&people, None).await;
        world
            .until("the limit to be used up", async || {
                let counts = world.counts().await;
                (counts["WAITING"].as_u64()? >= 32 && counts["RUNNING"] == 0).then_some(())
            })
            .await;
        let used = world.calls_since(before).len();
        let world = world.restart().await;
        let somebody = world.person("somebody").await;
        world.assign(&[somebody], None).await;
        world
            .until("the others to be asked", async || {
                let counts = world.counts().await;
                (counts["PENDING"] == 0 && counts["RUNNING"] == 0).then_some(())
            })
            .await;
        assert_eq!(
            world.calls_since(before).len(),
            used,
            "nothing before the reset"
        );
        work_off(&world, 61, before, async || {}).await;
        let calls = world.calls_since(before);
        assert!(calls.iter().all(|call| call.status != 429));
        assert_eq!(calls.len(), 61);
    })
    .await;
}

#[tokio::test]
async fn never_more_than_eight_are_under_way() {
    on_both(async |world| {
        let people = world.people("p", 60).await;
        set(&world, |settings| {
            settings.concurrency_limit = Some(8);
            settings.latency_ms = 30;
        });
        let before = world.position();
        world.assign(&people, None).await;
        world.quiet(60).await;
        let calls = world.calls_since(before);
        assert!(calls.iter().all(|call| call.status != 429));
        assert_eq!(calls.len(), 60);
    })
    .await;
}

#[tokio::test]
async fn whoever_loses_access_does_not_wait_behind_those_whom_the_limit_holds_up() {
    on_both(async |world| {
        let zoe = world.provisioned("zoe", None).await;
        let yann = world.provisioned("yann", None).await;
        let people = world.people("p", 70).await;
        set(&world, |settings| {
            settings.rate_limit = RateLimit::PerMinute(10);
        });
        let before = world.position();
        world.assign(&people, None).await;
        world
            .until("the limit to be used up", async || {
                let counts = world.counts().await;
                (counts["WAITING"].as_u64()? >= 32).then_some(())
            })
            .await;
        let now = world.app.sandbox().clock().offset_ms();
        world.on_person("userDeactivate", &zoe, json!({})).await;
        world.update(&yann, json!({ "title": "Baker" })).await;
        world.reach(&yann, "IN_SYNC").await;
        world
            .until("the deactivation", async || {
                (world.okta("zoe")["status"] == "DEPROVISIONED").then_some(())
            })
            .await;
        assert_eq!(
            world.app.sandbox().clock().offset_ms(),
            now,
            "no time passed"
        );
        let kinds = world.kinds_since(before);
        assert!(kinds.len() < 15, "{kinds:?}");
    })
    .await;
}

#[tokio::test]
async fn a_steady_stream_of_urgent_work_lets_others_through() {
    on_both(async |world| {
        let mut leavers = Vec::new();
        for n in 0..90 {
            leavers.push(world.person(&format!("l{n}")).await);
        }
        world.assign(&leavers, None).await;
        world.quiet(60).await;
        let newcomer = world.person("newcomer").await;
        world.unassign_all(&leavers).await;
        world.held(90).await;
        set(&world, |settings| settings.latency_ms = 60);
        let before = world.position();
        approve_holds(&world.owner, &world.app_id).await;
        world.assign(std::slice::from_ref(&newcomer), None).await;
        world.quiet(60).await;
        let kinds = world.kinds_since(before);
        let at = kinds.iter().position(|kind| kind == "user.create").unwrap();
        assert_eq!(kinds.len(), 181);
        assert!(at < 120, "place {at}: behind everybody who was urgent");
    })
    .await;
}

#[tokio::test]
async fn changes_go_before_newcomers() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let people = world.people("p", 90).await;
        set(&world, |settings| settings.latency_ms = 30);
        let before = world.position();
        world.assign(&people, None).await;
        world.update(&ann, json!({ "title": "Baker" })).await;
        world.quiet(60).await;
        let kinds = world.kinds_since(before);
        let at = kinds.iter().position(|kind| kind == "user.update").unwrap();
        assert!(at < 70, "place {at} of {}", kinds.len());
    })
    .await;
}

#[tokio::test]
async fn the_time_that_is_left_is_told_within_a_fifth() {
    on_both(async |world| {
        let people = world.people("p", 300).await;
        set(&world, |settings| {
            settings.rate_limit = RateLimit::PerMinute(36);
        });
        let document = "query($id: ID!) { app(id: $id) { syncStatus { estimatedCompletion } } }";
        let before = world.position();
        // By the minute that has passed: what was told, and when.
        let mut told: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        let began = world.app.clock.now_ms();
        world.assign(&people, None).await;
        work_off(&world, 300, before, async || {
            let now = world.app.clock.now_ms();
            let found = world
                .owner
                .query(document, json!({ "id": world.app_id }))
                .await;
            let Some(at) = found["app"]["syncStatus"]["estimatedCompletion"].as_str() else {
                return;
            };
            let at = DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis();
            told.insert((now - began) / 20_000, (now, at));
        })
        .await;
        let ended = world.app.clock.now_ms();
        let took = ended - began;
        assert!(
            (480_000..720_000).contains(&took),
            "{took} ms, by Okta's limit"
        );
        assert!(told.len() > 15, "told all the time: {}", told.len());
        for (now, at) in told.into_values() {
            let left = ended - now;
            // A call more or less can make a window more or less.
            let allowed = (left / 5).max(61_000);
            assert!(
                (at - ended).abs() <= allowed,
                "after {} s it was said {} s too late",
                (now - began) / 1_000,
                (at - ended) / 1_000
            );
        }
    })
    .await;
}
