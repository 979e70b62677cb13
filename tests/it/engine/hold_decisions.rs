//! What an administrator decides about a hold, who drops out of it, and what a crash leaves of it.

use serde_json::{Value, json};

use super::holds::{people_hit, removals};
use super::world::{World, on_both};
use crate::support::{Client, Socket};

const DECIDED: &str =
    "hold { id status accountCount version } conflict { id version accountCount }";
const FIND: &str = "query($id: ID!) { node(id: $id) { id } }";

/// Approves or discards as `client`; answers the payload.
async fn decide(client: &Client, mutation: &str, hold: &Value) -> Value {
    let input = json!({ "holdId": hold["id"], "expectedVersion": hold["version"] });
    client.mutate(mutation, input, DECIDED).await.data()[mutation].clone()
}

async fn approve(world: &World, hold: &Value) -> Value {
    decide(&world.owner, "deprovisioningHoldApprove", hold).await
}

fn code(payload: &Value) -> &Value {
    &payload["userErrors"][0]["code"]
}

/// Eleven people who lost the app in one change, called by names of many scripts.
async fn eleven_held(world: &World) -> (Vec<String>, Value) {
    let mut people = Vec::new();
    for (n, name) in [
        "Ænne",
        "李雷",
        "Σωκράτης",
        "محمد",
        "Zoë",
        "Nguyễn",
        "O'Brien",
        "Иван",
        "Ana María",
        "Łukasz",
        "🙂",
    ]
    .iter()
    .enumerate()
    {
        let address = format!("q{n}@acme.example");
        let input = json!({ "userName": address, "primaryEmail": address, "givenName": name, "familyName": name });
        people.push(world.person_with(input).await);
    }
    world.assign(&people, None).await;
    world.quiet(60).await;
    world.unassign_all(&people).await;
    let hold = world.held(11).await;
    (people, hold)
}

#[tokio::test]
async fn an_approval_carries_out_exactly_what_is_held() {
    on_both(async |world| {
        let bystander = world.provisioned("bystander", None).await;
        let (people, hold) = eleven_held(&world).await;
        let before = world.position();
        world.assign(&people[4..5], None).await;
        world.reach(&people[4], "IN_SYNC").await;
        let late = approve(&world, &hold).await;
        assert_eq!(code(&late), "VERSION_CONFLICT", "{late:#}");
        assert_eq!(late["conflict"]["accountCount"], 10);
        assert_eq!(people_hit(&world, before), 0);

        let hold = world.held(10).await;
        let done = approve(&world, &hold).await;
        assert_eq!(done["userErrors"], json!([]), "{done:#}");
        assert_eq!((&done["hold"]["status"], &done["hold"]["accountCount"]), (&json!("APPROVED"), &json!(10)));
        world.until_hit(before, 10).await;
        let done = removals(&world, before);
        assert_eq!(done.len(), 20);
        assert!(done.iter().all(|((_, who), times)| *times == 1 && who != "q4@acme.example"), "{done:?}");
        assert_eq!(world.account(&people[4]).await["state"], "IN_SYNC");
        assert_eq!(world.account(&bystander).await["state"], "IN_SYNC");
        let shown = world.holds().await[0].clone();
        assert_eq!((&shown["accountCount"], &shown["accounts"]["totalCount"]), (&json!(10), &json!(10)));
        assert!(shown["decidedBy"]["name"].is_string() && shown["decidedAt"].is_string());
        assert_eq!(world.budget().await, [10, 10, 0]);

        assert_eq!(code(&approve(&world, &hold).await), "NOT_POSSIBLE_NOW");
        let document = "{ auditEvents(filter: { actions: [\"deprovisioningHold.open\", \"deprovisioningHold.approve\"] }) { totalCount } }";
        assert_eq!(world.owner.query(document, json!({})).await["auditEvents"]["totalCount"], 2);
    })
    .await;
}

#[tokio::test]
async fn who_is_changed_between_approval_and_execution_drops_out() {
    on_both(async |world| {
        let start = world.position();
        for user in world.provisioned_people("x", 10).await {
            world.unassign(&user).await;
        }
        world.until_hit(start, 10).await;
        let (people, hold) = eleven_held(&world).await;
        let before = world.position();
        world.app.sandbox().revoke_grants().unwrap();
        let done = approve(&world, &hold).await;
        assert_eq!(done["hold"]["accountCount"], 11, "{done:#}");
        world
            .until("the wait for a consent", async || {
                world.pass(1);
                (world.counts().await["WAITING"] == 11).then_some(())
            })
            .await;
        world.assign(&people[..1], None).await;
        world.unassign(&people[0]).await;
        world.consent().await;
        world.until_hit(before, 10).await;
        let hold = world.held(1).await;
        assert_eq!(
            hold["reason"], "BUDGET_SPENT",
            "he was not approved as he is now, and the day is used up"
        );
        assert_eq!(
            hold["accounts"]["nodes"][0]["account"]["user"]["userName"],
            "q0@acme.example"
        );
    })
    .await;
}

