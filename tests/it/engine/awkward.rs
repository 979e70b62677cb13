//! The world moves while an answer is lost: whatever is wanted by then is what comes out, and no effect is lost or repeated.

use std::time::Duration;

use okta_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::world::{World, login, on_both, somebody};
use crate::support::connect::authorize;

const USERS: &str = "/api/v1/users";
const USER: &str = "/api/v1/users/{id}";
const ROLES: &str = "/api/v1/users/{id}/roles";
const ROLE: &str = "HELP_DESK_ADMIN";
const OTHER_ROLE: &str = "REPORT_ADMIN";

/// Somebody whose creation is under way, with its answer lost after the effect. The first reading takes a moment, so that the world can
/// move before it.
async fn creation_lost(world: &World, name: &str) -> String {
    world.fault("POST", USERS, Fault::DropAfterEffect);
    let slowly = Fault::DelayBefore(Duration::from_millis(700));
    world.fault("GET", USER, slowly);
    let user = world.person(name).await;
    world.assign(std::slice::from_ref(&user), None).await;
    world.reach(&user, "CHECKING").await;
    user
}

#[tokio::test]
async fn who_is_renamed_while_the_creation_is_uncertain_is_found_by_the_old_name() {
    on_both(async |world| {
        let before = world.position();
        let ann = creation_lost(&world, "ann").await;
        world
            .update(
                &ann,
                json!({ "userName": login("anna"), "primaryEmail": login("anna") }),
            )
            .await;
        let account = world.advance_until_in_sync(&ann).await;
        assert_eq!(account["provenance"], "CREATED");
        assert_eq!(account["oktaId"], world.okta("anna")["id"]);
        assert_eq!(world.kinds_since(before), ["user.create", "user.update"]);
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_app_while_the_creation_is_uncertain_is_deleted() {
    on_both(async |world| {
        let before = world.position();
        let ann = creation_lost(&world, "ann").await;
        world.unassign(&ann).await;
        world.advance_until(&ann, "NOT_PROVISIONED").await;
        let kinds = world.kinds_since(before);
        assert_eq!(kinds, ["user.create", "user.deactivate", "user.delete"]);
        assert_eq!(world.okta("ann"), Value::Null);
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_app_and_gets_it_back_while_the_creation_is_uncertain_is_made_once() {
    on_both(async |world| {
        let before = world.position();
        let ann = creation_lost(&world, "ann").await;
        world.unassign(&ann).await;
        world.assign(std::slice::from_ref(&ann), Some(ROLE)).await;
        world.advance_until_in_sync(&ann).await;
        assert_eq!(world.kinds_since(before), ["user.create", "role.grant"]);
    })
    .await;
}

#[tokio::test]
async fn who_is_deactivated_while_the_creation_is_uncertain_is_deactivated() {
    on_both(async |world| {
        let before = world.position();
        let ann = creation_lost(&world, "ann").await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.advance_until_in_sync(&ann).await;
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
        assert_eq!(
            world.kinds_since(before),
            ["user.create", "user.deactivate"]
        );
    })
    .await;
}

#[tokio::test]
async fn who_is_deleted_while_an_update_is_uncertain_is_deleted() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.fault("POST", USER, Fault::DropAfterEffect);
        world.update(&ann, json!({ "title": "Boss" })).await;
        world.checking(&ann).await;
        world.on_person("userDelete", &ann, json!({})).await;
        world
            .until("the account to be deleted", async || {
                world.pass(5);
                (world.okta("ann") == Value::Null).then_some(())
            })
            .await;
        let kinds = world.kinds_since(before);
        assert_eq!(kinds, ["user.update", "user.deactivate", "user.delete"]);
    })
    .await;
}

#[tokio::test]
async fn who_is_deactivated_while_an_update_is_uncertain_is_not_updated_again() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.fault("POST", USER, Fault::DropBefore);
        world.update(&ann, json!({ "title": "Boss" })).await;
        world.checking(&ann).await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.advance_until_in_sync(&ann).await;
        assert_eq!(world.kinds_since(before), ["user.deactivate"]);
    })
    .await;
}

