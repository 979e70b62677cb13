//! A way to PostgreSQL that can be disturbed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use url::Url;

/// Passes connections on, until it is told to fall silent.
#[derive(Clone)]
pub struct Relay {
    /// Connections that began before the last silence pass nothing on any more, and stay open.
    silence: Arc<watch::Sender<u32>>,
    /// New ones are silent as well.
    gone: Arc<AtomicBool>,
    /// How much longer everything takes in each direction, milliseconds.
    delay_ms: Arc<AtomicU64>,
}

impl Relay {
    /// A way to the server at `url`, and the address of the same database by it.
    pub async fn to(url: &str) -> (Self, String) {
        let relay = Self {
            silence: Arc::new(watch::Sender::new(0)),
            gone: Arc::default(),
            delay_ms: Arc::default(),
        };
        let server = Url::parse(url).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut by = server.clone();
        by.set_query(None);
        by.set_host(Some("127.0.0.1")).unwrap();
        by.set_port(Some(listener.local_addr().unwrap().port()))
            .unwrap();
        tokio::spawn(relay.clone().accept(listener, server));
        (relay, by.into())
    }

    /// From now on nothing comes through on the connections that there are, in either direction, and nobody is told.
    pub fn fall_silent(&self) {
        self.silence.send_modify(|silence| *silence += 1);
    }

    /// As [`Self::fall_silent`], also on new connections, until [`Self::come_back`].
    pub fn go_away(&self) {
        self.gone.store(true, Ordering::SeqCst);
        self.fall_silent();
    }

    /// New connections come through again.
    pub fn come_back(&self) {
        self.gone.store(false, Ordering::SeqCst);
    }

    /// From now on everything takes so much longer, in each direction.
    pub fn slow_down(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap();
        self.delay_ms.store(ms, Ordering::SeqCst);
    }

    async fn accept(self, listener: TcpListener, server: Url) {
        let socket = server.query_pairs().find(|(name, _)| name == "host");
        let socket = socket.map(|(_, dir)| format!("{dir}/.s.PGSQL.5432"));
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let silence = self.silence.subscribe();
            let delay_ms = Arc::clone(&self.delay_ms);
            if self.gone.load(Ordering::SeqCst) {
                tokio::spawn(async move {
                    let _open = client;
                    std::future::pending::<()>().await;
                });
                continue;
            }
            match &socket {
                Some(path) => {
                    let (up, down) = UnixStream::connect(path).await.unwrap().into_split();
                    pass_on(client, up, down, (silence, delay_ms));
                }
                None => {
                    let port = server.port().unwrap_or(5432);
                    let address = format!("{}:{port}", server.host_str().unwrap());
                    let (up, down) = TcpStream::connect(address).await.unwrap().into_split();
                    pass_on(client, up, down, (silence, delay_ms));
                }
            }
        }
    }
}

/// What is done to a connection: silence from some time on, and a delay.
type Disturbance = (watch::Receiver<u32>, Arc<AtomicU64>);

fn pass_on<R, W>(client: TcpStream, from_server: R, to_server: W, disturbance: Disturbance)
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (from_client, to_client) = client.into_split();
    tokio::spawn(copy(from_client, to_server, disturbance.clone()));
    tokio::spawn(copy(from_server, to_client, disturbance));
}

/// Copies until one side ends. After the silence began, both ends are kept open and nothing is read.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    (mut silence, delay_ms): Disturbance,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            biased;
            _ = silence.changed() => std::future::pending().await,
            read = from.read(&mut buffer) => read,
        };
        match read {
            Ok(0) | Err(_) => return,
            Ok(length) => {
                let delay = delay_ms.load(Ordering::SeqCst);
                if delay > 0 {
                    tokio::time::sleep(Duration::from_millis(delay)).await;
                }
                if to.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}
