//! The engine: how fast it is beside a bare client, how few calls it makes, and how well it uses what Okta allows.
//!
//! ```sh
//! cargo bench --bench engine                       # all of it; the pace alone takes ten minutes
//! cargo bench --bench engine -- --section speed
//! cargo bench --bench engine -- --database-url postgres://me@localhost/an_empty_database
//! ```
//!
//! The server is a process of its own, by default on SQLite with full durability, and the org is in this one.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark measures real time, and says that it cannot go on by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod bare;
mod calls;
mod figures;
mod pace;
mod people;
mod speed;

use clap::{Parser, ValueEnum};
use okta_sandbox::Settings;

use self::support::{Report, Server, accounts, connect, org};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Changes a second, beside a bare client
    Speed,
    /// Calls for each operation
    Calls,
    /// The share of Okta's limit that is used, and the time that is told
    Pace,
}

#[derive(Debug, Parser)]
struct Options {
    /// Only these; may be repeated
    #[arg(long, value_enum)]
    section: Vec<Section>,
    /// People whose accounts are created and changed where the speed is measured
    #[arg(long, default_value_t = 3_000)]
    people: usize,
    /// People who are created under a limit of 600 calls a minute
    #[arg(long, default_value_t = 5_000)]
    paced: usize,
    /// An empty PostgreSQL database, instead of SQLite
    #[arg(long)]
    database_url: Option<String>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// People of the org whom nothing is done to.
const OTHERS: std::ops::Range<usize> = 3_000_000..3_001_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let wanted = |section| options.section.is_empty() || options.section.contains(&section);
    let database = match &options.database_url {
        Some(_) => "PostgreSQL",
        None => "SQLite",
    };
    println!("engine: {database}");
    let mut report = Report::default();
    let server = Server::start(options.database_url.as_deref()).await;
    let okta = org(&server, Settings::default(), accounts(OTHERS)).await;
    let at = connect(&server.owner, &server, okta).await;
    people::switch_on(&server.owner, &at.app).await;
    if wanted(Section::Speed) {
        speed::measure(&server, &at, &mut report, options.people).await;
    }
    if wanted(Section::Calls) {
        calls::measure(&server, &at, &mut report).await;
    }
    if wanted(Section::Pace) {
        pace::measure(&server, &at, &mut report, options.paced).await;
    }
    report.so_far(&server);
    report.end();
}
