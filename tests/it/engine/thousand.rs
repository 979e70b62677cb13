//! A thousand people, of whom two hundred vanish: in one change, by an import, one after the other.

use std::collections::BTreeSet;

use okta_sandbox::{Seed, SeedUser};
use serde_json::{Value, json};

use super::holds::{people_hit, removals};
use super::world::{World, login};
use crate::support::TestApp;

/// People of the app.
const ALL: usize = 1_000;
/// Those who vanish.
const GONE: usize = 200;
/// What the app may take away a day.
const A_DAY: usize = 50;
/// A day and a little, in seconds: the time between two requests counts too.
const DAY: u64 = 86_400 + 60;

/// The login of the nth person.
fn nth(n: usize) -> String {
    login(&format!("p{n}"))
}

/// The logins of those who vanish.
fn gone() -> BTreeSet<String> {
    (0..GONE).map(nth).collect()
}

/// Who lost what, once each.
fn lost(world: &World, since: u64, kind: &str) -> BTreeSet<String> {
    let done = removals(world, since);
    assert!(done.values().all(|times| *times == 1), "{done:?}");
    let of_kind = done.into_keys().filter(|(each, _)| each == kind);
    of_kind.map(|(_, login)| login).collect()
}

/// On one database, as it is the number that counts here; `engine::holds` shows the rule on both.
async fn on_sqlite(test: impl AsyncFnOnce(World)) {
    let app = TestApp::builder().sandbox().on_sqlite().await;
    test(World::connected(app).await).await;
}

impl World {
    /// A thousand people with accounts, taken over from Okta: that takes six calls instead of a thousand.
    async fn with_a_thousand(&self) {
        let users = (0..ALL).map(|n| {
            let mut profile = json!({ "login": nth(n), "email": nth(n), "firstName": format!("p{n}"), "lastName": "Example" });
            if n < GONE {
                profile["department"] = json!("Sold");
            }
            SeedUser {
                profile: profile.as_object().unwrap().clone(),
                ..SeedUser::default()
            }
        });
        let seed = Seed {
            users: users.collect(),
            custom_attributes: Default::default(),
            custom_roles: Vec::new(),
        };
        self.app.sandbox().sow(&seed).unwrap();
        self.pass(600);
        self.import().await;
        let settled = self.quiet(60).await;
        assert_eq!(settled["IN_SYNC"], ALL, "{settled:#}");
    }

    /// Imports whatever Okta holds; answers the import.
    async fn import(&self) -> Value {
        let input = json!({ "appId": self.app_id, "mode": "FULL" });
        let started = self.owner.done("importStart", input, "import { id }").await;
        let id = &started["import"]["id"];
        self.imported(id, "READY").await;
        let input = json!({ "importId": id, "candidates": { "matching": {} }, "selected": true });
        let ticked = self
            .owner
            .done(
                "importCandidatesSelect",
                input,
                "import { selectionVersion }",
            )
            .await;
        let version = &ticked["import"]["selectionVersion"];
        let input = json!({ "importId": id, "expectedSelectionVersion": version });
        self.owner.done("importConfirm", input, "").await;
        self.imported(id, "COMPLETED").await
    }

    async fn imported(&self, id: &Value, status: &str) -> Value {
        let document =
            "query($id: ID!) { node(id: $id) { ... on Import { id status heldDeactivations } } }";
        self.until(status, async || {
            let found = self.owner.query(document, json!({ "id": id })).await;
            (found["node"]["status"] == status).then(|| found["node"].clone())
        })
        .await
    }

    /// The app is taken away from the two hundred in one mutation.
    async fn two_hundred_vanish(&self) {
        let filter = json!({ "department": "Sold", "app": { "appId": self.app_id } });
        let sold = json!({ "filter": filter, "expectedCount": GONE });
        let input = json!({ "appId": self.app_id, "targets": { "matching": sold } });
        self.owner
            .done("usersUnassign", input, "bulkJob { id }")
            .await;
    }

    /// The hold with all of them, once the job has ended and it was judged.
    async fn two_hundred_held(&self) -> Value {
        self.until("the hold", async || {
            self.pass(5);
            let hold = self.holds().await.pop()?;
            (hold["accountCount"] == GONE && self.counts().await["HELD"] == GONE).then_some(hold)
        })
        .await
    }

