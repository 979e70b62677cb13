//! The protocol over real sockets.

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::http::testing::{PATIENCE, TestApi};

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn try_connect(
    api: TestApi,
    headers: &[(&'static str, &str)],
) -> Result<Client, tungstenite::Error> {
    let address = api.listen().await;
    let mut request = format!("ws://{address}/graphql").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    connect_async(request)
        .await
        .map(|(socket, _)| Client(socket))
}

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

async fn connect(api: TestApi) -> Client {
    try_connect(api, &[PROTOCOL]).await.unwrap()
}

/// A connection that has been acknowledged.
async fn ready(api: TestApi) -> Client {
    let mut client = connect(api).await;
    client.say(json!({ "type": "connection_init" })).await;
    assert_eq!(client.hear().await, json!({ "type": "connection_ack" }));
    client
}

impl Client {
    async fn say(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": { "query": query } }))
            .await;
    }

    async fn frame(&mut self) -> Message {
        timeout(PATIENCE, self.0.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
    }

    async fn hear(&mut self) -> Value {
        serde_json::from_str(self.frame().await.to_text().unwrap()).unwrap()
    }

    /// The code that the server closes with.
    async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.frame().await {
                return frame.unwrap().code.into();
            }
        }
    }
}

#[tokio::test]
async fn results_come_until_the_operation_is_over() {
    let mut client = ready(TestApi::default()).await;
    client.subscribe("1", "subscription{count(to:2)}").await;
    for n in [1, 2] {
        assert_eq!(
            client.hear().await,
            json!({ "type": "next", "id": "1", "payload": { "data": { "count": n } } })
        );
    }
    assert_eq!(
        client.hear().await,
        json!({ "type": "complete", "id": "1" })
    );
    client.subscribe("1", "{hello}").await;
    assert_eq!(
        client.hear().await["payload"],
        json!({ "data": { "hello": "hello " } })
    );
    assert_eq!(client.hear().await["type"], "complete");
}

#[tokio::test]
async fn a_refused_operation_is_an_error_message_and_nothing_more() {
    let mut client = ready(TestApi::default()).await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription{a:count(to:1) b:count(to:1)}",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription($n:Int!){count(to:$n)}", "BAD_USER_INPUT"),
        ("subscription{panicking}", "INTERNAL"),
        ("{panics}", "INTERNAL"),
    ] {
        client.subscribe("1", query).await;
        let message = client.hear().await;
        assert_eq!(
            (
                &message["type"],
                &message["payload"][0]["extensions"]["code"]
            ),
            (&json!("error"), &json!(code))
        );
    }
    client.say(json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
}

#[tokio::test]
async fn errors_of_execution_are_results_and_masked() {
    let mut client = ready(TestApi::default()).await;
    for (query, code) in [
        ("subscription{failing}", "INTERNAL"),
        ("subscription{refused}", "FORBIDDEN"),
    ] {
        client.subscribe("1", query).await;
        let mut message = client.hear().await;
        while message["payload"]["errors"].is_null() {
            message = client.hear().await;
        }
        assert_eq!(
            (
                &message["type"],
                &message["payload"]["errors"][0]["extensions"]["code"]
            ),
            (&json!("next"), &json!(code))
        );
        assert!(!message.to_string().contains("hunter2"));
        while client.hear().await["type"] != "complete" {}
    }
}

#[tokio::test]
async fn a_stopped_operation_says_nothing_more_and_frees_its_id() {
    let mut client = ready(TestApi::default()).await;
    client.subscribe("1", "subscription{silence}").await;
    client.say(json!({ "type": "complete", "id": "1" })).await;
    client
        .say(json!({ "type": "complete", "id": "unknown" }))
        .await;
    client.subscribe("1", "{hello}").await;
    assert_eq!(client.hear().await["type"], "next");
}

#[tokio::test]
async fn breaches_of_the_protocol_have_their_codes() {
    let mut client = connect(TestApi::default()).await;
    client.subscribe("1", "{hello}").await;
    assert_eq!(client.closed().await, 4401);

    let mut client = ready(TestApi::default()).await;
    client.say(json!({ "type": "connection_init" })).await;
    assert_eq!(client.closed().await, 4429);

    let mut client = ready(TestApi::default()).await;
    client.subscribe("1", "subscription{silence}").await;
    client.subscribe("1", "subscription{silence}").await;
    assert_eq!(client.closed().await, 4409);

    for message in [
        json!({ "type": "start" }),
        json!([]),
        json!({ "type": "subscribe", "id": "1", "payload": {} }),
    ] {
        let mut client = ready(TestApi::default()).await;
        client.say(message).await;
        assert_eq!(client.closed().await, 4400);
    }

    let mut client = ready(TestApi::default()).await;
    client.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(client.closed().await, 4400);
}

