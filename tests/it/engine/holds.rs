//! The deprovisioning budget: what one change may take away, what separate ones may, and what one day may.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::world::{World, on_both};
use crate::support::Client;

/// A day and a little, in seconds: the time between two requests counts too.
const DAY: u64 = 86_400 + 60;

const HOLD: &str = "id status version reason message cause causedBy { name } accountCount deactivationCount deletionCount \
    decidedBy { name } decidedAt createdAt accounts(first: 20) { totalCount nodes { kind heldAt account { id state user { userName } } } }";

/// How often each thing was done to whom in Okta since a position, without what gives access.
pub fn removals(world: &World, since: u64) -> BTreeMap<(String, String), usize> {
    let mut done = BTreeMap::new();
    for effect in world.effects_since(since) {
        if matches!(effect.kind.as_str(), "user.deactivate" | "user.delete") {
            *done
                .entry((effect.kind, effect.login.unwrap_or_default()))
                .or_default() += 1;
        }
    }
    done
}

/// How many people something was taken away from since a position.
pub fn people_hit(world: &World, since: u64) -> usize {
    let names = removals(world, since).into_keys().map(|(_, login)| login);
    names.collect::<std::collections::BTreeSet<_>>().len()
}

/// Approves whatever is held now, as an administrator does who finds nothing wrong with it.
pub async fn approve_holds(owner: &Client, app_id: &str) {
    let document = "query($id: ID!) { app(id: $id) { deprovisioningHolds(statuses: [OPEN]) { nodes { id version } } } }";
    let found = owner.query(document, json!({ "id": app_id })).await;
    for hold in found["app"]["deprovisioningHolds"]["nodes"]
        .as_array()
        .unwrap()
    {
        let input = json!({ "holdId": hold["id"], "expectedVersion": hold["version"] });
        // It may have grown meanwhile; then it is seen again.
        owner.mutate("deprovisioningHoldApprove", input, "").await;
    }
}

impl World {
    /// People with accounts in Okta, called `prefix` and a number.
    pub async fn provisioned_people(&self, prefix: &str, count: usize) -> Vec<String> {
        let people = self.people(prefix, count).await;
        self.assign(&people, None).await;
        self.quiet(60).await;
        people
    }

    /// Takes the app away from people in one change.
    pub async fn unassign_all(&self, users: &[String]) {
        let input = json!({ "appId": self.app_id, "targets": { "userIds": users } });
        let selection = "results { userErrors { code } }";
        let done = self.owner.done("usersUnassign", input, selection).await;
        let results = done["results"].as_array().unwrap();
        assert!(results.iter().all(|row| row["userErrors"] == json!([])));
    }

    /// The app's holds, newest first.
    pub async fn holds(&self) -> Vec<Value> {
        let document = format!(
            "query($id: ID!) {{ app(id: $id) {{ deprovisioningHolds(first: 5) {{ nodes {{ {HOLD} }} }} }} }}"
        );
        let found = self
            .owner
            .query(&document, json!({ "id": self.app_id }))
            .await;
        found["app"]["deprovisioningHolds"]["nodes"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// The one hold that is open with so many accounts, once there is one and the worker rests.
    pub async fn held(&self, accounts: usize) -> Value {
        self.until("the hold", async || {
            let busy = self.counts().await;
            let rests = ["PENDING", "RUNNING"].iter().all(|state| busy[*state] == 0);
            let holds = self.holds().await.into_iter();
            let mut open: Vec<_> = holds.filter(|hold| hold["status"] == "OPEN").collect();
            let found = open
                .pop()
                .filter(|hold| open.is_empty() && hold["accountCount"] == accounts);
            found.filter(|_| rests && busy["HELD"] == accounts)
        })
        .await
    }

    /// limit, used and left of the budget.
    pub async fn budget(&self) -> [i64; 3] {
        let document =
            "query($id: ID!) { app(id: $id) { deprovisioningBudget { limit used left growsAt } } }";
        let found = self
            .owner
            .query(document, json!({ "id": self.app_id }))
            .await;
        let budget = &found["app"]["deprovisioningBudget"];
        assert_eq!(
            budget["used"] == 0,
            budget["growsAt"].is_null(),
            "{budget:#}"
        );
        ["limit", "used", "left"].map(|name| budget[name].as_i64().unwrap())
    }

    /// Waits until so many people have lost something in Okta, and the worker rests.
    pub async fn until_hit(&self, since: u64, people: usize) {
        self.until("the removals", async || {
            let counts = self.counts().await;
            let rests = ["PENDING", "RUNNING", "CHECKING"]
                .iter()
                .all(|state| counts[*state] == 0);
            (rests && people_hit(self, since) == people).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn eleven_in_one_change_are_held_whole_and_ten_are_not() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 21).await;
        assert_eq!(world.budget().await, [10, 0, 10]);
        let before = world.position();
        world.unassign_all(&people[..11]).await;
        let hold = world.held(11).await;
        assert_eq!((&hold["reason"], &hold["cause"]), (&json!("TOO_MANY_AT_ONCE"), &json!("USERS_UNASSIGN")));
        assert_eq!((&hold["deletionCount"], &hold["deactivationCount"]), (&json!(11), &json!(0)));
        assert!(hold["causedBy"]["name"].is_string());
        assert_eq!(hold["accounts"]["totalCount"], 11);
        assert_eq!(hold["accounts"]["nodes"][0]["kind"], "DELETE");
        assert_eq!(hold["accounts"]["nodes"][0]["account"]["state"], "HELD");
        assert!(world.calls_since(before).is_empty(), "nothing is even asked of Okta");
        let document = "query($id: ID!) { user(id: $id) { accounts { state nextAttemptAt deprovisioningHold { id } } } }";
        let account = world.owner.query(document, json!({ "id": people[0] })).await["user"]["accounts"][0].clone();
        assert_eq!(account["deprovisioningHold"]["id"], hold["id"]);
        assert_eq!(account["nextAttemptAt"], Value::Null, "it waits for a person");

        world.unassign_all(&people[11..]).await;
        world.until_hit(before, 10).await;
        let done = removals(&world, before);
        assert_eq!(done.len(), 20, "deactivated and deleted, each of ten: {done:?}");
        assert!(done.values().all(|times| *times == 1));
        assert_eq!(world.budget().await, [10, 10, 0], "one each, for two calls");
        world.pass(DAY);
        world.until("the budget to be free again", async || (world.budget().await[2] == 10).then_some(())).await;
        assert_eq!(world.holds().await[0]["status"], "OPEN", "no day passes what nobody approved");
        assert_eq!(people_hit(&world, before), 10);
    })
    .await;
}

#[tokio::test]
async fn an_app_with_many_accounts_may_take_away_five_percent_of_them() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 250).await;
        assert_eq!(world.budget().await, [12, 0, 12]);
        let before = world.position();
        world.unassign_all(&people[..13]).await;
        world.held(13).await;
        assert_eq!(people_hit(&world, before), 0);
        world.unassign_all(&people[13..25]).await;
        world.until_hit(before, 12).await;
        assert_eq!(
            world.budget().await,
            [12, 12, 0],
            "who left today still counts"
        );
        world.unassign(&people[25]).await;
        world
            .until("the next one to wait", async || {
                (world.counts().await["HELD"] == 14).then_some(())
            })
            .await;
        assert_eq!(people_hit(&world, before), 12);
    })
    .await;
}

