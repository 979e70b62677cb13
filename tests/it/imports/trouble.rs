//! What goes wrong in Okta or here never makes a list shorter, and nothing is done twice.

use okta_sandbox::{Answer, Fault, Matcher};
use provisioner::domain::import::{ImportProblem, ImportStatus, Outcome, SourceProfile};
use provisioner::service::imports;
use serde_json::json;

use super::world::{Importing, account, on_both};

const LIST: (&str, &str) = ("GET", "/api/v1/users");

fn sow_thousand(it: &Importing) {
    it.sow((0..999).map(|n| account(&format!("p{n}"))).collect());
}

/// The next list after `passing` others is struck.
fn strike(it: &Importing, passing: usize, fault: Fault) {
    it.world
        .faults
        .push(Matcher::route(LIST.0, LIST.1).after(passing), fault);
}

fn broken() -> Fault {
    Fault::AnswerInstead(Answer::json(500, &json!({ "errorCode": "E0000009" })))
}

#[tokio::test]
async fn a_page_that_fails_at_sixty_percent_is_asked_for_again() {
    on_both(async |it| {
        sow_thousand(&it);
        strike(&it, 3, broken());
        let before = it.world.position();
        let import = it.start(None).await;
        let import = it.reach_in_time(import.id, ImportStatus::Ready).await;
        assert_eq!((import.fetched, import.pages), (1_000, 5));
        assert_eq!(it.candidates(import.id).await.len(), 1_000);
        assert_eq!(
            it.world.calls_since(before).len(),
            7,
            "one for admins, five pages, one again"
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_that_keeps_failing_fails_the_import() {
    on_both(async |it| {
        sow_thousand(&it);
        strike(&it, 3, broken());
        for _ in 0..20 {
            strike(&it, 0, broken());
        }
        let import = it.start(None).await;
        let import = it.reach_in_time(import.id, ImportStatus::Failed).await;
        assert_eq!(import.problem, Some(ImportProblem::OktaUnavailable));
        assert!(import.fetched < 1_000);
        let viewer = it.owner().await;
        let refused = imports::confirm(it.services(), &viewer, import.id, 0, None).await;
        assert!(refused.is_err(), "a part of a list is not confirmed");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_page_fails_the_import() {
    on_both(async |it| {
        sow_thousand(&it);
        let page = it.world.in_okta("GET", "users?limit=200").await;
        let mut answer = Answer::json(200, &page);
        let next = format!(
            "<{}/api/v1/users?after=200u&limit=200>; rel=\"next\"",
            it.world.app.sandbox().base_url
        );
        answer.headers.push(("link".into(), next));
        strike(&it, 2, Fault::AnswerInstead(answer));
        let import = it.start(None).await;
        let import = it.reach_in_time(import.id, ImportStatus::Failed).await;
        assert_eq!(import.problem, Some(ImportProblem::RepeatedPage));
    })
    .await;
}

#[tokio::test]
async fn pages_without_anybody_and_without_end_fail_the_import() {
    on_both(async |it| {
        sow_thousand(&it);
        for n in 0..20 {
            let mut answer = Answer::json(200, &json!([]));
            let next = format!(
                "<{}/api/v1/users?after=200u{n}&limit=200>; rel=\"next\"",
                it.world.app.sandbox().base_url
            );
            answer.headers.push(("link".into(), next));
            strike(
                &it,
                if n == 0 { 2 } else { 0 },
                Fault::AnswerInstead(answer),
            );
        }
        let import = it.start(None).await;
        let import = it.reach_in_time(import.id, ImportStatus::Failed).await;
        assert_eq!(import.problem, Some(ImportProblem::EndlessPages));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_fails_the_import() {
    on_both(async |it| {
        sow_thousand(&it);
        let mut answer = Answer::json(200, &json!([]));
        answer.headers.push((
            "link".into(),
            "<https://evil.example/api/v1/users?after=1>; rel=\"next\"".into(),
        ));
        strike(&it, 1, Fault::AnswerInstead(answer));
        let import = it.start(None).await;
        let import = it.reach_in_time(import.id, ImportStatus::Failed).await;
        assert_eq!(import.problem, Some(ImportProblem::BrokenPage));
    })
    .await;
}

#[tokio::test]
async fn a_restart_at_sixty_percent_goes_on_where_it_was() {
    on_both(async |it| {
        sow_thousand(&it);
        it.world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 60);
        let before = it.world.position();
        let import = it.start(None).await;
        it.world
            .until("sixty percent", async || {
                (it.look(import.id).await.pages >= 3).then_some(())
            })
            .await;
        let it = Importing {
            world: it.world.crash().await,
        };
        // On a shared database the other process may be alive until its claim is over.
        it.world.pass(61);
        let import = it.reach_in_time(import.id, ImportStatus::Ready).await;
        assert_eq!((import.fetched, import.pages), (1_000, 5));
        assert_eq!(it.candidates(import.id).await.len(), 1_000);
        let calls = it.world.calls_since(before).len();
        assert!(
            calls <= 6 + 2,
            "{calls} calls: what was in flight is asked for once more"
        );
    })
    .await;
}

#[tokio::test]
async fn cancelling_stops_between_two_calls() {
    on_both(async |it| {
        sow_thousand(&it);
        it.world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 100);
        let import = it.start(None).await;
        it.world
            .until("the second page", async || {
                (it.look(import.id).await.pages >= 1).then_some(())
            })
            .await;
        let viewer = it.owner().await;
        imports::cancel(it.services(), &viewer, import.id)
            .await
            .unwrap();
        let before = it.world.position();
        let frozen = it.look(import.id).await;
        // Another import, from its start to its end, is time enough for a call that should not be made.
        it.read(None).await;
        assert_eq!(it.look(import.id).await, frozen);
        let calls = it.world.calls_since(before).len();
        assert!(
            calls <= 6 + 1,
            "{calls}: those of the other import, and one that was on its way"
        );
    })
    .await;
}

#[tokio::test]
async fn a_crash_while_applying_does_nothing_twice() {
    on_both(async |it| {
        sow_thousand(&it);
        let import = it.read(None).await;
        let before = it.world.position();
        let ticked = it.tick_all(import.id).await;
        it.confirm(&ticked, SourceProfile::Okta).await;
        it.world
            .until("some to be applied", async || {
                let viewer = it.owner().await;
                let outcomes = imports::outcomes(it.services(), &viewer, import.id)
                    .await
                    .unwrap();
                outcomes.contains_key(&Outcome::Applied).then_some(())
            })
            .await;
        let it = Importing {
            world: it.world.crash().await,
        };
        // On a shared database the other process may be alive until its claim is over.
        it.world.pass(61);
        it.reach(import.id, ImportStatus::Completed).await;
        let viewer = it.owner().await;
        let outcomes = imports::outcomes(it.services(), &viewer, import.id)
            .await
            .unwrap();
        assert_eq!(outcomes.get(&Outcome::Applied), Some(&999));
        let document = "{ users(first: 1) { totalCount } }";
        let found = it.world.owner.query(document, json!({})).await;
        assert_eq!(
            found["users"]["totalCount"], 1_000,
            "the owner, and each of them once"
        );
        assert_eq!(it.changing_since(before), [""; 0]);
    })
    .await;
}
