//! Looking at what an import found, and at what confirming would do.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Candidate, CandidateFilter, CandidateOrder, Import, require, seen};
use crate::domain::import::{self, Category, Intention, Outcome, Question, Totals, sentences};
use crate::service::{Error, Result, Services, Viewer};
use crate::store::import_candidates::{self, Tally};
use crate::store::page::{Page, PageRequest};
use crate::store::{Access, apps, deprovisioning};

/// How many candidates a category has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategoryCount {
    /// The category.
    pub category: Category,
    /// All.
    pub total: u64,
    /// Those that are ticked.
    pub selected: u64,
    /// Those with a conflict.
    pub conflicts: u64,
}

/// What confirming would do to all that are ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfirmationSummary {
    /// How many are ticked.
    pub selected: u64,
    /// People created here.
    pub creates: u64,
    /// People whose values are overwritten with Okta's.
    pub updates_directory: u64,
    /// Accounts whose mapped values are overwritten with the directory's.
    pub updates_okta: u64,
    /// People activated here.
    pub activates: u64,
    /// People deactivated here.
    pub deactivates: u64,
    /// People who get the app.
    pub assigns: u64,
    /// Accounts recorded as gone.
    pub forgets: u64,
    /// Deactivations that would await approval: all of them, or none.
    pub held: u64,
    /// Calls to Okta that this leads to, roughly.
    pub okta_calls: u64,
    /// The same in words.
    pub sentences: Vec<String>,
}

/// A page of candidates. `order` decides the direction, not the request.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `NotFound` when the import is not of the viewer's organisation.
pub async fn candidates(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
    filter: &CandidateFilter,
    order: CandidateOrder,
    request: PageRequest,
) -> Result<Page<Candidate>> {
    let import = seen(services, viewer, import).await?;
    Ok(import_candidates::list(&services.store, import.id, filter, order, request).await?)
}

/// How many candidates match.
///
/// # Errors
/// As [`candidates`].
pub async fn count_candidates(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
    filter: &CandidateFilter,
) -> Result<u64> {
    let import = seen(services, viewer, import).await?;
    Ok(import_candidates::count(&services.store, import.id, filter).await?)
}

/// The candidate; `None` when there is none, or not in the viewer's organisation.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`.
pub async fn candidate(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Option<Candidate>> {
    require(viewer)?;
    Ok(import_candidates::find(&services.store, viewer.organization_id, id).await?)
}

/// What confirming would do to a candidate.
#[must_use]
pub fn intention(import: &Import, candidate: &Candidate) -> Intention {
    import::intention(Question {
        category: candidate.category,
        source: candidate.source_profile.unwrap_or(import.source_profile),
        differs: candidate.differs,
        assigned: candidate.assigned,
    })
}

/// How many candidates each category has, in the order of the categories; empty ones too.
///
/// # Errors
/// As [`candidates`].
pub async fn counts(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
) -> Result<Vec<CategoryCount>> {
    let import = seen(services, viewer, import).await?;
    let tallies = import_candidates::tally(&services.store, import.id).await?;
    let count = |category: &Category| {
        let of = |holds: fn(&Tally) -> bool| {
            let mine = tallies.iter().filter(|tally| tally.category == *category);
            mine.filter(|tally| holds(tally))
                .map(|tally| tally.count)
                .sum()
        };
        CategoryCount {
            category: *category,
            total: of(|_| true),
            selected: of(|tally| tally.selected),
            conflicts: of(|tally| tally.conflict),
        }
    };
    Ok(Category::ALL.iter().map(count).collect())
}

/// How many candidates have each outcome; outcomes that nobody has are left out.
///
/// # Errors
/// As [`candidates`].
pub async fn outcomes(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
) -> Result<HashMap<Outcome, u64>> {
    let import = seen(services, viewer, import).await?;
    Ok(import_candidates::outcomes(&services.store, import.id).await?)
}

/// What confirming would do to all that are ticked now.
///
/// # Errors
/// As [`candidates`].
pub async fn summary(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
) -> Result<ConfirmationSummary> {
    let import = seen(services, viewer, import).await?;
    let store = &services.store;
    let app = apps::find(store, viewer.organization_id, import.app_id).await?;
    let app = app.ok_or(Error::NotFound)?;
    let tallies = import_candidates::tally(store, import.id).await?;
    let (totals, selected) = total(&import, &tallies);
    let left = safe_left(store, &import, services.clock.now_ms()).await?;
    let held = if totals.deactivates > left {
        totals.deactivates
    } else {
        0
    };
    let okta_off = !app.settings.update_user_profile;
    Ok(ConfirmationSummary {
        selected,
        creates: totals.creates,
        updates_directory: totals.updates_directory,
        updates_okta: totals.updates_okta,
        activates: totals.activates,
        deactivates: totals.deactivates,
        assigns: totals.assigns,
        forgets: totals.forgets,
        held,
        // One more asks what changed since the list was read.
        okta_calls: if okta_off { 1 } else { totals.updates_okta + 1 },
        sentences: sentences(&totals, held, okta_off),
    })
}

fn total(import: &Import, tallies: &[Tally]) -> (Totals, u64) {
    let mut totals = Totals::default();
    let mut selected = 0;
    for tally in tallies.iter().filter(|tally| tally.selected) {
        selected += tally.count;
        let what = import::intention(Question {
            category: tally.category,
            source: tally.source.unwrap_or(import.source_profile),
            differs: tally.differs,
            assigned: tally.assigned,
        });
        totals.add(what, tally.count);
    }
    (totals, selected)
}

/// How many people the import may deactivate before somebody has to approve it: what is left of the app's deprovisioning budget.
pub(super) async fn safe_left(db: &impl Access, import: &Import, now: i64) -> Result<u64> {
    let budget = deprovisioning::budget(db, import.app_id, now, None).await?;
    Ok(budget.left())
}
