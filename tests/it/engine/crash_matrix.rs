//! Each operation of the recovery table (design §3), and a crash at each point of its life: a real process dies, another one finishes, and
//! Okta's ledger holds the effect exactly once.

use std::time::Duration;

use okta_sandbox::{Answer, Fault, RefreshPolicy};
use serde_json::{Value, json};

use super::process::{Process, quick};
use super::world::{World, login};
use crate::support::{Client, TestApp, wait_until};

const USER: &str = "/api/v1/users/{id}";
const ROLE: &str = "HELP_DESK_ADMIN";

/// Where the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// At a crash point of the engine.
    Point(&'static str),
    /// The effect took place; the answer is on its way.
    Sent,
    /// The request arrived; the effect takes place after the death.
    SentLate,
    /// Okta refused the token, and has answered the refresh.
    TokenRefresh,
}

const DEATHS: [At; 7] = [
    At::Point("before-intent"),
    At::Point("after-intent"),
    At::Sent,
    At::SentLate,
    At::Point("answered"),
    At::Point("recorded"),
    At::TokenRefresh,
];

/// A row of the recovery table.
struct Row {
    kind: &'static str,
    /// The call, as the sandbox names its route.
    route: (&'static str, &'static str),
    effect: &'static str,
    /// State of the account when all is done.
    end: &'static str,
}

const CREATE: Row = Row {
    kind: "CREATE",
    route: ("POST", "/api/v1/users"),
    effect: "user.create",
    end: "IN_SYNC",
};
const UPDATE: Row = Row {
    kind: "UPDATE",
    route: ("POST", USER),
    effect: "user.update",
    end: "IN_SYNC",
};
const ACTIVATE: Row = Row {
    kind: "ACTIVATE",
    route: ("POST", "/api/v1/users/{id}/lifecycle/activate"),
    effect: "user.activate",
    end: "IN_SYNC",
};
const DEACTIVATE: Row = Row {
    kind: "DEACTIVATE",
    route: ("POST", "/api/v1/users/{id}/lifecycle/deactivate"),
    effect: "user.deactivate",
    end: "IN_SYNC",
};
const DELETE: Row = Row {
    kind: "DELETE",
    route: ("DELETE", USER),
    effect: "user.delete",
    end: "NOT_PROVISIONED",
};
const GRANT: Row = Row {
    kind: "GRANT_ROLE",
    route: ("POST", "/api/v1/users/{id}/roles"),
    effect: "role.grant",
    end: "IN_SYNC",
};
const REVOKE: Row = Row {
    kind: "REVOKE_ROLE",
    route: ("DELETE", "/api/v1/users/{id}/roles/{assignment}"),
    effect: "role.revoke",
    end: "IN_SYNC",
};

impl Row {
    /// A person to whom the operation can be done next.
    async fn prepared(&self, world: &World, name: &str) -> String {
        match self.kind {
            "CREATE" => world.person(name).await,
            "REVOKE_ROLE" => world.provisioned(name, Some(ROLE)).await,
            "ACTIVATE" | "DELETE" => {
                let user = world.provisioned(name, None).await;
                world.on_person("userDeactivate", &user, json!({})).await;
                world.reach(&user, "IN_SYNC").await;
                user
            }
            _ => world.provisioned(name, None).await,
        }
    }

    /// The mutation that asks for the operation.
    fn wish(&self, app_id: &str, user: &str) -> (&'static str, Value) {
        let assignment = |role: Option<&str>| json!({ "appId": app_id, "targets": { "userIds": [user] }, "role": role });
        match self.kind {
            "CREATE" => ("usersAssign", assignment(None)),
            "UPDATE" => ("userUpdate", json!({ "userId": user, "title": "Boss" })),
            "ACTIVATE" => ("userActivate", json!({ "userId": user })),
            "DEACTIVATE" => ("userDeactivate", json!({ "userId": user })),
            "DELETE" => (
                "usersUnassign",
                json!({ "appId": app_id, "targets": { "userIds": [user] } }),
            ),
            "GRANT_ROLE" => ("assignmentsRoleChange", assignment(Some(ROLE))),
            _ => ("assignmentsRoleChange", assignment(None)),
        }
    }
}

/// Okta refuses the next token that comes along this route.
fn refuse_token(world: &World, method: &str, route: &str) {
    let body = json!({ "errorCode": "E0000011", "errorSummary": "Invalid token provided" });
    let refusal = Answer::json(401, &body);
    world.fault(method, route, Fault::AnswerInstead(refusal));
}

