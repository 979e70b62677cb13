//! Documents that are named by their SHA-256: registered by clients, or trusted by the operator.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{Client, Socket, TestApp, new_user};

const VIEWER: &str = "{ viewer { user { id } } }";
const CREATE: &str = "mutation Create($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { code } } }";

fn sha256(text: &str) -> String {
    let bytes = Sha256::digest(text);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn extension(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

/// What a client sends that names a document.
fn named(document: &str) -> Value {
    json!({ "extensions": extension(&sha256(document)) })
}

/// What it sends when the name was not known.
fn both(document: &str) -> Value {
    json!({ "query": document, "extensions": extension(&sha256(document)) })
}

async fn post(app: &TestApp, client: Option<&Client>, body: &Value) -> (u16, Value) {
    let mut request = app.http().post(format!("{}/graphql", app.base_url));
    if let Some(client) = client {
        request = request.bearer_auth(client.token());
    }
    let answer = request
        .header("accept", "application/graphql-response+json")
        .json(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

#[tokio::test]
async fn a_client_sends_a_document_once_and_names_it_afterwards() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let document = "query Who($with: Boolean = true) { viewer { user { id @include(if: $with) name } } } # \u{e9}\u{1f600}";
    let post = async |body: Value| post(&app, Some(&owner), &body).await;

    let (status, unknown) = post(named(document)).await;
    assert_eq!((status, code(&unknown)), (400, "PERSISTED_QUERY_NOT_FOUND"));
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    let (status, first) = post(both(document)).await;
    assert_eq!((status, code(&first)), (200, "none"));
    assert_eq!(first["data"]["viewer"]["user"]["id"], owner.user_id);

    assert_eq!(post(named(document)).await, (200, first.clone()));
    let id = format!("sha256:{}", sha256(document));
    let by_id = json!({ "documentId": id, "operationName": "Who", "variables": { "with": false } });
    let (_, without) = post(by_id).await;
    assert_eq!(without["data"]["viewer"]["user"].get("id"), None);

    // As Apollo's clients ask with `useGETForHashedQueries`, for the sake of caches.
    let get = app
        .http()
        .get(format!("{}/graphql", app.base_url))
        .query(&[("extensions", extension(&sha256(document)).to_string())])
        .bearer_auth(owner.token());
    let answer: Value = get.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, first);
}

#[tokio::test]
async fn only_what_is_sound_and_rightly_named_is_remembered() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let owners = async |body: Value| post(&app, Some(&owner), &body).await;

    let mut wrong = both(VIEWER);
    wrong["query"] = json!("{ viewer { user { id name } } }");
    let (status, refused) = owners(wrong).await;
    assert_eq!((status, code(&refused)), (400, "BAD_USER_INPUT"));
    for unsound in ["{ viewer {", &"a".repeat(70_000)] {
        assert_eq!(owners(both(unsound)).await.0, 400);
        assert_eq!(
            code(&owners(named(unsound)).await.1),
            "PERSISTED_QUERY_NOT_FOUND"
        );
    }
    let foreign = json!({ "documentId": "d41d8cd98f00b204e9800998ecf8427e" });
    let (status, unknown) = owners(foreign.clone()).await;
    assert_eq!(
        (status, code(&unknown)),
        (400, "PERSISTED_QUERY_NOT_FOUND"),
        "the client sends the text instead"
    );
    let mut text = foreign;
    text["query"] = json!(VIEWER);
    assert_eq!(code(&owners(text).await.1), "none");
    let (_, stranger) = post(&app, None, &both(VIEWER)).await;
    assert_eq!(code(&stranger), "UNAUTHENTICATED");
    assert_eq!(
        code(&owners(named(VIEWER)).await.1),
        "PERSISTED_QUERY_NOT_FOUND",
        "who has no name fills nobody's memory"
    );
    assert_eq!(code(&owners(both(VIEWER)).await.1), "none");
    let (_, stranger) = post(&app, None, &named(VIEWER)).await;
    assert_eq!(code(&stranger), "UNAUTHENTICATED", "a name gives no rights");
}

#[tokio::test]
async fn a_mutation_may_be_named_but_not_by_get() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let send = async |key: &str, mut body: Value| {
        body["variables"] = json!({ "input": new_user("ann") });
        let request = app.http().post(format!("{}/graphql", app.base_url));
        let request = request.bearer_auth(owner.token()).json(&body);
        let answer = request.header("idempotency-key", key).send().await.unwrap();
        let replayed = answer.headers().contains_key("idempotency-replayed");
        (replayed, answer.json::<Value>().await.unwrap())
    };
    let (_, unknown) = send("1", named(CREATE)).await;
    assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
    let (replayed, made) = send("1", both(CREATE)).await;
    assert!(!replayed && made["data"]["userCreate"]["user"]["id"].is_string());
    // However the document is named, it is the same request.
    for again in [named(CREATE), both(CREATE), json!({ "query": CREATE })] {
        assert_eq!(send("1", again).await, (true, made.clone()));
    }
    let get = app
        .http()
        .get(format!("{}/graphql", app.base_url))
        .query(&[
            ("documentId", format!("sha256:{}", sha256(CREATE))),
            ("variables", json!({ "input": new_user("ben") }).to_string()),
        ])
        .bearer_auth(owner.token());
    assert_eq!(get.send().await.unwrap().status().as_u16(), 405);
}

