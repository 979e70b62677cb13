//! Broken, hostile and slow servers: what the client makes of them, and what it says became of the call.

use std::time::Duration;

use okta_client::{AddressPolicy, Client, Error, Limits, Outcome, User, UserQuery};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

use crate::server::{Reply, Server, auth};

const ID: &str = "00usfhrjbkppPBkoY4x6";

fn user(id: &str) -> Value {
    json!({"id": id, "status": "ACTIVE", "profile": {"login": "ada@acme.example"}})
}

async fn create(reply: Reply) -> Result<User, Error> {
    let server = Server::start([reply]).await;
    let result = server
        .client()
        .users(&auth())
        .create(&json!({}), true)
        .await;
    assert_eq!(server.seen().len(), 1, "never sent twice");
    result.map(|answer| answer.value)
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let elsewhere = Server::start([Reply::json(200, &user(ID))]).await;
        let target = format!("{}/api/v1/users/{ID}", elsewhere.origin);
        let error = create(Reply::status(status).header("location", &target))
            .await
            .unwrap_err();
        assert!(matches!(&error, Error::Redirected(meta) if meta.status == status));
        assert_eq!(
            (error.outcome(), error.retryable()),
            (Outcome::Unknown, false)
        );
        assert!(elsewhere.seen().is_empty());
    }
}

