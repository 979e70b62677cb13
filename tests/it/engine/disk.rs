//! The disk is full. The process is not allowed to make files longer than a little (`ulimit -f`), which SQLite meets as it meets a full disk: a
//! write that fails.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::json;

use super::process::Process;
use super::world::{World, on_both};
use crate::support::wait_until;

/// The program, indifferent to the signal that comes with a write beyond the limit.
fn undeterred() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#]);
    command.arg(env!("CARGO_BIN_EXE_provisioner"));
    command
}

/// Sets how long files may become, in bytes.
fn limit(process: &Process, bytes: &str) {
    let mut command = Command::new("prlimit");
    command.arg("--pid").arg(process.child.id().to_string());
    command.arg(format!("--fsize={bytes}:"));
    assert!(command.status().unwrap().success());
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_sent_that_is_not_written_and_all_goes_on_when_there_is_room() {
    on_both(async |world| {
        let sandbox = world.app.sandbox();
        // Slow enough that most of the work is still to be done when the disk fills up, however busy the machine is.
        sandbox.change_settings(|settings| settings.latency_ms = 1_000);
        let people = world.people("p", 60).await;
        let before = world.position();
        let World {
            app, owner, app_id, ..
        } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let world = world
            .away(async |config, sandbox| {
                if config.database_url.is_some() {
                    return; // PostgreSQL's disk is another process's.
                }
                let process = Process::start_as(undeterred(), config, &http).await;
                let ready = async || {
                    let url = format!("{}/health/ready", process.base_url);
                    let answer = http.get(url).send().await.unwrap();
                    (answer.status().as_u16(), answer.text().await.unwrap())
                };
                let effects = || sandbox.effects_since(before).len();
                let client = owner.at(&process.base_url);
                let input = json!({ "appId": app_id, "targets": { "userIds": people } });
                client.done("usersAssign", input, "").await;
                wait_until("the work to be under way", 20, async || {
                    (effects() > 12).then_some(())
                })
                .await;

                limit(&process, "512");
                wait_until("the server to notice", 10, async || {
                    let (status, text) = ready().await;
                    (status == 503).then(|| assert!(text.contains("cannot be written"), "{text}"))
                })
                .await;
                let in_flight = 8;
                let noticed = effects();
                let mut later = noticed;
                for _ in 0..4 {
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                    assert_eq!(ready().await.0, 503);
                    later = effects();
                }
                assert!(
                    later <= noticed + in_flight && later < 60,
                    "{noticed}, then {later}"
                );

                sandbox.change_settings(|settings| settings.latency_ms = 0);
                limit(&process, "unlimited");
                wait_until("the server to be ready", 10, async || {
                    (ready().await.0 == 200).then_some(())
                })
                .await;
                let document =
                    "query($id: ID!) { app(id: $id) { syncStatus { counts { state count } } } }";
                wait_until("everybody", 60, async || {
                    let found = client.query(document, json!({ "id": app_id })).await;
                    let counts = found["app"]["syncStatus"]["counts"].as_array()?.clone();
                    counts
                        .iter()
                        .any(|row| row["state"] == "IN_SYNC" && row["count"] == 60)
                        .then_some(())
                })
                .await;
                process.kill();
            })
            .await;
        let mut made: BTreeMap<String, u32> = BTreeMap::new();
        for effect in world.effects_since(before) {
            *made.entry(effect.login.unwrap()).or_default() += 1;
        }
        assert!(made.is_empty() || made.len() == 60);
        assert!(made.values().all(|times| *times == 1), "{made:?}");
    })
    .await;
}
