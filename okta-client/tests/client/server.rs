//! A scripted HTTP/1.1 server: one reply per connection, in the order given, and a record of what came in.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use okta_client::{Auth, Client, ClientBuilder, Limits};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `METHOD target`.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What to do with one request.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    template: Option<(String, String)>,
    fault: Fault,
}

#[derive(Clone, Debug, Default)]
enum Fault {
    #[default]
    None,
    /// Close without a word.
    Silence,
    /// Announce one byte more than is sent, then close.
    Cut,
    /// One byte at a time.
    Trickle(Duration),
    /// Send half of the body and then nothing, without closing.
    Stall,
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::status(status)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Puts the server's own URL of `target` where `mark` is in the body.
    pub fn templated(mut self, mark: &str, target: &str) -> Self {
        self.template = Some((mark.to_owned(), target.to_owned()));
        self
    }

    /// The body in one chunk, without its length beforehand.
    pub fn chunked(mut self) -> Self {
        let length = format!("{:x}\r\n", self.body.len());
        self.body = [length.as_bytes(), &self.body, b"\r\n0\r\n\r\n"].concat();
        self.header("transfer-encoding", "chunked")
    }

    pub fn silence() -> Self {
        Self {
            fault: Fault::Silence,
            ..Self::default()
        }
    }

    pub fn cut(mut self) -> Self {
        self.fault = Fault::Cut;
        self
    }

    pub fn stall(mut self) -> Self {
        self.fault = Fault::Stall;
        self
    }

    pub fn trickle(mut self, pause: Duration) -> Self {
        self.fault = Fault::Trickle(pause);
        self
    }

    fn fill(mut self, origin: &str) -> Self {
        if let Some((mark, target)) = self.template.take() {
            let body = String::from_utf8(self.body).unwrap();
            self.body = body.replace(&mark, &format!("{origin}{target}")).into();
        }
        self
    }

    /// `{origin}` in header values stands for the server's own origin.
    fn head(&self, origin: &str) -> String {
        let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {}\r\n", value.replace("{origin}", origin));
        }
        let length = self.body.len() + usize::from(matches!(self.fault, Fault::Cut));
        let told = |(name, _): &(String, String)| {
            matches!(name.as_str(), "content-length" | "transfer-encoding")
        };
        if self.status != 204 && !self.headers.iter().any(told) {
            head += &format!("content-length: {length}\r\n");
        }
        head + "\r\n"
    }
}

pub struct Server {
    pub origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let replies: Vec<_> = replies.into_iter().collect();
        let (own, log) = (origin.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            for reply in replies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                log.lock().unwrap().push(request);
                let (own, reply) = (own.clone(), reply.fill(&own));
                tokio::spawn(async move { write(&mut stream, &reply, &own).await });
            }
        });
        Self { origin, seen }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn builder(&self) -> ClientBuilder {
        Client::builder(Url::parse(&self.origin).unwrap())
            .allow_loopback_http(true)
            .limits(Limits {
                total_timeout: Duration::from_secs(5),
                ..Limits::default()
            })
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }
}

pub fn auth() -> Auth {
    Auth::Bearer("sesame-0123".into())
}

async fn read(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next().unwrap().replace(" HTTP/1.1", "");
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut seen = Seen {
        line,
        headers,
        body: bytes.split_off(end),
    };
    let length: usize = seen
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while seen.body.len() < length {
        assert_ne!(stream.read_buf(&mut seen.body).await.unwrap(), 0);
    }
    seen
}

/// The client may hang up at any time, so failed writes are no failure of the test.
async fn write(stream: &mut TcpStream, reply: &Reply, origin: &str) {
    if matches!(reply.fault, Fault::Silence) {
        return;
    }
    let _ = stream.write_all(reply.head(origin).as_bytes()).await;
    match reply.fault {
        Fault::Trickle(pause) => {
            for byte in &reply.body {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        }
        Fault::Stall => {
            let half = &reply.body[..reply.body.len() / 2];
            let _ = stream.write_all(half).await;
            std::future::pending::<()>().await;
        }
        Fault::None | Fault::Silence | Fault::Cut => {
            let _ = stream.write_all(&reply.body).await;
        }
    }
    let _ = stream.shutdown().await;
}
