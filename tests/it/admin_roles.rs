//! Admin roles: who may define them, and who may give them to whom.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

async fn roles(client: &Client) -> Vec<Value> {
    let document = "{ organization { adminRoles { id kind name permissions userCount } } }";
    let found = client.query(document, json!({})).await;
    found["organization"]["adminRoles"]
        .as_array()
        .unwrap()
        .clone()
}

async fn built_in(client: &Client, kind: &str) -> Value {
    roles(client)
        .await
        .into_iter()
        .find(|role| role["kind"] == kind)
        .unwrap()["id"]
        .clone()
}

fn give(person: &Client, role: &Value) -> Value {
    json!({ "userId": person.user_id, "adminRoleId": role })
}

#[tokio::test]
async fn a_role_lives_from_creation_to_deletion() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let input = json!({ "name": " Clerk ", "description": "Looks", "permissions": ["VIEW_USERS", "VIEW_USERS"] });
        let selection = "adminRole { id kind name description permissions userCount updatedAt }";
        let role = owner.done("adminRoleCreate", input, selection).await["adminRole"].clone();
        assert_eq!(role["name"], "Clerk");
        assert_eq!(role["permissions"], json!(["VIEW_USERS"]));
        let member = app.member().await;
        assert_eq!(member.send("{ users { totalCount } }", json!({})).await.code(), "FORBIDDEN");
        owner.done("userAdminRoleSet", give(&member, &role["id"]), "").await;
        member.query("{ users { totalCount } }", json!({})).await;
        assert_eq!(owner.refused("adminRoleDelete", json!({ "adminRoleId": role["id"] })).await, ["IN_USE adminRoleId"]);

        let narrowed = json!({ "adminRoleId": role["id"], "permissions": [] });
        owner.done("adminRoleUpdate", narrowed, "").await;
        assert_eq!(member.send("{ users { totalCount } }", json!({})).await.code(), "FORBIDDEN", "at once");
        owner.done("userAdminRoleSet", give(&member, &built_in(&owner, "MEMBER").await), "").await;
        let deleted = owner.done("adminRoleDelete", json!({ "adminRoleId": role["id"] }), "deletedAdminRoleId").await;
        assert_eq!(deleted["deletedAdminRoleId"], role["id"]);
        assert_eq!(owner.refused("adminRoleDelete", json!({ "adminRoleId": role["id"] })).await, ["NOT_FOUND adminRoleId"]);
    })
    .await;
}

#[tokio::test]
async fn definitions_are_checked() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let new = |name: &str| json!({ "name": name, "permissions": [] });
        owner.done("adminRoleCreate", new("Clerk"), "").await;
        for (name, error) in [
            ("CLERK".to_owned(), "ALREADY_EXISTS name"),
            ("Owner".to_owned(), "ALREADY_EXISTS name"),
            (" ".to_owned(), "REQUIRED name"),
            ("x".repeat(101), "TOO_LONG name"),
            ("a\u{0}".to_owned(), "INVALID_VALUE name"),
            ("a\u{202e}c".to_owned(), "INVALID_VALUE name"),
        ] {
            assert_eq!(owner.refused("adminRoleCreate", new(&name)).await, [error]);
        }
        let admin_role = built_in(&owner, "ADMIN").await;
        for mutation in ["adminRoleUpdate", "adminRoleDelete"] {
            for id in [admin_role.clone(), json!("made-up")] {
                assert_eq!(
                    owner.refused(mutation, json!({ "adminRoleId": id })).await,
                    ["NOT_FOUND adminRoleId"]
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_more_than_he_has_nor_raises_himself() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let admin = app.admin().await;
        let member = app.member().await;
        let clerk = app.custom("clerk", &["MANAGE_ADMIN_ROLES", "VIEW_USERS"]).await;
        let (owners, admins) = (built_in(&owner, "OWNER").await, built_in(&owner, "ADMIN").await);
        for (who, whom, role, error) in [
            (&admin, &member, &owners, "FORBIDDEN adminRoleId"),
            (&admin, &owner, &admins, "FORBIDDEN adminRoleId"),
            (&admin, &admin, &owners, "NOT_ALLOWED_TO_YOURSELF adminRoleId"),
            (&clerk, &member, &admins, "FORBIDDEN adminRoleId"),
            (&clerk, &clerk, &admins, "NOT_ALLOWED_TO_YOURSELF adminRoleId"),
            (&owner, &owner, &admins, "LAST_OWNER adminRoleId"),
        ] {
            assert_eq!(who.refused("userAdminRoleSet", give(whom, role)).await, [error]);
        }
        let more = json!({ "name": "More", "permissions": ["MANAGE_USERS"] });
        assert_eq!(clerk.refused("adminRoleCreate", more).await, ["FORBIDDEN permissions"]);
        let own = roles(&owner).await.into_iter().find(|role| role["name"] == "Role of clerk").unwrap();
        let raised = json!({ "adminRoleId": own["id"], "permissions": ["MANAGE_ADMIN_ROLES", "VIEW_USERS", "MANAGE_USERS"] });
        assert_eq!(clerk.refused("adminRoleUpdate", raised).await, ["NOT_ALLOWED_TO_YOURSELF permissions"]);
        owner.done("userAdminRoleSet", give(&admin, &owners), "").await;
        owner.done("userAdminRoleSet", give(&owner, &admins), "").await;
    })
    .await;
}

#[tokio::test]
async fn two_owners_who_step_down_at_once_leave_one() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let second = app.person("second", "OWNER").await;
        let admins = built_in(&owner, "ADMIN").await;
        let step_down =
            async |who: &Client| who.mutate("userAdminRoleSet", give(who, &admins), "").await;
        join_all([&owner, &second].map(step_down)).await;
        let left = roles(&owner)
            .await
            .into_iter()
            .find(|role| role["kind"] == "OWNER")
            .unwrap();
        assert_eq!(left["userCount"], 1);
    })
    .await;
}

#[tokio::test]
async fn roles_of_others_do_not_exist() {
    TestApp::on_both(async |app| {
        let rival = app.rival().await;
        let input = json!({ "name": "Theirs", "permissions": [] });
        let theirs = rival
            .done("adminRoleCreate", input, "adminRole { id }")
            .await["adminRole"]["id"]
            .clone();
        let owner = app.owner().await;
        let member = app.member().await;
        for role in [theirs, json!("made-up")] {
            assert_eq!(
                owner
                    .refused("userAdminRoleSet", give(&member, &role))
                    .await,
                ["NOT_FOUND adminRoleId"]
            );
            assert_eq!(
                owner
                    .refused("adminRoleDelete", json!({ "adminRoleId": role }))
                    .await,
                ["NOT_FOUND adminRoleId"]
            );
        }
    })
    .await;
}
