//! Connections: each is served on its own, and closed when its client falls silent.
//!
//! `axum::serve` gives its connections no timer, so that a client which never ends its headers, or says nothing at all, would keep one of the process's
//! file descriptors for ever, without a token.

use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

type Connection = http1::UpgradeableConnection<TokioIo<TcpStream>, TowerToHyperService<Router>>;

/// For the headers of a request to arrive, counted from the end of the one before: also how long an idle connection is kept. Balancers commonly close theirs
/// after 60 seconds, and should be the first to do so.
pub const QUIET_FOR: Duration = Duration::from_secs(75);

/// Serves the routes until `shutdown`, then lets the requests under way end.
pub async fn serve(
    mut listener: TcpListener,
    routes: Router,
    quiet_for: Duration,
    shutdown: CancellationToken,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(quiet_for);
    let connections = TaskTracker::new();
    loop {
        let stream = tokio::select! {
            (stream, _) = Listener::accept(&mut listener) => stream,
            () = shutdown.cancelled() => break,
        };
        let routes = TowerToHyperService::new(routes.clone());
        let connection = http.serve_connection(TokioIo::new(stream), routes);
        connections.spawn(to_its_end(connection.with_upgrades(), shutdown.clone()));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn to_its_end(connection: Connection, shutdown: CancellationToken) {
    let mut connection = pin!(connection);
    let end = tokio::select! {
        end = connection.as_mut() => end,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = end {
        tracing::debug!(%error, "a connection broke");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::timeout;

    const PATIENCE: Duration = Duration::from_secs(10);

    async fn listen(quiet_for: Duration) -> (std::net::SocketAddr, CancellationToken) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let routes = Router::new().route("/", get(async || "here"));
        tokio::spawn(serve(listener, routes, quiet_for, shutdown.clone()));
        (address, shutdown)
    }

    /// All that comes until the server closes the connection.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        let read = timeout(PATIENCE, stream.read_to_string(&mut text)).await;
        read.expect("the connection stays open").unwrap();
        text
    }

    #[tokio::test]
    async fn a_client_that_falls_silent_is_let_go() {
        let (address, _shutdown) = listen(Duration::from_millis(100)).await;
        let whole = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";
        for said in ["", "GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ", whole] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            let answered = rest(&mut stream).await.ends_with("here");
            assert_eq!(answered, said == whole, "{said:?}");
        }
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_hold_up_the_end() {
        let (address, shutdown) = listen(QUIET_FOR).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            .await
            .unwrap();
        let mut first = [0; 4];
        stream.read_exact(&mut first).await.unwrap();
        shutdown.cancel();
        assert!(rest(&mut stream).await.ends_with("here"));
        assert!(TcpStream::connect(address).await.is_err());
    }
}
