//! Changes a second without any limit, beside a bare client that sends the same requests to an org beside ours.

use std::time::Instant;

use okta_sandbox::{RequestEntry, Sandbox};
use serde_json::json;

use super::support::{Connected, Report, Server};
use super::{bare, people};

/// What the engine has under way at a time.
const AT_ONCE: usize = 8;

/// At least this part of the speed of a bare loop, which sends one request after the other.
const AIM: f64 = 0.5;

/// What the engine did.
struct Run {
    requests: Vec<RequestEntry>,
    per_second: f64,
}

/// Creates people and changes them.
pub async fn measure(server: &Server, at: &Connected, report: &mut Report, n: usize) {
    let owner = &server.owner;
    println!("{n} people, no limit");
    let staff = people::add(owner, 0..n).await;
    pause(server, at).await;
    people::together(owner, "usersAssign", &at.app, &staff, json!({})).await;
    let created = run(server, at, report, "creations").await;
    let others = [another().await, another().await];
    compare(report, &others, [&created.requests; 2], &created).await;

    pause(server, at).await;
    people::each(owner, "userUpdate", &staff, json!({ "title": "Baker" })).await;
    let updated = run(server, at, report, "updates").await;
    let [first, second] = &others;
    let requests = [
        same(at, first, &updated.requests),
        same(at, second, &updated.requests),
    ];
    compare(report, &others, [&requests[0], &requests[1]], &updated).await;
}

/// An org that nobody but the bare client uses.
async fn another() -> Sandbox {
    Sandbox::builder()
        .listen(([127, 0, 0, 1], 0).into())
        .start()
        .await
        .unwrap()
}

async fn pause(server: &Server, at: &Connected) {
    let input = json!({ "appId": at.app });
    server.owner.done("provisioningPause", input, "").await;
}

/// Lets the engine go, and waits until it is done.
async fn run(server: &Server, at: &Connected, report: &mut Report, what: &str) -> Run {
    let owner = &server.owner;
    let (position, processor) = (at.okta.position(), server.processor_seconds());
    let start = Instant::now();
    let input = json!({ "appId": at.app });
    owner.done("provisioningResume", input, "").await;
    people::settled(owner, &at.app).await;
    let took = start.elapsed().as_secs_f64();
    let requests = at.okta.requests_since(position);
    let per_second = requests.len() as f64 / took;
    report.says(what, &format!("{per_second:.0} /s"));
    let processor = server.processor_seconds() - processor;
    let each = processor * 1e6 / requests.len() as f64;
    report.says(
        "the server's processor time for each",
        &format!("{each:.0} µs"),
    );
    Run {
        requests,
        per_second,
    }
}

/// The same requests for the people of another org, where their ids are others.
fn same(at: &Connected, other: &Sandbox, requests: &[RequestEntry]) -> Vec<RequestEntry> {
    let for_other = |request: &RequestEntry| {
        let ours = request.path.rsplit('/').next().unwrap();
        let login = at.okta.user(ours).unwrap()["profile"]["login"].clone();
        let theirs = other.user(login.as_str().unwrap()).unwrap()["id"].clone();
        RequestEntry {
            path: format!("/api/v1/users/{}", theirs.as_str().unwrap()),
            ..request.clone()
        }
    };
    requests.iter().map(for_other).collect()
}

async fn compare(
    report: &mut Report,
    others: &[Sandbox; 2],
    requests: [&Vec<RequestEntry>; 2],
    ours: &Run,
) {
    let bare = bare::send(&others[0], requests[0], 1).await;
    let loops = requests[0].len() as f64 / bare.as_secs_f64();
    report.says("a bare loop", &format!("{loops:.0} /s"));
    let ratio = ours.per_second / loops;
    report.at_least("part of the bare loop's speed", ratio, AIM, "");
    let bare = bare::send(&others[1], requests[1], AT_ONCE).await;
    let at_once = requests[1].len() as f64 / bare.as_secs_f64();
    report.says(
        "a bare client with eight at a time",
        &format!("{at_once:.0} /s"),
    );
    report.says(
        "part of its speed",
        &format!("{:.2}", ours.per_second / at_once),
    );
}