#[tokio::test]
async fn who_is_deactivated_while_the_activation_is_uncertain_ends_deactivated() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        let before = world.position();
        let activate = "/api/v1/users/{id}/lifecycle/activate";
        world.fault("POST", activate, Fault::DropAfterEffect);
        world.on_person("userActivate", &ann, json!({})).await;
        world.checking(&ann).await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.advance_until_in_sync(&ann).await;
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
        assert_eq!(
            world.kinds_since(before),
            ["user.activate", "user.deactivate"]
        );
    })
    .await;
}

/// A leaver goes while the answer to the deletion is lost, and a new hire is given the login.
async fn new_hire_with_the_login_of_a_leaver(world: &World, fault: Fault) {
    let leaver = world.provisioned("ann", None).await;
    let old = world.okta("ann")["id"].clone();
    let before = world.position();
    world.fault("DELETE", USER, fault);
    world.unassign(&leaver).await;
    world.checking(&leaver).await;
    world.on_person("userDelete", &leaver, json!({})).await;
    let mut hire = somebody("ann");
    hire["givenName"] = json!("Annette");
    let hire = world.person_with(hire).await;
    world.assign(std::slice::from_ref(&hire), None).await;
    let account = world.advance_until_in_sync(&hire).await;
    assert_eq!(account["provenance"], "CREATED");
    let new = world.okta("ann");
    assert_ne!(new["id"], old, "never the leaver's account");
    assert_eq!(new["profile"]["firstName"], "Annette");
    let kinds = world.kinds_since(before);
    assert_eq!(kinds, ["user.deactivate", "user.delete", "user.create"]);
}

#[tokio::test]
async fn a_new_hire_waits_for_the_login_of_a_leaver_who_is_still_to_be_deleted() {
    on_both(async |world| new_hire_with_the_login_of_a_leaver(&world, Fault::DropBefore).await)
        .await;
}

#[tokio::test]
async fn a_new_hire_gets_the_login_of_a_leaver_whose_deletion_is_uncertain() {
    on_both(async |world| {
        new_hire_with_the_login_of_a_leaver(&world, Fault::DropAfterEffect).await;
    })
    .await;
}

#[tokio::test]
async fn who_is_assigned_again_between_deactivation_and_deletion_keeps_the_account() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let id = world.okta("ann")["id"].clone();
        let before = world.position();
        world.fault("GET", USER, Fault::DelayBefore(Duration::from_secs(1)));
        world.unassign(&ann).await;
        world
            .until("the deactivation", async || {
                (world.kinds_since(before) == ["user.deactivate"]).then_some(())
            })
            .await;
        world.assign(std::slice::from_ref(&ann), None).await;
        let account = world.advance_until_in_sync(&ann).await;
        assert_eq!(account["oktaId"], id);
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.activate"]
        );
        let calls = world.calls_since(before);
        assert!(calls.iter().all(|call| call.method != "DELETE"));
    })
    .await;
}

