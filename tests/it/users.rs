//! Adding, changing, activating, deactivating and deleting people.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Client, TestApp, new_user};

const USER: &str = "user { id userName primaryEmail name givenName familyName department status revision adminRole { kind } }";

async fn add(client: &Client, name: &str) -> Value {
    client.done("userCreate", new_user(name), USER).await["user"].clone()
}

async fn fetch(client: &Client, id: &Value) -> Value {
    let document = format!(
        "query($id: ID!) {{ {} }}",
        USER.replacen("user", "user(id: $id)", 1)
    );
    client.query(&document, json!({ "id": id })).await["user"].clone()
}

#[tokio::test]
async fn a_person_lives_from_creation_to_deletion() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let created = owner.done("userCreate", new_user("ann"), &format!("{USER} userEdge {{ cursor node {{ id }} }}")).await;
        let user = created["user"].clone();
        let id = user["id"].clone();
        assert_eq!(created["userEdge"]["node"]["id"], id);
        assert_eq!(user["name"], "ann Example");
        assert_eq!(user["status"], "ACTIVE");
        assert_eq!(user["revision"], 1);
        assert_eq!(user["adminRole"]["kind"], "MEMBER");
        assert_eq!(fetch(&owner, &id).await, user);

        let change = json!({ "userId": id, "displayName": " Ann Lee ", "department": "Sales", "givenName": null });
        let changed = owner.done("userUpdate", change, USER).await["user"].clone();
        assert_eq!(changed["name"], "Ann Lee");
        assert_eq!(changed["givenName"], Value::Null);
        assert_eq!(changed["familyName"], "Example", "what is absent stays");
        assert_eq!(changed["revision"], 2);

        for (mutation, status) in
            [("userDeactivate", "INACTIVE"), ("userDeactivate", "INACTIVE"), ("userActivate", "ACTIVE")]
        {
            let done = owner.done(mutation, json!({ "userId": id }), USER).await;
            assert_eq!(done["user"]["status"], status);
        }
        assert_eq!(fetch(&owner, &id).await["revision"], 4, "doing it again changes nothing");

        let deleted = owner.done("userDelete", json!({ "userId": id }), "deletedUserId").await;
        assert_eq!(deleted["deletedUserId"], id);
        assert_eq!(fetch(&owner, &id).await, Value::Null);
        assert_eq!(owner.refused("userDelete", json!({ "userId": id })).await, ["NOT_FOUND userId"]);
        assert_eq!(owner.refused("userActivate", json!({ "userId": id })).await, ["NOT_FOUND userId"]);
        add(&owner, "ann").await;
    })
    .await;
}

#[tokio::test]
async fn names_and_addresses_are_unique_however_they_are_written() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        add(&owner, "straße").await;
        let twin = |name: &str, email: &str| json!({ "userName": name, "primaryEmail": email });
        assert_eq!(
            owner
                .refused("userCreate", twin("STRASSE", "x@acme.example"))
                .await,
            ["ALREADY_EXISTS userName"]
        );
        assert_eq!(
            owner
                .refused("userCreate", twin("ＳＴＲＡＳＳＥ", " OWNER@Acme.Example "))
                .await,
            ["ALREADY_EXISTS userName", "ALREADY_EXISTS primaryEmail"]
        );
        let bob = add(&owner, "bob").await;
        let change = json!({ "userId": bob["id"], "userName": "Straße" });
        assert_eq!(
            owner.refused("userUpdate", change).await,
            ["ALREADY_EXISTS userName"]
        );
        let same = json!({ "userId": bob["id"], "userName": "BOB" });
        assert_eq!(
            owner.done("userUpdate", same, USER).await["user"]["userName"],
            "BOB",
            "his own name in capitals"
        );
        let rival = app.rival().await;
        add(&rival, "bob").await;
    })
    .await;
}

