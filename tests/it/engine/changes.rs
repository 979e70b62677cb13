//! What each change in the directory becomes in Okta, one call at a time.

use std::time::Duration;

use okta_sandbox::{Fault, RateLimit};
use serde_json::json;

use super::world::{on_both, somebody};

#[tokio::test]
async fn an_assignment_creates_the_account_and_gives_the_role() {
    on_both(async |world| {
        let before = world.position();
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        let okta = world.okta("ann");
        assert_eq!(okta["status"], "PROVISIONED");
        assert_eq!(okta["roles"][0]["type"], "HELP_DESK_ADMIN");
        assert_eq!(world.kinds_since(before), ["user.create", "role.grant"]);
        assert_eq!(world.calls_since(before).len(), 2, "one call per change");
        let account = world.account(&ann).await;
        assert_eq!(account["oktaId"], okta["id"]);
        assert_eq!(account["provenance"], "CREATED");
        assert_eq!(account["grantedRole"]["type"], "HELP_DESK_ADMIN");
    })
    .await;
}

#[tokio::test]
async fn a_rename_is_one_partial_update_of_what_changed() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world
            .update(&ann, json!({ "familyName": "Fox", "title": "Baker" }))
            .await;
        world.reach(&ann, "IN_SYNC").await;
        let calls = world.calls_since(before);
        assert_eq!(calls.len(), 1);
        assert_eq!(
            (
                calls[0].method.as_str(),
                calls[0].path.starts_with("/api/v1/users/")
            ),
            ("POST", true)
        );
        assert_eq!(
            calls[0].body,
            Some(json!({ "profile": { "lastName": "Fox", "title": "Baker" } }))
        );
    })
    .await;
}

#[tokio::test]
async fn deactivating_and_activating_reach_okta() {
    on_both(async |world| {
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        let before = world.position();
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
        world.update(&ann, json!({ "title": "Baker" })).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate"],
            "a profile waits until the account is active"
        );
        world.on_person("userActivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        let okta = world.okta("ann");
        assert_eq!(okta["status"], "PROVISIONED");
        assert_eq!(okta["profile"]["title"], "Baker");
        assert_eq!(
            okta["roles"][0]["type"], "HELP_DESK_ADMIN",
            "lost in Okta by the deactivation, given again"
        );
        assert_eq!(
            world.kinds_since(before),
            [
                "user.deactivate",
                "user.activate",
                "user.update",
                "role.grant"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_role_that_okta_kept_over_a_deactivation_is_not_given_twice() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.roles_survive_deactivation = true);
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        let before = world.position();
        world.on_person("userActivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.kinds_since(before), ["user.activate"]);
        world.change_role(&ann, None).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(
            world.okta("ann")["roles"],
            json!([]),
            "it is still ours to take"
        );
    })
    .await;
}

#[tokio::test]
async fn who_loses_the_app_is_deactivated_then_deleted() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.unassign(&ann).await;
        let account = world.reach(&ann, "NOT_PROVISIONED").await;
        assert_eq!(account["oktaStatus"]["code"], "DELETED");
        assert_eq!(
            world.kinds_since(before),
            ["user.deactivate", "user.delete"]
        );
        assert!(world.okta("ann").is_null());
        world.assign(std::slice::from_ref(&ann), None).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(
            world.okta("ann")["status"],
            "PROVISIONED",
            "a later assignment makes a new one"
        );
    })
    .await;
}

#[tokio::test]
async fn who_is_deleted_is_deleted_in_okta_and_the_name_is_free_again() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let first = world.okta("ann")["id"].clone();
        world.on_person("userDelete", &ann, json!({})).await;
        let again = world.person("ann").await;
        world.assign(std::slice::from_ref(&again), None).await;
        // The new Ann waits for the old one's login, and nobody is linked to the wrong account.
        world.advance_until_in_sync(&again).await;
        let okta = world.okta("ann");
        assert_ne!(okta["id"], first);
        let account = world.account(&again).await;
        assert_eq!(
            (&account["oktaId"], &account["provenance"]),
            (&okta["id"], &json!("CREATED"))
        );
    })
    .await;
}

