//! Processor time of processes, and of PostgreSQL.

use sqlx::{Connection as _, PgConnection};

use super::support::process::processor_seconds;

/// Processes that work together, and what they have used.
#[derive(Clone, Debug)]
pub struct Processes(u32);

impl Processes {
    /// A process with those that it started.
    pub const fn of(parent: u32) -> Self {
        Self(parent)
    }

    /// The PostgreSQL server with the processes of its sessions; `None` where its files cannot be read, on another machine for example.
    pub async fn of_postgres(url: &str) -> Option<Self> {
        let mut session = PgConnection::connect(url).await.ok()?;
        let directory: String = sqlx::query_scalar("SHOW data_directory")
            .fetch_one(&mut session)
            .await
            .ok()?;
        let file = std::fs::read_to_string(format!("{directory}/postmaster.pid")).ok()?;
        file.lines().next()?.trim().parse().ok().map(Self)
    }

    /// Seconds so far of all that are there now.
    pub fn seconds(&self) -> f64 {
        let started = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.0));
        let started = started.unwrap_or_default();
        let started = started.split_whitespace().filter_map(|id| id.parse().ok());
        started.chain([self.0]).filter_map(processor_seconds).sum()
    }
}
