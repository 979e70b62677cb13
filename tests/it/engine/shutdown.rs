//! SIGTERM under load: nothing new begins, what is in flight ends, nothing is left open.
//!
//! `PROVISIONER_STOP_ROUNDS=50 cargo test --test it engine::shutdown` is the long run.

use std::process::{Command, ExitStatus};
use std::time::Duration;

use provisioner::clock::{Clock as _, SystemClock};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::process::Process;
use super::world::{World, on_both};
use crate::support::wait_until;

/// People who are assigned in each round.
const PEOPLE: usize = 12;

fn rounds() -> usize {
    let wanted = std::env::var("PROVISIONER_STOP_ROUNDS").ok();
    wanted.map_or(3, |rounds| rounds.parse().unwrap())
}

/// Asks the process to stop, and waits until it has.
async fn stop(process: &mut Process) -> (ExitStatus, Duration) {
    let begun = SystemClock.monotonic_ms();
    let pid = process.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let status = wait_until("the process to end", 40, async || {
        process.child.try_wait().unwrap()
    })
    .await;
    let took = Duration::from_millis(SystemClock.monotonic_ms() - begun);
    (status, took)
}

#[tokio::test]
async fn a_stop_under_load_leaves_nothing_open() {
    on_both(async |world| {
        let sandbox = world.app.sandbox();
        sandbox.change_settings(|settings| settings.latency_ms = 250);
        let people = world.people("p", PEOPLE * rounds()).await;
        let before = world.position();
        let World {
            app, owner, app_id, ..
        } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let world = world
            .away(async |config, sandbox| {
                let url = match &config.database_url {
                    Some(url) => url.expose_secret().to_owned(),
                    None => format!(
                        "sqlite://{}",
                        config.data_dir.join("provisioner.sqlite3").display()
                    ),
                };
                let db = Database::connect(url).await.unwrap();
                for (round, users) in people.chunks(PEOPLE).enumerate() {
                    let position = sandbox.position();
                    let calls = || {
                        let calls = sandbox.requests_since(position).into_iter();
                        calls
                            .filter(|call| call.method != "GET" && call.path.starts_with("/api/"))
                            .collect::<Vec<_>>()
                    };
                    let mut process = Process::start(config, &http).await;
                    let client = owner.at(&process.base_url);
                    let input = json!({ "appId": app_id, "targets": { "userIds": users } });
                    client.done("usersAssign", input, "").await;
                    wait_until("calls to be under way", 30, async || {
                        (calls().len() > round % PEOPLE / 2).then_some(())
                    })
                    .await;
                    let asked = sandbox.clock().now();
                    let (status, took) = stop(&mut process).await;
                    assert_eq!(status.code(), Some(0), "round {round}");
                    assert!(took < Duration::from_secs(25), "round {round}: {took:?}");
                    let late = asked + Duration::from_secs(1);
                    let late: Vec<_> = calls()
                        .into_iter()
                        .filter(|call| call.time > late)
                        .collect();
                    assert!(late.is_empty(), "round {round}: {late:#?}");
                    let open = "SELECT COUNT(*) AS open FROM operation WHERE status = 'SENT'";
                    let open = Statement::from_string(db.get_database_backend(), open);
                    let row = db.query_one_raw(open).await.unwrap().unwrap();
                    assert_eq!(row.try_get::<i64>("", "open").unwrap(), 0, "round {round}");
                }
                db.close().await.unwrap();
            })
            .await;
        let everybody = PEOPLE * rounds();
        world
            .until("everybody", async || {
                world.pass(1);
                (world.counts().await["IN_SYNC"] == everybody).then_some(())
            })
            .await;
        let made = world.kinds_since(before);
        assert_eq!(made, vec!["user.create"; everybody]);
    })
    .await;
}
