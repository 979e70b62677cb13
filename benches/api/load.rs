//! Clients that ask one question after the other over connections that stay open, and do as little else as they can: they share the processors with the
//! servers.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A request that can be sent again and again.
#[derive(Clone, Debug)]
pub struct Question {
    address: String,
    authorization: String,
    body: Bytes,
}

impl Question {
    /// Asks the server at `url`, which is `http://ADDRESS`.
    pub fn new(url: &str, token: &str, body: &Value) -> Self {
        Self {
            address: url.trim_start_matches("http://").to_owned(),
            authorization: format!("Bearer {token}"),
            body: body.to_string().into(),
        }
    }

    /// One answer over a connection of its own; `None` when there is no such answer.
    pub async fn try_ask(&self) -> Option<Bytes> {
        let mut connection = connect(&self.address).await?;
        self.ask(&mut connection).await
    }

    async fn ask(&self, connection: &mut SendRequest<Full<Bytes>>) -> Option<Bytes> {
        let request = Request::post("/graphql")
            .header(header::HOST, &self.address)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Full::new(self.body.clone()))
            .unwrap();
        let answer = connection.send_request(request).await.ok()?;
        let status = answer.status();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        (status == StatusCode::OK).then_some(body)
    }
}

async fn connect(address: &str) -> Option<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    Some(sender)
}

/// What came of a while of asking.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// How long each answer took, shortest first.
    pub took: Vec<Duration>,
    /// Answers in a second.
    pub per_second: f64,
    /// Bytes of all answers.
    pub bytes: usize,
}

impl Turn {
    /// The time within which this part of the answers came.
    pub fn within(&self, part: f64) -> Duration {
        let at = (self.took.len() as f64 * part) as usize;
        self.took[at.min(self.took.len() - 1)]
    }
}

/// Has so many clients ask these questions in turn for a while.
pub async fn turn(questions: &[Question], clients: usize, length: Duration) -> Turn {
    let connections = (0..clients).map(|_| connect(&questions[0].address));
    let connections = join_all(connections).await;
    let start = Instant::now();
    let clients = connections.into_iter().enumerate().map(|(n, connection)| {
        let mut connection = connection.unwrap();
        let questions = questions.to_vec();
        tokio::spawn(async move {
            let (mut took, mut bytes) = (Vec::new(), 0);
            // Each client begins at another page.
            for question in questions.iter().cycle().skip(n) {
                let asked = Instant::now();
                if asked - start > length {
                    break;
                }
                let answer = question.ask(&mut connection).await;
                bytes += answer.expect("an answer with status 200").len();
                took.push(asked.elapsed());
            }
            (took, bytes)
        })
    });
    let mut turn = Turn::default();
    for client in join_all(clients).await {
        let (took, bytes) = client.unwrap();
        turn.took.extend(took);
        turn.bytes += bytes;
    }
    turn.per_second = turn.took.len() as f64 / start.elapsed().as_secs_f64();
    turn.took.sort_unstable();
    turn
}
