//! The undo window: deactivated now, deleted days later, unless somebody wants it otherwise.

use okta_sandbox::Sandbox;
use serde_json::{Value, json};

use super::world::{World, on_both, somebody};

const DAY: u64 = 86_400;

/// Lets time pass, more than a token lives, and has the administrator's tokens be used meanwhile.
fn days(world: &World, count: u64) {
    world.pass(count * DAY);
}

async fn waits_for_deletion(world: &World, user: &str) -> Value {
    let account = world.reach(user, "WAITING").await;
    assert_eq!(account["waitReason"], "DELETION_DELAYED", "{account:#}");
    account
}

async fn decide(world: &World, user: &str, decision: &str) -> Value {
    let id = world.account(user).await["id"].clone();
    let input = json!({ "accountIds": [id], "decision": decision });
    let selection = "results { account { id } userErrors { code field } }";
    let done = world
        .owner
        .done("accountDeletionsDecide", input, selection)
        .await;
    done["results"][0].clone()
}

/// How many accounts wait for their deletion.
async fn waiting_accounts(world: &World) -> i64 {
    let document = "query($id: ID!) { app(id: $id) { accounts(filter: { waitReasons: [DELETION_DELAYED] }) { totalCount } } }";
    let variables = json!({ "id": world.app_id });
    let found = world.owner.query(document, variables).await;
    found["app"]["accounts"]["totalCount"].as_i64().unwrap()
}

/// The day of a deletion in days from now, by the server's clock.
fn days_until(world: &World, account: &Value) -> f64 {
    let at = account["nextAttemptAt"].as_str().unwrap();
    let at = chrono::DateTime::parse_from_rfc3339(at).unwrap();
    let now = provisioner::clock::Clock::now_ms(&world.app.clock);
    (at.timestamp_millis() - now) as f64 / (DAY * 1_000) as f64
}

#[tokio::test]
async fn whoever_loses_the_app_is_deactivated_now_and_deleted_when_the_time_is_over() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 7 })).await;
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.unassign(&ann).await;
        let waiting = waits_for_deletion(&world, &ann).await;
        assert!((6.9..7.01).contains(&days_until(&world, &waiting)));
        assert_eq!(world.kinds_since(before), ["user.deactivate"]);
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
        let document =
            "query($id: ID!) { app(id: $id) { syncStatus { settled oldestPendingAt } } }";
        let found = world
            .owner
            .query(document, json!({ "id": world.app_id }))
            .await;
        let settled = json!({ "settled": true, "oldestPendingAt": null });
        assert_eq!(found["app"]["syncStatus"], settled);
        assert_eq!(waiting_accounts(&world).await, 1);

        days(&world, 6);
        let world = world.crash().await;
        world.provisioned("ben", None).await;
        waits_for_deletion(&world, &ann).await;
        assert!(!world.okta("ann").is_null());
        days(&world, 1);
        world.advance_until(&ann, "NOT_PROVISIONED").await;
        assert!(world.okta("ann").is_null());
        let kinds = world.kinds_since(before);
        assert_eq!(kinds, ["user.deactivate", "user.create", "user.delete"]);
    })
    .await;
}

#[tokio::test]
async fn assigning_again_within_the_time_brings_the_same_account_back() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 9 })).await;
        let ann = world.provisioned("ann", None).await;
        let okta_id = world.okta("ann")["id"].clone();
        let before = world.position();
        world.unassign(&ann).await;
        waits_for_deletion(&world, &ann).await;
        days(&world, 8);
        world.assign(std::slice::from_ref(&ann), None).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["id"], okta_id);
        days(&world, 10);
        world.provisioned("ben", None).await;
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.activate", "user.create"]
        );
        // The next time the days are counted anew.
        world.unassign(&ann).await;
        let waiting = waits_for_deletion(&world, &ann).await;
        assert!(days_until(&world, &waiting) > 8.9);
    })
    .await;
}

