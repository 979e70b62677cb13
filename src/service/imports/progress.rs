//! How much an import still has to read, and for how long.

use super::{Import, ImportStatus};

/// Accounts that are probably still to be read; `None` when there is nothing to estimate it from.
#[must_use]
pub fn remaining(import: &Import) -> Option<i64> {
    match import.status {
        ImportStatus::Fetching => Some((import.total_estimate? - import.fetched).max(0)),
        _ => Some(0),
    }
}

/// When reading will be done at the pace so far, which is Okta's, epoch milliseconds; `None` when it is not under way, or not known.
#[must_use]
pub fn completion(import: &Import) -> Option<i64> {
    let spent = import.updated_at - import.created_at;
    if import.status != ImportStatus::Fetching || import.fetched <= 0 || spent <= 0 {
        return None;
    }
    let left = remaining(import)?.saturating_mul(spent) / import.fetched;
    Some(import.updated_at.saturating_add(left))
}
