//! Every field of the roots, tried by people with too few permissions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};

/// Fields that need no permission.
const OPEN: [&str; 5] = [
    "viewer",
    "node",
    "nodes",
    // Of everybody, for himself; what is asked for in the token, and whose token it is, are checked in the mutation.
    "personalAccessTokenCreate",
    "personalAccessTokenRevoke",
];

/// A type as introspection describes it, unwrapped.
fn named(type_ref: &Value) -> (String, String) {
    let mut inner = type_ref;
    while !inner["ofType"].is_null() {
        inner = &inner["ofType"];
    }
    (
        inner["kind"].as_str().unwrap().to_owned(),
        inner["name"].as_str().unwrap().to_owned(),
    )
}

/// The schema, to make up a valid call of every field.
struct Schema {
    types: Vec<Value>,
}

const TYPE: &str =
    "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

impl Schema {
    async fn read(client: &Client) -> Self {
        let document = format!(
            "{{ __schema {{ types {{ kind name enumValues {{ name }} isOneOf inputFields {{ name defaultValue {TYPE} }} \
             fields {{ name args {{ name defaultValue {TYPE} }} {TYPE} }} }} }} }}"
        );
        let found = client.query(&document, json!({})).await;
        Self {
            types: found["__schema"]["types"].as_array().unwrap().clone(),
        }
    }

    fn find(&self, name: &str) -> &Value {
        self.types
            .iter()
            .find(|each| each["name"] == name)
            .unwrap_or_else(|| panic!("no type {name}"))
    }

    fn fields(&self, name: &str) -> Vec<Value> {
        self.find(name)["fields"].as_array().unwrap().clone()
    }

    /// Arguments with the least that is valid.
    fn arguments(&self, field: &Value) -> String {
        let required = field["args"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|arg| required(arg));
        let arguments: Vec<_> = required
            .map(|arg| {
                format!(
                    "{}: {}",
                    arg["name"].as_str().unwrap(),
                    self.literal(&arg["type"])
                )
            })
            .collect();
        if arguments.is_empty() {
            String::new()
        } else {
            format!("({})", arguments.join(", "))
        }
    }

    fn literal(&self, type_ref: &Value) -> String {
        match type_ref["kind"].as_str().unwrap() {
            "NON_NULL" => self.literal(&type_ref["ofType"]),
            "LIST" => format!("[{}]", self.literal(&type_ref["ofType"])),
            "ENUM" => self.find(type_ref["name"].as_str().unwrap())["enumValues"][0]["name"]
                .as_str()
                .unwrap()
                .to_owned(),
            "INPUT_OBJECT" => self.object(type_ref["name"].as_str().unwrap()),
            _ => match type_ref["name"].as_str().unwrap() {
                "Int" | "Float" => "1".to_owned(),
                "Boolean" => "true".to_owned(),
                "DateTime" => "\"2026-01-01T00:00:00Z\"".to_owned(),
                _ => "\"made-up\"".to_owned(),
            },
        }
    }

    fn object(&self, name: &str) -> String {
        let definition = self.find(name);
        let fields = definition["inputFields"].as_array().unwrap();
        let chosen: Vec<_> = if definition["isOneOf"] == true {
            fields.iter().take(1).collect()
        } else {
            fields.iter().filter(|field| required(field)).collect()
        };
        let parts: Vec<_> = chosen
            .iter()
            .map(|field| {
                format!(
                    "{}: {}",
                    field["name"].as_str().unwrap(),
                    self.literal(&field["type"])
                )
            })
            .collect();
        format!("{{ {} }}", parts.join(", "))
    }
}

fn required(input: &Value) -> bool {
    input["type"]["kind"] == "NON_NULL" && input["defaultValue"].is_null()
}

