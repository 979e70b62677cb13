//! `provisioner audit`: looking after the audit trail.

use clap::{Args, Subcommand};

use super::options::{Outcome, StateOptions};
use super::print;
use crate::clock::SystemClock;
use crate::service::audit_chain::{Intact, Verdict};
use crate::startup::Base;
use crate::telemetry;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Verify that no entry of the audit trail was changed, added, removed or moved
    Verify(VerifyOptions),
}

impl AuditCommand {
    pub(super) async fn run(self) -> Outcome {
        match self {
            Self::Verify(options) => options.run().await,
        }
    }
}

/// Options of `provisioner audit verify`.
#[derive(Debug, Args)]
pub(super) struct VerifyOptions {
    #[command(flatten)]
    state: StateOptions,
    /// A head that an earlier run printed: the trail must still go through it. May be given several times
    #[arg(long, value_name = "HASH", value_parser = head)]
    expect_head: Vec<Head>,
}

/// A link of 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Head(Vec<u8>);

fn head(text: &str) -> Result<Head, String> {
    let byte = |at| {
        text.get(at..at + 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    let bytes: Option<Vec<_>> = (0..text.len()).step_by(2).map(byte).collect();
    bytes
        .filter(|bytes| bytes.len() == 32)
        .map(Head)
        .ok_or_else(|| "a head has 64 hexadecimal digits".to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl VerifyOptions {
    async fn run(self) -> Outcome {
        telemetry::start(None, Some("warn"));
        let base = Base::open_existing(&self.state.config()?, SystemClock::shared()).await?;
        let heads: Vec<_> = self
            .expect_head
            .into_iter()
            .map(|Head(head)| head)
            .collect();
        let verdicts = base.verify_audit(&heads).await?;
        let mut faults = Vec::new();
        let mut passed = Vec::new();
        for verdict in verdicts {
            let who = name(&verdict);
            match verdict.outcome {
                Ok(intact) => {
                    print(line(&who, &intact))?;
                    passed.extend(intact.passed);
                }
                Err(fault) => faults.push(format!("the audit trail of {who} is broken: {fault}")),
            }
        }
        for lost in heads.iter().filter(|head| !passed.contains(head)) {
            let hash = hex(lost);
            faults.push(format!(
                "no intact trail goes through the expected head {hash}: entries were cut off or replaced"
            ));
        }
        if faults.is_empty() {
            return Ok(());
        }
        Err(faults.join("\n").into())
    }
}

fn name(verdict: &Verdict) -> String {
    match &verdict.name {
        Some(name) => name.clone(),
        None => format!("organisation {}, which is gone", verdict.organization),
    }
}

fn line(who: &str, intact: &Intact) -> String {
    let head = hex(&intact.head);
    let sealed = format!("{who}: {} entries, intact, head {head}", intact.entries);
    match intact.unsealed {
        0 => sealed,
        newer => format!("{sealed}; {newer} newer not yet sealed"),
    }
}
