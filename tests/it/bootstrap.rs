//! A one-time token makes an organisation, once.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

const PAYLOAD: &str = "organizationId ownerId token tokenExpiresAt";

/// A client with a new one-time token.
async fn ticket(app: &TestApp, options: &[&str]) -> Client {
    let output = app.command(&[&["bootstrap"], options].concat()).await;
    assert!(output.status.success(), "{output:?}");
    let token = String::from_utf8(output.stdout).unwrap();
    assert!(
        token.starts_with("prv_bst_") && token.trim().len() == 59,
        "{token}"
    );
    app.anonymous().with_token(Some(token.trim()))
}

fn beta() -> Value {
    json!({ "organizationName": " B\u{e9}ta \u{1f600} ", "ownerEmail": "Zo\u{eb}@beta.example" })
}

/// Status, code and challenge of a client that is refused.
async fn refusal(app: &TestApp, client: &Client) -> (u16, String) {
    let request = app.http().post(format!("{}/graphql", app.base_url));
    let request = request.bearer_auth(client.token());
    let answer = request.json(&json!({ "query": "{ __typename }" })).send();
    let answer = answer.await.unwrap();
    let challenge = answer.headers().get("www-authenticate");
    let words = challenge.map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), words.unwrap_or_default())
}

#[tokio::test]
async fn a_one_time_token_makes_one_organization_and_signs_its_owner_in() {
    TestApp::on_both(async |app| {
        let founder = ticket(&app, &[]).await;
        let made = founder
            .done("organizationBootstrap", beta(), PAYLOAD)
            .await;

        let owner = app.anonymous().with_token(made["token"].as_str());
        let document = "{ viewer { user { id userName adminRole { kind } } permissions } organization { id name } \
            users { totalCount } apps { totalCount } auditEvents { nodes { action actor } } }";
        let found = owner.query(document, json!({})).await;
        assert_eq!(found["organization"]["name"], "B\u{e9}ta \u{1f600}");
        assert_eq!(found["organization"]["id"], made["organizationId"]);
        assert_eq!(found["viewer"]["user"]["id"], made["ownerId"]);
        assert_eq!(found["viewer"]["user"]["userName"], "Zo\u{eb}@beta.example");
        assert_eq!(found["viewer"]["user"]["adminRole"]["kind"], "OWNER");
        assert_eq!(found["users"]["totalCount"], 1, "nothing of Acme's is seen");
        let trail = found["auditEvents"]["nodes"].as_array().unwrap();
        let actions: Vec<_> = trail.iter().map(|event| &event["action"]).collect();
        assert_eq!(actions, ["token.issue", "organization.create"]);

        let (status, words) = refusal(&app, &founder).await;
        assert!(status == 401 && words.contains("it was used"), "{words}");
        app.clock.advance(Duration::from_secs(12 * 3600 + 120));
        assert_eq!(refusal(&app, &owner).await.0, 401);
    })
    .await;
}

#[tokio::test]
async fn it_opens_nothing_else_and_nothing_else_opens_it() {
    TestApp::on_both(async |app| {
        let founder = ticket(&app, &[]).await;
        for document in [
            "{ viewer { user { id } } }",
            "{ users { totalCount } }",
            "{ organization { name } }",
            "mutation { userDelete(input: { userId: \"x\" }) { userErrors { code } } }",
        ] {
            let answer = founder.send(document, json!({})).await;
            assert_eq!(answer.code(), "UNAUTHENTICATED", "{document}");
        }
        let owner = app.owner().await;
        let answer = owner.mutate("organizationBootstrap", beta(), PAYLOAD).await;
        assert_eq!(answer.code(), "FORBIDDEN");

        // Refused, it is not used up.
        let mut input = beta();
        input["organizationName"] = json!("acme");
        let taken = founder.refused("organizationBootstrap", input).await;
        assert_eq!(taken, ["ALREADY_EXISTS organizationName"]);
        let input = json!({ "organizationName": "\u{7}", "ownerEmail": "nobody" });
        let both = founder.refused("organizationBootstrap", input).await;
        assert_eq!(
            both,
            ["INVALID_VALUE organizationName", "INVALID_VALUE ownerEmail"]
        );
        founder.done("organizationBootstrap", beta(), PAYLOAD).await;
    })
    .await;
}

#[tokio::test]
async fn of_many_at_once_one_makes_an_organization() {
    TestApp::on_both(async |app| {
        let founder = ticket(&app, &[]).await;
        let attempts = (0..8).map(|n| {
            let input =
                json!({ "organizationName": format!("Org {n}"), "ownerEmail": "ann@x.example" });
            let founder = &founder;
            async move {
                founder
                    .mutate("organizationBootstrap", input, PAYLOAD)
                    .await
            }
        });
        let answers = join_all(attempts).await;
        let made =
            |answer: &&Answer| answer.body["data"]["organizationBootstrap"]["token"].is_string();
        assert_eq!(answers.iter().filter(made).count(), 1);
        let output = app.command(&["token", "--user", "ann@x.example"]).await;
        assert!(
            output.status.success(),
            "of one organization only: {output:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_name_is_given_once_however_many_ask_for_it_at_once() {
    TestApp::on_both(async |app| {
        let mut founders = Vec::new();
        for _ in 0..6 {
            founders.push(ticket(&app, &[]).await);
        }
        let attempts = founders.iter().enumerate().map(|(n, founder)| {
            let name = ["Gamma", "gamma", "GAMMA"][n % 3];
            let input =
                json!({ "organizationName": name, "ownerEmail": format!("p{n}@x.example") });
            async move {
                founder
                    .mutate("organizationBootstrap", input, PAYLOAD)
                    .await
            }
        });
        let answers = join_all(attempts).await;
        let payload = |answer: &Answer| answer.body["data"]["organizationBootstrap"].clone();
        let (made, refused): (Vec<_>, Vec<_>) = answers
            .iter()
            .map(payload)
            .partition(|payload| payload["token"].is_string());
        assert_eq!(made.len(), 1);
        for payload in refused {
            assert_eq!(payload["userErrors"][0]["code"], "ALREADY_EXISTS");
        }
    })
    .await;
}

#[tokio::test]
async fn it_ends_with_its_time_and_made_up_ones_cost_nothing() {
    TestApp::on_both(async |app| {
        let founder = ticket(&app, &["--hours", "2"]).await;
        app.clock.advance(Duration::from_secs(2 * 3600 + 1));
        let (status, words) = refusal(&app, &founder).await;
        assert!(status == 401 && words.contains("it has expired"), "{words}");

        let made_up = format!("prv_bst_{}", "a".repeat(51));
        let personal = founder.token().replace("prv_bst_", "prv_pat_");
        app.server
            .base
            .services
            .store
            .clone()
            .close()
            .await
            .unwrap();
        for token in [made_up.as_str(), &personal] {
            let client = app.anonymous().with_token(Some(token));
            let (status, words) = refusal(&app, &client).await;
            assert_eq!(status, 401, "no database was asked");
            assert!(words.contains("not one of ours"), "{words}");
        }
    })
    .await;
}