#[tokio::test]
async fn a_document_may_be_named_on_a_socket() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let mut socket = Socket::open(&app.base_url, owner.token()).await;
    socket.begin_as("1", named(VIEWER)).await;
    let refused = socket.hear().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
    for (id, payload) in [("2", both(VIEWER)), ("3", named(VIEWER))] {
        socket.begin_as(id, payload).await;
        assert_eq!(socket.event().await["viewer"]["user"]["id"], owner.user_id);
        assert_eq!(socket.hear().await["type"], "complete");
    }
}

#[tokio::test]
async fn documents_of_the_manifest_are_known_from_the_start() {
    let apollo = json!({
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [{ "id": sha256(VIEWER), "name": "Viewer", "type": "query", "body": VIEWER }],
    });
    for manifest in [json!({ sha256(VIEWER): VIEWER }), apollo] {
        let app = TestApp::builder()
            .trusting(manifest, false)
            .on_sqlite()
            .await;
        let owner = app.owner().await;
        let (_, known) = post(&app, Some(&owner), &named(VIEWER)).await;
        assert_eq!(known["data"]["viewer"]["user"]["id"], owner.user_id);
        let (_, other) = post(
            &app,
            Some(&owner),
            &json!({ "query": "{ viewer { __typename } }" }),
        )
        .await;
        assert_eq!(code(&other), "none", "others are run as well");
    }
}

#[tokio::test]
async fn a_server_may_run_nothing_but_its_manifest() {
    let manifest = json!({ sha256(VIEWER): VIEWER, sha256(CREATE): CREATE });
    let app = TestApp::builder()
        .trusting(manifest, true)
        .on_sqlite()
        .await;
    let owner = app.owner().await;
    let post = async |body: Value| post(&app, Some(&owner), &body).await;

    for trusted in [named(VIEWER), both(VIEWER), json!({ "query": VIEWER })] {
        let (status, answer) = post(trusted).await;
        assert_eq!(status, 200);
        assert_eq!(answer["data"]["viewer"]["user"]["id"], owner.user_id);
    }
    let almost = format!("{VIEWER} ");
    for other in [
        almost.as_str(),
        "{ __schema { types { name } } }",
        "{ __typename }",
        "{",
    ] {
        for asked in [json!({ "query": other }), both(other), named(other)] {
            let (status, answer) = post(asked).await;
            assert_eq!(
                (status, code(&answer)),
                (400, "DOCUMENT_NOT_TRUSTED"),
                "{other}"
            );
        }
    }
    for media in ["application/json", "text/event-stream"] {
        let get = app
            .http()
            .get(format!("{}/graphql", app.base_url))
            .query(&[("query", "{ __typename }")])
            .header("accept", media)
            .bearer_auth(owner.token());
        let text = get.send().await.unwrap().text().await.unwrap();
        assert!(text.contains("DOCUMENT_NOT_TRUSTED"), "{media}: {text}");
    }
    let (status, answer) = post(json!({ "documentId": "made-up" })).await;
    assert_eq!((status, code(&answer)), (400, "DOCUMENT_NOT_TRUSTED"));
    let mut socket = Socket::open(&app.base_url, owner.token()).await;
    socket.begin("1", "{ __typename }", json!({})).await;
    let refused = socket.hear().await;
    assert_eq!(
        refused["payload"][0]["extensions"]["code"],
        "DOCUMENT_NOT_TRUSTED"
    );
    let page = app.http().get(format!("{}/graphql", app.base_url));
    let page = page.header("accept", "text/html").send().await.unwrap();
    assert_ne!(page.status().as_u16(), 200, "GraphiQL could show nothing");
}

#[test]
fn a_manifest_that_cannot_be_used_is_told_of_before_anything_is_served() {
    let root = TempDir::new().unwrap();
    let manifest = root.path().join("panel.json");
    let config = root.path().join("provisioner.toml");
    let text = format!("[trusted_documents]\nmanifests = [{manifest:?}]\n");
    fs::write(&config, text).unwrap();
    let complaint = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_provisioner"));
        program.arg(command).arg("--config").arg(&config);
        program.arg("--data-dir").arg(root.path().join("data"));
        let output = program.env_remove("DATABASE_URL").output().unwrap();
        assert!(!output.status.success(), "{command}");
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        stdout + &stderr
    };
    let deep = format!("{}a{}", "{a".repeat(100), "}".repeat(100));
    let broken = "{ viewer {";
    for (content, part) in [
        (None, "cannot be read"),
        (Some("{".to_owned()), "is not JSON"),
        (Some("[]".to_owned()), "must be a JSON object"),
        (Some("{}".to_owned()), "holds no document"),
        (
            Some(json!({ sha256(VIEWER): 1 }).to_string()),
            "must be a JSON object",
        ),
        (
            Some(json!({ sha256(VIEWER): CREATE }).to_string()),
            &sha256(CREATE),
        ),
        (
            Some(json!({ "d41d8cd98f00b204e9800998ecf8427e": VIEWER }).to_string()),
            "by their SHA-256",
        ),
        (
            Some(json!({ sha256(broken): broken }).to_string()),
            "is not GraphQL",
        ),
        (
            Some(json!({ sha256(&deep): deep }).to_string()),
            "cannot be run",
        ),
        (
            Some(json!({ "format": "other", "version": 1 }).to_string()),
            "manifest of Apollo's",
        ),
    ] {
        match content {
            Some(content) => fs::write(&manifest, content).unwrap(),
            None => assert!(!manifest.exists()),
        }
        for command in ["doctor", "serve"] {
            let said = complaint(command);
            let named = said.contains("panel.json") && said.contains(part);
            assert!(named, "{command} should say {part:?}: {said}");
        }
    }
}