#[tokio::test]
async fn new_values_and_a_new_mapping_keep_what_is_held() {
    on_both(async |world| {
        let (people, hold) = eleven_held(&world).await;
        let before = world.position();
        world.update(&people[0], json!({ "title": "Baker" })).await;
        let hold = world
            .until("the change to be seen", async || {
                let now = world.held(11).await;
                (now["version"] != hold["version"]).then_some(now)
            })
            .await;
        world.switch(json!({ "updateUserProfile": false })).await;
        let again = world.held(11).await;
        assert_eq!(
            (&again["id"], &again["version"]),
            (&hold["id"], &hold["version"])
        );
        assert_eq!(people_hit(&world, before), 0);
        approve(&world, &hold).await;
        world.until_hit(before, 11).await;
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_room_can_be_approved_at_once() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 13).await;
        let before = world.position();
        for user in &people {
            world.on_person("userDelete", user, json!({})).await;
        }
        world.until_hit(before, 10).await;
        let hold = world.held(3).await;
        let account = &hold["accounts"]["nodes"][0]["account"];
        let document = "query($id: ID!) { node(id: $id) { ... on Account { nextAttemptAt } } }";
        let shown = world
            .owner
            .query(document, json!({ "id": account["id"] }))
            .await;
        assert!(
            shown["node"]["nextAttemptAt"].is_string(),
            "it goes on by itself"
        );
        approve(&world, &hold).await;
        world.until_hit(before, 13).await;
        assert_eq!(world.budget().await, [10, 13, 0]);
        assert!(removals(&world, before).values().all(|times| *times == 1));
    })
    .await;
}

#[tokio::test]
async fn a_discard_leaves_the_accounts_until_somebody_asks_anew() {
    on_both(async |world| {
        let (people, hold) = eleven_held(&world).await;
        let before = world.position();
        let done = decide(&world.owner, "deprovisioningHoldDiscard", &hold).await;
        assert_eq!(
            (&done["hold"]["status"], &done["hold"]["accountCount"]),
            (&json!("DISCARDED"), &json!(11))
        );
        let document =
            "{ auditEvents(filter: { actions: [\"deprovisioningHold.discard\"] }) { totalCount } }";
        assert_eq!(
            world.owner.query(document, json!({})).await["auditEvents"]["totalCount"],
            1
        );
        for user in &people {
            let account = world.reach(user, "BLOCKED").await;
            assert_eq!(account["problem"]["code"], "DEPROVISIONING_DISCARDED");
        }
        world.update(&people[0], json!({ "title": "Baker" })).await;
        world.switch(json!({ "updateUserProfile": false })).await;
        world.pass(86_400);
        world.quiet(60).await;
        assert_eq!(world.counts().await["BLOCKED"], 11);
        assert_eq!(
            people_hit(&world, before),
            0,
            "new values and switches do not ask for it"
        );

        let account = world.account(&people[1]).await["id"].clone();
        let input = json!({ "accountIds": [account] });
        world
            .owner
            .done("accountsRetry", input, "results { userErrors { code } }")
            .await;
        world.assign(&people[2..3], None).await;
        world.reach(&people[2], "IN_SYNC").await;
        world.unassign(&people[2]).await;
        world.until_hit(before, 2).await;
        assert_eq!(world.counts().await["BLOCKED"], 9);
        assert!(world.okta("q1").is_null() && world.okta("q2").is_null());

        let rest: Vec<_> = {
            let mut ids = Vec::new();
            for user in people
                .iter()
                .filter(|user| ![&people[1], &people[2]].contains(user))
            {
                ids.push(world.account(user).await["id"].clone());
            }
            ids
        };
        let input = json!({ "accountIds": rest });
        world
            .owner
            .done("accountsRetry", input, "results { userErrors { code } }")
            .await;
        world.held(9).await;
        assert_eq!(
            people_hit(&world, before),
            2,
            "asking for all at once is one change again"
        );
    })
    .await;
}

