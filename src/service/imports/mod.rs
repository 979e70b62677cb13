//! Importing from Okta: reading the org in the background, looking at what was found, ticking, confirming, and carrying it out.
//!
//! The row of the import says where work goes on, so a restart loses and repeats nothing: a page is classified in the transaction that moves
//! the link to the next one, and a candidate's outcome is committed with what it changed. Looking and acting need `VIEW_APPS` and
//! `IMPORT_USERS`.

mod advice;
mod ahead;
mod apply;
mod call;
mod confirm;
mod fetch;
mod gone;
mod linking;
mod look;
mod may;
mod one;
mod people;
mod progress;
mod retry;
mod rules;
mod select;
mod sort;
mod start;
mod work;

use uuid::Uuid;

pub use crate::domain::import::{
    AdviceReason, Category, ConflictReason, ImportMode, ImportPhase, ImportProblem, ImportStatus,
    Intention, Outcome, OutcomeReason, SourceProfile,
};
pub use crate::domain::mapping::{Difference, DifferenceNote};
pub use crate::store::import_candidates::{
    Candidate, CandidateFilter, CandidateOrder, SelectionChange,
};
pub use crate::store::imports::Import;
pub use advice::{Advice, advice};
pub use confirm::{approve_deactivations, confirm, may_approve};
pub use look::{
    CategoryCount, ConfirmationSummary, candidate, candidates, count_candidates, counts, intention,
    outcomes, summary,
};
pub use may::may_apply;
pub use progress::{completion, remaining};
pub use retry::{MAX_RETRIED, retry};
pub use select::{MAX_SELECTED, Selection, select};
pub use start::{Started, cancel, start};
pub use work::{next_due, runnable, work};

use super::{Error, Event, Result, Services, UserError, Viewer};
use crate::store::page::{Page, PageRequest};
use crate::store::{Tx, apps, imports};

fn require(viewer: &Viewer) -> Result<()> {
    viewer.require_import()
}

/// The import; `None` when there is none, or not in the viewer's organisation.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`.
pub async fn find(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Option<Import>> {
    require(viewer)?;
    Ok(imports::find(&services.store, viewer.organization_id, id).await?)
}

/// A page of an app's imports in the order of their start.
///
/// # Errors
/// As [`find`]; `NotFound` when the app is not of the viewer's organisation.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    request: PageRequest,
) -> Result<Page<Import>> {
    check_app(services, viewer, app).await?;
    Ok(imports::list(&services.store, viewer.organization_id, app, request).await?)
}

/// How many imports an app has.
///
/// # Errors
/// As [`list`].
pub async fn count(services: &Services, viewer: &Viewer, app: Uuid) -> Result<u64> {
    check_app(services, viewer, app).await?;
    Ok(imports::count(&services.store, viewer.organization_id, app).await?)
}

/// The import of an app that has not ended; `None` when there is none.
///
/// # Errors
/// As [`list`].
pub async fn current(services: &Services, viewer: &Viewer, app: Uuid) -> Result<Option<Import>> {
    check_app(services, viewer, app).await?;
    let open = imports::open(&services.store, viewer.organization_id, app).await?;
    Ok(open.into_iter().next())
}

async fn check_app(services: &Services, viewer: &Viewer, app: Uuid) -> Result<()> {
    require(viewer)?;
    let found = apps::find(&services.store, viewer.organization_id, app).await?;
    found.map(|_| ()).ok_or(Error::NotFound)
}

/// The import to look into.
async fn seen(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Import> {
    find(services, viewer, id).await?.ok_or(Error::NotFound)
}

/// The import to change, held until the transaction ends.
async fn held(tx: &Tx, viewer: &Viewer, id: Uuid) -> Result<Import> {
    let found = imports::find_locked(tx, viewer.organization_id, id).await?;
    found.ok_or_else(|| UserError::not_found("import", "importId").into())
}

/// Tells the watchers what was committed.
fn announce(services: &Services, import: &Import) {
    services.events.publish(Event::Import {
        organization: import.organization_id,
        app: import.app_id,
        import: import.id,
    });
}