#[tokio::test]
async fn with_deleting_off_people_are_released_and_found_again() {
    on_both(async |world| {
        world.switch(json!({ "deleteUsers": false })).await;
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        let before = world.position();
        world.unassign(&ann).await;
        world.reach(&ann, "RELEASED").await;
        assert_eq!(world.kinds_since(before), ["role.revoke"]);
        world.switch(json!({ "deleteUsers": true })).await;
        world.reach(&ann, "RELEASED").await;
        assert_eq!(
            world.okta("ann")["status"],
            "PROVISIONED",
            "switching it on deletes nobody"
        );
        world.assign(std::slice::from_ref(&ann), None).await;
        let account = world.reach(&ann, "IN_SYNC").await;
        assert_eq!(account["oktaId"], world.okta("ann")["id"]);
        assert_eq!(
            world.kinds_since(before),
            ["role.revoke"],
            "the same account goes on"
        );
        world.unassign(&ann).await;
        world.reach(&ann, "NOT_PROVISIONED").await;
    })
    .await;
}

#[tokio::test]
async fn who_is_deleted_with_deleting_off_is_deactivated_and_released() {
    on_both(async |world| {
        world.switch(json!({ "deleteUsers": false })).await;
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.on_person("userDelete", &ann, json!({})).await;
        world
            .until("a deactivation", async || {
                (world.kinds_since(before) == ["user.deactivate"]).then_some(())
            })
            .await;
        world.quiet(10).await;
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
    })
    .await;
}

#[tokio::test]
async fn what_is_switched_off_waits_and_is_made_up_for() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let off = json!({ "createUsers": false, "updateUserProfile": false, "activateAndDeactivateUsers": false });
        world.switch(off).await;
        let before = world.position();
        let ben = world.person("ben").await;
        world.assign(std::slice::from_ref(&ben), None).await;
        let blocked = world.reach(&ben, "BLOCKED").await;
        assert_eq!(blocked["problem"]["code"], "CREATE_DISABLED");
        world.update(&ann, json!({ "title": "Baker" })).await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        assert!(world.kinds_since(before).is_empty());
        let on = json!({ "createUsers": true, "updateUserProfile": true, "activateAndDeactivateUsers": true });
        world.switch(on).await;
        world.quiet(10).await;
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
        assert_eq!(world.okta("ben")["status"], "PROVISIONED");
    })
    .await;
}

#[tokio::test]
async fn without_mail_an_account_takes_two_calls() {
    on_both(async |world| {
        world.options(json!({ "sendActivationEmail": false })).await;
        let before = world.position();
        world.provisioned("ann", None).await;
        assert_eq!(world.kinds_since(before), ["user.create", "user.activate"]);
        let queries: Vec<_> = world
            .calls_since(before)
            .into_iter()
            .map(|call| call.query)
            .collect();
        assert_eq!(queries, ["activate=false", "sendEmail=false"]);
    })
    .await;
}

#[tokio::test]
async fn ten_edits_while_okta_is_busy_become_one_call() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        let one = RateLimit::PerMinute(1);
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.rate_limit = one);
        world.update(&ann, json!({ "title": "First" })).await;
        world.reach(&ann, "IN_SYNC").await;
        for n in 0..10 {
            world
                .update(&ann, json!({ "title": format!("Title {n}") }))
                .await;
        }
        let waiting = world.reach(&ann, "WAITING").await;
        assert_eq!(waiting["waitReason"], "RATE_LIMITED");
        assert!(waiting["nextAttemptAt"].is_string());
        assert_eq!(world.kinds_since(before), ["user.update"]);
        world.pass(62);
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["profile"]["title"], "Title 9");
        assert_eq!(world.kinds_since(before), ["user.update", "user.update"]);
        assert!(
            world
                .calls_since(before)
                .iter()
                .all(|call| call.status == 200),
            "no avoidable 429"
        );
    })
    .await;
}

#[tokio::test]
async fn edits_that_nobody_could_send_become_one_call() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world.fault(
            "POST",
            "/api/v1/users/{id}",
            Fault::DelayBefore(Duration::from_millis(500)),
        );
        for n in 0..10 {
            world
                .update(&ann, json!({ "title": format!("Title {n}") }))
                .await;
        }
        world
            .until("the last title", async || {
                (world.okta("ann")["profile"]["title"] == "Title 9").then_some(())
            })
            .await;
        world.reach(&ann, "IN_SYNC").await;
        let calls = world.kinds_since(before).len();
        assert!(
            calls <= 2,
            "the one under way, and one for all that came meanwhile"
        );
    })
    .await;
}