#[tokio::test]
async fn of_twenty_who_add_the_same_person_at_once_one_succeeds() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let one = async || owner.mutate("userCreate", new_user("ann"), "").await.data();
        let answers = join_all((0..20).map(|_| one())).await;
        let refused =
            |answer: &&Value| answer["userCreate"]["userErrors"][0]["code"] == "ALREADY_EXISTS";
        assert_eq!(answers.iter().filter(refused).count(), 19);
        let found = owner
            .query("{ users(search: \"ann\") { totalCount } }", json!({}))
            .await;
        assert_eq!(found["users"]["totalCount"], 1);
    })
    .await;
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_one_by_one() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let input = json!({
            "userName": "two words", "primaryEmail": "nowhere", "givenName": "x".repeat(101), "familyName": "a\u{0}b", "displayName": "a\u{202e}b",
            "country": "Austria", "secondaryEmail": "@", "profileUrl": "javascript:alert(1)", "timezone": "Mars Base",
        });
        let mut errors = owner.refused("userCreate", input).await;
        errors.sort();
        assert_eq!(errors, [
            "INVALID_VALUE displayName",
            "INVALID_VALUE familyName",
            "INVALID_VALUE primaryEmail",
            "INVALID_VALUE profileUrl",
            "INVALID_VALUE secondaryEmail",
            "INVALID_VALUE timezone",
            "INVALID_VALUE userName",
            "TOO_LONG country",
            "TOO_LONG givenName",
        ]);
        let blank = json!({ "userName": "  ", "primaryEmail": "" });
        assert_eq!(owner.refused("userCreate", blank).await, ["REQUIRED userName", "REQUIRED primaryEmail"]);
        let ann = add(&owner, "ann").await;
        let emptied = json!({ "userId": ann["id"], "userName": null });
        assert_eq!(owner.refused("userUpdate", emptied).await, ["REQUIRED userName"]);
        assert_eq!(fetch(&owner, &ann["id"]).await, ann, "nothing was changed");
    })
    .await;
}

#[tokio::test]
async fn every_script_and_emoji_comes_back_as_it_went_in() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        for (index, name) in [
            "Zoë 👩‍🚀",
            "王小明",
            "אבגד",
            "مرحبا",
            "Ω̃",
            "'; DROP TABLE directory_user; --",
        ]
        .iter()
        .enumerate()
        {
            let mut input = new_user(&format!("user{index}"));
            input["displayName"] = json!(name);
            input["streetAddress"] = json!("1 Road\nTown");
            let user = owner
                .done("userCreate", input, "user { id displayName streetAddress }")
                .await["user"]
                .clone();
            assert_eq!(user["displayName"], *name);
            assert_eq!(user["streetAddress"], "1 Road\nTown");
            let found = owner
                .query(
                    "query($s: String) { users(search: $s) { nodes { id } } }",
                    json!({ "s": name }),
                )
                .await;
            assert_eq!(
                found["users"]["nodes"],
                json!([{ "id": user["id"] }]),
                "{name}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_who_change_the_same_revision_the_later_is_told() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let ann = add(&owner, "ann").await;
        let change =
            |title: &str| json!({ "userId": ann["id"], "expectedRevision": 1, "title": title });
        owner.done("userUpdate", change("Boss"), "").await;
        assert_eq!(
            owner.refused("userUpdate", change("Chief")).await,
            ["VERSION_CONFLICT expectedRevision"]
        );
        let late = owner
            .mutate(
                "userUpdate",
                change("Chief"),
                "user { id } conflict { title revision }",
            )
            .await
            .data();
        assert_eq!(late["userUpdate"]["user"], Value::Null);
        assert_eq!(
            late["userUpdate"]["conflict"],
            json!({ "title": "Boss", "revision": 2 })
        );
        let document = "{ organization { adminRoles { id kind } } }";
        let roles = owner.query(document, json!({})).await;
        let admins = &roles["organization"]["adminRoles"][1]["id"];
        let stale = json!({ "userId": ann["id"], "expectedRevision": 1 });
        let raised = json!({ "userId": ann["id"], "expectedRevision": 1, "adminRoleId": admins });
        for (mutation, input) in [
            ("userActivate", &stale),
            ("userDeactivate", &stale),
            ("userDelete", &stale),
            ("userAdminRoleSet", &raised),
        ] {
            assert_eq!(
                owner.refused(mutation, input.clone()).await,
                ["VERSION_CONFLICT expectedRevision"]
            );
            let selection = "conflict { title revision status adminRole { kind } }";
            let late = owner.mutate(mutation, input.clone(), selection).await.data();
            let now = json!({ "title": "Boss", "revision": 2, "status": "ACTIVE", "adminRole": { "kind": "MEMBER" } });
            assert_eq!(late[mutation]["conflict"], now, "{mutation}");
        }
        let same = json!({ "userId": ann["id"], "title": "Boss" });
        assert_eq!(
            owner.done("userUpdate", same, USER).await["user"]["revision"],
            2,
            "no change, no revision"
        );
    })
    .await;
}

