//! Fields that the organisation adds, and their values.

use serde_json::{Value, json};

use crate::support::{Client, TestApp, new_user};

const VALUE: &str = "value { __typename ... on StringValue { string } ... on BooleanValue { boolean } ... on IntegerValue { integer } \
    ... on NumberValue { number } ... on StringListValue { strings } ... on IntegerListValue { integers } \
    ... on NumberListValue { numbers } }";

async fn add(client: &Client, label: &str, data_type: &str) -> Value {
    let input = json!({ "label": label, "dataType": data_type });
    let selection = "field { id key label dataType format required maxLength custom }";
    client.done("directoryFieldCreate", input, selection).await["field"].clone()
}

async fn value_of(client: &Client, user: &Value, label: &str) -> Value {
    let document =
        format!("query($id: ID!) {{ user(id: $id) {{ fields {{ field {{ label }} {VALUE} }} }} }}");
    let found = client.query(&document, json!({ "id": user })).await;
    let fields = found["user"]["fields"].as_array().unwrap().clone();
    fields
        .into_iter()
        .find(|field| field["field"]["label"] == label)
        .unwrap()["value"]
        .clone()
}

#[tokio::test]
async fn every_type_of_value_comes_back_as_it_went_in() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let user = owner.done("userCreate", new_user("ann"), "user { id }").await["user"]["id"].clone();
        for (data_type, key, value, type_name) in [
            ("STRING", "string", json!("red"), "StringValue"),
            ("BOOLEAN", "boolean", json!(false), "BooleanValue"),
            ("INTEGER", "integer", json!(-7), "IntegerValue"),
            ("NUMBER", "number", json!(1.5), "NumberValue"),
            ("STRING_LIST", "strings", json!(["b", "a"]), "StringListValue"),
            ("INTEGER_LIST", "integers", json!([2, 1]), "IntegerListValue"),
            ("NUMBER_LIST", "numbers", json!([0.5, -2.0]), "NumberListValue"),
        ] {
            let field = add(&owner, data_type, data_type).await;
            assert_eq!(field["custom"], true);
            assert_eq!(value_of(&owner, &user, data_type).await, Value::Null);
            let set = |value: Value| json!({ "userId": user, "customFields": [{ "fieldId": field["id"], "value": value }] });
            owner.done("userUpdate", set(json!({ key: value })), "").await;
            let back = value_of(&owner, &user, data_type).await;
            assert_eq!(back, json!({ "__typename": type_name, key: value }));
            owner.done("userUpdate", set(Value::Null), "").await;
            assert_eq!(value_of(&owner, &user, data_type).await, Value::Null);
        }
    })
    .await;
}

#[tokio::test]
async fn values_are_checked_against_their_field() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let colour = add(&owner, "Badge colour", "STRING").await;
        let floor = add(&owner, "Floor", "INTEGER").await;
        let rival = app.rival().await;
        let foreign = add(&rival, "Badge colour", "STRING").await;
        let standard = owner
            .query("{ organization { directoryFields { id key } } }", json!({}))
            .await;
        let standard = standard["organization"]["directoryFields"][1]["id"].clone();
        let mut input = new_user("ann");
        input["customFields"] = json!([
            { "fieldId": floor["id"], "value": { "string": "three" } },
            { "fieldId": colour["id"], "value": { "string": "x".repeat(1_001) } },
        ]);
        let mut errors = owner.refused("userCreate", input.clone()).await;
        errors.sort();
        assert_eq!(
            errors,
            [
                "TOO_LONG customFields.1.value",
                "TYPE_MISMATCH customFields.0.value"
            ]
        );
        for unknown in [foreign["id"].clone(), json!("made-up"), standard] {
            input["customFields"] = json!([{ "fieldId": unknown, "value": { "string": "x" } }]);
            assert_eq!(
                owner.refused("userCreate", input.clone()).await,
                ["UNKNOWN_FIELD customFields.0.fieldId"]
            );
        }
        let red = json!({ "fieldId": colour["id"], "value": { "string": "red" } });
        input["customFields"] = json!([red, red]);
        assert_eq!(
            owner.refused("userCreate", input.clone()).await,
            ["INVALID_VALUE customFields.1.fieldId"]
        );
        input["customFields"] =
            json!([{ "fieldId": colour["id"], "value": { "string": "x", "integer": 1 } }]);
        assert_eq!(
            owner.mutate("userCreate", input, "").await.code(),
            "GRAPHQL_VALIDATION_FAILED",
            "exactly one type"
        );
    })
    .await;
}

#[tokio::test]
async fn definitions_are_checked() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let field = add(&owner, "Badge colour", "STRING").await;
        let new = |label: &str| json!({ "label": label, "dataType": "STRING" });
        for (label, error) in [
            (" BADGE Colour ".to_owned(), "ALREADY_EXISTS label"),
            ("given name".to_owned(), "ALREADY_EXISTS label"),
            ("  ".to_owned(), "REQUIRED label"),
            ("x".repeat(101), "TOO_LONG label"),
            ("a\u{7}b".to_owned(), "INVALID_VALUE label"),
        ] {
            assert_eq!(
                owner.refused("directoryFieldCreate", new(&label)).await,
                [error]
            );
        }
        for max_length in [0, -1, 10_001] {
            let update = json!({ "fieldId": field["id"], "maxLength": max_length });
            let answer = owner
                .mutate("directoryFieldUpdate", update, "")
                .await
                .data();
            let error = &answer["directoryFieldUpdate"]["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("INVALID_VALUE"), &json!(["maxLength"]))
            );
            let limits =
                json!([{ "name": "max", "value": "10000" }, { "name": "min", "value": "1" }]);
            assert_eq!(error["params"], limits);
        }
        let update = json!({ "fieldId": field["id"], "label": "Colour", "maxLength": 3 });
        let done = owner
            .done(
                "directoryFieldUpdate",
                update,
                "field { id label maxLength }",
            )
            .await;
        assert_eq!(
            done["field"],
            json!({ "id": field["id"], "label": "Colour", "maxLength": 3 })
        );
        let rival = app.rival().await;
        for mutation in ["directoryFieldUpdate", "directoryFieldDelete"] {
            for id in [field["id"].clone(), json!("made-up")] {
                assert_eq!(
                    rival.refused(mutation, json!({ "fieldId": id })).await,
                    ["NOT_FOUND fieldId"]
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_field_takes_its_values_with_it() {
    TestApp::on_both(async |app| {
        let owner = app.owner().await;
        let colour = add(&owner, "Colour", "STRING").await;
        let mut input = new_user("ann");
        input["customFields"] = json!([{ "fieldId": colour["id"], "value": { "string": "red" } }]);
        let user = owner.done("userCreate", input, "user { id }").await["user"]["id"].clone();
        let deleted = owner
            .done(
                "directoryFieldDelete",
                json!({ "fieldId": colour["id"] }),
                "deletedFieldId",
            )
            .await;
        assert_eq!(deleted["deletedFieldId"], colour["id"]);
        assert_eq!(
            owner
                .refused("directoryFieldDelete", json!({ "fieldId": colour["id"] }))
                .await,
            ["NOT_FOUND fieldId"]
        );
        let again = add(&owner, "Colour", "STRING").await;
        assert_ne!(again["id"], colour["id"]);
        assert_eq!(value_of(&owner, &user, "Colour").await, Value::Null);
        owner
            .done("userUpdate", json!({ "userId": user, "title": "Boss" }), "")
            .await;
    })
    .await;
}