#[tokio::test]
async fn who_is_assigned_again_while_the_deletion_is_uncertain_keeps_the_account_if_it_is_there() {
    on_both(async |world| {
        for (fault, kinds) in [
            (Fault::DropBefore, &["user.deactivate", "user.activate"][..]),
            (
                Fault::DropAfterEffect,
                &["user.deactivate", "user.delete", "user.create"],
            ),
        ] {
            let ann = world
                .provisioned(&format!("ann{}", kinds.len()), None)
                .await;
            let before = world.position();
            world.fault("DELETE", USER, fault);
            world.unassign(&ann).await;
            world.checking(&ann).await;
            world.assign(std::slice::from_ref(&ann), None).await;
            world.advance_until_in_sync(&ann).await;
            assert_eq!(world.kinds_since(before), kinds);
            let deletions = world.calls_since(before);
            let deletions = deletions.iter().filter(|call| call.method == "DELETE");
            assert_eq!(deletions.count(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_switch_that_goes_off_while_a_request_is_uncertain_keeps_it_from_being_repeated() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let bea = world.provisioned("bea", None).await;
        let before = world.position();
        world.fault("POST", USER, Fault::DropBefore);
        world.update(&ann, json!({ "title": "Boss" })).await;
        world.checking(&ann).await;
        world.fault("DELETE", USER, Fault::DropBefore);
        world.unassign(&bea).await;
        world.checking(&bea).await;
        world
            .switch(json!({ "updateUserProfile": false, "deleteUsers": false }))
            .await;
        world.advance_until_in_sync(&ann).await;
        world.advance_until(&bea, "RELEASED").await;
        assert_eq!(world.kinds_since(before), ["user.deactivate"]);
        world.switch(json!({ "updateUserProfile": true })).await;
        world.advance_until_in_sync(&ann).await;
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.update"]
        );
    })
    .await;
}

#[tokio::test]
async fn another_org_in_the_middle_of_a_run_is_matched_anew_and_the_old_one_left_alone() {
    on_both(async |world| {
        let people = world.people("p", 12).await;
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 200);
        let before = world.position();
        world.fault("POST", USERS, Fault::DropAfterEffect);
        world.assign(&people, Some(ROLE)).await;
        world
            .until("the work to be under way", async || {
                (world.effects_since(before).len() > 3).then_some(())
            })
            .await;
        let redirect_uri = format!("{}/oauth/callback", world.app.base_url);
        let other = Sandbox::builder()
            .redirect_uris([redirect_uri])
            .start()
            .await
            .unwrap();
        let client = &other.config().client;
        let input = json!({ "appId": world.app_id, "domain": other.base_url,
            "clientId": client.id, "clientSecret": client.secret });
        world.owner.done("oktaOrgConfigure", input, "").await;
        let start = other.position();
        authorize(&world.app, &world.owner, &world.app_id).await;
        world
            .until("everybody in the new org", async || {
                world.pass(1);
                (world.counts().await["IN_SYNC"] == 12).then_some(())
            })
            .await;
        let made = other.effects_since(start).into_iter();
        let made: Vec<_> = made
            .filter(|effect| !effect.kind.starts_with("token."))
            .collect();
        let of = |kind: &str| made.iter().filter(|effect| effect.kind == kind).count();
        assert_eq!(
            (of("user.create"), of("role.grant"), made.len()),
            (12, 12, 24)
        );
        let settled = world.position();
        world.pass(200);
        let bea = world.person("bea").await;
        world.assign(std::slice::from_ref(&bea), None).await;
        world.reach(&bea, "IN_SYNC").await;
        let late = world.app.sandbox().requests_since(settled).into_iter();
        let late: Vec<_> = late.filter(|call| call.path.starts_with("/api/")).collect();
        assert!(late.is_empty(), "{late:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_role_whose_grant_is_uncertain_and_no_longer_wanted_is_not_kept() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        for (fault, wanted, kinds) in [
            (
                Fault::DropAfterEffect,
                None,
                &["role.grant", "role.revoke"][..],
            ),
            (Fault::DropBefore, None, &[]),
            (
                Fault::DropAfterEffect,
                Some(OTHER_ROLE),
                &["role.grant", "role.revoke", "role.grant"],
            ),
        ] {
            let before = world.position();
            world.fault("POST", ROLES, fault.clone());
            world.change_role(&ann, Some(ROLE)).await;
            world.checking(&ann).await;
            world.change_role(&ann, wanted).await;
            let account = world.advance_until_in_sync(&ann).await;
            assert_eq!(world.kinds_since(before), kinds, "{fault:?}");
            let role = account["grantedRole"]["type"].as_str();
            assert_eq!(role, wanted);
        }
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_app_while_a_grant_is_uncertain_is_deleted() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.fault("POST", ROLES, Fault::DropAfterEffect);
        world.change_role(&ann, Some(ROLE)).await;
        world.checking(&ann).await;
        world.unassign(&ann).await;
        world.advance_until(&ann, "NOT_PROVISIONED").await;
        let kinds = world.kinds_since(before);
        assert_eq!(kinds, ["role.grant", "user.deactivate", "user.delete"]);
    })
    .await;
}
