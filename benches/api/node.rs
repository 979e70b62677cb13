//! The Node server in `benches/peers/mercurius`.

use std::process::{Command, Stdio};

use super::peers::Peer;
use super::support::free_port;
use super::{load::Question, screen};

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/mercurius");
const TOKEN: &str = "a-token-that-is-only-compared";

/// Installs and starts it; `None`, and a loud word, where Node or its packages are not to be had.
pub async fn start(url: &str, threads: usize, screen: &screen::Pages<'_>) -> Option<Peer> {
    let installed = Command::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--loglevel=error",
            "--prefix",
            DIRECTORY,
        ])
        .stdout(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        println!("  LEFT OUT: the Node server, as `npm ci` in {DIRECTORY} does not succeed");
        return None;
    }
    let port = free_port();
    let child = Command::new("node")
        .arg(format!("{DIRECTORY}/server.mjs"))
        .env("DATABASE_URL", url)
        .env("TOKEN", TOKEN)
        .env("PORT", port.to_string())
        .env("THREADS", threads.to_string())
        .env("NODE_ENV", "production")
        .spawn()
        .unwrap();
    let address = format!("http://127.0.0.1:{port}");
    let bodies = screen.of_node();
    let questions = bodies.map(|body| Question::new(&address, TOKEN, &body));
    Some(
        Peer::started(
            "Node: mercurius, JIT, dataloader, pg",
            child,
            questions.collect(),
        )
        .await,
    )
}
