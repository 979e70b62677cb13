//! Under a limit of 600 calls a minute: the share that is used, refusals, and the time that was told beforehand.

use std::time::Duration;

use chrono::{DateTime, Utc};
use okta_sandbox::{RateLimit, RequestEntry};
use serde_json::json;

use super::people;
use super::support::{Connected, Report, Server};

/// Calls a minute that the org takes, and how many of them the app may use by its share of 90 %.
const LIMIT: u32 = 600;
const OURS: f64 = 540.0;
/// Behind those whom the other sections use.
const FIRST: usize = 2_000_000;
/// Between two looks at the time that is told.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const WINDOW: chrono::Duration = chrono::Duration::seconds(60);

/// Creates people as fast as the limit allows.
pub async fn measure(server: &Server, at: &Connected, report: &mut Report, n: usize) {
    let (owner, app) = (&server.owner, at.app.as_str());
    println!("{n} people, {LIMIT} calls a minute of which {OURS} are ours");
    let staff = people::add(owner, FIRST..FIRST + n).await;
    at.okta
        .change_settings(|settings| settings.rate_limit = RateLimit::PerMinute(LIMIT));
    let position = at.okta.position();
    let input = json!({ "appId": app });
    owner.done("provisioningPause", input.clone(), "").await;
    people::together(owner, "usersAssign", app, &staff, json!({})).await;
    let began = Utc::now();
    owner.done("provisioningResume", input, "").await;
    let mut told: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    loop {
        let status = people::status(owner, app).await;
        if people::in_state(&status, "PENDING") == 0 && people::in_state(&status, "WAITING") == 0 {
            break;
        }
        if let Some(at) = status["estimatedCompletion"].as_str() {
            let at = DateTime::parse_from_rfc3339(at).unwrap().to_utc();
            told.push((Utc::now(), at));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    people::settled(owner, app).await;
    let ended = Utc::now();
    let calls = at.okta.requests_since(position);
    let took = (ended - began).as_seconds_f64();
    report.says("took", &format!("{took:.0} s"));
    let refused = calls.iter().filter(|call| call.status == 429).count();
    report.at_most(
        "calls that Okta refused for their rate",
        refused as f64,
        0.0,
        "",
    );
    let windows = windows(&calls);
    let (_, whole) = windows.split_last().unwrap();
    let used: usize = whole.iter().map(|(_, count)| count).sum();
    let share = used as f64 / (OURS * whole.len() as f64) * 100.0;
    report.at_least("of our share of each window, used", share, 98.0, "%");
    let (first, last) = (whole[0].0, windows[whole.len()].0);
    let by_time = used as f64 / (OURS / 60.0 * (last - first).as_seconds_f64()) * 100.0;
    report.says("the same by time", &format!("{by_time:.1} %"));
    // The last minute is too short for a fifth of it to mean anything.
    let worst = told
        .iter()
        .filter(|(now, _)| ended - now > WINDOW)
        .map(|(now, at)| {
            let left = (ended - now).as_seconds_f64();
            ((*at - ended).as_seconds_f64() / left).abs() * 100.0
        })
        .fold(0.0, f64::max);
    report.says("times told", &told.len().to_string());
    report.at_most("furthest that the time told was off", worst, 20.0, "%");
}

/// Okta's windows begin with their first request and last a minute: when each began, and its calls.
fn windows(calls: &[RequestEntry]) -> Vec<(DateTime<Utc>, usize)> {
    let mut windows: Vec<(DateTime<Utc>, usize)> = Vec::new();
    let creations = calls
        .iter()
        .filter(|call| call.method == "POST" && call.path == "/api/v1/users");
    for call in creations {
        match windows.last_mut() {
            Some((began, count)) if call.time < *began + WINDOW => *count += 1,
            _ => windows.push((call.time, 1)),
        }
    }
    windows
}
