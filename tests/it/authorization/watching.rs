//! Every subscription, by everybody.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::outline::{Outline, found, is_something, name};
use super::personas::{Rule, Verdict, everybody, forbidden, refusals};
use super::{Two, on_both};
use crate::support::{Client, Socket};
use Rule::All;

const APPS: Rule = All(&["VIEW_APPS"]);

/// Each with its arguments as JSON, and what opens it.
pub const STREAMS: [(&str, &str, Rule); 5] = [
    (
        "accountChanged",
        r#"{"appId": $app, "accountIds": [$account]}"#,
        APPS,
    ),
    ("bulkJobProgress", r#"{"id": $job}"#, APPS),
    (
        "importProgress",
        r#"{"id": $import}"#,
        All(&["VIEW_APPS", "IMPORT_USERS"]),
    ),
    ("oktaOrgChanged", r#"{"appId": $app}"#, APPS),
    ("syncStatus", r#"{"appId": $app}"#, APPS),
];

/// Subscribes; answers the first message as it came.
pub async fn first_message(
    two: &Two,
    outline: &Outline,
    client: &Client,
    stream: &str,
    arguments: &Map<String, Value>,
) -> String {
    let field = outline.field("Subscription", stream);
    let document = outline.ask("subscription", "@", field, arguments, 1);
    let variables = Value::Object(arguments.clone());
    let mut socket =
        Socket::subscribe(&two.app.base_url, client.token(), &document, variables).await;
    socket.hear_raw().await
}

#[tokio::test]
async fn every_stream_is_open_to_whom_the_table_says_and_to_nobody_else() {
    on_both(async |two| {
        let outline = Outline::read(&two.own.owner).await;
        let rows: BTreeSet<_> = STREAMS.iter().map(|(stream, ..)| *stream).collect();
        let fields: BTreeSet<_> = outline.fields("Subscription").map(name).collect();
        assert_eq!(rows, fields, "a row in STREAMS for each subscription");
        let personas = everybody(&two).await;
        for (stream, arguments, rule) in STREAMS {
            let arguments: Map<_, _> = serde_json::from_str(&two.own.fill(arguments)).unwrap();
            let hear = async |client: &Client| {
                let message = first_message(&two, &outline, client, stream, &arguments).await;
                let message: Value = serde_json::from_str(&message).unwrap();
                let got = found(&message["payload"]["data"])
                    .into_iter()
                    .any(is_something);
                (got, refusals(&message["payload"]), message)
            };
            for persona in &personas {
                let (got, said, message) = hear(&persona.client).await;
                let fits = match rule.verdict(persona) {
                    Verdict::Forbidden(permission) => !got && said == forbidden(permission),
                    _ => got && said.is_empty(),
                };
                assert!(fits, "{}, {stream}: {message:#}", persona.name);
            }
            let (got, said, message) = hear(&two.rival.owner).await;
            assert!(
                !got && said == BTreeSet::from(["NOT_FOUND".to_owned()]),
                "{stream}: {message:#}"
            );
        }
    })
    .await;
}