#[tokio::test]
async fn a_client_that_does_not_introduce_itself_is_closed() {
    let mut api = TestApi::default();
    api.config.socket.init_timeout_ms = 30;
    assert_eq!(connect(api).await.closed().await, 4408);
}

#[tokio::test]
async fn the_subprotocol_is_required() {
    for protocol in [None, Some(("sec-websocket-protocol", "graphql-ws"))] {
        let headers: Vec<_> = protocol.into_iter().collect();
        match try_connect(TestApi::default(), &headers).await {
            Ok(mut client) => assert_eq!(client.closed().await, 4406),
            // This client itself refuses an upgrade without the protocol that it asked for.
            Err(error) => assert!(protocol.is_some(), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_token_is_taken_from_the_init_message_or_the_upgrade() {
    let demanding = || TestApi {
        token_demanded: true,
        ..TestApi::default()
    };
    for name in ["authorization", "Authorization"] {
        let mut client = connect(demanding()).await;
        client
            .say(json!({ "type": "connection_init", "payload": { name: "Bearer alice" } }))
            .await;
        assert_eq!(client.hear().await["type"], "connection_ack");
        client.subscribe("1", "{viewer}").await;
        assert_eq!(client.hear().await["payload"]["data"]["viewer"], "alice");
    }
    let mut client = try_connect(demanding(), &[PROTOCOL, ("authorization", "Bearer alice")])
        .await
        .unwrap();
    client
        .say(json!({ "type": "connection_init", "payload": { "authorization": "" } }))
        .await;
    assert_eq!(client.hear().await["type"], "connection_ack");

    for payload in [
        json!({}),
        json!({ "authorization": "Bearer mallory" }),
        json!({ "authorization": 1 }),
    ] {
        let mut client = connect(demanding()).await;
        client
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(client.closed().await, 4401);
    }
    let mut client = connect(demanding()).await;
    client
        .say(json!({ "type": "connection_init", "payload": { "authorization": "Bearer later" } }))
        .await;
    assert_eq!(client.closed().await, 1013);
}

#[tokio::test]
async fn a_connection_ends_with_its_token_or_with_the_process() {
    let mut client = connect(TestApi::default()).await;
    client
        .say(json!({ "type": "connection_init", "payload": { "authorization": "Bearer brief" } }))
        .await;
    client.subscribe("1", "subscription{silence}").await;
    assert_eq!(client.closed().await, 4401);

    let api = TestApi::default();
    let shutdown = api.shutdown.clone();
    let mut client = ready(api).await;
    shutdown.cancel();
    assert_eq!(client.closed().await, 1001);
}

#[tokio::test]
async fn a_client_that_leaves_is_answered() {
    let mut client = ready(TestApi::default()).await;
    client.subscribe("1", "subscription{silence}").await;
    client.0.close(None).await.unwrap();
    let answer = timeout(PATIENCE, client.0.next()).await.unwrap();
    assert!(matches!(answer, Some(Ok(Message::Close(_)))), "{answer:?}");
}

#[tokio::test]
async fn foreign_pages_cannot_connect() {
    for (origin, permitted) in [
        ("https://panel.example", true),
        ("https://evil.example", false),
    ] {
        let outcome = try_connect(TestApi::default(), &[PROTOCOL, ("origin", origin)]).await;
        assert_eq!(outcome.is_ok(), permitted, "{origin}");
    }
}

#[tokio::test]
async fn a_connection_has_its_limits() {
    let mut api = TestApi::default();
    api.config.socket.max_operations = 2;
    let mut client = ready(api).await;
    for id in ["1", "2", "3"] {
        client.subscribe(id, "subscription{silence}").await;
    }
    let refused = client.hear().await;
    assert_eq!(
        (&refused["id"], &refused["payload"][0]["extensions"]["code"]),
        (&json!("3"), &json!("TOO_MANY_OPERATIONS"))
    );

    let mut api = TestApi::default();
    api.config.socket.max_message_bytes = 1_000;
    let mut client = ready(api).await;
    client
        .0
        .send(Message::text("x".repeat(1_001)))
        .await
        .unwrap();
    assert_eq!(client.closed().await, 1009);

    let mut api = TestApi::default();
    api.config.max_streams = 0;
    assert!(try_connect(api, &[PROTOCOL]).await.is_err());
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_dropped() {
    let mut api = TestApi::default();
    api.config.socket.ping_interval_ms = 30;
    let mut client = ready(api).await;
    assert!(matches!(client.frame().await, Message::Ping(_)));
    // Reading is what makes this client answer, so only silence follows for two intervals.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let ended = async { while let Some(Ok(_)) = client.0.next().await {} };
    timeout(PATIENCE, ended).await.unwrap();
}
