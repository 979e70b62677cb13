//! A server in a process of its own, which can be killed, and can be told to die.

use std::process::{Child, Command, Stdio};

use provisioner::config::{Config, EngineSection};
use provisioner::crash;
use secrecy::ExposeSecret as _;

use crate::support::wait_until;

/// Okta is on this machine, and certainty does not take minutes, as nobody can move the clock of another process.
const SETTINGS: &str = "[okta]\non_loopback = true\n[engine]\nnegative_gap_seconds = 1\nnegative_after_seconds = 3\n\
    recheck_after_seconds = 2\nlease_seconds = 5\n\
    [limits]\nrequests_per_minute = 1000000\nconcurrent_requests_per_caller = 1000\n";

/// The same times for a server of this process.
pub fn quick() -> EngineSection {
    EngineSection {
        negative_gap_seconds: 1,
        negative_after_seconds: 3,
        recheck_after_seconds: 2,
        lease_seconds: 5,
    }
}

/// A server in a process of its own. It is killed when this is dropped.
pub struct Process {
    pub(super) child: Child,
    /// Where it answers, without a slash at the end.
    pub base_url: String,
}

impl Process {
    /// Starts one on the data that `config` says; it answers when this returns.
    pub async fn start(config: &Config, http: &reqwest::Client) -> Self {
        let process = Self::spawn(config, None);
        process.answers(http).await;
        process
    }

    /// As [`Self::start`], but it dies when it reaches a crash point, named as in `PROVISIONER_CRASH_AT`.
    pub async fn doomed(config: &Config, http: &reqwest::Client, point: &str) -> Self {
        let process = Self::spawn(config, Some(point));
        process.answers(http).await;
        process
    }

    /// As [`Self::start`], by a command that takes the arguments of the program.
    pub async fn start_as(command: Command, config: &Config, http: &reqwest::Client) -> Self {
        let process = Self::spawn_as(command, config, None);
        process.answers(http).await;
        process
    }

    /// Starts one and does not wait for it.
    pub fn spawn(config: &Config, point: Option<&str>) -> Self {
        let command = Command::new(env!("CARGO_BIN_EXE_provisioner"));
        Self::spawn_as(command, config, point)
    }

    fn spawn_as(mut command: Command, config: &Config, point: Option<&str>) -> Self {
        let file = config.data_dir.join("test.toml");
        std::fs::write(&file, SETTINGS).unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        command.args(["serve", "--listen", &address]);
        command.arg("--config").arg(&file);
        command.arg("--data-dir").arg(&config.data_dir);
        command.envs(point.map(|point| (crash::VARIABLE, point)));
        if let Some(url) = &config.database_url {
            command.env("DATABASE_URL", url.expose_secret());
        }
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            base_url: format!("http://{address}"),
        }
    }

    async fn answers(&self, http: &reqwest::Client) {
        let url = format!("{}/health/ready", self.base_url);
        wait_until("the process to answer", 60, async || {
            let answer = http.get(&url).send().await;
            answer.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }

    /// Its number in the system.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it died by itself.
    pub async fn died(mut self) {
        wait_until("the process to die", 60, async || {
            self.child.try_wait().unwrap()
        })
        .await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}
