//! Looking at the list of one app while another org is read.

use std::time::{Duration, Instant};

use serde_json::json;

use super::run::{look, start_import};
use super::support::{Client, Connected, Report};

/// What people type: common and rare, one name and two, somebody, nobody.
const TYPED: [&str; 8] = [
    "ada",
    "schmidt",
    "rene",
    "paul zeller",
    "ida.keller",
    "777",
    "nobody at all",
    "@acme.example",
];
const CANDIDATES: &str = "query($id: ID!, $search: String!) { node(id: $id) { ... on Import { candidates(first: 50, search: $search) {
    nodes { id category displayName login selected summary differences { attribute } } pageInfo { hasNextPage endCursor } } } } }";

/// Measures searches on `listed` while the first app's org is read over and over.
pub async fn measure(
    owner: &Client,
    reading: &Connected,
    listed: &str,
    report: &mut Report,
    searches: usize,
) {
    let mut took = Vec::with_capacity(searches);
    let (mut import, mut meanwhile) = (start_import(owner, &reading.app).await, 0);
    let mut found = 0;
    while took.len() < searches {
        for typed in TYPED {
            let start = Instant::now();
            let page = owner
                .query(CANDIDATES, json!({ "id": listed, "search": typed }))
                .await;
            took.push(start.elapsed());
            found += page["node"]["candidates"]["nodes"]
                .as_array()
                .unwrap()
                .len();
        }
        if look(owner, &import).await["status"] != "FETCHING" {
            meanwhile += 1;
            import = start_import(owner, &reading.app).await;
        }
    }
    took.sort();
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let index = (took.len() as f64 * share) as usize;
        took[index.min(took.len() - 1)].as_secs_f64() * 1_000.0
    };
    let total: Duration = took.iter().sum();
    report.says(
        "searches measured, and found",
        &format!("{}, {found}", took.len()),
    );
    report.says("imports that ended meanwhile", &format!("{meanwhile}"));
    report.says(
        "a search takes on average",
        &format!(
            "{:.1} ms",
            total.as_secs_f64() * 1_000.0 / took.len() as f64
        ),
    );
    report.says("half of them within", &format!("{:.1} ms", at(0.5)));
    report.at_most("99 of a hundred within", at(0.99), 50.0, "ms");
}
