//! Calls whose answer was lost: Okta is read until it is certain what happened, and nothing happens twice (design §3).

use std::time::Duration;

use okta_sandbox::{Answer, Fault};
use serde_json::{Value, json};

use super::world::{World, login, on_both};

const USERS: &str = "/api/v1/users";
const USER: &str = "/api/v1/users/{id}";
const ROLES: &str = "/api/v1/users/{id}/roles";
const ACTIVATE: &str = "/api/v1/users/{id}/lifecycle/activate";
const DEACTIVATE: &str = "/api/v1/users/{id}/lifecycle/deactivate";

/// Ways to lose an answer after the effect took place.
fn lost() -> Vec<Fault> {
    let answer = |status, body: &[u8]| Answer {
        status,
        headers: Vec::new(),
        body: body.to_vec(),
    };
    vec![
        Fault::DropAfterEffect,
        Fault::TruncateAfterEffect,
        Fault::AnswerAfterEffect(answer(503, b"<html>")),
        Fault::AnswerAfterEffect(answer(500, br#"{"errorCode":"E0000009"}"#)),
        Fault::AnswerAfterEffect(answer(200, b"{ not json")),
        Fault::AnswerAfterEffect(answer(200, b"{}")),
        Fault::AnswerAfterEffect(answer(302, b"")),
    ]
}

async fn assigned(world: &World, name: &str, role: Option<&str>) -> String {
    let user = world.person(name).await;
    world.assign(std::slice::from_ref(&user), role).await;
    user
}

/// Operations of the person's account, oldest first, as `KIND STATUS attempts`.
async fn journal(world: &World, user: &str) -> Vec<String> {
    let document = "query($id: ID!) { user(id: $id) { accounts { operations(first: 50) { nodes { kind status attempts } } } } }";
    let found = world.owner.query(document, json!({ "id": user })).await;
    let nodes = found["user"]["accounts"][0]["operations"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let line = |node: &Value| {
        let text = |name: &str| node[name].as_str().unwrap().to_owned();
        format!("{} {} {}", text("kind"), text("status"), node["attempts"])
    };
    nodes.iter().rev().map(line).collect()
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_found_and_is_ours() {
    on_both(async |world| {
        for (n, fault) in lost().into_iter().enumerate() {
            let before = world.position();
            let name = format!("ann{n}");
            world.fault("POST", USERS, fault.clone());
            let ann = assigned(&world, &name, None).await;
            let account = world.reach(&ann, "IN_SYNC").await;
            assert_eq!(account["provenance"], "CREATED", "{fault:?}");
            assert_eq!(world.kinds_since(before), ["user.create"], "{fault:?}");
            assert_eq!(journal(&world, &ann).await, ["CREATE SUCCEEDED 1"]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_creation_that_never_arrived_is_sent_again_once_that_is_certain() {
    on_both(async |world| {
        let before = world.position();
        world.fault("POST", USERS, Fault::DropBefore);
        let ann = assigned(&world, "ann", None).await;
        world.checking(&ann).await;
        world.pass(60);
        world.until("a quiet moment", async || Some(())).await;
        let posts = || {
            world
                .calls_since(before)
                .iter()
                .filter(|call| call.method == "POST")
                .count()
        };
        assert_eq!(
            posts(),
            1,
            "not on one negative reading, and not before 75 s"
        );
        world.pass(20);
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(posts(), 2);
        assert_eq!(world.kinds_since(before), ["user.create"]);
        assert_eq!(journal(&world, &ann).await, ["CREATE SUCCEEDED 2"]);
        let reads = || {
            world
                .calls_since(before)
                .iter()
                .filter(|call| call.method == "GET")
                .count()
        };
        // Okta's clock shows whole seconds: a reading that may have come too early is repeated.
        let negative = reads();
        assert!((2..=4).contains(&negative), "{negative} negative readings");
        world.pass(91);
        world
            .until("the second look", async || {
                (reads() == negative + 1).then_some(())
            })
            .await;
    })
    .await;
}

#[tokio::test]
async fn somebody_elses_account_that_came_up_meanwhile_waits_for_a_person() {
    on_both(async |world| {
        world.fault("POST", USERS, Fault::DropBefore);
        world.fault("GET", USER, Fault::DelayBefore(Duration::from_millis(500)));
        let ann = assigned(&world, "ann", None).await;
        world.reach(&ann, "CHECKING").await;
        let profile = json!({ "login": login("ann"), "email": login("ann"), "firstName": "Anna", "lastName": "Else" });
        world.create_in_okta(json!({ "profile": profile })).await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        assert_eq!(blocked["problem"]["linkReasons"], json!(["MADE_BY_OTHERS"]));
    })
    .await;
}

#[tokio::test]
async fn an_update_whose_answer_was_lost_is_compared() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        for (n, fault) in lost().into_iter().enumerate() {
            let before = world.position();
            world.fault("POST", USER, fault.clone());
            world
                .update(&ann, json!({ "title": format!("Title {n}") }))
                .await;
            world.advance_until_in_sync(&ann).await;
            assert_eq!(world.kinds_since(before), ["user.update"], "{fault:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_update_that_never_arrived_gives_way_to_a_newer_one() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.fault("POST", USER, Fault::DropBefore);
        world.update(&ann, json!({ "title": "Old" })).await;
        world.checking(&ann).await;
        world.update(&ann, json!({ "title": "New" })).await;
        world.checking(&ann).await;
        world.pass(80);
        world.advance_until_in_sync(&ann).await;
        assert_eq!(world.okta("ann")["profile"]["title"], "New");
        assert_eq!(
            world.kinds_since(before),
            ["user.update"],
            "the old title is never written"
        );
        let journal = journal(&world, &ann).await;
        assert_eq!(journal[1..], ["UPDATE ABANDONED 1", "UPDATE SUCCEEDED 1"]);
    })
    .await;
}

#[tokio::test]
async fn lost_answers_of_the_lifecycle_are_told_by_the_status() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        for fault in lost().into_iter().take(3) {
            let before = world.position();
            world.fault("POST", DEACTIVATE, fault.clone());
            world.on_person("userDeactivate", &ann, json!({})).await;
            world.advance_until_in_sync(&ann).await;
            assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
            world.fault("POST", ACTIVATE, fault.clone());
            world.on_person("userActivate", &ann, json!({})).await;
            world.advance_until_in_sync(&ann).await;
            assert_eq!(world.okta("ann")["status"], "PROVISIONED");
            assert_eq!(
                world.kinds_since(before),
                ["user.deactivate", "user.activate"],
                "{fault:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_lifecycle_call_that_never_arrived_is_repeated_without_mail() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.fault("POST", DEACTIVATE, Fault::DropBefore);
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.checking(&ann).await;
        world.pass(80);
        world.advance_until_in_sync(&ann).await;
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
        let before = world.position();
        world.fault("POST", ACTIVATE, Fault::DropBefore);
        world.on_person("userActivate", &ann, json!({})).await;
        world.checking(&ann).await;
        world.pass(80);
        world.advance_until_in_sync(&ann).await;
        let sent: Vec<_> = world
            .calls_since(before)
            .into_iter()
            .filter(|call| call.method == "POST")
            .map(|call| call.query)
            .collect();
        assert_eq!(sent, ["sendEmail=true", "sendEmail=false"]);
    })
    .await;
}

#[tokio::test]
async fn a_deletion_is_certain_when_nobody_is_found_twice() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.fault("DELETE", USER, Fault::DropAfterEffect);
        world.unassign(&ann).await;
        world.checking(&ann).await;
        world.pass(11);
        world.advance_until(&ann, "NOT_PROVISIONED").await;
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.delete"]
        );
        let deletes = world
            .calls_since(before)
            .iter()
            .filter(|call| call.method == "DELETE")
            .count();
        assert_eq!(deletes, 1);
    })
    .await;
}

#[tokio::test]
async fn a_deletion_that_never_arrived_is_repeated_on_a_deprovisioned_account_only() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.fault("DELETE", USER, Fault::DropBefore);
        world.unassign(&ann).await;
        world.checking(&ann).await;
        let id = world.okta("ann")["id"].as_str().unwrap().to_owned();
        world
            .in_okta(
                "POST",
                &format!("users/{id}/lifecycle/activate?sendEmail=false"),
            )
            .await;
        world.pass(80);
        world.advance_until(&ann, "NOT_PROVISIONED").await;
        let calls = world
            .calls_since(before)
            .into_iter()
            .filter(|call| call.auth_kind == "Bearer" && call.method != "GET");
        let calls: Vec<_> = calls
            .map(|call| {
                format!(
                    "{} {}",
                    call.method,
                    call.path.rsplit('/').next().unwrap_or_default().len()
                )
            })
            .collect();
        // deactivate, lost delete, deactivate once more, delete
        assert_eq!(calls.len(), 4, "{calls:?}");
        assert_eq!(
            world.kinds_since(before),
            [
                "user.deactivate",
                "user.activate",
                "user.deactivate",
                "user.delete"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn lost_answers_about_roles_are_told_by_the_list() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        for fault in lost().into_iter().take(4) {
            let before = world.position();
            world.fault("POST", ROLES, fault.clone());
            world.change_role(&ann, Some("HELP_DESK_ADMIN")).await;
            let account = world.advance_until_in_sync(&ann).await;
            assert_eq!(account["grantedRole"]["type"], "HELP_DESK_ADMIN");
            world.fault(
                "DELETE",
                "/api/v1/users/{id}/roles/{assignment}",
                fault.clone(),
            );
            world.change_role(&ann, None).await;
            world.advance_until_in_sync(&ann).await;
            assert_eq!(
                world.kinds_since(before),
                ["role.grant", "role.revoke"],
                "{fault:?}"
            );
            assert_eq!(world.okta("ann")["roles"], json!([]));
        }
    })
    .await;
}

#[tokio::test]
async fn a_role_that_was_granted_late_is_taken_back() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.fault("POST", ROLES, Fault::DropBefore);
        world.change_role(&ann, Some("HELP_DESK_ADMIN")).await;
        world.checking(&ann).await;
        world.change_role(&ann, None).await;
        world.checking(&ann).await;
        world.pass(80);
        world.advance_until_in_sync(&ann).await;
        // The request that was believed lost lands now.
        world.grant_in_okta("ann", "HELP_DESK_ADMIN").await;
        world.pass(91);
        world
            .until("the role to be taken back", async || {
                (world.okta("ann")["roles"] == json!([])).then_some(())
            })
            .await;
        world.advance_until_in_sync(&ann).await;
    })
    .await;
}

