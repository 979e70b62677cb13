//! Global ids: what is foreign, made up, or not for the viewer is not there, in one way.

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

const NODE: &str = "query($id: ID!) { node(id: $id) { __typename id } }";
const USER: &str = "query($id: ID!) { user(id: $id) { id } }";

/// One id of every kind that this organisation has.
async fn ids(client: &Client) -> Vec<String> {
    let role = json!({ "name": "Clerk", "permissions": [] });
    let role = client
        .done("adminRoleCreate", role, "adminRole { id }")
        .await["adminRole"]["id"]
        .clone();
    let field = json!({ "label": "Floor", "dataType": "INTEGER" });
    let field = client
        .done("directoryFieldCreate", field, "field { id }")
        .await["field"]["id"]
        .clone();
    let document = "{ viewer { user { id } organization { id } } auditEvents { nodes { id } } }";
    let more = client.query(document, json!({})).await;
    let own = [
        &more["viewer"]["user"]["id"],
        &more["viewer"]["organization"]["id"],
        &more["auditEvents"]["nodes"][0]["id"],
    ];
    own.into_iter()
        .chain([&role, &field])
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn everything_with_an_id_is_fetched_by_it() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let ids = ids(&owner).await;
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let nodes = owner.query(document, json!({ "ids": ids })).await["nodes"].clone();
        let kinds = [
            "User",
            "Organization",
            "AuditEvent",
            "AdminRole",
            "DirectoryField",
        ];
        let expected: Vec<_> = kinds
            .iter()
            .zip(&ids)
            .map(|(kind, id)| json!({ "__typename": kind, "id": id }))
            .collect();
        assert_eq!(nodes, json!(expected));
        let too_many: Vec<_> = (0..101).map(|_| &ids[0]).collect();
        assert_eq!(
            owner
                .send(document, json!({ "ids": too_many }))
                .await
                .code(),
            "BAD_USER_INPUT"
        );
    })
    .await;
}

#[tokio::test]
async fn foreign_ids_answer_byte_for_byte_like_missing_ones() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let rival = app.rival().await;
        let missing = [
            "",
            "x",
            "VXNlcjoxMjM",
            "VXNlcjowMTk5MDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDA",
            "////",
            "é",
            "\u{0}",
        ];
        let nothing = owner
            .send(NODE, json!({ "id": missing[0] }))
            .await
            .body
            .to_string();
        assert_eq!(nothing, r#"{"data":{"node":null}}"#);
        for id in ids(&rival).await.iter().map(String::as_str).chain(missing) {
            assert_eq!(
                owner.send(NODE, json!({ "id": id })).await.body.to_string(),
                nothing,
                "{id}"
            );
            assert_eq!(
                owner.send(USER, json!({ "id": id })).await.body.to_string(),
                r#"{"data":{"user":null}}"#,
                "{id}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn mutations_do_not_tell_foreign_from_missing() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let rival = app.rival().await;
        for mutation in ["userUpdate", "userActivate", "userDeactivate", "userDelete"] {
            let one = async |id: &str| {
                owner
                    .mutate(mutation, json!({ "userId": id }), "")
                    .await
                    .body
                    .to_string()
            };
            assert_eq!(
                one(&rival.user_id).await,
                one("made-up").await,
                "{mutation}"
            );
        }
        rival.query("{ viewer { user { id } } }", json!({})).await;
    })
    .await;
}

#[tokio::test]
async fn a_member_finds_himself_and_nothing_else() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let member = app.member().await;
        for id in ids(&owner).await {
            let node = member.query(NODE, json!({ "id": id })).await["node"].clone();
            assert!(
                node.is_null() || node["__typename"] == "Organization",
                "{node}"
            );
        }
        assert_eq!(
            member.query(USER, json!({ "id": member.user_id })).await["user"]["id"],
            member.user_id
        );
        assert_eq!(
            member
                .send(USER, json!({ "id": owner.user_id }))
                .await
                .code(),
            "FORBIDDEN"
        );
        assert_eq!(
            member.send(USER, json!({ "id": "made-up" })).await.code(),
            "FORBIDDEN"
        );
        let missing: Value = member.query(NODE, json!({ "id": "made-up" })).await;
        assert_eq!(missing["node"], Value::Null);
    })
    .await;
}