#[tokio::test]
async fn separate_changes_run_until_the_budget_is_spent_and_go_on_the_next_day() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 14).await;
        let before = world.position();
        for user in &people[..7] {
            world.unassign(user).await;
        }
        for user in &people[7..] {
            world.on_person("userDeactivate", user, json!({})).await;
        }
        world.until_hit(before, 10).await;
        let hold = world.held(4).await;
        assert_eq!(
            (&hold["reason"], &hold["cause"]),
            (&json!("BUDGET_SPENT"), &Value::Null)
        );
        let calls = world.position();
        world.pass(3_700);
        world.pass(3_700);
        assert_eq!(world.held(4).await["id"], hold["id"], "one hold for all");
        assert_eq!(people_hit(&world, before), 10, "no more in a day");
        assert!(
            world.calls_since(calls).is_empty(),
            "waiting costs no calls"
        );
        for _ in 0..23 {
            world.pass(3_600);
        }
        world.until_hit(before, 14).await;
        let done = removals(&world, before);
        assert!(done.values().all(|times| *times == 1), "{done:?}");
        assert_eq!(done.len(), 7 + 14);
        world
            .until("the hold to end", async || {
                (world.holds().await[0]["status"] == "ENDED").then_some(())
            })
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_few_a_day_for_thirty_days_are_all_of_them() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 60).await;
        let before = world.position();
        for pair in people.chunks(2) {
            world.unassign_all(pair).await;
            world
                .until("the day's leavers to be gone", async || {
                    (world.account(&pair[1]).await["state"] == "NOT_PROVISIONED"
                        && world.account(&pair[0]).await["state"] == "NOT_PROVISIONED")
                        .then_some(())
                })
                .await;
            world.pass(DAY);
        }
        assert_eq!(people_hit(&world, before), 60);
        assert!(world.holds().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_bulk_job_is_judged_as_one_change() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 12).await;
        let before = world.position();
        let everybody =
            json!({ "filter": { "app": { "appId": world.app_id } }, "expectedCount": 12 });
        let input = json!({ "appId": world.app_id, "targets": { "matching": everybody } });
        world
            .owner
            .done("usersUnassign", input, "bulkJob { id }")
            .await;
        world.pass(10);
        let hold = world
            .until("the hold", async || {
                world.pass(5);
                let hold = world.holds().await.pop()?;
                (hold["accountCount"] == 12).then_some(hold)
            })
            .await;
        assert_eq!(
            (&hold["reason"], &hold["cause"]),
            (&json!("TOO_MANY_AT_ONCE"), &json!("BULK_JOB"))
        );
        assert_eq!(people_hit(&world, before), 0);
        assert_eq!(people.len(), 12);
    })
    .await;
}

