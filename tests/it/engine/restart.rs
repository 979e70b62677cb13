//! The process ends in the middle, in any way: the next one finishes the work, and nothing is lost or done twice.

use std::collections::BTreeMap;
use std::process::{Child, Command, Stdio};

use provisioner::config::Config;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::world::{World, on_both};
use crate::support::wait_until;

/// How often each login was created in Okta.
fn creations(world: &World, position: u64) -> BTreeMap<String, usize> {
    let mut made = BTreeMap::new();
    for effect in world.effects_since(position) {
        assert_eq!(effect.kind, "user.create");
        *made.entry(effect.login.unwrap()).or_default() += 1;
    }
    made
}

/// Fifty people are assigned, and a few are under way.
async fn fifty_under_way(world: &World) -> u64 {
    world
        .app
        .sandbox()
        .change_settings(|settings| settings.latency_ms = 50);
    let people = world.people("p", 50).await;
    let before = world.position();
    world.assign(&people, None).await;
    world
        .until("the work to be under way", async || {
            (world.effects_since(before).len() > 9).then_some(())
        })
        .await;
    before
}

async fn finish(world: &World, before: u64) {
    world
        .until("everybody", async || {
            let counts = world.counts().await;
            if counts["IN_SYNC"] == 50 {
                return Some(());
            }
            if counts["CHECKING"] != 0 || counts["WAITING"] != 0 {
                world.pass(10);
            }
            None
        })
        .await;
    let made = creations(world, before);
    assert_eq!(made.len(), 50);
    assert!(made.values().all(|times| *times == 1), "{made:?}");
}

#[tokio::test]
async fn a_stop_in_the_middle_of_fifty_loses_and_doubles_nothing() {
    on_both(async |world| {
        let before = fifty_under_way(&world).await;
        let world = world.restart().await;
        finish(&world, before).await;
    })
    .await;
}

#[tokio::test]
async fn a_crash_in_the_middle_of_fifty_loses_and_doubles_nothing() {
    on_both(async |world| {
        let before = fifty_under_way(&world).await;
        let world = world.crash().await;
        finish(&world, before).await;
    })
    .await;
}

/// A server in a process of its own.
pub(super) struct Process {
    pub(super) child: Child,
    /// Where it answers.
    pub(super) base_url: String,
}

impl Process {
    /// Starts one on the data that `config` says; it answers when this returns.
    pub(super) async fn start(config: &Config, http: &reqwest::Client) -> Self {
        let command = Command::new(env!("CARGO_BIN_EXE_provisioner"));
        Self::start_as(command, config, http).await
    }

    /// As [`Self::start`], by a command that takes the arguments of the program.
    pub(super) async fn start_as(
        mut command: Command,
        config: &Config,
        http: &reqwest::Client,
    ) -> Self {
        let file = config.data_dir.join("test.toml");
        std::fs::write(&file, SETTINGS).unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        command.args(["serve", "--listen", &address]);
        command.arg("--config").arg(&file);
        command.arg("--data-dir").arg(&config.data_dir);
        if let Some(url) = &config.database_url {
            command.env("DATABASE_URL", url.expose_secret());
        }
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let base_url = format!("http://{address}");
        wait_until("the process to answer", 20, async || {
            let answer = http.get(format!("{base_url}/health/ready")).send().await;
            answer.ok().filter(|answer| answer.status().is_success())
        })
        .await;
        Self { child, base_url }
    }

    /// `kill -9`.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

/// Okta is on this machine, and certainty does not take minutes, as nobody can move the clock of another process.
const SETTINGS: &str = "[okta]\non_loopback = true\n[engine]\nnegative_gap_seconds = 1\nnegative_after_seconds = 3\n\
    recheck_after_seconds = 2\nlease_seconds = 5\n";

#[tokio::test]
async fn a_killed_process_in_the_middle_of_fifty_loses_and_doubles_nothing() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 50);
        let people = world.people("p", 50).await;
        let before = world.position();
        let World {
            app, owner, app_id, ..
        } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let world = world
            .away(async |config, sandbox| {
                let effects = |since| {
                    let all = sandbox.effects_since(since).into_iter();
                    all.filter(|effect| effect.kind == "user.create").count()
                };
                let first = Process::start(config, &http).await;
                let client = owner.at(&first.base_url);
                let input = json!({ "appId": app_id, "targets": { "userIds": people } });
                client.done("usersAssign", input, "").await;
                wait_until("the work to be under way", 20, async || {
                    (effects(before) > 12).then_some(())
                })
                .await;
                first.kill();
                assert!(effects(before) < 50, "killed in the middle");
                let second = Process::start(config, &http).await;
                let client = owner.at(&second.base_url);
                let document =
                    "query($id: ID!) { app(id: $id) { syncStatus { counts { state count } } } }";
                wait_until("everybody", 60, async || {
                    let found = client.query(document, json!({ "id": app_id })).await;
                    let counts = found["app"]["syncStatus"]["counts"].as_array()?.clone();
                    counts
                        .iter()
                        .any(|row| row["state"] == "IN_SYNC" && row["count"] == 50)
                        .then_some(())
                })
                .await;
                second.kill();
            })
            .await;
        let made = creations(&world, before);
        assert_eq!(made.len(), 50);
        assert!(made.values().all(|times| *times == 1), "{made:?}");
    })
    .await;
}

#[tokio::test]
async fn of_two_processes_on_one_database_one_works_and_the_other_takes_over() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 50);
        let people = world.people("p", 60).await;
        let before = world.position();
        let World {
            app, owner, app_id, ..
        } = &world;
        let (http, owner, app_id) = (app.http().clone(), owner.clone(), app_id.clone());
        let world = world
            .away(async |config, sandbox| {
                if config.database_url.is_none() {
                    return; // A second process is refused the directory.
                }
                let effects = || sandbox.effects_since(before).len();
                let (one, other) = (
                    Process::start(config, &http).await,
                    Process::start(config, &http).await,
                );
                for (process, people) in [(&one, &people[..30]), (&other, &people[30..])] {
                    let client = owner.at(&process.base_url);
                    let input = json!({ "appId": app_id, "targets": { "userIds": people } });
                    client.done("usersAssign", input, "").await;
                }
                wait_until("the work to be under way", 20, async || {
                    (effects() > 12).then_some(())
                })
                .await;
                one.kill();
                wait_until("everybody", 60, async || (effects() >= 60).then_some(())).await;
                other.kill();
            })
            .await;
        let made = creations(&world, before);
        assert!(made.values().all(|times| *times == 1), "{made:?}");
        assert!(made.is_empty() || made.len() == 60);
    })
    .await;
}