/// Has a process die in the middle of the operation.
async fn die(world: World, row: &Row, at: At, user: &str) -> World {
    let (mutation, input) = row.wish(&world.app_id, user);
    let (method, route) = row.route;
    match at {
        At::Sent => world.fault(
            method,
            route,
            Fault::DelayAfterEffect(Duration::from_secs(60)),
        ),
        At::SentLate => world.fault(
            method,
            route,
            Fault::DelayBefore(Duration::from_millis(1500)),
        ),
        At::TokenRefresh => refuse_token(&world, method, route),
        At::Point(_) => {}
    }
    let (http, owner) = (world.app.http().clone(), world.owner.clone());
    let (faults, before) = (std::sync::Arc::clone(&world.faults), world.position());
    let ask = async |process: &Process| {
        let client: Client = owner.at(&process.base_url);
        client.attempt(mutation, input.clone()).await;
    };
    world
        .away(async |config, sandbox| match at {
            At::Point(point) => {
                let point = format!("{point}/{}", row.kind);
                let process = Process::doomed(config, &http, &point).await;
                ask(&process).await;
                process.died().await;
            }
            At::TokenRefresh => {
                let process = Process::doomed(config, &http, "token-refresh").await;
                ask(&process).await;
                process.died().await;
            }
            At::Sent => {
                let process = Process::start(config, &http).await;
                ask(&process).await;
                wait_until("the effect", 60, async || {
                    let effects = sandbox.effects_since(before);
                    effects
                        .iter()
                        .any(|effect| effect.kind == row.effect)
                        .then_some(())
                })
                .await;
                process.kill();
            }
            At::SentLate => {
                let process = Process::start(config, &http).await;
                ask(&process).await;
                wait_until("the request", 60, async || {
                    (faults.pending() == 0).then_some(())
                })
                .await;
                process.kill();
            }
        })
        .await
}

async fn survives(app: TestApp, row: Row) {
    app.sandbox().change_settings(|settings| {
        settings.refresh_tokens = RefreshPolicy::Rotating { grace_seconds: 30 };
    });
    let mut world = World::connected(app).await;
    let mut victims = Vec::new();
    for n in 0..DEATHS.len() {
        victims.push(row.prepared(&world, &format!("v{n}")).await);
    }
    let start = world.position();
    for (user, at) in victims.iter().zip(DEATHS) {
        eprintln!("{} at {at:?}", row.kind);
        let before = world.position();
        world = die(world, &row, at, user).await;
        if at == At::TokenRefresh {
            // The rotated refresh token died with the process; the old one must do.
            refuse_token(&world, "GET", USER);
            refuse_token(&world, "GET", "/api/v1/users/{id}/roles");
        }
        world.reach(user, row.end).await;
        assert_eq!(
            world.kinds_since(before),
            [row.effect],
            "{} at {at:?}",
            row.kind
        );
    }
    let effects = world.effects_since(start);
    for n in 0..victims.len() {
        let name = login(&format!("v{n}"));
        let of_one = effects
            .iter()
            .filter(|effect| effect.login.as_deref() == Some(&name));
        assert_eq!(of_one.count(), 1, "{} of {name}: {effects:#?}", row.effect);
    }
}

/// Several rows at a time, each in a world of its own: most of it is waiting.
async fn all_survive(rows: impl IntoIterator<Item = Row>, on_postgres: bool) {
    let worlds = rows.into_iter().map(|row| async move {
        let builder = TestApp::builder().sandbox().engine(quick());
        let app = match on_postgres {
            true => builder.on_postgres().await,
            false => builder.on_sqlite().await,
        };
        survives(app, row).await;
    });
    futures::future::join_all(worlds).await;
}

#[tokio::test]
async fn what_gives_and_changes_survives_a_crash_at_any_point() {
    all_survive([CREATE, UPDATE, ACTIVATE, GRANT], false).await;
}

#[tokio::test]
async fn what_takes_away_survives_a_crash_at_any_point() {
    all_survive([DEACTIVATE, DELETE, REVOKE], false).await;
}

#[tokio::test]
async fn on_postgres_another_process_takes_over_after_a_crash_at_any_point() {
    all_survive([CREATE, DEACTIVATE, GRANT], true).await;
}
