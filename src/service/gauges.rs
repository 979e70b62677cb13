//! What the database knows of the server's work, for whoever watches it; over all organisations, and naming nobody.

use std::time::Duration;

use tokio::sync::Mutex;

use super::Services;
use crate::domain::account::AccountState;
use crate::domain::connection::ConnectionStatus;
use crate::domain::import::ImportStatus;
use crate::metrics::Gauges;
use crate::store::{Result, Tx, gauges};

/// How long figures are good, milliseconds: shorter than the usual interval of those who watch, long enough that asking often costs little.
const GOOD_FOR_MS: u64 = 5_000;
/// How long the database may take; a watcher wants the other figures all the more when it does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Keeps the figures for a while.
#[derive(Debug, Default)]
pub struct Gauge(Mutex<Option<u64>>);

impl Gauge {
    /// All figures of this process as text, those of the database no older than a few seconds.
    ///
    /// # Errors
    /// None but those of writing to a string.
    pub async fn text(&self, services: &Services) -> std::result::Result<String, std::fmt::Error> {
        self.refresh(services).await;
        services.metrics.render(services.clock.now_ms())
    }

    /// One asks, the others wait for it.
    async fn refresh(&self, services: &Services) {
        let mut last = self.0.lock().await;
        let now = services.clock.monotonic_ms();
        if last.is_some_and(|at| now.saturating_sub(at) < GOOD_FOR_MS) {
            return;
        }
        *last = Some(now);
        let gauges = match tokio::time::timeout(PATIENCE, gather(services)).await {
            Ok(Ok(gauges)) => Some(gauges),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database did not give its figures");
                None
            }
            Err(_) => None,
        };
        services.metrics.set(gauges.as_ref());
    }
}

async fn gather(services: &Services) -> Result<Gauges> {
    let now = services.clock.now_ms();
    services
        .store
        .snapshot(|tx| async move { figures(&tx, now).await })
        .await
}

async fn figures(tx: &Tx, now: i64) -> Result<Gauges> {
    let accounts = gauges::accounts(tx).await?;
    let connections = gauges::connections(tx).await?;
    let imports = gauges::imports(tx).await?;
    let since = gauges::due_since(tx, now).await?;
    let by_status: Vec<_> = imports
        .iter()
        .map(|row| (row.status.clone(), row.imports))
        .collect();
    let running = imports.iter().filter(|row| {
        let status: Option<ImportStatus> = row.status.parse().ok();
        status.is_some_and(ImportStatus::is_running)
    });
    let (fetched, expected) = running.fold((0, 0), |(fetched, expected), row| {
        (
            fetched + row.fetched,
            expected + row.expected.max(row.fetched),
        )
    });
    let open = ImportStatus::ALL
        .iter()
        .filter(|status| !status.has_ended());
    Ok(Gauges {
        accounts: every(AccountState::ALL.iter().map(|one| one.as_str()), &accounts),
        queue_age_ms: since.map_or(0, |since| (now - since).max(0)),
        connections: every(
            ConnectionStatus::ALL.iter().map(|one| one.as_str()),
            &connections,
        ),
        imports: every(open.map(|one| one.as_str()), &by_status),
        import_fetched: fetched,
        import_expected: expected,
        audit_unsealed: i64::try_from(gauges::unsealed(tx).await?).unwrap_or(i64::MAX),
    })
}

/// A count for every name, nought where none was found.
fn every(
    names: impl Iterator<Item = &'static str>,
    found: &[(String, i64)],
) -> Vec<(&'static str, i64)> {
    let count = |name| {
        found
            .iter()
            .find(|(known, _)| known == name)
            .map_or(0, |(_, count)| *count)
    };
    names.map(|name| (name, count(name))).collect()
}
