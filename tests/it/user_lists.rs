//! Lists of people: pages, order, search, filter, count.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, add_app, new_user};

async fn names(client: &Client, arguments: &str) -> Vec<String> {
    let document = format!("{{ users({arguments}) {{ nodes {{ userName }} }} }}");
    let found = client.query(&document, json!({})).await;
    let nodes = found["users"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["userName"].as_str().unwrap().to_owned())
        .collect()
}

async fn add(client: &Client, name: &str, more: Value) -> String {
    let mut input = new_user(name);
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let user = client.done("userCreate", input, "user { id }").await;
    user["user"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn pages_neither_repeat_nor_lose_anybody() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        for index in 0..7 {
            add(
                &owner,
                &format!("user{index}"),
                json!({ "displayName": format!("Same {}", index % 2) }),
            )
            .await;
        }
        for order in [
            "NAME_ASC",
            "NAME_DESC",
            "USER_NAME_ASC",
            "CREATED_AT_DESC",
            "UPDATED_AT_ASC",
        ] {
            let all = names(&owner, &format!("orderBy: {order}, first: 100")).await;
            assert_eq!(all.len(), 8);
            for forward in [true, false] {
                let mut walked = walk(&owner, order, forward).await;
                if !forward {
                    walked.reverse();
                }
                assert_eq!(walked, all, "{order}, forward: {forward}");
            }
        }
    })
    .await;
}

/// All user names in pages of three, in the order of arrival.
async fn walk(client: &Client, order: &str, forward: bool) -> Vec<String> {
    let (count, place, flag, edge) = if forward {
        ("first", "after", "hasNextPage", "endCursor")
    } else {
        ("last", "before", "hasPreviousPage", "startCursor")
    };
    let document = format!(
        "query($c: String) {{ users(orderBy: {order}, {count}: 3, {place}: $c) \
         {{ nodes {{ userName }} pageInfo {{ {flag} {edge} }} }} }}"
    );
    let mut seen = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let users = client.query(&document, json!({ "c": cursor })).await["users"].clone();
        let page = users["nodes"].as_array().unwrap();
        let page = page
            .iter()
            .map(|node| node["userName"].as_str().unwrap().to_owned());
        if forward {
            seen.extend(page);
        } else {
            seen.extend(page.rev());
        }
        if users["pageInfo"][flag] == false {
            return seen;
        }
        cursor = users["pageInfo"][edge].clone();
    }
}

#[tokio::test]
async fn people_who_come_between_two_pages_shift_nothing() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        for name in ["b", "d", "f"] {
            add(&owner, name, json!({ "displayName": name })).await;
        }
        let document = "query($c: String) { users(first: 2, after: $c) { nodes { userName } pageInfo { endCursor } } }";
        let first = owner.query(document, json!({})).await["users"].clone();
        assert_eq!(first["nodes"], json!([{ "userName": "b" }, { "userName": "d" }]));
        for name in ["a", "c", "e"] {
            add(&owner, name, json!({ "displayName": name })).await;
        }
        let second = owner.query(document, json!({ "c": first["pageInfo"]["endCursor"] })).await["users"].clone();
        assert_eq!(second["nodes"], json!([{ "userName": "e" }, { "userName": "f" }]));
    })
    .await;
}