    /// The people with these logins, by global id.
    async fn ids_of_the_gone(&self) -> Vec<String> {
        let document = "query($after: String) { users(first: 100, after: $after, filter: { department: \"Sold\" }) { \
            nodes { id } pageInfo { endCursor hasNextPage } } }";
        let (mut ids, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = self.owner.query(document, json!({ "after": after })).await["users"].clone();
            let nodes = page["nodes"].as_array().unwrap().iter();
            ids.extend(nodes.map(|node| node["id"].as_str().unwrap().to_owned()));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                return ids;
            }
        }
    }
}

#[tokio::test]
async fn two_hundred_in_one_mutation_wait_and_an_approval_frees_exactly_them() {
    on_sqlite(async |world| {
        world.with_a_thousand().await;
        assert_eq!(world.budget().await, [50, 0, 50]);
        let before = world.position();
        world.two_hundred_vanish().await;
        let hold = world.two_hundred_held().await;
        assert_eq!(
            (&hold["reason"], &hold["cause"]),
            (&json!("TOO_MANY_AT_ONCE"), &json!("BULK_JOB"))
        );
        assert_eq!(hold["deletionCount"], GONE);
        for _ in 0..3 {
            world.pass(DAY);
        }
        assert_eq!(world.two_hundred_held().await["id"], hold["id"]);
        assert!(
            world.calls_since(before).is_empty(),
            "nothing was even asked of Okta"
        );

        let late = world.two_hundred_held().await;
        let input = json!({ "holdId": late["id"], "expectedVersion": late["version"] });
        let approved = world
            .owner
            .done(
                "deprovisioningHoldApprove",
                input,
                "hold { status accountCount }",
            )
            .await;
        assert_eq!(
            approved["hold"],
            json!({ "status": "APPROVED", "accountCount": GONE })
        );
        world.until_hit(before, GONE).await;
        assert_eq!(lost(&world, before, "user.deactivate"), gone());
        assert_eq!(lost(&world, before, "user.delete"), gone());
        let settled = world.counts().await;
        assert_eq!(settled["IN_SYNC"], ALL - GONE, "{settled:#}");
    })
    .await;
}

#[tokio::test]
async fn two_hundred_who_vanish_by_an_import_stay_until_it_is_approved() {
    on_sqlite(async |world| {
        world.with_a_thousand().await;
        for n in 0..GONE {
            let id = world.okta(&format!("p{n}"))["id"].clone();
            let path = format!("users/{}/lifecycle/deactivate", id.as_str().unwrap());
            world.in_okta("POST", &path).await;
        }
        world.pass(600);
        let before = world.position();
        let import = world.import().await;
        assert_eq!(import["heldDeactivations"], GONE);
        let inactive = async || {
            let document = "{ users(first: 1, filter: { statuses: [INACTIVE] }) { totalCount } }";
            world.owner.query(document, json!({})).await["users"]["totalCount"].clone()
        };
        assert_eq!(inactive().await, 0, "nobody in the directory either");
        let input = json!({ "importId": import["id"], "expectedCount": GONE });
        world
            .owner
            .done("importDeactivationsApprove", input, "")
            .await;
        world
            .until("the two hundred", async || {
                (inactive().await == GONE).then_some(())
            })
            .await;
        world.quiet(60).await;
        assert_eq!(people_hit(&world, before), 0, "Okta had them out before");
    })
    .await;
}

#[tokio::test]
async fn two_hundred_who_vanish_one_by_one_are_at_most_fifty_a_day_and_all_of_them() {
    on_sqlite(async |world| {
        world.with_a_thousand().await;
        let before = world.position();
        for user in world.ids_of_the_gone().await {
            world.unassign(&user).await;
        }
        // Who was taken away is no account any more, so that later days have a little less than fifty.
        let (mut hit, mut days) = (0, 0);
        while hit < GONE {
            world
                .until("the day's share", async || {
                    let busy = world.counts().await;
                    let rests = ["PENDING", "RUNNING", "CHECKING"]
                        .iter()
                        .all(|state| busy[*state] == 0);
                    (rests && people_hit(&world, before) > hit).then_some(())
                })
                .await;
            let today = people_hit(&world, before) - hit;
            assert!(today <= A_DAY, "{today} in a day");
            hit += today;
            days += 1;
            assert!(days < 30, "{hit} in {days} days");
            world.pass(DAY);
        }

        world.quiet(60).await;
        assert_eq!(lost(&world, before, "user.delete"), gone());
    })
    .await;
}
