//! Working imports off.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::service::{Error, Result, Services};
use crate::store::imports;

/// Running imports with something to do for `process` now.
///
/// # Errors
/// The database's own.
pub async fn runnable(services: &Services, process: Uuid) -> Result<Vec<Uuid>> {
    let alone = !services.store.is_shared();
    let now = services.clock.now_ms();
    Ok(imports::runnable(&services.store, process, alone, now).await?)
}

/// When the next running import may go on, epoch milliseconds.
///
/// # Errors
/// The database's own.
pub async fn next_due(services: &Services) -> Result<Option<i64>> {
    Ok(imports::next_due(&services.store).await?)
}

/// Works an import.
///
/// # Errors
/// The database's own.
pub async fn work(
    _services: &Services,
    _process: Uuid,
    _import: Uuid,
    _stopping: &CancellationToken,
) -> Result<()> {
    Err(Error::Unavailable("working is not there yet".to_owned()))
}
