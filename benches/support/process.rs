//! The server as an operator runs it: its own process, so that its memory and its processor time are its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Client, free_port};

const BINARY: &str = env!("CARGO_BIN_EXE_provisioner");
/// Clock ticks a second in `/proc/<pid>/stat`; Linux fixes it for what processes see.
const TICKS: f64 = 100.0;

/// All that a benchmark asks comes from one person.
const LIMITS: &str =
    "[limits]\nrequests_per_minute = 10000000\nconcurrent_requests_per_caller = 1000\n";

/// A running server on a fresh database, with the organisation "Acme".
pub struct Server {
    /// Where it answers, without a slash at the end.
    pub url: String,
    /// Its owner.
    pub owner: Client,
    child: Child,
    dir: PathBuf,
}

impl Server {
    /// Starts it on SQLite, or on a database that is given by its URL.
    pub async fn start(database_url: Option<&str>) -> Self {
        let dir = directory();
        std::fs::create_dir_all(&dir).unwrap();
        let port = free_port();
        let config = dir.join("config.toml");
        let listen = format!("listen = \"127.0.0.1:{port}\"\n[okta]\non_loopback = true\n{LIMITS}");
        std::fs::write(&config, listen).unwrap();
        let command = |words: &[&str]| {
            let mut command = Command::new(BINARY);
            command.args(words).arg("--config").arg(&config);
            command.arg("--data-dir").arg(dir.join("data"));
            command.env("RUST_LOG", "warn").stderr(Stdio::inherit());
            if let Some(url) = database_url {
                command.env("DATABASE_URL", url);
            }
            command
        };
        let owner = "owner@acme.example";
        let made = command(&["init", "--organization", "Acme", "--owner", owner])
            .output()
            .unwrap();
        assert!(made.status.success(), "provisioner init failed");
        let token = command(&["token", "--user", owner, "--hours", "24"])
            .output()
            .unwrap();
        let token = String::from_utf8(token.stdout).unwrap();
        let child = command(&["serve"]).stdout(Stdio::null()).spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let owner = Client::new(&url, token.trim());
        let server = Self {
            url,
            owner,
            child,
            dir,
        };
        server.answers().await;
        server
    }

    async fn answers(&self) {
        let ready = format!("{}/health/ready", self.url);
        for _ in 0..200 {
            if reqwest::get(&ready)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not get ready");
    }

    /// Processor time that it has used so far, in seconds.
    pub fn processor_seconds(&self) -> f64 {
        processor_seconds(self.id()).unwrap()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it has held so far, in MiB.
    pub fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<f64>()
            .unwrap()
            / 1024.0
    }
}

/// The server's files while it runs; its data is in `data`.
pub fn directory() -> PathBuf {
    std::env::temp_dir().join(format!("provisioner-bench-{}", std::process::id()))
}

/// Processor time that a process has used so far, in seconds; `None` when there is no such process.
pub fn processor_seconds(process: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything but ends with the last bracket, user and system time are the 12th and 13th values.
    let values: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |n: usize| values[n].parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
        let _gone = std::fs::remove_dir_all(&self.dir);
    }
}
