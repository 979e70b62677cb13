//! One import: read, confirmed, and what it cost.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bare;
use super::support::{Client, Connected, Report, Server};

/// Between two looks at an import that runs.
const LOOK_EVERY: Duration = Duration::from_millis(25);
const IMPORT: &str = "query($id: ID!) { node(id: $id) { ... on Import { status selectionVersion heldDeactivations problem { code message }
    progress { fetched matched inSync calls } outcomes { outcome count } candidates(first: 1) { totalCount } } } }";

/// What a reading is measured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Nothing but its calls.
    None,
    /// How many accounts it gets through.
    Speed,
    /// How little longer it takes than Okta does.
    Overlap,
}

/// Reads the org, and compares with a bare client before and after.
pub async fn read(
    server: &Server,
    at: &Connected,
    report: &mut Report,
    n: usize,
    aim: Aim,
) -> String {
    let owner = &server.owner;
    let bare_before = bare::turn_pages(&at.okta).await;
    let (position, processor) = (at.okta.position(), server.processor_seconds());
    let start = Instant::now();
    let import = start_import(owner, &at.app).await;
    reach(owner, &import, "READY").await;
    let took = start.elapsed().as_secs_f64();
    let processor = server.processor_seconds() - processor;
    let calls = at.okta.requests_since(position).len();
    let bare = (bare_before + bare::turn_pages(&at.okta).await).as_secs_f64() / 2.0;
    let now = look(owner, &import).await;
    let fetched = now["progress"]["fetched"].as_f64().unwrap();
    report.says("on the list", &now["candidates"]["totalCount"].to_string());
    report.at_most("calls to Okta", calls as f64, most_calls(n), "");
    report.says("a bare client turns the pages in", &format!("{bare:.2} s"));
    report.says("reading took", &format!("{took:.2} s"));
    let (ratio, speed) = (took / bare, fetched / took);
    let (of_ratio, of_speed) = (
        "reading, in times of the bare client",
        "accounts read, classified and stored",
    );
    match aim {
        Aim::Overlap => report.at_most(of_ratio, ratio, 1.1, ""),
        _ => report.says(of_ratio, &format!("{ratio:.2}")),
    }
    match aim {
        Aim::Speed => report.at_least(of_speed, speed, 20_000.0, "/s"),
        _ => report.says(of_speed, &format!("{speed:.0} /s")),
    }
    report.says(
        "the same by the server's processor time",
        &format!("{:.0} /s", fetched / processor),
    );
    import
}

/// A page holds 200; one in a hundred is new by the second time, and the administrator is there as well.
fn most_calls(n: usize) -> f64 {
    let accounts = n + n / 100 + 1;
    (accounts.div_ceil(200) + 5) as f64
}

/// Reads the org and measures nothing.
pub async fn read_quietly(owner: &Client, app: &str) -> String {
    let import = start_import(owner, app).await;
    reach(owner, &import, "READY").await;
    import
}

/// Confirms everybody, with Okta's values.
pub async fn confirm(server: &Server, at: &Connected, report: &mut Report, import: &str, n: usize) {
    let owner = &server.owner;
    let ticked = json!({ "importId": import, "candidates": { "matching": {} }, "selected": true });
    let start = Instant::now();
    let ticked = owner
        .done(
            "importCandidatesSelect",
            ticked,
            "import { selectionVersion }",
        )
        .await;
    report.says(
        "ticking all of them",
        &format!("{:.2} s", start.elapsed().as_secs_f64()),
    );
    let version = ticked["import"]["selectionVersion"].clone();
    let (position, start) = (at.okta.position(), Instant::now());
    let confirmed =
        json!({ "importId": import, "expectedSelectionVersion": version, "sourceProfile": "OKTA" });
    owner.done("importConfirm", confirmed, "").await;
    reach(owner, import, "COMPLETED").await;
    let took = start.elapsed().as_secs_f64();
    let now = look(owner, import).await;
    let applied = now["outcomes"].as_array().unwrap().iter();
    let applied: f64 = applied
        .filter(|each| each["outcome"] == "APPLIED")
        .map(|each| each["count"].as_f64().unwrap())
        .sum();
    if (applied - n as f64).abs() > 1.5 {
        println!("  outcomes: {} of {n}", now["outcomes"]);
    }
    report.at_least("confirmed", applied / took, 1_000.0, "/s");
    let changing = at
        .okta
        .requests_since(position)
        .into_iter()
        .filter(|call| call.method != "GET")
        .count();
    report.at_most("changing calls to Okta", changing as f64, 0.0, "");
}

/// Starts a full import.
pub async fn start_import(owner: &Client, app: &str) -> String {
    let input = json!({ "appId": app, "mode": "FULL", "sourceProfile": "OKTA" });
    let started = owner
        .done("importStart", input, "import { id } alreadyRunning")
        .await;
    started["import"]["id"].as_str().unwrap().to_owned()
}

/// The import as it is now.
pub async fn look(owner: &Client, import: &str) -> Value {
    owner.query(IMPORT, json!({ "id": import })).await["node"].clone()
}

async fn reach(owner: &Client, import: &str, status: &str) {
    let document =
        "query($id: ID!) { node(id: $id) { ... on Import { status problem { code message } } } }";
    loop {
        let now = owner.query(document, json!({ "id": import })).await["node"].clone();
        if now["status"] == status {
            return;
        }
        assert!(
            now["status"] == "FETCHING" || now["status"] == "APPLYING",
            "{now:#}"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