#[tokio::test]
async fn impossible_pages_and_cursors_are_refused() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let audit = owner
            .query("{ auditEvents { edges { cursor } } }", json!({}))
            .await;
        let foreign = audit["auditEvents"]["edges"][0]["cursor"]
            .as_str()
            .unwrap()
            .to_owned();
        let mut cases = vec![
            "first: -1".to_owned(),
            "first: 101".to_owned(),
            "last: 101".to_owned(),
            "first: 1, last: 1".to_owned(),
            "after: \"\"".to_owned(),
            "after: \"made up\"".to_owned(),
            "after: \"WyIxIl0\"".to_owned(),
            format!("after: \"{foreign}\""),
        ];
        cases.push(format!("after: \"{}\"", "A".repeat(20_000)));
        for other in ["orderBy: USER_NAME_ASC", "orderBy: CREATED_AT_ASC"] {
            let document = format!("{{ users(first: 1, {other}) {{ edges {{ cursor }} }} }}");
            let users = owner.query(&document, json!({})).await["users"].clone();
            let cursor = &users["edges"][0]["cursor"];
            cases.push(format!("after: {cursor}"));
            cases.push(format!("orderBy: UPDATED_AT_DESC, before: {cursor}"));
        }
        for arguments in cases {
            let answer = owner
                .send(
                    &format!("{{ users({arguments}) {{ totalCount }} }}"),
                    json!({}),
                )
                .await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}");
        }
        let document = "{ users(first: 1) { edges { cursor } } }";
        let users = owner.query(document, json!({})).await["users"].clone();
        let cursor = &users["edges"][0]["cursor"];
        let okta = add_app(&app, None).await;
        for list in ["assignments", "accounts"] {
            let document =
                format!("{{ app(id: \"{okta}\") {{ {list}(after: {cursor}) {{ totalCount }} }} }}");
            assert_eq!(
                owner.send(&document, json!({})).await.code(),
                "BAD_USER_INPUT",
                "{list}"
            );
        }
        assert_eq!(names(&owner, "first: 0").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_search_takes_every_character_as_it_is() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        add(&owner, "percent", json!({ "title": "100% pure" })).await;
        add(&owner, "score", json!({ "title": "a_b" })).await;
        add(&owner, "slash", json!({ "title": "a\\b" })).await;
        add(
            &owner,
            "greek",
            json!({ "displayName": "ΣΊΣΥΦΟΣ Straße", "employeeNumber": "E-77" }),
        )
        .await;
        for (search, expected) in [
            ("0% PURE", "percent"),
            ("_b", "score"),
            ("a\\\\b", "slash"),
            ("σίσυφος strasse", "greek"),
            ("strasse ΣΊΣΥΦΟΣ e-77", "greek"),
        ] {
            assert_eq!(
                names(&owner, &format!("search: \"{search}\"")).await,
                [expected],
                "{search}"
            );
        }
        assert_eq!(names(&owner, "search: \"%%\"").await, Vec::<String>::new());
        assert_eq!(
            names(&owner, "search: \"  \"").await.len(),
            5,
            "a blank search is none"
        );
        for search in ["\\u0000".to_owned(), "x".repeat(255), "a ".repeat(9)] {
            let answer = owner
                .send(
                    &format!("{{ users(search: \"{search}\") {{ totalCount }} }}"),
                    json!({}),
                )
                .await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{search}");
        }
    })
    .await;
}

#[tokio::test]
async fn filters_narrow_and_the_count_follows() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let admin = app.admin().await;
        add(&owner, "sally", json!({ "department": "Sales" })).await;
        add(
            &owner,
            "sam",
            json!({ "department": "Sales", "status": "INACTIVE" }),
        )
        .await;
        let clerk = app.custom("clerk", &["VIEW_USERS"]).await;
        let gone = add(&owner, "gone", json!({})).await;
        owner
            .done("userDelete", json!({ "userId": gone }), "")
            .await;
        let role = "query($id: ID!) { user(id: $id) { adminRole { id } } }";
        let role_of = async |user: &str| {
            let found = owner.query(role, json!({ "id": user })).await;
            found["user"]["adminRole"]["id"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let admins = role_of(&admin.user_id).await;
        let clerks = role_of(&clerk.user_id).await;
        for (filter, expected) in [
            ("{ department: \"Sales\" }".to_owned(), vec!["sally", "sam"]),
            ("{ department: \"sales\" }".to_owned(), vec![]),
            ("{ statuses: [INACTIVE] }".to_owned(), vec!["sam"]),
            ("{ statuses: [DELETED] }".to_owned(), vec![]),
            (
                "{ statuses: [ACTIVE, INACTIVE], department: \"Sales\" }".to_owned(),
                vec!["sally", "sam"],
            ),
            (format!("{{ adminRoleId: \"{admins}\" }}"), vec!["admin"]),
            (format!("{{ adminRoleId: \"{clerks}\" }}"), vec!["clerk"]),
            ("{ adminRoleId: \"made-up\" }".to_owned(), vec![]),
            ("{ app: { appId: \"made-up\" } }".to_owned(), vec![]),
        ] {
            let arguments = format!("filter: {filter}");
            assert_eq!(names(&owner, &arguments).await, expected, "{filter}");
            let count = owner
                .query(
                    &format!("{{ users({arguments}, first: 0) {{ totalCount }} }}"),
                    json!({}),
                )
                .await;
            assert_eq!(count["users"]["totalCount"], expected.len(), "{filter}");
        }
    })
    .await;
}
