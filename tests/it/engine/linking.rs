//! Accounts that existed before: linked, never made twice, and in doubt only with a person's word.

use okta_sandbox::{Seed, SeedUser};
use serde_json::{Value, json};

use super::world::{World, login, on_both, somebody};

/// Somebody is in Okta already.
fn sow(world: &World, name: &str, status: &str, roles: &[&str], change: Value) {
    let mut profile = json!({ "login": login(name), "email": login(name), "firstName": name, "lastName": "Example" });
    profile
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let user = SeedUser {
        profile: profile.as_object().unwrap().clone(),
        status: Some(status.to_owned()),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        ..SeedUser::default()
    };
    let seed = Seed {
        users: vec![user],
        ..Seed::default()
    };
    world.app.sandbox().sow(&seed).unwrap();
}

async fn assigned(world: &World, name: &str) -> String {
    let user = world.person(name).await;
    world.assign(std::slice::from_ref(&user), None).await;
    user
}

async fn confirm(world: &World, account: &Value) {
    let input =
        json!({ "accountId": account["id"], "oktaId": account["problem"]["candidateOktaId"] });
    world.owner.done("accountLinkConfirm", input, "").await;
}

#[tokio::test]
async fn the_same_person_is_linked_and_brought_in_step() {
    on_both(async |world| {
        sow(&world, "ann", "ACTIVE", &[], json!({ "title": "Old" }));
        let before = world.position();
        let mut input = somebody("ann");
        input["title"] = json!("New");
        let ann = world.person_with(input).await;
        world.assign(std::slice::from_ref(&ann), None).await;
        let account = world.reach(&ann, "IN_SYNC").await;
        assert_eq!(account["provenance"], "LINKED");
        assert_eq!(world.okta("ann")["profile"]["title"], "New");
        assert_eq!(
            world.kinds_since(before),
            ["user.update"],
            "nobody is made twice"
        );
    })
    .await;
}

#[tokio::test]
async fn a_leaver_with_the_same_name_comes_back() {
    on_both(async |world| {
        sow(&world, "ann", "DEPROVISIONED", &[], json!({}));
        let ann = assigned(&world, "ann").await;
        world.reach(&ann, "IN_SYNC").await;
        assert_eq!(world.okta("ann")["status"], "PROVISIONED");
    })
    .await;
}

#[tokio::test]
async fn doubt_waits_for_a_confirmation() {
    on_both(async |world| {
        sow(
            &world,
            "ann",
            "DEPROVISIONED",
            &[],
            json!({ "firstName": "Bea" }),
        );
        sow(
            &world,
            "ben",
            "ACTIVE",
            &[],
            json!({ "email": "other@acme.example" }),
        );
        sow(&world, "cleo", "ACTIVE", &["SUPER_ADMIN"], json!({}));
        for (name, reason) in [
            ("ann", "OTHER_NAME"),
            ("ben", "OTHER_EMAIL"),
            ("cleo", "ADMIN_ROLE"),
        ] {
            let before = world.position();
            let user = assigned(&world, name).await;
            let blocked = world.reach(&user, "BLOCKED").await;
            assert_eq!(blocked["problem"]["code"], "LINK_NEEDS_CONFIRMATION");
            assert_eq!(blocked["problem"]["linkReasons"], json!([reason]));
            assert!(blocked["oktaId"].is_null());
            assert!(world.kinds_since(before).is_empty());
            confirm(&world, &blocked).await;
            let account = world.reach(&user, "IN_SYNC").await;
            assert_eq!(account["oktaId"], blocked["problem"]["candidateOktaId"]);
        }
        assert_eq!(world.okta("ann")["profile"]["firstName"], "ann");
        assert_eq!(world.okta("cleo")["roles"][0]["type"], "SUPER_ADMIN");
    })
    .await;
}

#[tokio::test]
async fn a_confirmation_covers_only_what_was_shown() {
    on_both(async |world| {
        sow(
            &world,
            "ann",
            "ACTIVE",
            &[],
            json!({ "email": "other@acme.example" }),
        );
        let ann = assigned(&world, "ann").await;
        let blocked = world.reach(&ann, "BLOCKED").await;
        world.grant_in_okta("ann", "SUPER_ADMIN").await;
        confirm(&world, &blocked).await;
        let again = world
            .until("the further reason", async || {
                let account = world.account(&ann).await;
                (account["problem"]["linkReasons"].as_array()?.len() == 2).then_some(account)
            })
            .await;
        assert_eq!(
            again["problem"]["linkReasons"],
            json!(["OTHER_EMAIL", "ADMIN_ROLE"])
        );
    })
    .await;
}

#[tokio::test]
async fn an_account_moves_to_another_person_only_with_a_confirmation() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        // Ann gives up her login here only: Okta still holds it.
        world.switch(json!({ "updateUserProfile": false })).await;
        world
            .update(
                &ann,
                json!({ "userName": "old@acme.example", "primaryEmail": "old@acme.example" }),
            )
            .await;
        world.reach(&ann, "IN_SYNC").await;
        let twin = assigned(&world, "ann").await;
        let blocked = world.reach(&twin, "BLOCKED").await;
        assert_eq!(
            blocked["problem"]["linkReasons"],
            json!(["KNOWN_UNDER_ANOTHER_USER"])
        );
        let okta_id = world.okta("ann")["id"].clone();
        confirm(&world, &blocked).await;
        let account = world.reach(&twin, "IN_SYNC").await;
        assert_eq!(account["oktaId"], okta_id);
        let loser = world.reach(&ann, "IN_SYNC").await;
        assert_ne!(
            loser["oktaId"], okta_id,
            "the first one gets an account of her own"
        );
    })
    .await;
}

#[tokio::test]
async fn the_authorizing_administrator_is_never_deactivated() {
    on_both(async |world| {
        let admin = world.app.sandbox().config().admin.clone();
        let input = json!({
            "userName": admin.login, "primaryEmail": admin.login, "givenName": admin.first_name, "familyName": admin.last_name,
        });
        let olive = world.person_with(input).await;
        world.assign(std::slice::from_ref(&olive), None).await;
        let blocked = world.reach(&olive, "BLOCKED").await;
        confirm(&world, &blocked).await;
        world.reach(&olive, "IN_SYNC").await;
        let before = world.position();
        world.unassign(&olive).await;
        let blocked = world.reach(&olive, "BLOCKED").await;
        assert_eq!(blocked["problem"]["code"], "AUTHORIZING_ADMIN");
        assert!(world.kinds_since(before).is_empty());
    })
    .await;
}
