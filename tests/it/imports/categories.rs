//! What an account is proposed for, and whom it fits.

use std::collections::BTreeMap;

use provisioner::domain::import::{Category, ConflictReason, SourceProfile};
use provisioner::service::imports::{self, Difference};
use serde_json::json;

use super::world::{Importing, account, in_status, on_both, with};
use crate::engine::world::{login, somebody};

/// People on both sides: each name says what is to come of it.
async fn meet(it: &Importing) {
    let world = &it.world;
    for name in ["upd", "act", "dea", "idle", "one", "other", "twin"] {
        world.person(name).await;
    }
    for name in ["act", "idle"] {
        let id = it.person(name).await["id"].as_str().unwrap().to_owned();
        world.on_person("userDeactivate", &id, json!({})).await;
    }
    let mut mark = somebody("mark");
    mark["userName"] = json!("ＭARK.Müller@acme.example");
    world.person_with(mark).await;
    it.sow(vec![
        account("fresh"),
        with("upd", json!({ "city": "Graz" })),
        account("act"),
        in_status("dea", "DEPROVISIONED"),
        in_status("idle", "DEPROVISIONED"),
        in_status("leaver", "DEPROVISIONED"),
        with("one", json!({ "email": login("other") })),
        account("twin"),
        with("twin2", json!({ "email": login("twin") })),
        with(
            "mark",
            json!({ "login": "mark.mu\u{308}ller@ACME.example", "email": "m@elsewhere.example" }),
        ),
        with("noaddress", json!({ "email": "nowhere" })),
        with("same1", json!({ "email": "shared@acme.example" })),
        with("same2", json!({ "email": "Shared@acme.example" })),
        in_status("asleep", "SUSPENDED"),
    ]);
}

#[tokio::test]
async fn every_account_belongs_to_one_category() {
    on_both(async |it| {
        meet(&it).await;
        let import = it.read(None).await;
        let found: BTreeMap<String, (Category, Option<ConflictReason>)> = it
            .candidates(import.id)
            .await
            .into_iter()
            .map(|each| {
                let name = each.login.split('@').next().unwrap().to_owned();
                (name, (each.category, each.conflict))
            })
            .collect();
        use Category::{Activate, Deactivate, New, Update};
        use ConflictReason::{
            AccountFitsTwoPeople, SameNameTwice, TwoAccountsFitPerson, ValuesInvalid,
        };
        let admin = it.world.app.sandbox().config().admin.login.clone();
        let expected = BTreeMap::from([
            (admin.split('@').next().unwrap(), (New, None)),
            ("fresh", (New, None)),
            ("asleep", (New, None)),
            ("upd", (Update, None)),
            ("act", (Activate, None)),
            ("dea", (Deactivate, None)),
            ("one", (Update, Some(AccountFitsTwoPeople))),
            ("twin", (Update, Some(TwoAccountsFitPerson))),
            ("twin2", (Update, Some(TwoAccountsFitPerson))),
            ("mark.mu\u{308}ller", (Update, None)),
            ("noaddress", (New, Some(ValuesInvalid))),
            ("same1", (New, Some(SameNameTwice))),
            ("same2", (New, Some(SameNameTwice))),
        ]);
        let expected: BTreeMap<String, _> = expected
            .into_iter()
            .map(|(name, rest)| (name.to_owned(), rest))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(
            (import.fetched, import.in_sync, import.ignored),
            (15, 1, 1),
            "{import:#?}"
        );
        let upd = it.candidate(import.id, "upd").await;
        let city = |each: &&Difference| each.attribute == "city";
        let city = upd.differences.iter().find(city).unwrap();
        assert_eq!(city.field.as_deref(), Some("city"));
        assert_eq!(
            city.okta.as_ref().and_then(|value| value.as_text()),
            Some("Graz")
        );
        assert_eq!(city.directory, None);
    })
    .await;
}

