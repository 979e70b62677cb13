//! The import at its full size: a hundred thousand accounts in the sandbox against a hundred thousand people in the directory.
//!
//! ```sh
//! cargo bench --bench import
//! cargo bench --bench import -- --accounts 10000
//! ```
//!
//! The server is a process of its own, on SQLite with full durability. First nobody is linked, so everybody is a candidate, and all are
//! confirmed; then one in ten differs in Okta, and those are confirmed. Reading is compared in the same run with a bare client that turns the same
//! pages; the rest is measured at the API as a panel sees it.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark measures real time, and says that it cannot go on by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod bare;
mod difference;
mod run;
mod search;

use std::time::Instant;

use clap::Parser;
use futures::{StreamExt as _, stream};
use okta_sandbox::Settings;
use serde_json::json;

use self::run::Aim;
use self::support::{Client, Report, Server, accounts, connect, org, profile};

/// Latency of the sandbox where reading is compared with a bare client: without it a page takes 3 ms, while Okta takes some hundred, and two
/// processors have to serve, read and store at the same time.
const PAGE_MS: u64 = 50;
/// People created at once while the directory is filled.
const AT_ONCE: usize = 16;

#[derive(Debug, Parser)]
struct Options {
    /// Accounts in the org, and people in the directory
    #[arg(long, default_value_t = 100_000)]
    accounts: usize,
    /// Searches measured
    #[arg(long, default_value_t = 1_000)]
    searches: usize,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let n = options.accounts;
    let mut report = Report::default();
    println!("import: {n} accounts, {n} people, SQLite");
    let server = Server::start(None).await;
    let start = Instant::now();
    fill(&server.owner, n).await;
    report.says(
        "filling the directory through the API",
        &format!("{:.1} s", start.elapsed().as_secs_f64()),
    );
    report.so_far(&server);
    let okta = org(&server, Settings::default(), accounts(0..n)).await;
    let first = connect(&server.owner, &server, okta).await;

    println!("nobody is linked: everybody is a candidate");
    let import = run::read(&server, &first, &mut report, n, Aim::None).await;
    report.so_far(&server);
    run::confirm(&server, &first, &mut report, &import, n).await;
    report.so_far(&server);

    let different = difference::make(&first.okta, n).await;
    println!("everybody is linked, {different} differ");
    run::read(&server, &first, &mut report, n, Aim::Speed).await;
    report.so_far(&server);
    println!("the same, from an org that takes {PAGE_MS} ms for a page");
    first
        .okta
        .change_settings(|settings| settings.latency_ms = PAGE_MS);
    let import = run::read(&server, &first, &mut report, n, Aim::Overlap).await;
    first
        .okta
        .change_settings(|settings| settings.latency_ms = 0);
    run::confirm(&server, &first, &mut report, &import, different).await;
    report.so_far(&server);

    println!("looking, while another org is being read");
    let other = org(&server, Settings::default(), accounts(0..n)).await;
    let other = connect(&server.owner, &server, other).await;
    let listed = run::read_quietly(&server.owner, &other.app).await;
    search::measure(
        &server.owner,
        &first,
        &listed,
        &mut report,
        options.searches,
    )
    .await;

    report.at_most(
        "peak memory of the server",
        server.peak_memory(),
        150.0,
        "MiB",
    );
    report.end();
}

/// Fills the directory through the API.
async fn fill(owner: &Client, n: usize) {
    let people = (0..n).map(|n| {
        let okta = profile(n);
        json!({
            "userName": okta["login"], "primaryEmail": okta["email"],
            "givenName": okta["firstName"], "familyName": okta["lastName"],
        })
    });
    stream::iter(people)
        .for_each_concurrent(AT_ONCE, async |person| {
            owner.done("userCreate", person, "").await;
        })
        .await;
}
