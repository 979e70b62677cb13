//! Whether the disk and the database are as a server needs them.

use std::io::Write as _;
use std::path::Path;

use secrecy::ExposeSecret as _;

use super::Finding;
use crate::clock::SharedClock;
use crate::config::{Config, ConfigError};
use crate::data_dir::DataDir;
use crate::domain::directory::match_key;
use crate::service::oidc;
use crate::store::look::{self, Look};

/// What the disk has to take: as much as a few entries of the trail.
static TRIAL: [u8; 65_536] = [0; 65_536];
/// How far two clocks may differ before tokens of the one are refused by the other.
const MOST_DIFFERENCE_MS: i64 = 60_000;

pub(super) async fn examine(config: &Config, clock: &SharedClock) -> Vec<Finding> {
    let dir = &config.data_dir;
    let mut found = Vec::new();
    if dir.is_dir()
        && let Err(e) = try_to_write(dir)
    {
        let line = format!(
            "the data directory {} cannot be written: {e}; see whether the disk is full or mounted read-only, and whose the directory is",
            dir.display()
        );
        found.push(Finding::wrong(line));
    }
    found.extend(database(config, clock).await);
    found.extend(providers(config, clock).await);
    found
}

async fn database(config: &Config, clock: &SharedClock) -> Vec<Finding> {
    let no_address = |fault: &ConfigError| matches!(fault, ConfigError::DatabaseUrl);
    if config.faults().iter().any(no_address) {
        return Vec::new();
    }
    let file = DataDir::at(&config.data_dir).database();
    let seen = match &config.database_url {
        Some(url) => look::postgres(url.expose_secret()).await,
        None if !file.exists() => Ok(Look {
            is_new: true,
            ..Look::default()
        }),
        None => look::sqlite(&file).await,
    };
    match seen {
        Ok(seen) => {
            let mut found: Vec<_> = migrations(&seen).into_iter().collect();
            found.extend(clocks(&seen, clock.now_ms()));
            found.extend(organizations(config, &seen));
            found
        }
        Err(e) => vec![Finding::wrong(format!(
            "the database cannot be used: {e}; see whether it runs, and whether its address is right"
        ))],
    }
}

/// Their people cannot sign in, but everybody else can.
async fn providers(config: &Config, clock: &SharedClock) -> Vec<Finding> {
    let mut found = Vec::new();
    for issuer in &config.oidc {
        if let Err(why) = oidc::reach(issuer, clock).await {
            found.push(Finding::doubtful(
                format!(
                    "oidc, issuer {}: its keys cannot be fetched ({why})",
                    issuer.issuer
                ),
                "none of its people can sign in",
                "see that issuer is right and this machine can reach it",
            ));
        }
    }
    found
}

fn try_to_write(dir: &Path) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(&TRIAL)?;
    file.as_file().sync_all()?;
    file.close()
}

fn migrations(seen: &Look) -> Option<Finding> {
    if let Some(newest) = seen.unknown.last() {
        return Some(Finding::wrong(format!(
            "the database was migrated by a newer version ({newest}); run that version, or restore the back-up from before"
        )));
    }
    if seen.is_new {
        return Some(Finding::doubtful(
            "the database is empty",
            "there is no organization and nobody can sign in",
            "see that it is the right one; `provisioner init` makes the first organization",
        ));
    }
    if seen.organizations.is_empty() && seen.pending == 0 {
        return Some(Finding::doubtful(
            "there is no organization yet",
            "nobody can sign in",
            "`provisioner init` makes the first one, or whoever has a token of `provisioner bootstrap`",
        ));
    }
    (seen.pending > 0).then(|| {
        Finding::doubtful(
            format!("{} migrations are still to be run", seen.pending),
            "the server runs them when it starts, and there is no way back",
            "back up before",
        )
    })
}

fn clocks(seen: &Look, now: i64) -> impl Iterator<Item = Finding> {
    let why = "tokens are refused or live on, and the audit trail has wrong times";
    let mend = "have the clocks set by NTP";
    let apart = seen
        .clock
        .map(|other| now.saturating_sub(other))
        .filter(|apart| apart.abs() > MOST_DIFFERENCE_MS)
        .map(|apart| {
            let seconds = apart / 1_000;
            let what = format!("this machine's clock is {seconds} s ahead of the database's");
            Finding::doubtful(what, why, mend)
        });
    let behind = seen
        .newest_entry
        .map(|newest| newest.saturating_sub(now))
        .filter(|behind| *behind > MOST_DIFFERENCE_MS)
        .map(|behind| {
            let seconds = behind / 1_000;
            let what = format!("the audit trail has an entry {seconds} s from now");
            Finding::doubtful(what, why, mend)
        });
    apart.into_iter().chain(behind)
}

fn organizations(config: &Config, seen: &Look) -> impl Iterator<Item = Finding> {
    let is_there = |wanted: &str| {
        let id = wanted.parse().ok();
        let named = |name: &str| match_key(name) == match_key(wanted);
        seen.organizations
            .iter()
            .any(|(known, name)| Some(*known) == id || named(name))
    };
    let lost = config
        .oidc
        .iter()
        .filter(move |issuer| !is_there(&issuer.organization));
    lost.map(|issuer| {
        Finding::doubtful(
            format!(
                "oidc, issuer {}: there is no organization {:?}",
                issuer.issuer, issuer.organization
            ),
            "none of its people can sign in",
            "see that the name is right; `provisioner init` makes it",
        )
    })
}
