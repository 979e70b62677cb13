//! No effect on Okta without its entry in the audit trail, and no entry that tells of one without it.

use std::collections::BTreeSet;

use okta_sandbox::{EffectEntry, Fault, Seed, SeedUser};
use provisioner::domain::plan::OperationKind;
use serde_json::{Value, json};

use super::world::{World, on_both};

/// The effect that an action of the trail tells of.
fn effect_of(action: &str) -> Option<&'static str> {
    Some(match action {
        "oktaUser.create" => "user.create",
        "oktaUser.update" => "user.update",
        "oktaUser.activate" => "user.activate",
        "oktaUser.unsuspend" => "user.unsuspend",
        "oktaUser.deactivate" => "user.deactivate",
        "oktaUser.delete" => "user.delete",
        "oktaRole.grant" => "role.grant",
        "oktaRole.revoke" => "role.revoke",
        _ => return None,
    })
}

/// What the engine wrote into the trail, the oldest first.
async fn entries(world: &World) -> Vec<Value> {
    let document = "query($app: ID!) { auditEvents(first: 100, filter: { appId: $app, actor: ENGINE }) { nodes \
        { action oktaRequestId operationId accountId user { id } detail } } }";
    let found = world
        .owner
        .query(document, json!({ "app": world.app_id }))
        .await;
    let nodes = found["auditEvents"]["nodes"].as_array().unwrap();
    nodes.iter().rev().cloned().collect()
}

