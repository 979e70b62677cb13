//! Importing again: only what changed, and who is no longer in Okta.

use provisioner::domain::import::{
    AdviceReason, Category, ImportMode, ImportStatus, Outcome, SourceProfile,
};
use provisioner::service::imports;
use serde_json::json;

use super::world::{account, key, on_both};

#[tokio::test]
async fn a_later_import_reads_what_changed_since() {
    on_both(async |it| {
        it.sow((0..450).map(|n| account(&format!("p{n}"))).collect());
        let app = key(&it.world.app_id);
        let viewer = it.owner().await;
        let advice = imports::advice(it.services(), &viewer, app).await.unwrap();
        assert_eq!(advice.reason, Some(AdviceReason::NeverImported));
        let first = it.read(None).await;
        assert_eq!((first.mode, first.pages), (ImportMode::Full, 3));
        it.take_all(first.id, SourceProfile::Okta).await;
        let advice = imports::advice(it.services(), &viewer, app).await.unwrap();
        assert_eq!(advice.reason, None);
        it.world.pass(3_600);
        let id = it.world.okta("p7")["id"].as_str().unwrap().to_owned();
        it.world
            .change_in_okta(
                &format!("users/{id}"),
                json!({ "profile": { "city": "Graz" } }),
            )
            .await;
        let second = it.read(None).await;
        assert_eq!(
            (second.mode, second.pages, second.fetched),
            (ImportMode::Incremental, 1, 1)
        );
        let all = it.candidates(second.id).await;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].category, Category::Update);
        it.world.switch(json!({ "updateUserProfile": false })).await;
        let advice = imports::advice(it.services(), &viewer, app).await.unwrap();
        assert_eq!(advice.reason, Some(AdviceReason::ProvisioningWasOff));
    })
    .await;
}

#[tokio::test]
async fn who_vanished_is_told_by_a_full_import_only() {
    on_both(async |it| {
        it.sow(vec![account("stays"), account("goes")]);
        let first = it.read(None).await;
        it.take_all(first.id, SourceProfile::Okta).await;
        it.world.pass(3_600);
        let id = it.world.okta("goes")["id"].as_str().unwrap().to_owned();
        it.world
            .in_okta("POST", &format!("users/{id}/lifecycle/deactivate"))
            .await;
        it.world.in_okta("DELETE", &format!("users/{id}")).await;
        let second = it.read(None).await;
        assert_eq!((second.mode, second.vanished), (ImportMode::Incremental, 0));
        let third = it.read(Some(ImportMode::Full)).await;
        assert_eq!(third.vanished, 1);
        assert_eq!(
            it.look(second.id).await.status,
            ImportStatus::Cancelled,
            "a newer one took its place"
        );
        let goes = it.candidate(third.id, "goes").await;
        assert_eq!(
            (goes.category, goes.okta_id.as_str()),
            (Category::Vanished, id.as_str())
        );
        it.take_all(third.id, SourceProfile::Okta).await;
        assert_eq!(
            it.candidate(third.id, "goes").await.outcome,
            Some(Outcome::Applied)
        );
        let person = it.person("goes").await["id"].as_str().unwrap().to_owned();
        let account = it.world.account(&person).await;
        assert_eq!(account["oktaStatus"]["code"], "DELETED", "{account:#}");
        assert_eq!(
            account["problem"]["code"], "NOT_FOUND_IN_OKTA",
            "{account:#}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_second_start_answers_with_the_first() {
    on_both(async |it| {
        it.sow((0..1_000).map(|n| account(&format!("p{n}"))).collect());
        it.world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 100);
        let import = it.start(None).await;
        let (viewer, app) = (it.owner().await, key(&it.world.app_id));
        let again = imports::start(it.services(), &viewer, app, None, SourceProfile::Directory)
            .await
            .unwrap();
        assert!(again.already_running);
        assert_eq!(again.import.id, import.id);
        imports::cancel(it.services(), &viewer, import.id)
            .await
            .unwrap();
        let now = it.look(import.id).await;
        assert_eq!(now.status, ImportStatus::Cancelled);
        let third = imports::start(it.services(), &viewer, app, None, SourceProfile::Okta)
            .await
            .unwrap();
        assert!(!third.already_running);
    })
    .await;
}
