//! The schema as a product: the checked-in SDL is what the server serves, and everything in it is described.

use std::path::Path;

use provisioner::graphql::schema;
use serde_json::{Value, json};

use crate::support::TestApp;

/// Its difference is the review of an API change. After a deliberate change: `cargo run -- schema > schema.graphql`.
#[test]
fn the_checked_in_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    let served = format!("{}\n", schema::sdl());
    let line = checked_in
        .lines()
        .zip(served.lines())
        .position(|(one, other)| one != other);
    assert!(
        checked_in == served,
        "schema.graphql is out of date (first difference at line {line:?}): cargo run -- schema > schema.graphql"
    );
}

#[tokio::test]
async fn everything_is_described() {
    TestApp::on_both(async |app| {
        let document = "{ __schema { types { name kind description enumValues(includeDeprecated: true) { name description } \
                        inputFields { name description } fields(includeDeprecated: true) { name description args { name description } } } } }";
        let seen = app.owner().await.query(document, json!({})).await;
        let mut bare = Vec::new();
        for each in seen["__schema"]["types"].as_array().unwrap() {
            let name = each["name"].as_str().unwrap();
            // Introspection's own types, and GraphQL's own scalar.
            if name.starts_with("__") || name == "ID" {
                continue;
            }
            note(&mut bare, name, each);
            for member in ["enumValues", "inputFields", "fields"] {
                for field in each[member].as_array().into_iter().flatten() {
                    let path = format!("{name}.{}", field["name"].as_str().unwrap());
                    note(&mut bare, &path, field);
                    for argument in field["args"].as_array().into_iter().flatten() {
                        note(&mut bare, &format!("{path}({})", argument["name"]), argument);
                    }
                }
            }
        }
        assert!(bare.is_empty(), "without a description:\n{}", bare.join("\n"));
    })
    .await;
}

fn note(bare: &mut Vec<String>, path: &str, described: &Value) {
    let text = described["description"].as_str().unwrap_or_default();
    if text.trim().is_empty() {
        bare.push(path.to_owned());
    }
}

#[tokio::test]
async fn a_variable_of_no_type_of_ours_is_the_callers_mistake() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    for ty in [
        "Nope",
        "[Nope!]! = [1]",
        "[Nope] = [1]",
        "User",
        "[[Query]]",
    ] {
        let document = format!("query($x: {ty}) {{ viewer {{ user {{ id }} }} }}");
        let answer = owner.send(&document, json!({})).await;
        assert_eq!(answer.status, 200, "{ty}");
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED", "{ty}");
    }
}
