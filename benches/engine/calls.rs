//! How many calls each operation takes: one that changes something, and the reads that its safety is worth.

use serde_json::json;

use super::support::{Connected, Report, Server};
use super::{figures, people};

/// People of whom everything is asked.
const PEOPLE: usize = 100;
/// Behind those whom the other sections use.
const FIRST: usize = 1_000_000;

struct Counter<'a> {
    server: &'a Server,
    at: &'a Connected,
    position: u64,
    operations: f64,
}

/// Walks a hundred people through what can happen to an account.
pub async fn measure(server: &Server, at: &Connected, report: &mut Report) {
    println!("calls for each operation, by {PEOPLE} people");
    let (owner, app) = (&server.owner, at.app.as_str());
    let staff = people::add(owner, FIRST..FIRST + PEOPLE).await;
    let mut counter = Counter {
        server,
        at,
        position: 0,
        operations: 0.0,
    };
    let one = PEOPLE as f64;

    counter.start().await;
    people::together(owner, "usersAssign", app, &staff, json!({})).await;
    counter
        .end(report, "creation with a profile", one, 0.0)
        .await;

    counter.start().await;
    let three = json!({ "title": "Baker", "nickName": "Bee", "department": "Bread" });
    people::each(owner, "userUpdate", &staff, three).await;
    counter
        .end(report, "update of three fields", one, 0.0)
        .await;

    counter.start().await;
    let input = json!({ "appId": app });
    owner.done("provisioningPause", input.clone(), "").await;
    for n in 0..10 {
        people::each(
            owner,
            "userUpdate",
            &staff,
            json!({ "title": format!("Baker {n}") }),
        )
        .await;
    }
    owner.done("provisioningResume", input, "").await;
    counter
        .end(report, "ten edits while paused", one, 0.0)
        .await;

    counter.start().await;
    let role = json!({ "role": "HELP_DESK_ADMIN" });
    people::together(owner, "assignmentsRoleChange", app, &staff, role).await;
    counter.end(report, "role given", one, 1.0).await;

    counter.start().await;
    people::together(
        owner,
        "assignmentsRoleChange",
        app,
        &staff,
        json!({ "role": null }),
    )
    .await;
    counter.end(report, "role taken back", one, 1.0).await;

    counter.start().await;
    people::each(owner, "userDeactivate", &staff, json!({})).await;
    counter.end(report, "deactivation", one, 1.0).await;

    counter.start().await;
    people::each(owner, "userActivate", &staff, json!({})).await;
    counter.end(report, "activation", one, 1.0).await;

    counter.start().await;
    people::together(owner, "usersUnassign", app, &staff, json!({})).await;
    counter
        .end(report, "deactivation and deletion", 2.0 * one, 1.0)
        .await;
}

impl Counter<'_> {
    async fn start(&mut self) {
        self.position = self.at.okta.position();
        self.operations = figures::operations(self.server).await;
    }

    /// Waits until Okta has it, whatever has to be approved for it.
    async fn end(&self, report: &mut Report, what: &str, planned: f64, reads_at_most: f64) {
        let (owner, app) = (&self.server.owner, self.at.app.as_str());
        loop {
            people::settled(owner, app).await;
            if people::in_state(&people::status(owner, app).await, "HELD") == 0 {
                break;
            }
            people::approve(owner, app).await;
        }
        let operations = figures::operations(self.server).await - self.operations;
        let calls = self.at.okta.requests_since(self.position);
        let calls = calls.iter().filter(|call| call.path.starts_with("/api/"));
        let (reads, changing): (Vec<_>, Vec<_>) = calls.partition(|call| call.method == "GET");
        assert!(
            (operations - planned).abs() < 0.5,
            "{what}: {operations} operations, not {planned}"
        );
        let per_operation = changing.len() as f64 / operations;
        report.at_most(&format!("{what}: changing calls"), per_operation, 1.0, "");
        let reads = reads.len() as f64 / operations;
        report.at_most(&format!("{what}: reads"), reads, reads_at_most, "");
    }
}
