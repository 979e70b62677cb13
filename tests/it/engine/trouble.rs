//! What goes wrong with the connection, the org or one person, and how the rest goes on.

use std::sync::Arc;

use okta_sandbox::{Answer, Arrival, Fault, Faults, RateLimit};
use serde_json::json;

use super::world::{on_both, somebody};

const USERS: &str = "/api/v1/users";

fn refusal(status: u16, code: &str) -> Fault {
    let body = json!({ "errorCode": code, "errorSummary": "No.", "errorLink": code, "errorId": "oae1", "errorCauses": [] });
    Fault::AnswerInstead(Answer::json(status, &body))
}

/// The same fault for every request that matches.
struct Always(&'static str, &'static str, Fault);

impl Faults for Always {
    fn decide(&self, arrival: &Arrival) -> Option<Fault> {
        (arrival.method == self.0 && arrival.route == self.1).then(|| self.2.clone())
    }
}

#[tokio::test]
async fn whom_okta_refuses_is_blocked_and_the_rest_go_on() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let causes = json!({
            "errorCode": "E0000001", "errorSummary": "Api validation failed: user", "errorLink": "E0000001", "errorId": "oae1",
            "errorCauses": [{ "errorSummary": "title: does not please Okta" }],
        });
        world.fault("POST", "/api/v1/users/{id}", Fault::AnswerInstead(Answer::json(400, &causes)));
        world.update(&ann, json!({ "title": "Bad" })).await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        assert_eq!(blocked["problem"]["code"], "REJECTED_BY_OKTA");
        assert_eq!(blocked["problem"]["detail"], "title: does not please Okta");
        world.provisioned("ben", None).await;
        world.update(&ann, json!({ "title": "Good" })).await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["profile"]["title"], "Good");
    })
    .await;
}

#[tokio::test]
async fn a_creation_that_okta_finds_invalid_is_blocked_and_can_be_tried_again() {
    on_both(async |world| {
        let causes = json!({
            "errorCode": "E0000001", "errorSummary": "Api validation failed: user", "errorLink": "E0000001", "errorId": "oae1",
            "errorCauses": [{ "errorSummary": "firstName: unfit" }],
        });
        world.fault("POST", USERS, Fault::AnswerInstead(Answer::json(400, &causes)));
        let ann = world.person("ann").await;
        world.assign(std::slice::from_ref(&ann), None).await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        assert_eq!(blocked["problem"]["detail"], "firstName: unfit");
        let input = json!({ "accountIds": [blocked["id"]] });
        world.owner.done("accountsRetry", input, "results { userErrors { code } }").await;
        world.reach(&ann, "IN_SYNC").await;
    })
    .await;
}

#[tokio::test]
async fn whose_values_do_not_fit_is_blocked_by_name_without_a_call() {
    on_both(async |world| {
        let before = world.position();
        let mut input = somebody("ann");
        input["givenName"] = json!(null);
        let ann = world.person_with(input).await;
        world.assign(std::slice::from_ref(&ann), None).await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        assert_eq!(blocked["problem"]["code"], "PROFILE_INVALID");
        assert!(world.calls_since(before).is_empty());
        world.update(&ann, json!({ "givenName": "Ann" })).await;
        world.reach(&ann, "IN_SYNC").await;
    })
    .await;
}

#[tokio::test]
async fn a_revoked_grant_stops_the_work_until_somebody_consents_again() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.app.sandbox().revoke_grants().unwrap();
        world.update(&ann, json!({ "title": "Baker" })).await;
        let ben = world.person("ben").await;
        world.assign(std::slice::from_ref(&ben), None).await;
        for user in [&ann, &ben] {
            world
                .until("the wait to be explained", async || {
                    let account = world.account(user).await;
                    (account["state"] == "WAITING"
                        && account["waitReason"] == "NEEDS_REAUTHORIZATION")
                        .then_some(())
                })
                .await;
        }
        let before = world.position();
        assert!(
            world.calls_since(before).is_empty(),
            "nobody knocks at a closed door"
        );
        world.consent().await;
        world.reach(&ann, "IN_SYNC").await;
        world.reach(&ben, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["profile"]["title"], "Baker");
    })
    .await;
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed_once_for_all() {
    on_both(async |world| {
        let people = world.people("p", 12).await;
        world.fault("POST", USERS, refusal(401, "E0000011"));
        world.pass(4_000);
        let before = world.position();
        world.assign(&people, None).await;
        world.quiet(20).await;
        let renewed = world
            .app
            .sandbox()
            .effects_since(before)
            .into_iter()
            .filter(|effect| effect.kind == "token.refresh");
        let renewed = renewed.count();
        assert!(
            (1..=2).contains(&renewed),
            "{renewed}: when it ran out, and when Okta rejected one"
        );
        assert_eq!(world.kinds_since(before).len(), 12);
    })
    .await;
}

#[tokio::test]
async fn a_feature_that_is_off_is_no_dead_token() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.fault("POST", "/api/v1/users/{id}/roles", refusal(401, "E0000015"));
        world.change_role(&ann, Some("HELP_DESK_ADMIN")).await;
        let waiting = world.reach(&ann, "WAITING").await;
        assert_eq!(waiting["waitReason"], "CAPABILITY_DENIED");
        world.provisioned("ben", None).await;
    })
    .await;
}