#[tokio::test]
async fn an_error_that_is_called_a_success_is_an_unknown_outcome() {
    let body = json!({ "errorCode": "E0000009", "errorSummary": "Internal Server Error", "errorCauses": [] });
    let server = Server::start([Reply::json(200, &body), Reply::json(200, &json!({}))]).await;
    let (client, auth) = (server.client(), auth());
    let users = client.users(&auth);
    let error = users.deactivate(ID, false).await.unwrap_err();
    assert!(matches!(error, Error::Garbled { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    users.deactivate(ID, false).await.unwrap();
}

#[tokio::test]
async fn unreadable_successes_are_unknown_outcomes() {
    let deep = format!(
        r#"{{"id":"{ID}","status":"ACTIVE","profile":{{"x":{}{}}}}}"#,
        "[".repeat(200),
        "]".repeat(200)
    );
    let bodies: [&[u8]; 9] = [
        b"",
        b"{\"id\":\"00u",
        b"<html>hunter2</html>",
        b"{\"hunter2\":1}",
        b"[]",
        b"null",
        b"{\"id\":\"../apps\",\"status\":\"ACTIVE\",\"profile\":{}}",
        b"{\"id\":\"00u1\",\"status\":\"ACTIVE\",\"profile\":{\"login\":\"\xff\"}}",
        deep.as_bytes(),
    ];
    for body in bodies {
        let error = create(Reply::status(200).body(body)).await.unwrap_err();
        assert!(matches!(error, Error::Garbled { .. }), "{error:?}");
        assert_eq!(
            (error.outcome(), error.retryable()),
            (Outcome::Unknown, true)
        );
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn another_users_record_is_no_answer() {
    let other = || Reply::json(200, &user("00uOther"));
    let server = Server::start([other(), other()]).await;
    let (client, auth) = (server.client(), auth());
    let read = client.users(&auth).get(ID).await.unwrap_err();
    assert!(matches!(read, Error::Garbled { .. }));
    let written = client
        .users(&auth)
        .update(ID, &json!({}))
        .await
        .unwrap_err();
    assert_eq!(written.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn a_dropped_connection_is_an_unknown_outcome() {
    let mut replies = vec![Reply::silence(), Reply::json(200, &user(ID)).cut()];
    replies.push(Reply::status(200).header("content-length", "nonsense"));
    for reply in replies {
        let error = create(reply).await.unwrap_err();
        assert!(matches!(error, Error::Dropped(_)), "{error:?}");
        assert_eq!(
            (error.outcome(), error.retryable()),
            (Outcome::Unknown, true)
        );
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_applied() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder(Url::parse(&origin).unwrap())
        .allow_loopback_http(true)
        .build()
        .unwrap();
    let error = client
        .users(&auth())
        .get_by_login("ada@acme.example")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Connect(_)));
    assert_eq!(
        (error.outcome(), error.retryable()),
        (Outcome::NotApplied, true)
    );
    assert!(
        !format!("{error:?}").contains("ada"),
        "no login in an error"
    );
}

#[tokio::test]
async fn a_host_inside_the_network_is_not_connected_to() {
    let url = Url::parse("https://localhost:1").unwrap();
    let client = Client::builder(url.clone()).build().unwrap();
    let error = client.users(&auth()).get(ID).await.unwrap_err();
    assert!(matches!(error, Error::AddressRefused), "{error:?}");
    assert_eq!(
        (error.outcome(), error.retryable()),
        (Outcome::NotApplied, false)
    );
    let allowed = Client::builder(url)
        .address_policy(AddressPolicy::AllowPrivate)
        .build()
        .unwrap();
    let error = allowed.users(&auth()).get(ID).await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
}

#[tokio::test]
async fn bodies_are_read_up_to_the_cap() {
    let body = user(ID).to_string();
    for (cap, fits) in [(body.len(), true), (body.len() - 1, false)] {
        for length in [true, false] {
            let reply = Reply::status(200).body(body.clone());
            let reply = if length { reply } else { reply.chunked() };
            let server = Server::start([reply]).await;
            let limits = Limits {
                max_body: cap,
                ..Limits::default()
            };
            let client = server.builder().limits(limits).build().unwrap();
            let result = client.users(&auth()).create(&json!({}), true).await;
            match result {
                Ok(_) => assert!(fits),
                Err(error) => {
                    assert!(!fits, "{error:?}");
                    assert!(matches!(error, Error::TooLarge { limit, .. } if limit == cap));
                    assert_eq!(error.outcome(), Outcome::Unknown);
                }
            }
        }
    }
}

#[tokio::test]
async fn an_answer_must_arrive_in_time() {
    let whole = || Reply::json(200, &user(ID));
    let quick = Duration::from_millis(150);
    let long = Duration::from_secs(60);
    for (reply, read_timeout, total_timeout) in [
        (whole().stall(), quick, long),
        (whole().stall(), long, quick),
        (
            whole().trickle(Duration::from_millis(40)),
            quick,
            Duration::from_millis(400),
        ),
    ] {
        let server = Server::start([reply]).await;
        let limits = Limits {
            read_timeout,
            total_timeout,
            ..Limits::default()
        };
        let client = server.builder().limits(limits).build().unwrap();
        let error = client
            .users(&auth())
            .create(&json!({}), true)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Timeout), "{error:?}");
        assert_eq!(
            (error.outcome(), error.retryable()),
            (Outcome::Unknown, true)
        );
    }
}

#[tokio::test]
async fn a_page_of_html_with_502_is_a_server_failure() {
    for status in [408, 500, 502, 503, 504] {
        let error = create(Reply::status(status).body("<html>Bad gateway</html>"))
            .await
            .unwrap_err();
        assert!(matches!(&error, Error::Server(refusal) if refusal.status == status));
        assert_eq!(error.code(), None);
        assert_eq!(
            (error.outcome(), error.retryable()),
            (Outcome::Unknown, true)
        );
    }
}

#[tokio::test]
async fn a_refusal_counts_even_if_its_body_breaks_off() {
    let body = json!({"errorCode": "E0000007"});
    let error = create(Reply::json(404, &body).cut()).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)));
    assert_eq!(error.outcome(), Outcome::NotApplied);
    assert!(
        !error.is_not_found(),
        "without Okta's code it is nobody's word"
    );
}

#[tokio::test]
async fn garbled_steps_and_lists_are_unknown_too() {
    let html = || Reply::status(200).body("<html></html>");
    let server = Server::start([html(), html(), html()]).await;
    let (client, auth) = (server.client(), auth());
    let users = client.users(&auth);
    assert!(matches!(
        users.suspend(ID).await,
        Err(Error::Garbled { .. })
    ));
    assert!(matches!(
        users.activate(ID, false).await,
        Err(Error::Garbled { .. })
    ));
    let list = users.list(&UserQuery::default()).await;
    assert!(matches!(list, Err(Error::Garbled { .. })));
}
