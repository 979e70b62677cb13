//! Ticks, shared among administrators: each change raises the version that a confirmation has to name.

use serde_json::json;
use uuid::Uuid;

use super::rules::distinct;
use super::start::record;
use super::{CandidateFilter, Import, SelectionChange, announce, held, require};
use crate::domain::import::ImportStatus;
use crate::service::{Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::import_candidates::{self, Which};
use crate::store::imports;

/// Candidates that can be named at a time; more are chosen by a filter.
pub const MAX_SELECTED: usize = 1_000;

/// Which candidates a change of ticks concerns.
#[derive(Clone, Debug)]
pub enum Selection {
    /// These, at most [`MAX_SELECTED`]; those who hold an admin role in Okta too.
    Ids(Vec<Uuid>),
    /// All that match now, without those who hold an admin role in Okta: they are ticked by hand.
    Matching(CandidateFilter),
}

/// Changes ticks, or whose values count. Candidates with a conflict stay unticked.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `Refused` when there is no such import or candidate, its list is not complete or was confirmed, or
/// too many are named.
pub async fn select(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
    selection: Selection,
    change: SelectionChange,
) -> Result<Import> {
    require(viewer)?;
    if let Selection::Ids(ids) = &selection
        && ids.len() > MAX_SELECTED
    {
        let sentence = format!("At most {MAX_SELECTED} candidates can be named at a time.");
        return Err(UserError::new(UserErrorCode::TooMany, sentence)
            .with("max", MAX_SELECTED)
            .into());
    }
    let now = services.clock.now_ms();
    let import = services
        .store
        .transaction(async |tx| {
            let mut import = held(&tx, viewer, import).await?;
            if import.status != ImportStatus::Ready {
                return Err(not_ready(import.status).into());
            }
            let which = match &selection {
                Selection::Ids(ids) => Which::Ids(ids),
                Selection::Matching(filter) => Which::Matching(filter),
            };
            if let Selection::Ids(ids) = &selection {
                let named = distinct(ids.iter().copied());
                if import_candidates::among(&*tx, import.id, &named).await? < named.len() {
                    return Err(UserError::not_found("candidate", "candidateIds").into());
                }
            }
            let changed = import_candidates::select(&tx, import.id, &which, change).await?;
            if changed > 0 {
                let detail = json!({
                    "selected": change.selected,
                    "sourceProfile": change.source,
                    "candidates": changed,
                    "named": matches!(selection, Selection::Ids(_)),
                });
                record(&tx, viewer, &import, "import.select", detail, now).await?;
                import.selection_version += 1;
                import.updated_at = now;
                imports::save(&tx, &import).await?;
            }
            Ok::<_, Error>(import)
        })
        .await?;
    announce(services, &import);
    Ok(import)
}

/// Why ticks cannot be changed or confirmed.
pub(super) fn not_ready(status: ImportStatus) -> UserError {
    let sentence = match status {
        ImportStatus::Fetching => "The list is not complete yet.",
        ImportStatus::Ready => "The import is ready.",
        ImportStatus::Applying | ImportStatus::Completed => "The import was confirmed already.",
        ImportStatus::Failed => "The import failed; start another one.",
        ImportStatus::Cancelled => "The import was ended; start another one.",
    };
    UserError::new(UserErrorCode::NotPossibleNow, sentence).with("status", status)
}
