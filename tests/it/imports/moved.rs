//! What changed between reading and confirming is not overwritten, and can be tried again.

use provisioner::domain::import::{Category, ImportStatus, Outcome, OutcomeReason, SourceProfile};
use provisioner::service::apps::Saving;
use provisioner::service::imports;
use serde_json::json;

use super::world::{account, on_both, with};

#[tokio::test]
async fn whoever_moved_on_either_side_is_stale_and_can_be_tried_again() {
    on_both(async |it| {
        for name in ["here", "there", "still"] {
            it.world.person(name).await;
        }
        it.sow(
            ["here", "there", "still"]
                .map(|name| with(name, json!({ "city": "Graz" })))
                .into(),
        );
        let import = it.read(None).await;
        let here = it.person("here").await["id"].as_str().unwrap().to_owned();
        it.world.update(&here, json!({ "city": "Wien" })).await;
        let there = it.world.okta("there")["id"].as_str().unwrap().to_owned();
        it.world.pass(60);
        let body = json!({ "profile": { "city": "Linz" } });
        it.world
            .change_in_okta(&format!("users/{there}"), body)
            .await;
        let before = it.world.position();
        it.take_all(import.id, SourceProfile::Okta).await;
        assert_eq!(
            it.world.calls_since(before).len(),
            1,
            "one question for all"
        );
        let outcome = async |name: &str| {
            let candidate = it.candidate(import.id, name).await;
            (candidate.outcome.unwrap(), candidate.outcome_reason)
        };
        assert_eq!(
            outcome("here").await,
            (Outcome::Stale, Some(OutcomeReason::PersonChanged))
        );
        assert_eq!(
            outcome("there").await,
            (Outcome::Stale, Some(OutcomeReason::AccountChanged))
        );
        assert_eq!(outcome("still").await, (Outcome::Applied, None));
        assert_eq!(it.person("here").await["city"], "Wien");
        let viewer = it.owner().await;
        let ids = vec![
            it.candidate(import.id, "here").await.id,
            it.candidate(import.id, "there").await.id,
        ];
        let rows = imports::retry(it.services(), &viewer, import.id, ids)
            .await
            .unwrap();
        assert!(rows.iter().all(|(_, row)| row.is_ok()), "{rows:#?}");
        it.reach(import.id, ImportStatus::Completed).await;
        assert_eq!(outcome("here").await, (Outcome::Applied, None));
        assert_eq!(it.person("there").await["city"], "Linz");
    })
    .await;
}

#[tokio::test]
async fn what_is_something_else_by_now_is_looked_at_before_it_is_done() {
    on_both(async |it| {
        it.sow(vec![account("new")]);
        let import = it.read(None).await;
        it.world.person("new").await;
        it.take_all(import.id, SourceProfile::Okta).await;
        let candidate = it.candidate(import.id, "new").await;
        assert_eq!(candidate.outcome_reason, Some(OutcomeReason::NameTaken));
        let viewer = it.owner().await;
        let ids = vec![candidate.id];
        let rows = imports::retry(it.services(), &viewer, import.id, ids.clone())
            .await
            .unwrap();
        assert!(rows[0].1.is_err(), "{rows:#?}");
        assert_eq!(
            it.candidate(import.id, "new").await.category,
            Category::Update
        );
        let rows = imports::retry(it.services(), &viewer, import.id, ids)
            .await
            .unwrap();
        assert!(rows[0].1.is_ok(), "{rows:#?}");
        it.reach(import.id, ImportStatus::Completed).await;
        assert_eq!(
            it.candidate(import.id, "new").await.outcome,
            Some(Outcome::Applied)
        );
    })
    .await;
}

#[tokio::test]
async fn a_confirmation_names_the_ticks_that_were_seen() {
    on_both(async |it| {
        it.sow(vec![account("a"), account("b")]);
        let import = it.read(None).await;
        let seen = it.tick_all(import.id).await;
        let b = it.candidate(import.id, "b").await;
        let viewer = it.owner().await;
        let change = imports::SelectionChange {
            selected: Some(false),
            source: None,
        };
        let one = imports::Selection::Ids(vec![b.id]);
        imports::select(it.services(), &viewer, import.id, one, change)
            .await
            .unwrap();
        let saving = imports::confirm(
            it.services(),
            &viewer,
            import.id,
            seen.selection_version,
            None,
        )
        .await;
        let Saving::Conflict(now) = saving.unwrap() else {
            panic!("somebody unticked b in between")
        };
        assert_eq!(now.selection_version, seen.selection_version + 1);
        assert_eq!(it.look(import.id).await.status, ImportStatus::Ready);
    })
    .await;
}