#[tokio::test]
async fn the_time_follows_the_option() {
    on_both(async |world| {
        let refused = |value: i64| {
            let input =
                json!({ "appId": world.app_id, "expectedVersion": 0, "deletionDelay": value });
            async { world.owner.refused("appOptionsSave", input).await }
        };
        for value in [0, 91, -1] {
            assert_eq!(refused(value).await, ["INVALID_VALUE deletionDelay"]);
        }
        world.options(json!({ "deletionDelay": 2 })).await;
        let ann = world.provisioned("ann", None).await;
        let ben = world.provisioned("ben", None).await;
        let before = world.position();
        world.unassign(&ann).await;
        waits_for_deletion(&world, &ann).await;
        world.options(json!({ "deletionDelay": 10 })).await;
        world
            .until("the other day", async || {
                let account = world.account(&ann).await;
                (account["state"] == "WAITING" && days_until(&world, &account) > 9.0).then_some(())
            })
            .await;
        days(&world, 4);
        waits_for_deletion(&world, &ann).await;
        world.options(json!({ "deletionDelay": 3 })).await;
        world.reach(&ann, "NOT_PROVISIONED").await;
        world.unassign(&ben).await;
        waits_for_deletion(&world, &ben).await;
        world.options(json!({ "deletionDelay": null })).await;
        world.reach(&ben, "NOT_PROVISIONED").await;
        assert_eq!(
            world.kinds_since(before),
            [
                "user.deactivate",
                "user.delete",
                "user.deactivate",
                "user.delete"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn an_administrator_decides_at_once() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 20 })).await;
        let ann = world.provisioned("ann", None).await;
        let ben = world.provisioned("ben", None).await;
        let cleo = world.provisioned("cleo", None).await;
        for user in [&ann, &ben] {
            world.unassign(user).await;
            waits_for_deletion(&world, user).await;
        }
        let refused = decide(&world, &cleo, "DELETE_NOW").await;
        assert_eq!(refused["userErrors"][0]["code"], "NOT_POSSIBLE_NOW");
        assert_eq!(refused["userErrors"][0]["field"], json!(["accountIds", "0"]));
        let before = world.position();
        decide(&world, &ann, "DELETE_NOW").await;
        world.reach(&ann, "NOT_PROVISIONED").await;
        decide(&world, &ben, "KEEP").await;
        world.reach(&ben, "RELEASED").await;
        days(&world, 25);
        world.provisioned("dora", None).await;
        assert_eq!(world.kinds_since(before), ["user.delete", "user.create"]);
        assert_eq!(world.okta("ben")["status"], "DEPROVISIONED");
        let document = "{ auditEvents(filter: { actions: [\"account.deleteNow\", \"account.keep\"] }) { totalCount } }";
        assert_eq!(world.owner.query(document, json!({})).await["auditEvents"]["totalCount"], 2);
        let clerk = world.app.custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"]).await;
        let document = "mutation($id: ID!, $what: DeletionDecision!) \
            { accountDeletionsDecide(input: { accountIds: [$id], decision: $what }) { results { userErrors { code } } } }";
        let id = world.account(&cleo).await["id"].clone();
        let answer = clerk.send(document, json!({ "id": id, "what": "DELETE_NOW" })).await;
        assert_eq!(answer.code(), "FORBIDDEN");
        let answer = clerk.send(document, json!({ "id": id, "what": "KEEP" })).await;
        assert_eq!(
            answer.data()["accountDeletionsDecide"]["results"][0]["userErrors"][0]["code"],
            "NOT_POSSIBLE_NOW"
        );
    })
    .await;
}

