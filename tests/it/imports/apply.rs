//! What confirming does, and what it does not do.

use std::collections::BTreeMap;

use provisioner::domain::import::{
    ImportMode, ImportProblem, ImportStatus, Outcome, OutcomeReason, SourceProfile,
};
use provisioner::domain::permission::AdminRoleKind;
use provisioner::service::imports::{Candidate, Selection};
use provisioner::service::present::viewer_now;
use provisioner::service::users::RoleRef;
use provisioner::service::{Ceiling, Viewer};
use serde_json::json;

use super::world::{Importing, account, in_status, key, on_both, with};
use crate::engine::world::{login, somebody};

async fn meet(it: &Importing) {
    let world = &it.world;
    for name in ["upd", "act", "dea"] {
        world.person(name).await;
    }
    let mut linked = somebody("linked");
    linked["city"] = json!("Wien");
    let id = world.person_with(linked).await;
    world.assign(std::slice::from_ref(&id), None).await;
    world.reach(&id, "IN_SYNC").await;
    let act = it.person("act").await["id"].as_str().unwrap().to_owned();
    world.on_person("userDeactivate", &act, json!({})).await;
    it.sow(vec![
        with("fresh", json!({ "city": "Linz" })),
        with("upd", json!({ "city": "Graz", "firstName": "Uma" })),
        with("act", json!({ "city": "Wels" })),
        in_status("dea", "DEPROVISIONED"),
        in_status("asleep", "SUSPENDED"),
    ]);
}

#[tokio::test]
async fn what_came_from_okta_is_not_sent_back() {
    on_both(async |it| {
        meet(&it).await;
        let before = it.world.position();
        let import = it.read(None).await;
        let done = it.take_all(import.id, SourceProfile::Okta).await;
        it.world.quiet(20).await;
        assert_eq!(it.changing_since(before), [""; 0]);
        assert!(it.world.calls_since(before).len() <= 1 + 5 + 1, "{done:#?}");
        let fresh = it.person("fresh").await;
        assert_eq!(
            (fresh["status"].as_str(), fresh["city"].as_str()),
            (Some("ACTIVE"), Some("Linz"))
        );
        let upd = it.person("upd").await;
        assert_eq!(
            (upd["city"].as_str(), upd["givenName"].as_str()),
            (Some("Graz"), Some("Uma"))
        );
        let act = it.person("act").await;
        assert_eq!(
            (act["status"].as_str(), act["city"].as_str()),
            (Some("ACTIVE"), Some("Wels"))
        );
        assert_eq!(it.person("dea").await["status"], "INACTIVE");
        for (name, state) in [
            ("fresh", "IN_SYNC"),
            ("upd", "IN_SYNC"),
            ("act", "IN_SYNC"),
            ("asleep", "BLOCKED"),
        ] {
            let id = it.person(name).await["id"].as_str().unwrap().to_owned();
            let account = it.world.account(&id).await;
            assert_eq!(account["state"], state, "{name} {account:#}");
            assert_eq!(account["provenance"], "IMPORTED", "{name} {account:#}");
        }
        let outcomes: BTreeMap<String, _> = it
            .candidates(import.id)
            .await
            .into_iter()
            .map(|each| (each.login.clone(), each.outcome))
            .collect();
        let applied = outcomes
            .values()
            .filter(|outcome| **outcome == Some(Outcome::Applied))
            .count();
        assert_eq!(applied, 5, "{outcomes:#?}");
        // What both sides hold from now on is what a later change is compared with.
        let id = it.person("fresh").await["id"].as_str().unwrap().to_owned();
        let before = it.world.position();
        it.world.update(&id, json!({ "city": "Steyr" })).await;
        it.world
            .until("the change to arrive", async || {
                (it.world.okta("fresh")["profile"]["city"] == "Steyr").then_some(())
            })
            .await;
        assert_eq!(it.world.kinds_since(before), ["user.update"]);
    })
    .await;
}