#[tokio::test]
async fn a_role_is_exchanged_and_others_roles_stay() {
    on_both(async |world| {
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        let before = world.position();
        world.change_role(&ann, Some("READ_ONLY_ADMIN")).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.kinds_since(before), ["role.revoke", "role.grant"]);
        world.grant_in_okta("ann", "REPORT_ADMIN").await;
        world.change_role(&ann, None).await;
        world.reach(&ann, "IN_SYNC").await;
        let left = world.okta("ann")["roles"].clone();
        assert_eq!(left.as_array().unwrap().len(), 1);
        assert_eq!(left[0]["type"], "REPORT_ADMIN");
        // The same role, given by somebody in Okta, is not ours either.
        world.change_role(&ann, Some("REPORT_ADMIN")).await;
        world.reach(&ann, "IN_SYNC").await;
        world.change_role(&ann, None).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["roles"], left);
    })
    .await;
}

#[tokio::test]
async fn whoever_got_a_role_in_okta_is_not_deactivated_or_deleted_unasked() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.grant_in_okta("ann", "SUPER_ADMIN").await;
        let before = world.position();
        world.on_person("userDeactivate", &ann, json!({})).await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        assert_eq!(blocked["problem"]["code"], "PROTECTED_ADMIN");
        assert!(world.kinds_since(before).is_empty());
        let confirm = json!({ "accountId": blocked["id"], "oktaId": blocked["oktaId"] });
        world.owner.done("accountLinkConfirm", confirm, "").await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
    })
    .await;
}

#[tokio::test]
async fn what_okta_people_did_to_an_account_is_not_undone_by_itself() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world
            .in_okta(
                "POST",
                &format!(
                    "users/{}/lifecycle/deactivate",
                    world.okta("ann")["id"].as_str().unwrap()
                ),
            )
            .await;
        world.update(&ann, json!({ "title": "Baker" })).await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        assert_eq!(blocked["problem"]["code"], "STATUS_CHANGED_IN_OKTA");
        assert_eq!(world.okta("ann")["status"], "DEPROVISIONED");
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        world.on_person("userActivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["profile"]["title"], "Baker");
    })
    .await;
}

#[tokio::test]
async fn any_name_reaches_okta_as_it_is_and_empty_fields_are_cleared() {
    on_both(async |world| {
        let mut input = somebody("ünï");
        input["givenName"] = json!("Zoë 😀 \u{2067}");
        input["familyName"] = json!("O’Brien-Łukasz & <Söhne>");
        input["title"] = json!("Köchin");
        let zoe = world.person_with(input).await;
        world.assign(std::slice::from_ref(&zoe), None).await;
        world.reach(&zoe, "IN_SYNC").await;
        let okta = world.okta("ünï");
        assert_eq!(okta["profile"]["lastName"], "O’Brien-Łukasz & <Söhne>");
        assert_eq!(okta["profile"]["title"], "Köchin");
        let before = world.position();
        world.update(&zoe, json!({ "title": null })).await;
        world.reach(&zoe, "IN_SYNC").await;
        assert!(world.okta("ünï")["profile"]["title"].is_null());
        assert_eq!(
            world.calls_since(before)[0].body,
            Some(json!({ "profile": { "title": null } }))
        );
    })
    .await;
}

#[tokio::test]
async fn every_effect_is_in_the_audit_log_with_oktas_request_id() {
    on_both(async |world| {
        let before = world.position();
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        world.unassign(&ann).await;
        world.reach(&ann, "NOT_PROVISIONED").await;
        let mut expected: Vec<String> = world
            .effects_since(before)
            .into_iter()
            .map(|effect| effect.request_id)
            .collect();
        let document = "{ auditEvents(first: 100) { nodes { action oktaRequestId } } }";
        let found = world.owner.query(document, json!({})).await;
        let nodes = found["auditEvents"]["nodes"].as_array().unwrap();
        let mut told: Vec<String> = nodes
            .iter()
            .filter_map(|node| Some(node["oktaRequestId"].as_str()?.to_owned()))
            .collect();
        expected.sort();
        told.sort();
        assert_eq!(told, expected);
    })
    .await;
}
