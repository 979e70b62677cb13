//! What a list reads together with its rows is what is found when each is looked up alone, in every form in which a query can ask for it.

use serde_json::{Value, json};

use crate::engine::world::{World, on_both};

const PLAIN: &str = "id role { type } createdAt user { id name userName primaryEmail status revision adminRole { name } }
    account { id state problem { code } oktaId grantedRole { type } lastOperation { id kind status attempts sentAt } }";
const WHOLE: &str = "id user { id name department fields { field { key } } customised: title }
    account { id lastOperation { kind role { type } changedAttributes user { name department } } assignment { id user { title } } }";
const BY_FRAGMENTS: &str =
    "...A ... on Assignment { account { ...B } account { lastOperation { ...C } } }";
const FRAGMENTS: &str = "fragment A on Assignment { id who: user { id ...D } user { id } } fragment D on User { department title }
    fragment B on Account { state lastOperation { id } } fragment C on Operation { changedAttributes }";
/// Pages below each row.
const PAGES: &str = "id account { id
    newest: operations(first: 1) { totalCount nodes { id kind } pageInfo { hasNextPage hasPreviousPage endCursor } }
    oldest: operations(last: 1) { nodes { id kind } pageInfo { hasNextPage hasPreviousPage } }
    created: operations(filter: { kinds: [CREATE] }) { totalCount nodes { id kind account: accountId } } }";
/// What a screen shows.
const BRIEF: &str = "id role { type } user { id name userName primaryEmail status adminRole { name } }
    account { id state problem { code message } waitReason nextAttemptAt lastOperation { id kind status sentAt errorMessage accountId } }";
/// No person, and an account without a call.
const LITTLE: &str = "id account { state }";

async fn same(world: &World, selection: &str, fragments: &str) {
    for order in [
        "USER_NAME_ASC",
        "USER_NAME_DESC",
        "CREATED_AT_ASC",
        "CREATED_AT_DESC",
    ] {
        let list = format!(
            "query($app: ID!, $after: String) {{ app(id: $app) {{ assignments(first: 2, after: $after, orderBy: {order}) {{
                edges {{ node {{ {selection} }} }} nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }} }} {fragments}"
        );
        let mut after = Value::Null;
        let mut seen = 0;
        loop {
            let variables = json!({ "app": world.app_id, "after": after });
            let data = world.owner.query(&list, variables).await;
            let page = &data["app"]["assignments"];
            for edge in page["edges"].as_array().unwrap() {
                let row = &edge["node"];
                let one = format!(
                    "query($id: ID!) {{ node(id: $id) {{ ... on Assignment {{ {selection} }} }} }} {fragments}"
                );
                let alone = world.owner.query(&one, json!({ "id": row["id"] })).await;
                assert_eq!(*row, alone["node"], "{order} {selection}");
                seen += 1;
            }
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(seen, 5, "{order}");
    }
}

/// The fields of a type that can be asked for without arguments, each with a selection where it needs one.
async fn fields_of(world: &World, name: &str) -> Vec<String> {
    let document = "query($name: String!) { __type(name: $name) { fields { name args { defaultValue type { kind } }
        type { kind ofType { kind ofType { kind ofType { kind } } } } } } }";
    let data = world.owner.query(document, json!({ "name": name })).await;
    let fields = data["__type"]["fields"].as_array().unwrap().iter();
    let free = fields.filter(|field| {
        let mut args = field["args"].as_array().unwrap().iter();
        args.all(|arg| arg["type"]["kind"] != "NON_NULL" || !arg["defaultValue"].is_null())
    });
    free.map(|field| {
        let mut ty = &field["type"];
        while ty["ofType"].is_object() {
            ty = &ty["ofType"];
        }
        let name = field["name"].as_str().unwrap();
        match ty["kind"].as_str().unwrap() {
            "SCALAR" | "ENUM" => name.to_owned(),
            _ => format!("{name} {{ __typename }}"),
        }
    })
    .collect()
}

/// Asked for alone, so that no other field brings with it what this one needs.
async fn each_field_is_the_same(world: &World) {
    let app = world.app_id.as_str();
    for (name, before, after) in [
        ("User", "user {", "}"),
        ("Account", "account {", "}"),
        ("Operation", "account { lastOperation {", "} }"),
    ] {
        for field in fields_of(world, name).await {
            let wanted = format!("id {before} {field} {after}");
            let list = format!(
                "{{ app(id: \"{app}\") {{ assignments(first: 5) {{ nodes {{ {wanted} }} }} }} }}"
            );
            let listed = world.owner.query(&list, json!({})).await;
            let listed = listed["app"]["assignments"]["nodes"].as_array().unwrap();
            assert_eq!(listed.len(), 5);
            let one = |(at, row): (usize, &Value)| {
                format!(
                    "n{at}: node(id: {}) {{ ... on Assignment {{ {wanted} }} }} ",
                    row["id"]
                )
            };
            let alone: String = listed.iter().enumerate().map(one).collect();
            let alone = world
                .owner
                .query(&format!("{{ {alone} }}"), json!({}))
                .await;
            for (at, row) in listed.iter().enumerate() {
                assert_eq!(*row, alone[format!("n{at}")], "{name}.{field}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_read_with_a_list_is_what_is_found_alone() {
    on_both(async |world| {
        for (name, title) in [("ann", "Baker"), ("bob", "Cook"), ("cleo", "Driver")] {
            let input = json!({
                "userName": format!("{name}@acme.example"), "primaryEmail": format!("{name}@acme.example"),
                "givenName": name, "familyName": "Same", "title": title, "department": "Bread",
            });
            let user = world.person_with(input).await;
            world.assign(std::slice::from_ref(&user), (name == "bob").then_some("HELP_DESK_ADMIN")).await;
            world.reach(&user, "IN_SYNC").await;
        }
        // Two of the same name, which Okta's schema does not take: one is blocked, one not wanted in Okta.
        for name in ["dora", "dana"] {
            let input = json!({
                "userName": format!("{name}@acme.example"), "primaryEmail": format!("{name}@acme.example"),
                "displayName": "The Same",
            });
            let user = world.person_with(input).await;
            if name == "dana" {
                world.on_person("userDeactivate", &user, json!({})).await;
            }
            world.assign(std::slice::from_ref(&user), None).await;
            if name == "dora" {
                world.reach(&user, "BLOCKED").await;
            }
        }
        same(&world, PLAIN, "").await;
        same(&world, WHOLE, "").await;
        same(&world, BY_FRAGMENTS, FRAGMENTS).await;
        same(&world, LITTLE, "").await;
        same(&world, BRIEF, "").await;
        same(&world, PAGES, "").await;
        each_field_is_the_same(&world).await;
    })
    .await;
}
