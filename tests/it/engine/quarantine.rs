//! An org that fails for many people: it is left alone, asked by one cheap read in growing pauses, and trusted again little by little.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use okta_sandbox::{Answer, Arrival, Fault, Faults};
use serde_json::{Value, json};

use super::world::{World, on_both};

const USERS: &str = "/api/v1/users";

/// Every change fails, in another way each time; reads work.
#[derive(Default)]
struct ChangesFail(AtomicUsize);

impl Faults for ChangesFail {
    fn decide(&self, arrival: &Arrival) -> Option<Fault> {
        let changes = arrival.method == "POST" && arrival.route == USERS;
        let answer = |status, body: &[u8]| {
            Some(Fault::AnswerInstead(Answer {
                status,
                headers: Vec::new(),
                body: body.to_vec(),
            }))
        };
        if !changes {
            return None;
        }
        match self.0.fetch_add(1, Ordering::SeqCst) % 4 {
            0 => answer(
                500,
                br#"{"errorCode":"E0000009","errorSummary":"Internal Server Error"}"#,
            ),
            1 => answer(502, b"<html>Bad Gateway</html>"),
            2 => answer(
                503,
                br#"{"errorCode":"E0000010","errorSummary":"Service is in read only mode"}"#,
            ),
            _ => Some(Fault::DropBefore),
        }
    }
}

/// Every change of one path fails.
struct OnePersonFails(String);

impl Faults for OnePersonFails {
    fn decide(&self, arrival: &Arrival) -> Option<Fault> {
        let theirs = arrival.method == "POST" && arrival.path == self.0;
        let answer = Answer {
            status: 500,
            headers: Vec::new(),
            body: b"oops".to_vec(),
        };
        theirs.then_some(Fault::AnswerInstead(answer))
    }
}

async fn connection(world: &World) -> Value {
    let document = "query($id: ID!) { app(id: $id) { oktaOrg { status problem { code } } } }";
    let variables = json!({ "id": world.app_id });
    let found = world.owner.query(document, variables).await;
    found["app"]["oktaOrg"].clone()
}

async fn reaches(world: &World, status: &str) {
    world
        .until(status, async || {
            (connection(world).await["status"] == status).then_some(())
        })
        .await;
}

async fn waits_for_okta(world: &World, user: &str) {
    world
        .until("the wait to be shown", async || {
            let account = world.account(user).await;
            (account["waitReason"] == "OKTA_UNAVAILABLE").then_some(())
        })
        .await;
}

/// Creations that were asked for since a position.
fn asked(world: &World, since: u64) -> usize {
    let calls = world.calls_since(since).into_iter();
    calls
        .filter(|call| call.method == "POST" && call.path == USERS)
        .count()
}

#[tokio::test]
async fn changes_that_fail_for_many_people_quarantine_the_org_although_it_answers_reads() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .set_faults(Arc::new(ChangesFail::default()));
        let people = world.people("p", 60).await;
        let before = world.position();
        world.assign(&people, None).await;
        reaches(&world, "QUARANTINED").await;
        assert_eq!(connection(&world).await["problem"]["code"], "ORG_FAILING");
        let first = asked(&world, before);
        assert!(first <= 16, "{first} changes before it was left alone");
        waits_for_okta(&world, &people[59]).await;

        // An hour of outage: the pauses grow to a quarter of an hour, and each costs one read and one change at most.
        for _ in 0..360 {
            world.pass(10);
            tokio::task::yield_now().await;
            world.counts().await;
        }
        let during = asked(&world, before) - first;
        assert!(during <= 40, "{during} changes in an hour of outage");
        assert!(world.effects_since(before).is_empty());

        world
            .app
            .sandbox()
            .set_faults(Arc::clone(&world.faults) as _);
        world
            .until("everybody", async || {
                world.hurry(20).await;
                (world.counts().await["IN_SYNC"] == 60).then_some(())
            })
            .await;
        reaches(&world, "CONNECTED").await;
        assert_eq!(world.kinds_since(before), vec!["user.create"; 60]);
    })
    .await;
}

#[tokio::test]
async fn one_person_whose_changes_fail_costs_the_others_nothing() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let id = world.okta("ann")["id"].as_str().unwrap().to_owned();
        let failing = OnePersonFails(format!("{USERS}/{id}"));
        world.app.sandbox().set_faults(Arc::new(failing));
        world.update(&ann, json!({ "title": "Baker" })).await;
        for n in 0..8 {
            world.checking(&ann).await;
            world.pass(80);
            world.provisioned(&format!("p{n}"), None).await;
            assert_eq!(connection(&world).await["status"], "CONNECTED");
        }
        world
            .app
            .sandbox()
            .set_faults(Arc::clone(&world.faults) as _);
        world.advance_until_in_sync(&ann).await;
        assert_eq!(world.okta("ann")["profile"]["title"], "Baker");
    })
    .await;
}

#[tokio::test]
async fn the_probe_is_one_read_and_the_first_change_goes_alone() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .set_faults(Arc::new(ChangesFail::default()));
        let people = world.people("p", 30).await;
        world.assign(&people, None).await;
        reaches(&world, "QUARANTINED").await;
        world
            .until("the calls under way to end", async || {
                (world.counts().await["RUNNING"] == 0).then_some(())
            })
            .await;
        world
            .app
            .sandbox()
            .set_faults(Arc::clone(&world.faults) as _);
        let slow = |settings: &mut okta_sandbox::Settings| settings.latency_ms = 200;
        world.app.sandbox().change_settings(slow);
        let before = world.position();
        world.pass(30);
        world
            .until("the first change", async || {
                (asked(&world, before) > 0).then_some(())
            })
            .await;
        let calls = world.calls_since(before);
        assert_eq!(calls[0].method, "GET", "first the probe: {}", calls[0].path);
        let first = calls.iter().position(|call| call.method == "POST").unwrap();
        for pair in calls[..=first].windows(2) {
            let gap = pair[1].time - pair[0].time;
            // Each takes 200 ms, and the next one begins after it.
            assert!(gap.num_milliseconds() > 150, "no stampede: {gap}");
        }
        let quick = |settings: &mut okta_sandbox::Settings| settings.latency_ms = 0;
        world.app.sandbox().change_settings(quick);
        world
            .until("everybody", async || {
                world.hurry(10).await;
                (world.counts().await["IN_SYNC"] == 30).then_some(())
            })
            .await;
    })
    .await;
}

/// Whoever waits for his deletion goes on waiting for that, so that an administrator can still call it off.
#[tokio::test]
async fn a_quarantine_takes_nobodys_time_to_call_a_deletion_off() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 7 })).await;
        let ann = world.provisioned("ann", None).await;
        world.unassign(&ann).await;
        let delayed = async || {
            let account = world.reach(&ann, "WAITING").await;
            assert_eq!(account["waitReason"], "DELETION_DELAYED", "{account:#}");
            account
        };
        let before = delayed().await;
        world
            .app
            .sandbox()
            .set_faults(Arc::new(ChangesFail::default()));
        let people = world.people("p", 30).await;
        world.assign(&people, None).await;
        reaches(&world, "QUARANTINED").await;
        waits_for_okta(&world, &people[29]).await;
        assert_eq!(
            delayed().await["nextAttemptAt"],
            before["nextAttemptAt"],
            "the day stays"
        );
    })
    .await;
}