#[tokio::test]
async fn a_deactivation_that_lands_late_is_undone() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.fault("POST", DEACTIVATE, Fault::DropBefore);
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.checking(&ann).await;
        world.on_person("userActivate", &ann, json!({})).await;
        world.pass(80);
        world.advance_until_in_sync(&ann).await;
        let id = world.okta("ann")["id"].as_str().unwrap().to_owned();
        world
            .in_okta("POST", &format!("users/{id}/lifecycle/deactivate"))
            .await;
        world.pass(91);
        world
            .until("the person to be let in again", async || {
                (world.okta("ann")["status"] == "PROVISIONED").then_some(())
            })
            .await;
        world.advance_until_in_sync(&ann).await;
        let document = "{ auditEvents(first: 20) { nodes { action } } }";
        let told = world.owner.query(document, json!({})).await.to_string();
        assert!(told.contains("account.drift"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_creation_that_lands_late_under_a_login_of_the_past_is_ours() {
    on_both(async |world| {
        world.fault("POST", USERS, Fault::DropBefore);
        let ann = assigned(&world, "ann", None).await;
        world.checking(&ann).await;
        world.switch(json!({ "createUsers": false })).await;
        world.pass(80);
        world.reach(&ann, "BLOCKED").await;
        world
            .update(&ann, json!({ "userName": login("anna") }))
            .await;
        world.reach(&ann, "BLOCKED").await;
        let sent = world
            .calls_since(0)
            .into_iter()
            .find(|call| call.method == "POST" && call.path == USERS)
            .unwrap();
        world.create_in_okta(sent.body.unwrap()).await;
        world.pass(91);
        let account = world.reach(&ann, "IN_SYNC").await;
        assert_eq!(account["provenance"], "CREATED");
        assert_eq!(
            account["oktaId"],
            world.okta("anna")["id"],
            "and brought in step"
        );
    })
    .await;
}