/// Of a linked account whose values agree nothing is proposed; that somebody stopped it in Okta is seen all the same, and nothing is changed there.
#[tokio::test]
async fn whom_okta_has_stopped_since_is_looked_at() {
    on_both(async |it| {
        let world = &it.world;
        let ann = world.provisioned("ann", None).await;
        let ben = world.provisioned("ben", None).await;
        let okta_id = world.account(&ann).await["oktaId"]
            .as_str()
            .unwrap()
            .to_owned();
        let control = format!(
            "{}/_control/users/{okta_id}/status",
            world.app.sandbox().base_url
        );
        let suspended = json!({ "status": "SUSPENDED" });
        let answer = world
            .app
            .http()
            .post(control)
            .json(&suspended)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success());
        let before = world.position();
        let settled = world.account(&ben).await["revision"].clone();
        let import = it.read(None).await;
        assert_eq!(import.in_sync, 2, "{import:#?}");
        let account = world.reach(&ann, "BLOCKED").await;
        assert_eq!(account["problem"]["code"], "STATUS_CHANGED_IN_OKTA");
        assert_eq!(account["oktaStatus"]["code"], "SUSPENDED");
        assert_eq!(
            world.account(&ben).await["revision"],
            settled,
            "nobody looks at him"
        );
        assert_eq!(world.effects_since(before).len(), 0);
        let told = world
            .owner
            .query(
                "{ auditEvents(filter: { actions: [\"account.drift\"] }) { nodes { detail } } }",
                json!({}),
            )
            .await;
        let newest = &told["auditEvents"]["nodes"][0];
        assert_eq!(newest["detail"]["after"], "SUSPENDED");
        // The next one finds nothing new.
        let blocked = account["revision"].clone();
        it.read(None).await;
        assert_eq!(world.account(&ann).await["revision"], blocked);
        // Okta's people let her in again.
        world
            .in_okta("POST", &format!("users/{okta_id}/lifecycle/unsuspend"))
            .await;
        let before = world.position();
        it.read(None).await;
        let account = world.reach(&ann, "IN_SYNC").await;
        assert_eq!(account["oktaStatus"]["code"], "ACTIVE");
        assert_eq!(world.effects_since(before).len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_filter_ticks_neither_conflicts_nor_admins() {
    on_both(async |it| {
        meet(&it).await;
        let import = it.read(None).await;
        let ticked = it.tick_all(import.id).await;
        assert_eq!(ticked.selection_version, 1);
        let viewer = it.owner().await;
        let counts = imports::counts(it.services(), &viewer, import.id)
            .await
            .unwrap();
        let said: Vec<_> = counts
            .iter()
            .map(|each| (each.category, each.total, each.selected, each.conflicts))
            .collect();
        assert_eq!(
            said,
            [
                (Category::New, 6, 2, 3),
                (Category::Update, 5, 2, 3),
                (Category::Activate, 1, 1, 0),
                (Category::Deactivate, 1, 1, 0),
                (Category::Vanished, 0, 0, 0),
            ]
        );
        let summary = imports::summary(it.services(), &viewer, import.id)
            .await
            .unwrap();
        assert_eq!(
            (
                summary.creates,
                summary.activates,
                summary.deactivates,
                summary.held
            ),
            (2, 1, 1, 0),
            "{summary:#?}"
        );
        assert_eq!(summary.assigns, 5, "two new, two updated, one activated");
        assert_eq!(ticked.source_profile, SourceProfile::Okta);
    })
    .await;
}

#[tokio::test]
async fn a_thousand_equal_names_are_a_thousand_people() {
    on_both(async |it| {
        let same = json!({ "displayName": "Sam Smith", "firstName": "Sam", "lastName": "Smith" });
        it.sow(
            (0..1_000)
                .map(|n| with(&format!("sam{n}"), same.clone()))
                .collect(),
        );
        let before = it.world.position();
        let import = it.read(None).await;
        let calls = it.world.calls_since(before);
        assert!(
            calls.len() <= 1_001_usize.div_ceil(200) + 5,
            "{} calls",
            calls.len()
        );
        assert_eq!(i64::try_from(calls.len()).unwrap(), import.calls);
        let all = it.candidates(import.id).await;
        let mut logins: Vec<_> = all.iter().map(|each| each.login.as_str()).collect();
        logins.sort_unstable();
        logins.dedup();
        assert_eq!(
            logins.len(),
            1_001,
            "the org's administrator is one of them"
        );
        assert!(
            all.iter()
                .all(|each| each.category == Category::New && each.conflict.is_none())
        );
    })
    .await;
}