/// A pause holds up what is sent to Okta, not what an administrator decides.
#[tokio::test]
async fn an_administrator_decides_while_the_app_is_paused() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 2 })).await;
        let ann = world.provisioned("ann", None).await;
        let ben = world.provisioned("ben", None).await;
        for user in [&ann, &ben] {
            world.unassign(user).await;
            waits_for_deletion(&world, user).await;
        }
        let app = json!({ "appId": world.app_id });
        world.owner.done("provisioningPause", app.clone(), "").await;
        days(&world, 3);
        for user in [&ann, &ben] {
            let account = world.reach(user, "WAITING").await;
            assert_ne!(account["nextAttemptAt"], Value::Null);
        }
        let before = world.position();
        assert_eq!(decide(&world, &ann, "KEEP").await["userErrors"], json!([]));
        let now = decide(&world, &ben, "DELETE_NOW").await;
        assert_eq!(now["userErrors"], json!([]));
        assert!(world.kinds_since(before).is_empty());
        world.owner.done("provisioningResume", app, "").await;
        world.reach(&ann, "RELEASED").await;
        world.reach(&ben, "NOT_PROVISIONED").await;
        assert_eq!(world.kinds_since(before), ["user.delete"]);
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
    })
    .await;
}

#[tokio::test]
async fn a_new_hire_waits_for_the_leavers_login() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 5 })).await;
        let leaver = world.provisioned("sam", None).await;
        let before = world.position();
        world.on_person("userDelete", &leaver, json!({})).await;
        world
            .until("the leaver to wait", async || {
                (waiting_accounts(&world).await == 1).then_some(())
            })
            .await;
        let mut input = somebody("sam");
        input["givenName"] = json!("Samantha");
        let hire = world.person_with(input).await;
        world.assign(std::slice::from_ref(&hire), None).await;
        let held = world.reach(&hire, "WAITING").await;
        assert_eq!(held["waitReason"], "LOGIN_HELD");
        days(&world, 5);
        world.advance_until(&hire, "IN_SYNC").await;
        assert_eq!(world.okta("sam")["profile"]["firstName"], "Samantha");
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.delete", "user.create"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_jumps_deletes_nobody() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 7 })).await;
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.unassign(&ann).await;
        waits_for_deletion(&world, &ann).await;
        // Our clock alone jumps far ahead.
        let far = std::time::Duration::from_secs(30 * DAY);
        world.app.clock.advance(far);
        world.provisioned("ben", None).await;
        let account = waits_for_deletion(&world, &ann).await;
        assert!(days_until(&world, &account) < 0.0, "{account}");
        assert!(!world.okta("ann").is_null());
        // When Okta's clock is there, too, the time is over.
        Sandbox::clock(world.app.sandbox()).advance(far);
        world.pass(3_700);
        world.advance_until(&ann, "NOT_PROVISIONED").await;
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.create", "user.delete"]
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_is_switched_on_in_okta_meanwhile_gets_the_whole_time_again() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 3 })).await;
        let ann = world.provisioned("ann", None).await;
        let okta_id = world.okta("ann")["id"].as_str().unwrap().to_owned();
        let before = world.position();
        world.unassign(&ann).await;
        waits_for_deletion(&world, &ann).await;
        world
            .in_okta(
                "POST",
                &format!("users/{okta_id}/lifecycle/activate?sendEmail=false"),
            )
            .await;
        days(&world, 3);
        world
            .until("the second deactivation", async || {
                (world.kinds_since(before).len() == 3).then_some(())
            })
            .await;
        let waiting = waits_for_deletion(&world, &ann).await;
        assert!(days_until(&world, &waiting) > 2.9);
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.activate", "user.deactivate"]
        );
    })
    .await;
}

#[tokio::test]
async fn with_deleting_switched_off_meanwhile_the_account_is_kept() {
    on_both(async |world| {
        world.options(json!({ "deletionDelay": 3 })).await;
        let ann = world.provisioned("ann", None).await;
        world.unassign(&ann).await;
        waits_for_deletion(&world, &ann).await;
        world.switch(json!({ "deleteUsers": false })).await;
        world.reach(&ann, "RELEASED").await;
        world.switch(json!({ "deleteUsers": true })).await;
        days(&world, 4);
        world.provisioned("ben", None).await;
        assert_eq!(world.account(&ann).await["state"], "RELEASED");
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
    })
    .await;
}