#[tokio::test]
async fn what_okta_denies_for_two_people_waits_and_the_rest_goes_on() {
    on_both(async |world| {
        let denied = Always("POST", "/api/v1/users/{id}/roles", refusal(403, "E0000006"));
        world.app.sandbox().set_faults(Arc::new(denied));
        let ann = world.provisioned("ann", None).await;
        let ben = world.provisioned("ben", None).await;
        world.change_role(&ann, Some("HELP_DESK_ADMIN")).await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        assert_eq!(
            blocked["problem"]["code"], "ROLE_REFUSED",
            "denied once, it may be about her"
        );
        world.change_role(&ben, Some("HELP_DESK_ADMIN")).await;
        for user in [&ben, &ann] {
            let waiting = world.reach(user, "WAITING").await;
            assert_eq!(waiting["waitReason"], "CAPABILITY_DENIED");
        }
        let before = world.position();
        let cleo = world.person("cleo").await;
        world
            .assign(std::slice::from_ref(&cleo), Some("HELP_DESK_ADMIN"))
            .await;
        world.reach(&cleo, "WAITING").await;
        assert_eq!(
            world.kinds_since(before),
            ["user.create"],
            "only roles wait"
        );
        assert!(
            world
                .calls_since(before)
                .iter()
                .all(|call| !call.path.ends_with("/roles"))
        );
        world
            .app
            .sandbox()
            .set_faults(Arc::clone(&world.faults) as _);
        world
            .owner
            .done("oktaOrgTest", json!({ "appId": world.app_id }), "")
            .await;
        for user in [&ann, &ben, &cleo] {
            world.reach(user, "IN_SYNC").await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_failing_org_is_left_alone_and_tried_again_by_itself() {
    on_both(async |world| {
        let down = Answer {
            status: 503,
            headers: Vec::new(),
            body: b"down".to_vec(),
        };
        struct Down(Answer);
        impl Faults for Down {
            fn decide(&self, arrival: &Arrival) -> Option<Fault> {
                arrival
                    .path
                    .starts_with("/api/")
                    .then(|| Fault::AnswerInstead(self.0.clone()))
            }
        }
        world.app.sandbox().set_faults(Arc::new(Down(down)));
        let people = world.people("p", 20).await;
        let before = world.position();
        world.assign(&people, None).await;
        world
            .until("the org to be left alone", async || {
                let account = world.account(&people[19]).await;
                (account["waitReason"] == "OKTA_UNAVAILABLE").then_some(())
            })
            .await;
        let asked = world.calls_since(before).len();
        assert!(asked < 60, "{asked} calls to an org that is down");
        world
            .app
            .sandbox()
            .set_faults(Arc::clone(&world.faults) as _);
        world
            .until("everybody", async || {
                world.hurry(20).await;
                (world.counts().await["IN_SYNC"] == 20).then_some(())
            })
            .await;
        assert_eq!(world.kinds_since(before), vec!["user.create"; 20]);
    })
    .await;
}

#[tokio::test]
async fn the_rate_limit_is_used_and_never_overrun() {
    on_both(async |world| {
        let twenty = RateLimit::PerMinute(20);
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.rate_limit = twenty);
        let people = world.people("p", 40).await;
        let before = world.position();
        world.assign(&people, None).await;
        world
            .until("the window to be used", async || {
                (world.kinds_since(before).len() >= 16).then_some(())
            })
            .await;
        let waiting = world
            .until("the rest to wait", async || {
                let counts = world.counts().await;
                (counts["WAITING"].as_i64()? >= 20).then_some(counts)
            })
            .await;
        assert!(
            waiting["IN_SYNC"].as_i64().unwrap() <= 18,
            "some is left for others"
        );
        world
            .until("everybody", async || {
                if world.counts().await["WAITING"] != 0 {
                    world.hurry(10).await;
                }
                (world.counts().await["IN_SYNC"] == 40).then_some(())
            })
            .await;
        assert_eq!(world.kinds_since(before), vec!["user.create"; 40]);
        assert!(
            world
                .calls_since(before)
                .iter()
                .all(|call| call.status != 429)
        );
    })
    .await;
}

#[tokio::test]
async fn too_many_at_once_is_survived() {
    on_both(async |world| {
        world.app.sandbox().change_settings(|settings| {
            settings.concurrency_limit = Some(2);
            settings.latency_ms = 20;
        });
        let people = world.people("p", 30).await;
        let before = world.position();
        world.assign(&people, None).await;
        world
            .until("everybody", async || {
                if world.counts().await["WAITING"] != 0 {
                    world.pass(1);
                }
                (world.counts().await["IN_SYNC"] == 30).then_some(())
            })
            .await;
        assert_eq!(world.kinds_since(before), vec!["user.create"; 30]);
    })
    .await;
}

#[tokio::test]
async fn who_loses_access_goes_first() {
    on_both(async |world| {
        let zoe = world.provisioned("zoe", None).await;
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 30);
        let people = world.people("p", 90).await;
        let before = world.position();
        world.assign(&people, None).await;
        world.on_person("userDeactivate", &zoe, json!({})).await;
        world.quiet(30).await;
        let kinds = world.kinds_since(before);
        let at = kinds
            .iter()
            .position(|kind| kind == "user.deactivate")
            .unwrap();
        assert!(at < 80, "place {at} of {}", kinds.len());
        assert_eq!(kinds.len(), 91);
    })
    .await;
}

#[tokio::test]
async fn a_removed_or_disconnected_app_changes_nobody() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let before = world.position();
        world
            .owner
            .done("oktaOrgDisconnect", json!({ "appId": world.app_id }), "")
            .await;
        world.update(&ann, json!({ "title": "Baker" })).await;
        world
            .until("the wait to be explained", async || {
                (world.account(&ann).await["waitReason"] == "NOT_CONNECTED").then_some(())
            })
            .await;
        world
            .owner
            .done("appRemove", json!({ "appId": world.app_id }), "")
            .await;
        world.on_person("userDelete", &ann, json!({})).await;
        world.pass(10);
        assert!(world.kinds_since(before).is_empty());
        assert_eq!(world.okta("ann")["status"], "PROVISIONED");
    })
    .await;
}
