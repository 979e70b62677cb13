//! `provisioner doctor`: what is insecure or doubtful, before somebody else finds it.

use std::net::SocketAddr;

use clap::Args;

use super::options::{Outcome, StateOptions};
use super::print;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::doctor::{self, Finding};

/// Options of `provisioner doctor`.
#[derive(Debug, Args)]
pub(super) struct DoctorOptions {
    #[command(flatten)]
    state: StateOptions,
    /// Address to listen on, if `serve` is given one
    #[arg(long, env = "PROVISIONER_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl DoctorOptions {
    pub(super) async fn run(self) -> Outcome {
        let config = self.state.unchecked(self.listen)?;
        let found = doctor::examine(&config, &SystemClock::shared()).await;
        for finding in &found {
            print(finding)?;
        }
        let obstacles = found.iter().filter(|finding| finding.forbids()).count();
        if obstacles > 0 {
            return Err(format!("{obstacles} findings keep `serve` from starting").into());
        }
        print(match found.len() {
            0 => "nothing is insecure or doubtful".to_owned(),
            doubtful => format!("nothing keeps `serve` from starting; doubtful: {doubtful}"),
        })?;
        Ok(())
    }
}

/// Refuses to serve with what is insecure, and says all of it.
pub(super) fn refuse_obstacles(config: &Config) -> Outcome {
    let obstacles = doctor::obstacles(config);
    if obstacles.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = obstacles.iter().map(Finding::to_string).collect();
    Err(format!("cannot serve like this:\n{}", lines.join("\n")).into())
}