/// Each effect has one entry, in the same order, and the other way round; answers the actions.
async fn agree(world: &World, effects: &[EffectEntry]) -> Vec<String> {
    let entries = entries(world).await;
    let told: Vec<_> = entries
        .iter()
        .filter(|entry| effect_of(entry["action"].as_str().unwrap()).is_some())
        .collect();
    let kinds: Vec<_> = told
        .iter()
        .map(|entry| effect_of(entry["action"].as_str().unwrap()).unwrap())
        .collect();
    let done: Vec<_> = effects.iter().map(|effect| effect.kind.as_str()).collect();
    assert_eq!(kinds, done);
    for (entry, effect) in told.iter().zip(effects) {
        assert!(
            entry["operationId"].is_string() && entry["accountId"].is_string(),
            "{entry:#}"
        );
        if entry["oktaRequestId"].is_string() {
            assert_eq!(entry["oktaRequestId"], effect.request_id, "{entry:#}");
        }
        if let Some(okta_id) = entry["detail"]["oktaId"].as_str() {
            assert_eq!(Some(okta_id), effect.user_id.as_deref(), "{entry:#}");
        }
    }
    let all = entries
        .iter()
        .map(|entry| entry["action"].as_str().unwrap());
    all.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_kind_of_operation_is_told_of() {
    on_both(async |world| {
        let before = world.position();
        let ann = world.provisioned("ann", Some("HELP_DESK_ADMIN")).await;
        world.update(&ann, json!({ "title": "Baker" })).await;
        world.reach(&ann, "IN_SYNC").await;
        world.change_role(&ann, None).await;
        world.reach(&ann, "IN_SYNC").await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        world.on_person("userActivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        let effects = world.effects_since(before);
        let mut told = agree(&world, &effects).await;

        // Assigning somebody whom Okta has suspended links the account and lifts that.
        let profile = json!({ "login": "sue@acme.example", "email": "sue@acme.example", "firstName": "sue", "lastName": "Example" });
        let sue = SeedUser {
            profile: profile.as_object().unwrap().clone(),
            status: Some("SUSPENDED".to_owned()),
            ..SeedUser::default()
        };
        let seed = Seed {
            users: vec![sue],
            ..Seed::default()
        };
        world.app.sandbox().sow(&seed).unwrap();
        world.provisioned("sue", None).await;
        told.extend(agree_on_the_rest(&world).await);

        // Releasing, taking up again, deleting.
        world.switch(json!({ "deleteUsers": false })).await;
        world.unassign(&ann).await;
        world.reach(&ann, "RELEASED").await;
        world.assign(std::slice::from_ref(&ann), None).await;
        world.reach(&ann, "IN_SYNC").await;
        world.switch(json!({ "deleteUsers": true })).await;
        world.unassign(&ann).await;
        world.reach(&ann, "NOT_PROVISIONED").await;
        told.extend(agree_on_the_rest(&world).await);
        let told: BTreeSet<_> = told.iter().map(String::as_str).collect();
        for kind in OperationKind::ALL {
            let action = action(*kind);
            assert!(told.contains(action), "{action} in {told:?}");
        }
    })
    .await;
}

/// Every entry tells of an effect; answers the actions.
async fn agree_on_the_rest(world: &World) -> Vec<String> {
    let entries = entries(world).await;
    let effects: BTreeSet<_> = world
        .effects_since(0)
        .into_iter()
        .map(|effect| effect.request_id)
        .collect();
    for entry in &entries {
        if effect_of(entry["action"].as_str().unwrap()).is_some() {
            let id = entry["oktaRequestId"].as_str().unwrap();
            assert!(effects.contains(id), "{entry:#}");
        }
    }
    let all = entries
        .iter()
        .map(|entry| entry["action"].as_str().unwrap());
    all.map(str::to_owned).collect()
}

const fn action(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Create => "oktaUser.create",
        OperationKind::Update => "oktaUser.update",
        OperationKind::Activate => "oktaUser.activate",
        OperationKind::Unsuspend => "oktaUser.unsuspend",
        OperationKind::Deactivate => "oktaUser.deactivate",
        OperationKind::Delete => "oktaUser.delete",
        OperationKind::GrantRole => "oktaRole.grant",
        OperationKind::RevokeRole => "oktaRole.revoke",
        OperationKind::Link => "account.link",
        OperationKind::Resume => "account.resume",
        OperationKind::Release => "account.release",
    }
}

#[tokio::test]
async fn an_effect_whose_answer_was_lost_is_told_of_once() {
    on_both(async |world| {
        let ann = world.person("ann").await;
        let before = world.position();
        for (method, route) in [
            ("POST", "/api/v1/users"),
            ("POST", "/api/v1/users/{id}"),
            ("POST", "/api/v1/users/{id}/lifecycle/deactivate"),
            ("DELETE", "/api/v1/users/{id}"),
        ] {
            world.fault(method, route, Fault::DropAfterEffect);
        }
        world.assign(std::slice::from_ref(&ann), None).await;
        world.advance_until_in_sync(&ann).await;
        world.update(&ann, json!({ "title": "Baker" })).await;
        world.advance_until_in_sync(&ann).await;
        world.unassign(&ann).await;
        world.advance_until(&ann, "NOT_PROVISIONED").await;
        let effects = world.effects_since(before);
        assert_eq!(effects.len(), 4);
        let told = agree(&world, &effects).await;
        assert!(told.len() >= 4);
        assert!(
            entries(&world)
                .await
                .iter()
                .any(|entry| entry["oktaRequestId"].is_null()),
            "an answer was lost"
        );
        let verdicts = world.app.server.base.verify_audit(&[]).await.unwrap();
        assert!(
            verdicts.iter().all(|one| one.outcome.is_ok()),
            "{verdicts:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_was_so_already_is_told_of() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        let id = world.okta("ann")["id"].as_str().unwrap().to_owned();
        world
            .in_okta("POST", &format!("users/{id}/lifecycle/deactivate"))
            .await;
        world.on_person("userDeactivate", &ann, json!({})).await;
        world.reach(&ann, "IN_SYNC").await;
        let verdicts = world.app.server.base.verify_audit(&[]).await.unwrap();
        assert!(
            verdicts.iter().all(|one| one.outcome.is_ok()),
            "{verdicts:?}"
        );
    })
    .await;
}