/// A call of one root field; whatever it answers is reduced to its type's name.
fn call(schema: &Schema, operation: &str, field: &Value) -> String {
    let (kind, _) = named(&field["type"]);
    let selection = if matches!(kind.as_str(), "SCALAR" | "ENUM") {
        ""
    } else {
        "{ __typename }"
    };
    format!(
        "{operation} {{ {}{} {selection} }}",
        field["name"].as_str().unwrap(),
        schema.arguments(field)
    )
}

/// Names of the root fields that let this person through.
async fn let_through(client: &Client, schema: &Schema) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for (operation, root) in [("query", "Query"), ("mutation", "Mutation")] {
        for field in schema.fields(root) {
            let document = call(schema, operation, &field);
            let answer = client.send(&document, json!({})).await;
            assert_eq!(answer.status, 200, "{document}: {:#}", answer.body);
            let errors = answer.body["errors"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            match errors.first() {
                None => _ = open.insert(field["name"].as_str().unwrap().to_owned()),
                Some(error) => assert_eq!(
                    error["extensions"]["code"], "FORBIDDEN",
                    "{document}: {error:#}"
                ),
            }
        }
    }
    open
}

/// The same person with a token of one permission.
async fn token(person: &Client, permission: &str) -> Client {
    let input = json!({ "name": permission, "scopes": [permission], "validForDays": 1 });
    let made = person
        .done("personalAccessTokenCreate", input, "secret")
        .await;
    person.with_token(made["secret"].as_str())
}

#[tokio::test]
async fn a_member_gets_nothing_from_any_root_field() {
    TestApp::on_both(async |app| {
        let schema = Schema::read(&app.owner().await).await;
        let member = app.member().await;
        let open: BTreeSet<_> = OPEN.into_iter().map(str::to_owned).collect();
        assert_eq!(let_through(&member, &schema).await, open);
        let inside = [
            "directoryFields { id }",
            "adminRoles { id }",
            "permissionCatalog { label }",
        ];
        for field in inside {
            let document = format!("{{ viewer {{ organization {{ {field} }} }} }}");
            assert_eq!(
                member.send(&document, json!({})).await.code(),
                "FORBIDDEN",
                "{field}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn each_permission_opens_its_part_of_the_directory_and_no_more() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let schema = Schema::read(&owner).await;
        let people = [
            "userCreate",
            "userUpdate",
            "userActivate",
            "userDeactivate",
            "userDelete",
            "directoryFieldCreate",
            "directoryFieldUpdate",
            "directoryFieldDelete",
            "user",
            "users",
        ];
        let roles = [
            "adminRoleCreate",
            "adminRoleUpdate",
            "adminRoleDelete",
            "userAdminRoleSet",
        ];
        let expected: [(&str, &[&str]); 4] = [
            ("VIEW_USERS", &["user", "users"]),
            ("MANAGE_USERS", &people),
            ("MANAGE_ADMIN_ROLES", &roles),
            ("VIEW_AUDIT_LOG", &["auditEvents"]),
        ];
        for (permission, fields) in expected {
            let person = app.custom(&permission.to_lowercase(), &[permission]).await;
            let open: BTreeSet<_> = OPEN
                .iter()
                .chain(&["organization"])
                .chain(fields)
                .map(|&name| name.to_owned())
                .collect();
            assert_eq!(let_through(&person, &schema).await, open, "{permission}");
            if permission != "MANAGE_ADMIN_ROLES" {
                let token = token(&owner, permission).await;
                let through = let_through(&token, &schema).await;
                assert_eq!(through, open, "an owner's token with {permission}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_error_names_the_permission_that_is_missing() {
    TestApp::on_both(async |app| {
        let clerk = app.custom("clerk", &["VIEW_USERS"]).await;
        let answer = clerk
            .send(
                "mutation { userDelete(input: { userId: \"x\" }) { deletedUserId } }",
                json!({}),
            )
            .await;
        assert_eq!(answer.code(), "FORBIDDEN");
        assert_eq!(
            answer.body["errors"][0]["extensions"]["permission"],
            "MANAGE_USERS"
        );
    })
    .await;
}
