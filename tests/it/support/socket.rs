//! A subscription over `graphql-transport-ws`, as a panel would hold one.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long an event may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// One subscription.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Subscribes to `document` with a token.
    pub async fn subscribe(base_url: &str, token: &str, document: &str, variables: Value) -> Self {
        let mut socket = Self::open(base_url, token).await;
        socket.begin("1", document, variables).await;
        socket
    }

    /// Opens a connection with a token.
    pub async fn open(base_url: &str, token: &str) -> Self {
        let mut socket = Self::knock(base_url, token).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
    }

    /// A connection that was asked to begin with a token, and has not answered yet.
    async fn knock(base_url: &str, token: &str) -> Self {
        let url = format!("{}/graphql", base_url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (stream, _) = connect_async(request).await.unwrap();
        let mut socket = Self(stream);
        let authorization = format!("Bearer {token}");
        let payload = json!({ "Authorization": authorization, "authorization": authorization });
        socket
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        socket
    }

    /// The code with which a connection with this token is refused; panics when it is opened.
    pub async fn refused(base_url: &str, token: &str) -> u16 {
        Self::knock(base_url, token).await.closed().await
    }

    /// Begins an operation under an id.
    pub async fn begin(&mut self, id: &str, document: &str, variables: Value) {
        self.begin_as(id, json!({ "query": document, "variables": variables }))
            .await;
    }

    /// Begins an operation under an id, asked for in words of the caller's own.
    pub async fn begin_as(&mut self, id: &str, payload: Value) {
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// The code with which the server ends the connection; panics when something else comes.
    pub async fn closed(&mut self) -> u16 {
        let frame = timeout(PATIENCE, self.0.next()).await.unwrap();
        match frame.unwrap().unwrap() {
            Message::Close(Some(close)) => close.code.into(),
            other => panic!("expected the end, got {other:?}"),
        }
    }

    async fn say(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message, whatever it is.
    pub async fn hear(&mut self) -> Value {
        serde_json::from_str(&self.hear_raw().await).unwrap()
    }

    /// As [`Self::hear`], as it came.
    pub async fn hear_raw(&mut self) -> String {
        let frame = loop {
            let frame = timeout(PATIENCE, self.0.next()).await;
            let frame = frame.unwrap().unwrap().unwrap();
            if !frame.is_ping() {
                break frame;
            }
        };
        frame.to_text().unwrap().to_owned()
    }

    /// The next message, or the code with which the server ends the connection.
    pub async fn hear_or_end(&mut self) -> Result<Value, u16> {
        let frame = timeout(PATIENCE, self.0.next()).await.unwrap();
        match frame.unwrap().unwrap() {
            Message::Close(Some(close)) => Err(close.code.into()),
            other => Ok(serde_json::from_str(other.to_text().unwrap()).unwrap()),
        }
    }

    /// The data of the next event; panics when something else comes.
    pub async fn event(&mut self) -> Value {
        let message = self.hear().await;
        assert_eq!(message["type"], "next", "{message:#}");
        assert_eq!(message["payload"].get("errors"), None, "{message:#}");
        message["payload"]["data"].clone()
    }
}