#[tokio::test]
async fn the_directory_can_be_the_source_for_all_or_for_one() {
    on_both(async |it| {
        for name in ["mine", "theirs"] {
            let mut person = somebody(name);
            person["city"] = json!("Wien");
            it.world.person_with(person).await;
        }
        it.sow(vec![
            with("mine", json!({ "city": "Graz", "title": "Dr." })),
            with("theirs", json!({ "city": "Graz" })),
        ]);
        let import = it.read(None).await;
        let theirs = it.candidate(import.id, "theirs").await;
        it.tick_all(import.id).await;
        let change = provisioner::service::imports::SelectionChange {
            selected: None,
            source: Some(Some(SourceProfile::Okta)),
        };
        let viewer = it.owner().await;
        let one = Selection::Ids(vec![theirs.id]);
        let ticked =
            provisioner::service::imports::select(it.services(), &viewer, import.id, one, change)
                .await
                .unwrap();
        let before = it.world.position();
        it.confirm(&ticked, SourceProfile::Directory).await;
        it.reach(import.id, ImportStatus::Completed).await;
        it.world.quiet(20).await;
        assert_eq!(it.world.kinds_since(before), ["user.update"]);
        assert_eq!(it.world.okta("mine")["profile"]["city"], "Wien");
        assert_eq!(it.person("mine").await["city"], "Wien");
        assert_eq!(it.person("theirs").await["city"], "Graz");
    })
    .await;
}

#[tokio::test]
async fn nobody_locks_himself_or_the_last_owner_out() {
    on_both(async |it| {
        let admin = it.world.app.admin().await;
        it.sow(
            ["owner", "other", "admin"]
                .map(|name| in_status(name, "DEPROVISIONED"))
                .into(),
        );
        let attempt = async || {
            let import = it.read(Some(ImportMode::Full)).await;
            let ticked = it.tick_all(import.id).await;
            let viewer = it.viewer(&admin).await;
            it.confirm_as(&viewer, &ticked, SourceProfile::Okta).await;
            it.reach(import.id, ImportStatus::Completed).await;
            it.candidates(import.id).await
        };
        let reason = |all: &[Candidate], name: &str| {
            let found = all.iter().find(|each| each.login == login(name)).unwrap();
            (found.outcome, found.outcome_reason)
        };
        let skipped = |reason| (Some(Outcome::Skipped), Some(reason));
        let all = attempt().await;
        assert_eq!(reason(&all, "admin"), skipped(OutcomeReason::Yourself));
        assert_eq!(reason(&all, "owner"), skipped(OutcomeReason::LastOwner));
        it.world.app.person("other", "OWNER").await;
        let all = attempt().await;
        assert_eq!(
            reason(&all, "owner"),
            skipped(OutcomeReason::AboveYou),
            "an admin deactivates no owners"
        );
        assert_eq!(reason(&all, "other"), skipped(OutcomeReason::AboveYou));
    })
    .await;
}

#[tokio::test]
async fn an_import_does_not_outgrow_the_session_that_confirmed_it() {
    on_both(async |it| {
        let other = it.world.app.person("other", "OWNER").await;
        it.world.app.person("boss", "OWNER").await;
        it.sow(vec![in_status("boss", "DEPROVISIONED")]);
        let attempt = async |ceiling: Option<Ceiling>| {
            let import = it.read(Some(ImportMode::Full)).await;
            let ticked = it.tick_all(import.id).await;
            let viewer = it.viewer_within(&other, ceiling).await;
            it.confirm_as(&viewer, &ticked, SourceProfile::Okta).await;
            it.reach(import.id, ImportStatus::Completed).await;
            let candidate = it.candidate(import.id, "boss").await;
            (candidate.outcome, candidate.outcome_reason)
        };
        let as_admin = Ceiling::new(vec![RoleRef::BuiltIn(AdminRoleKind::Admin)]);
        let above = (Some(Outcome::Skipped), Some(OutcomeReason::AboveYou));
        assert_eq!(attempt(Some(as_admin)).await, above);
        assert_eq!(attempt(None).await.0, Some(Outcome::Applied));
    })
    .await;
}