#[tokio::test]
async fn a_switch_that_would_take_many_accounts_away_is_held() {
    on_both(async |world| {
        world
            .switch(json!({ "activateAndDeactivateUsers": false }))
            .await;
        let people = world.provisioned_people("p", 12).await;
        let before = world.position();
        for user in &people[1..] {
            world.on_person("userDeactivate", user, json!({})).await;
        }
        world.quiet(60).await;
        world
            .switch(json!({ "activateAndDeactivateUsers": true }))
            .await;
        let hold = world.held(11).await;
        assert_eq!(
            (&hold["cause"], &hold["deactivationCount"]),
            (&json!("PROVISIONING_SETTINGS"), &json!(11))
        );
        assert_eq!(people_hit(&world, before), 0);
        world
            .switch(json!({ "activateAndDeactivateUsers": false }))
            .await;
        world
            .until("nobody to be held any more", async || {
                (world.counts().await["HELD"] == 0 && world.holds().await[0]["status"] == "ENDED")
                    .then_some(())
            })
            .await;
        assert_eq!(people_hit(&world, before), 0);
    })
    .await;
}

#[tokio::test]
async fn a_preview_says_who_would_be_held_and_is_right() {
    on_both(async |world| {
        let preview = async |switches: Value| {
            let document = "query($app: ID!, $change: ImpactChangeInput!) { app(id: $app) { impactPreview(change: $change) { \
                affectedCount operations { kind count } heldDeactivationCount heldDeletionCount } } }";
            let variables = json!({ "app": world.app_id, "change": { "settings": switches } });
            let found = world.owner.query(document, variables).await;
            let impact = found["app"]["impactPreview"].clone();
            (impact["affectedCount"].clone(), impact["heldDeactivationCount"].clone(), impact["heldDeletionCount"].clone())
        };
        let counts = |affected: i32, deactivated: i32, deleted: i32| (json!(affected), json!(deactivated), json!(deleted));
        let (on, off) = (json!({ "activateAndDeactivateUsers": true }), json!({ "activateAndDeactivateUsers": false }));
        world.switch(off.clone()).await;
        let people = world.provisioned_people("p", 13).await;
        for user in &people[..10] {
            world.on_person("userDeactivate", user, json!({})).await;
        }
        world.quiet(60).await;
        let before = world.position();
        assert_eq!(preview(on.clone()).await, counts(10, 0, 0), "as many as there is room for");
        world.on_person("userDeactivate", &people[10], json!({})).await;
        world.quiet(60).await;
        assert_eq!(preview(on.clone()).await, counts(11, 11, 0), "one too many holds all");
        assert_eq!(preview(off.clone()).await, counts(0, 0, 0));
        assert!(world.calls_since(before).is_empty(), "looking ahead asks nothing of Okta");

        world.switch(on.clone()).await;
        assert_eq!(world.held(11).await["deactivationCount"], 11);
        assert_eq!(people_hit(&world, before), 0);
        // Nine find room when they are asked for alone, and then one is too many for two.
        world.switch(off).await;
        world.until("nobody to be held", async || (world.counts().await["HELD"] == 0).then_some(())).await;
        for user in &people[..9] {
            world.on_person("userActivate", user, json!({})).await;
        }
        world.quiet(60).await;
        assert_eq!(preview(on.clone()).await, counts(2, 0, 0));
        let alone = world.provisioned_people("q", 9).await;
        for user in &alone {
            world.unassign(user).await;
        }
        world.until_hit(before, 9).await;
        assert_eq!(world.budget().await, [10, 9, 1]);
        assert_eq!(preview(on.clone()).await, counts(2, 2, 0), "two are one more than is left");
        world.switch(on).await;
        assert_eq!(world.held(2).await["deactivationCount"], 2);
    })
    .await;
}

#[tokio::test]
async fn removing_the_app_takes_nobodys_account_away() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 11).await;
        world.unassign_all(&people).await;
        world.held(11).await;
        let before = world.position();
        world
            .owner
            .done("appRemove", json!({ "appId": world.app_id }), "")
            .await;
        world.pass(DAY);
        assert_eq!(people_hit(&world, before), 0);
        assert_eq!(world.okta("p3")["status"], "PROVISIONED");
    })
    .await;
}

#[tokio::test]
async fn setting_a_clock_gains_nothing() {
    on_both(async |world| {
        let people = world.provisioned_people("p", 12).await;
        let before = world.position();
        for user in &people[..11] {
            world.unassign(user).await;
        }
        world.until_hit(before, 10).await;
        world.held(1).await;
        world.pass(23 * 3_600);
        world.app.clock.set_by_ms(2 * 3_600_000);
        // Whoever is asked for next has Okta's time read first, as any deactivation does.
        world.unassign(&people[11]).await;
        world
            .until("both to be looked at", async || {
                (world.counts().await["HELD"] == 2).then_some(())
            })
            .await;
        assert_eq!(
            people_hit(&world, before),
            10,
            "a day by our clock, 23 hours by Okta's"
        );
        world.app.clock.set_by_ms(-3 * 3_600_000);
        for _ in 0..4 {
            world.pass(3_600);
        }
        world.until_hit(before, 12).await;
    })
    .await;
}
