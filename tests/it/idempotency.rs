//! A mutation that is sent again with its `Idempotency-Key` is answered again and not carried out again.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, add_app, connect, wait_until};

const CREATE: &str = "mutation($input: UserCreateInput!) { userCreate(input: $input) { user { id } userErrors { code } } }";

/// An answer, as a client with a key sees it.
struct Answer {
    status: u16,
    replayed: bool,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn code(&self) -> String {
        let code = self.json()["errors"][0]["extensions"]["code"].clone();
        code.as_str().unwrap_or_default().to_owned()
    }

    /// The person that was created.
    fn user(&self) -> String {
        let user = self.json()["data"]["userCreate"]["user"]["id"].clone();
        user.as_str().unwrap_or_default().to_owned()
    }
}

async fn send(app: &TestApp, client: &Client, keys: &[&str], body: &Value) -> Answer {
    let mut request = app
        .http()
        .post(format!("{}/graphql", app.base_url))
        .bearer_auth(client.token())
        .json(body);
    for key in keys {
        request = request.header("idempotency-key", *key);
    }
    let answer = request.send().await.unwrap();
    Answer {
        status: answer.status().as_u16(),
        replayed: answer.headers().contains_key("idempotency-replayed"),
        body: answer.text().await.unwrap(),
    }
}

fn create(name: &str) -> Value {
    json!({ "query": CREATE, "variables": { "input": crate::support::new_user(name) } })
}

#[tokio::test]
async fn the_same_request_is_answered_again_and_carried_out_once() {
    TestApp::builder()
        .on_both(async |app| {
            let owner = app.owner().await;
            let first = send(&app, &owner, &["key-1"], &create("zo\u{eb}")).await;
            assert!(
                !first.replayed && !first.user().is_empty(),
                "{}",
                first.body
            );
            let again = send(&app, &owner, &["\"key-1\""], &create("zo\u{eb}")).await;
            assert!(again.replayed);
            assert_eq!((again.status, &again.body), (first.status, &first.body));

            let other = send(&app, &owner, &["key-1"], &create("ben")).await;
            assert_eq!(
                (other.status, other.code().as_str()),
                (422, "IDEMPOTENCY_KEY_REUSED")
            );
            let admin = app.admin().await;
            let own = send(&app, &admin, &["key-1"], &create("ben")).await;
            assert!(!own.replayed && !own.user().is_empty(), "{}", own.body);

            app.clock.advance(Duration::from_secs(24 * 3_600 - 60));
            let owner = app.owner().await;
            assert!(
                send(&app, &owner, &["key-1"], &create("zo\u{eb}"))
                    .await
                    .replayed
            );
            app.clock.advance(Duration::from_secs(120));
            let late = send(&app, &owner, &["key-1"], &create("zo\u{eb}")).await;
            assert!(!late.replayed);
            let refused = &late.json()["data"]["userCreate"]["userErrors"][0]["code"];
            assert_eq!(refused, "ALREADY_EXISTS");
        })
        .await;
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    TestApp::builder()
        .on_both(async |app| {
            let owner = app.owner().await;
            let body = create("ada");
            let sent = (0..8).map(|_| send(&app, &owner, &["once"], &body));
            let answers = futures::future::join_all(sent).await;
            let made: Vec<_> = answers
                .iter()
                .filter(|answer| answer.status == 200)
                .collect();
            assert_eq!(made.iter().filter(|answer| !answer.replayed).count(), 1);
            assert!(made.iter().all(|answer| answer.user() == made[0].user()));
            for busy in answers.iter().filter(|answer| answer.status != 200) {
                assert_eq!(
                    (busy.status, busy.code().as_str()),
                    (409, "IDEMPOTENCY_KEY_IN_USE")
                );
            }
        })
        .await;
}

#[tokio::test]
async fn what_was_begun_is_finished_when_the_client_goes_away() {
    let app = TestApp::builder().sandbox().on_sqlite().await;
    let owner = app.owner().await;
    let app_id = add_app(&app, None).await;
    connect(&app, &owner, &app_id).await;
    let document = "mutation($input: OktaOrgTestInput!) { oktaOrgTest(input: $input) { userErrors { code } } }";
    let body = json!({ "query": document, "variables": { "input": { "appId": app_id } } });
    app.sandbox()
        .change_settings(|settings| settings.latency_ms = 1_000);
    let impatient = send(&app, &owner, &["gone"], &body);
    let db = app.database().await;
    let begun = wait_until("the server to be at it", 20, async || {
        let begun = Statement::from_string(db.get_database_backend(), "SELECT id FROM kept_answer");
        db.query_one_raw(begun).await.unwrap().map(|_| ())
    });
    tokio::select! {
        _ = impatient => panic!("it is answered already"),
        () = begun => {}
    }
    let answer = wait_until("the answer", 20, async || {
        let answer = send(&app, &owner, &["gone"], &body).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert!(answer.replayed, "{}", answer.body);
}

#[tokio::test]
async fn what_was_never_answered_is_not_carried_out_again() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let first = send(&app, &owner, &["lost"], &create("ada")).await;
    assert_eq!(first.status, 200);
    // As if the process had been killed before it kept the answer.
    let db = app.database().await;
    let lose = "UPDATE kept_answer SET status = NULL, body = NULL, finished_at = NULL";
    db.execute_unprepared(lose).await.unwrap();
    let soon = send(&app, &owner, &["lost"], &create("ada")).await;
    assert_eq!(
        (soon.status, soon.code().as_str()),
        (409, "IDEMPOTENCY_KEY_IN_USE")
    );
    app.clock.advance(Duration::from_secs(36));
    let later = send(&app, &owner, &["lost"], &create("ada")).await;
    assert_eq!(
        (later.status, later.code().as_str()),
        (409, "IDEMPOTENCY_OUTCOME_UNKNOWN")
    );
}

#[tokio::test]
async fn nothing_is_kept_of_what_changes_nothing_and_nothing_in_clear() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let wrong = json!({ "query": "mutation { nothing }" });
    let query = json!({ "query": "{ viewer { user { name } } }" });
    for body in [&wrong, &query, &wrong, &query] {
        let answer = send(&app, &owner, &["k"], body).await;
        assert!(!answer.replayed, "{}", answer.body);
    }
    let kept = send(&app, &owner, &["k"], &create("ada")).await;
    let user = kept.user();
    let db = app.database().await;
    let all = Statement::from_string(db.get_database_backend(), "SELECT body FROM kept_answer");
    let rows = db.query_all_raw(all).await.unwrap();
    assert_eq!(rows.len(), 1);
    let body: Vec<u8> = rows[0].try_get("", "body").unwrap();
    assert!(!String::from_utf8_lossy(&body).contains(&user));
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_and_nothing_happens() {
    let app = TestApp::builder().on_sqlite().await;
    let owner = app.owner().await;
    let (longest, longer) = ("k".repeat(255), "k".repeat(256));
    for keys in [
        &[""][..],
        &["\"\""],
        &[&longer],
        &["a", "b"],
        &["sch\u{f6}n"],
        &["a\"b"],
    ] {
        let answer = send(&app, &owner, keys, &create("ada")).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "BAD_REQUEST"),
            "{keys:?}"
        );
    }
    let answer = send(&app, &owner, &[&longest], &create("ada")).await;
    assert!(!answer.user().is_empty(), "{}", answer.body);
}