#[tokio::test]
async fn a_narrowed_session_does_not_rewrite_its_own_person() {
    on_both(async |it| {
        let other = it.world.app.person("other", "OWNER").await;
        it.sow(vec![with("other", json!({ "city": "Wien" }))]);
        let attempt = async |ceiling: Option<Ceiling>| {
            let import = it.read(Some(ImportMode::Full)).await;
            let ticked = it.tick_all(import.id).await;
            let viewer = it.viewer_within(&other, ceiling).await;
            it.confirm_as(&viewer, &ticked, SourceProfile::Okta).await;
            it.reach(import.id, ImportStatus::Completed).await;
            let candidate = it.candidate(import.id, "other").await;
            (candidate.outcome, candidate.outcome_reason)
        };
        let as_admin = Ceiling::new(vec![RoleRef::BuiltIn(AdminRoleKind::Admin)]);
        let above = (Some(Outcome::Skipped), Some(OutcomeReason::AboveYou));
        assert_eq!(attempt(Some(as_admin)).await, above);
        assert_eq!(it.person("other").await["city"], json!(null));
        assert_eq!(attempt(None).await.0, Some(Outcome::Applied));
        assert_eq!(it.person("other").await["city"], "Wien");
    })
    .await;
}

#[tokio::test]
async fn a_holder_of_an_admin_role_is_linked_by_hand_only() {
    on_both(async |it| {
        let mut boss = account("boss");
        boss.roles = vec!["USER_ADMIN".to_owned()];
        it.sow(vec![boss]);
        let import = it.read(None).await;
        let boss = it.candidate(import.id, "boss").await;
        assert!(boss.is_admin && !boss.selected);
        it.tick_all(import.id).await;
        assert!(!it.candidate(import.id, "boss").await.selected);
        let ticked = it.tick(import.id, Selection::Ids(vec![boss.id])).await;
        let before = it.world.position();
        it.confirm(&ticked, SourceProfile::Okta).await;
        it.reach(import.id, ImportStatus::Completed).await;
        it.world.quiet(20).await;
        assert_eq!(
            it.candidate(import.id, "boss").await.outcome,
            Some(Outcome::Applied)
        );
        assert_eq!(it.changing_since(before), [""; 0]);
    })
    .await;
}

/// Somebody who came with a new token of the owner's, and the token.
async fn with_token(it: &Importing, name: &str) -> (Viewer, String) {
    let scopes = ["VIEW_APPS", "IMPORT_USERS"];
    let input = json!({ "name": name, "scopes": scopes, "validForDays": 1 });
    let selection = "personalAccessToken { id }";
    let owner = &it.world.owner;
    let made = owner.done("personalAccessTokenCreate", input, selection);
    let id = made.await["personalAccessToken"]["id"].clone();
    let id = id.as_str().unwrap().to_owned();
    let Viewer {
        organization_id,
        user_id,
        ..
    } = it.owner().await;
    let (services, token) = (it.services(), Some(key(&id)));
    let now = services.clock.now_ms();
    let viewer = viewer_now(&services.store, organization_id, user_id, token, None, now).await;
    (viewer.unwrap().unwrap(), id)
}

#[tokio::test]
async fn an_import_goes_on_with_the_token_that_confirmed_it() {
    on_both(async |it| {
        it.sow(vec![account("ann")]);
        let import = it.read(None).await;
        let ticked = it.tick_all(import.id).await;
        let (viewer, id) = with_token(&it, "revoked").await;
        let input = json!({ "personalAccessTokenId": id });
        let owner = &it.world.owner;
        owner.done("personalAccessTokenRevoke", input, "").await;
        it.confirm_as(&viewer, &ticked, SourceProfile::Okta).await;
        let failed = it.reach(import.id, ImportStatus::Failed).await;
        assert_eq!(failed.problem, Some(ImportProblem::PermissionWithdrawn));
        assert_eq!(it.told("import.apply").await, 0);

        let import = it.read(Some(ImportMode::Full)).await;
        let ticked = it.tick_all(import.id).await;
        let (viewer, id) = with_token(&it, "good").await;
        it.confirm_as(&viewer, &ticked, SourceProfile::Okta).await;
        it.reach(import.id, ImportStatus::Completed).await;
        let document = "{ auditEvents(filter: { actions: [\"import.apply\", \"import.confirm\"] }, first: 2) \
                        { nodes { action personalAccessTokenId actorUser { id } } } }";
        let seen = owner.query(document, json!({})).await["auditEvents"]["nodes"].clone();
        let by = |action: &str| {
            json!({ "action": action, "personalAccessTokenId": id, "actorUser": { "id": owner.user_id } })
        };
        assert_eq!(seen, json!([by("import.apply"), by("import.confirm")]));
    })
    .await;
}
