//! What the engine learns about a connection while it works: an org that fails, and kinds of call that Okta denies.

use std::collections::BTreeSet;

use entity::okta_org;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, IntoActiveModel as _,
    QuerySelect as _,
};
use uuid::Uuid;

use super::{Access as _, Error, Result, Tx};
use crate::domain::account::Capability;

/// Status of a connection that works.
pub const CONNECTED: &str = "CONNECTED";
/// Status of a connection whose org fails; it is left alone until `retry_at`.
pub const QUARANTINED: &str = "QUARANTINED";

/// Reads the capabilities that Okta denies through a connection.
///
/// # Errors
/// [`Error::Corrupt`].
pub fn denied(org: &okta_org::Model) -> Result<BTreeSet<Capability>> {
    serde_json::from_value(org.denied_capabilities.clone()).map_err(|error| Error::Corrupt {
        table: "okta_org",
        row: org.id.to_string(),
        what: "denied capabilities",
        value: error.to_string(),
    })
}

/// Notes that Okta denies a capability. False when that was known.
///
/// # Errors
/// The database's own.
pub async fn deny(tx: &Tx, id: Uuid, capability: Capability, now: i64) -> Result<bool> {
    let Some(org) = locked(tx, id).await? else {
        return Ok(false);
    };
    let mut known = denied(&org)?;
    if !known.insert(capability) {
        return Ok(false);
    }
    let mut change = org.into_active_model();
    change.denied_capabilities = Set(serde_json::to_value(&known).unwrap_or_default());
    change.updated_at = Set(now);
    change.update(tx.connection()).await?;
    Ok(true)
}

/// Leaves a failing org alone until `retry_at`, which the caller derives from the number of failures, this one included.
/// Answers `retry_at`; null when the connection is in no state to be quarantined.
///
/// # Errors
/// The database's own.
pub async fn quarantine(
    tx: &Tx,
    id: Uuid,
    now: i64,
    pause: impl Fn(i32) -> i64 + Send,
) -> Result<Option<i64>> {
    let Some(org) = locked(tx, id).await? else {
        return Ok(None);
    };
    if org.archived_at.is_some() || ![CONNECTED, QUARANTINED].contains(&org.status.as_str()) {
        return Ok(None);
    }
    let failures = org.failures.saturating_add(1);
    let retry_at = now.saturating_add(pause(failures));
    let mut change = org.into_active_model();
    change.status = Set(QUARANTINED.to_owned());
    change.failures = Set(failures);
    change.retry_at = Set(Some(retry_at));
    change.updated_at = Set(now);
    change.update(tx.connection()).await?;
    Ok(Some(retry_at))
}

/// Ends the quarantine of an org that answers again. False when it was not quarantined.
///
/// # Errors
/// The database's own.
pub async fn recover(tx: &Tx, id: Uuid, now: i64) -> Result<bool> {
    let Some(org) = locked(tx, id).await? else {
        return Ok(false);
    };
    if org.status != QUARANTINED {
        return Ok(false);
    }
    let mut change = org.into_active_model();
    change.status = Set(CONNECTED.to_owned());
    change.failures = Set(0);
    change.retry_at = Set(None);
    change.updated_at = Set(now);
    change.update(tx.connection()).await?;
    Ok(true)
}

async fn locked(tx: &Tx, id: Uuid) -> Result<Option<okta_org::Model>> {
    Ok(okta_org::Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx.connection())
        .await?)
}
