//! The smallest query of a panel, by one client.

use std::time::Duration;

use serde_json::json;

use super::load::{Question, turn};
use super::support::{Report, Server};

const QUERY: &str =
    "{ viewer { user { id name primaryEmail status } organization { id name } permissions } }";
/// At the median, in milliseconds.
const AIM: f64 = 1.0;

/// Asks for a while.
pub async fn measure(server: &Server, report: &mut Report) {
    println!("{QUERY}");
    let question = [Question::new(
        &server.url,
        server.owner.token(),
        &json!({ "query": QUERY }),
    )];
    turn(&question, 1, Duration::from_secs(1)).await;
    let processor = server.processor_seconds();
    let turn = turn(&question, 1, Duration::from_secs(4)).await;
    let processor = (server.processor_seconds() - processor) / turn.took.len() as f64;
    let ms = |part| turn.within(part).as_secs_f64() * 1e3;
    report.at_most("answered within, at the median", ms(0.5), AIM, "ms");
    report.says("answered within, 99 of 100", &format!("{:.2} ms", ms(0.99)));
    report.says(
        "the server's processor time for each",
        &format!("{:.0} µs", processor * 1e6),
    );
}
