//! The API: the list of assignments beside a bare handler and beside a Node server, and the time of the smallest query.
//!
//! ```sh
//! cargo bench --bench api                          # SQLite, then a PostgreSQL server that is started from the installed programs
//! cargo bench --bench api -- --section viewer
//! cargo bench --bench api -- --people 10000 --database-url postgres://me@localhost/an_empty_database
//! ```
//!
//! Every server is a process of its own and answers the same questions from the same database: 50 rows with person, role, account and last operation, at
//! the start of the list and in the middle of it. They take turns, several rounds long. What is aimed at is said in `docs/performance.md`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark measures real time, and says that it cannot go on by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../../tests/it/support/postgres.rs"]
#[expect(unused_imports, reason = "the suite tests it, too")]
mod postgres;
#[path = "../../tests/it/support/wait.rs"]
mod wait;

mod bare;
mod load;
mod node;
mod peers;
mod processor;
mod screen;
mod seed;
mod viewer;

use clap::{Parser, ValueEnum};
use okta_sandbox::Settings;

use self::support::process::directory;
use self::support::{Connected, Report, Server, accounts, connect, org};
use self::wait::wait_until;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    /// The list of assignments, beside the peers
    List,
    /// The smallest query, by one client
    Viewer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Backend {
    Sqlite,
    Postgres,
}

#[derive(Debug, Parser)]
struct Options {
    /// Only these; may be repeated
    #[arg(long, value_enum)]
    section: Vec<Section>,
    /// Only these databases; may be repeated
    #[arg(long, value_enum)]
    database: Vec<Backend>,
    /// People who have the app
    #[arg(long, default_value_t = 100_000)]
    people: usize,
    /// Clients that ask at the same time
    #[arg(long, default_value_t = 8)]
    clients: usize,
    /// Rounds in which each server has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of a turn
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// An empty PostgreSQL database, instead of a server of our own
    #[arg(long)]
    database_url: Option<String>,
    /// Without the peers, for a profiler
    #[arg(long)]
    only_ours: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
    #[command(flatten)]
    bare: bare::Options,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if let Some(port) = options.bare.bare_port {
        return bare::serve(port, &options.bare).await;
    }
    let mut report = Report::default();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if options.database.is_empty() || options.database.contains(&backend) {
            measure(&options, backend, &mut report).await;
        }
    }
    report.end();
}

async fn measure(options: &Options, backend: Backend, report: &mut Report) {
    let wanted = |section| options.section.is_empty() || options.section.contains(&section);
    let (name, url) = match (backend, &options.database_url) {
        (Backend::Sqlite, _) => ("SQLite", None),
        (Backend::Postgres, Some(url)) => ("PostgreSQL", Some(url.clone())),
        (Backend::Postgres, None) => ("PostgreSQL", Some(postgres::fresh_database().await)),
    };
    println!("api: {name}, {} people", options.people);
    let file = format!(
        "sqlite://{}/data/provisioner.sqlite3",
        directory().display()
    );
    let server = Server::start(url.as_deref()).await;
    let okta = org(&server, Settings::default(), accounts(0..0)).await;
    let Connected { app, okta: _org } = connect(&server.owner, &server, okta).await;
    let url = url.unwrap_or(file);
    let places = seed::sow(&url, options.people).await;
    if wanted(Section::Viewer) {
        viewer::measure(&server, report).await;
    }
    if wanted(Section::List) {
        screen::measure(options, backend, &server, &app, &url, &places, report).await;
    }
    report.so_far(&server);
}