#[tokio::test]
async fn concurrent_changes_of_different_fields_all_stay() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let ann = add(&owner, "ann").await;
        let fields = [
            "title",
            "division",
            "city",
            "nickName",
            "costCenter",
            "manager",
            "state",
            "userType",
        ];
        let change = async |field: &str| {
            owner
                .done(
                    "userUpdate",
                    json!({ "userId": ann["id"], field: "set" }),
                    "",
                )
                .await
        };
        join_all(fields.map(change)).await;
        let document = format!(
            "query($id: ID!) {{ user(id: $id) {{ revision {} }} }}",
            fields.join(" ")
        );
        let user = owner.query(&document, json!({ "id": ann["id"] })).await["user"].clone();
        assert!(fields.iter().all(|field| user[*field] == "set"), "{user}");
        assert_eq!(user["revision"], 9);
    })
    .await;
}

#[tokio::test]
async fn nobody_removes_himself_nor_the_last_owner() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let second = app.person("second", "OWNER").await;
        for mutation in ["userDeactivate", "userDelete"] {
            let own = json!({ "userId": owner.user_id });
            assert_eq!(
                owner.refused(mutation, own).await,
                ["NOT_ALLOWED_TO_YOURSELF userId"]
            );
        }
        let both = [(&owner, &second), (&second, &owner)];
        let remove = async |(one, other): (&Client, &Client)| {
            one.mutate("userDeactivate", json!({ "userId": other.user_id }), "")
                .await
        };
        join_all(both.map(remove)).await;
        let active = [
            owner.send("{ viewer { user { id } } }", json!({})).await,
            second.send("{ viewer { user { id } } }", json!({})).await,
        ];
        assert_eq!(
            active.iter().filter(|answer| answer.status == 200).count(),
            1,
            "one active owner stays"
        );
    })
    .await;
}

#[tokio::test]
async fn who_manages_people_cannot_touch_those_above_him() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let admin = app.admin().await;
        let manager = app.custom("manager", &["MANAGE_USERS"]).await;
        let ann = add(&manager, "ann").await;
        manager
            .done(
                "userUpdate",
                json!({ "userId": ann["id"], "title": "Boss" }),
                "",
            )
            .await;
        for target in [&owner, &admin] {
            let email = json!({ "userId": target.user_id, "primaryEmail": "mine@acme.example" });
            assert_eq!(
                manager.refused("userUpdate", email).await,
                ["FORBIDDEN userId"]
            );
            for mutation in ["userDeactivate", "userActivate", "userDelete"] {
                assert_eq!(
                    manager
                        .refused(mutation, json!({ "userId": target.user_id }))
                        .await,
                    ["FORBIDDEN userId"]
                );
            }
        }
        assert_eq!(
            admin
                .refused("userDelete", json!({ "userId": owner.user_id }))
                .await,
            ["FORBIDDEN userId"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_huge_input_is_refused_quickly() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let mut input = new_user("ann");
        input["title"] = json!("x".repeat(100_000));
        assert_eq!(
            owner.refused("userCreate", input.clone()).await,
            ["TOO_LONG title"]
        );
        input["title"] = json!("x".repeat(2_000_000));
        assert_eq!(owner.mutate("userCreate", input, "").await.status, 413);
    })
    .await;
}
