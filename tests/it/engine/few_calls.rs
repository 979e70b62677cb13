//! No call too many: only those whose account in Okta would differ are touched.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::world::{World, on_both, somebody};

fn field(key: &str) -> Value {
    json!({ "fieldId": URL_SAFE_NO_PAD.encode(format!("DirectoryField:{key}")) })
}

async fn map(world: &World, version: i64, extra: &[(&str, Value)]) {
    let required = [
        ("login", "userName"),
        ("email", "primaryEmail"),
        ("firstName", "givenName"),
        ("lastName", "familyName"),
        ("title", "title"),
    ];
    let line = |attribute: &str, source: Value| json!({ "attribute": attribute, "source": source });
    let items: Vec<Value> = required
        .iter()
        .map(|(attribute, key)| line(attribute, field(key)))
        .chain(
            extra
                .iter()
                .map(|(attribute, source)| line(attribute, source.clone())),
        )
        .collect();
    let input = json!({ "appId": world.app_id, "expectedVersion": version, "items": items });
    world.owner.done("attributeMappingsSave", input, "").await;
}

fn bodies(world: &World, since: u64) -> Vec<Value> {
    let calls = world.calls_since(since).into_iter();
    calls.map(|call| call.body.unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_person_with_a_profile_takes_one_call_and_three_fields_another() {
    on_both(async |world| {
        let before = world.position();
        let mut input = somebody("ann");
        input["title"] = json!("Baker");
        input["nickName"] = json!("Annie");
        let ann = world.person_with(input).await;
        world.assign(std::slice::from_ref(&ann), None).await;
        world.reach(&ann, "IN_SYNC").await;
        let calls = world.calls_since(before);
        assert_eq!(calls.len(), 1, "{calls:#?}");
        assert_eq!(calls[0].query, "activate=true");
        assert_eq!(calls[0].body.as_ref().unwrap()["profile"]["title"], "Baker");
        let before = world.position();
        let three = json!({ "title": "Miller", "nickName": "Anna", "familyName": "Fox" });
        world.update(&ann, three).await;
        world.reach(&ann, "IN_SYNC").await;
        let profile = json!({ "title": "Miller", "nickName": "Anna", "lastName": "Fox" });
        assert_eq!(bodies(&world, before), [json!({ "profile": profile })]);
    })
    .await;
}

#[tokio::test]
async fn a_mapping_touches_only_those_whose_profile_differs() {
    on_both(async |world| {
        map(&world, 0, &[]).await;
        let people = world.people("p", 12).await;
        for person in &people[..3] {
            world.update(person, json!({ "nickName": "Pete" })).await;
        }
        world.assign(&people, None).await;
        world.quiet(60).await;
        let before = world.position();
        map(&world, 1, &[("nickName", field("nickName"))]).await;
        world.quiet(60).await;
        let nick = json!({ "profile": { "nickName": "Pete" } });
        assert_eq!(bodies(&world, before), vec![nick; 3]);
        let before = world.position();
        let other = ("userType", json!({ "constant": { "string": "Employee" } }));
        map(&world, 2, &[("nickName", field("nickName")), other]).await;
        world.quiet(60).await;
        assert_eq!(
            bodies(&world, before).len(),
            12,
            "a constant concerns everybody"
        );
    })
    .await;
}

#[tokio::test]
async fn a_switch_touches_only_those_whom_it_concerns() {
    on_both(async |world| {
        let people = world.people("p", 12).await;
        world.assign(&people, None).await;
        world.quiet(60).await;
        let off = json!({ "updateUserProfile": false, "activateAndDeactivateUsers": false });
        world.switch(off).await;
        for person in &people[..2] {
            for n in 0..5 {
                let title = json!({ "title": format!("Title {n}") });
                world.update(person, title).await;
            }
        }
        world
            .on_person("userDeactivate", &people[3], json!({}))
            .await;
        world.quiet(60).await;
        let before = world.position();
        world.switch(json!({ "updateUserProfile": true })).await;
        world.quiet(60).await;
        let title = json!({ "profile": { "title": "Title 4" } });
        assert_eq!(bodies(&world, before), vec![title; 2]);
        let before = world.position();
        world
            .switch(json!({ "activateAndDeactivateUsers": true }))
            .await;
        world.quiet(60).await;
        assert_eq!(world.kinds_since(before), ["user.deactivate"]);
        let before = world.position();
        world
            .options(json!({ "deletionDelay": 5, "rateLimitShare": 50 }))
            .await;
        world.switch(json!({ "createUsers": false })).await;
        world.quiet(60).await;
        assert!(world.calls_since(before).is_empty());
    })
    .await;
}