#[tokio::test]
async fn two_who_approve_at_once_do_it_once() {
    on_both(async |world| {
        let (_, hold) = eleven_held(&world).await;
        let before = world.position();
        let (one, other) = tokio::join!(approve(&world, &hold), approve(&world, &hold));
        let refused = [&one, &other].map(|payload| code(payload) == "NOT_POSSIBLE_NOW");
        assert_eq!(
            refused.iter().filter(|refused| **refused).count(),
            1,
            "{one:#} {other:#}"
        );
        world.until_hit(before, 11).await;
        assert!(removals(&world, before).values().all(|times| *times == 1));
    })
    .await;
}

#[tokio::test]
async fn a_crash_in_the_middle_forgets_neither_hold_nor_approval() {
    on_both(async |world| {
        let (_, hold) = eleven_held(&world).await;
        let before = world.position();
        let world = world.crash().await;
        let again = world.held(11).await;
        assert_eq!(
            (&again["id"], &again["version"]),
            (&hold["id"], &hold["version"])
        );
        assert_eq!(people_hit(&world, before), 0);
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 50);
        approve(&world, &hold).await;
        world
            .until("the work to be under way", async || {
                (people_hit(&world, before) > 2).then_some(())
            })
            .await;
        let world = world.crash().await;
        world
            .until("everybody", async || {
                let counts = world.counts().await;
                if counts["CHECKING"] != 0 || counts["WAITING"] != 0 {
                    world.hurry(10).await;
                }
                (counts["NOT_PROVISIONED"] == 11).then_some(())
            })
            .await;
        let done = removals(&world, before);
        assert_eq!(done.len(), 22);
        assert!(done.values().all(|times| *times == 1), "{done:?}");
    })
    .await;
}

#[tokio::test]
async fn only_who_may_configure_decides_and_strangers_see_nothing() {
    on_both(async |world| {
        let (_, hold) = eleven_held(&world).await;
        let before = world.position();
        let clerk = world
            .app
            .custom("clerk", &["VIEW_APPS", "ASSIGN_APPS"])
            .await;
        assert_eq!(
            clerk.query(FIND, json!({ "id": hold["id"] })).await["node"]["id"],
            hold["id"]
        );
        let blind = world.app.custom("blind", &["VIEW_USERS"]).await;
        let rival = world.app.rival().await;
        for stranger in [&blind, &rival] {
            assert_eq!(
                stranger.query(FIND, json!({ "id": hold["id"] })).await["node"],
                Value::Null
            );
        }
        for mutation in ["deprovisioningHoldApprove", "deprovisioningHoldDiscard"] {
            let input = |id: &Value| json!({ "holdId": id, "expectedVersion": hold["version"] });
            assert_eq!(
                clerk.mutate(mutation, input(&hold["id"]), "").await.code(),
                "FORBIDDEN"
            );
            let foreign = rival
                .mutate(mutation, input(&hold["id"]), DECIDED)
                .await
                .body;
            let missing = rival
                .mutate(mutation, input(&json!("made-up")), DECIDED)
                .await
                .body;
            assert_eq!(foreign, missing);
            assert_eq!(
                foreign["data"][mutation]["userErrors"][0]["code"],
                "NOT_FOUND"
            );
        }
        assert_eq!(people_hit(&world, before), 0);
        assert_eq!(world.held(11).await["version"], hold["version"]);
    })
    .await;
}

#[tokio::test]
async fn watchers_see_accounts_become_held_and_go_on() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 11).await;
        let account = world.account(&people[5]).await["id"].clone();
        let document = "subscription($app: ID!, $accounts: [ID!]!) { accountChanged(appId: $app, accountIds: $accounts) \
            { accounts { state deprovisioningHold { id } } } }";
        let variables = json!({ "app": world.app_id, "accounts": [account] });
        let mut socket =
            Socket::subscribe(&world.app.base_url, world.owner.token(), document, variables).await;
        world.unassign_all(&people).await;
        let hold = world.held(11).await;
        let mut shown = Value::Null;
        while shown["state"] != "HELD" {
            shown = socket.event().await["accountChanged"]["accounts"][0].clone();
        }
        assert_eq!(shown["deprovisioningHold"]["id"], hold["id"]);
        approve(&world, &hold).await;
        while shown["state"] != "NOT_PROVISIONED" {
            shown = socket.event().await["accountChanged"]["accounts"][0].clone();
        }
        assert_eq!(shown["deprovisioningHold"], Value::Null);
    })
    .await;
}
