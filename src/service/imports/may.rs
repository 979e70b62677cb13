//! Whom an import may change on whose word: asked when a candidate is carried out, and beforehand for a panel.

use uuid::Uuid;

use super::{Candidate, Category, DifferenceNote, Import, OutcomeReason, intention};
use crate::domain::directory::{PRIMARY_EMAIL, USER_NAME};
use crate::domain::mapping::Difference;
use crate::domain::permission::{AdminRole, check_owner_stays};
use crate::service::Viewer;
use crate::service::users::{Standing, is_above};

/// Whether the account may be linked: whoever holds an admin role in Okta is linked only on the word of somebody who may configure the app.
pub(super) fn may_link(viewer: &Viewer, candidate: &Candidate) -> bool {
    candidate.linked || !candidate.is_admin || viewer.require_configure().is_ok()
}

/// Why an active person is not deactivated by an import. `above` says that he stands above the viewer.
pub(super) fn protection(
    viewer: &Viewer,
    id: Uuid,
    role: &AdminRole,
    owners: u64,
    above: bool,
) -> Option<OutcomeReason> {
    if id == viewer.user_id {
        return Some(OutcomeReason::Yourself);
    }
    if check_owner_stays(role, false, owners).is_err() {
        return Some(OutcomeReason::LastOwner);
    }
    above.then_some(OutcomeReason::AboveYou)
}

/// Whether the candidate would be carried out on the viewer's word, as far as that depends on who he is. `person` is the person of the directory.
#[must_use]
pub fn may_apply(
    viewer: &Viewer,
    import: &Import,
    candidate: &Candidate,
    person: Option<&Standing>,
) -> bool {
    let links = matches!(
        candidate.category,
        Category::New | Category::Update | Category::Activate
    );
    if viewer.require_import().is_err() || links && !may_link(viewer, candidate) {
        return false;
    }
    let Some(Standing {
        subject,
        role,
        held,
        owners,
    }) = person
    else {
        return true;
    };
    let above = is_above(viewer, subject.id, role, held);
    let what = intention(import, candidate);
    if what.deactivates {
        return protection(viewer, subject.id, role, *owners, above).is_none();
    }
    let renames = what.updates_directory && renames(candidate);
    let takes = what.updates_directory && candidate.differences.iter().any(is_taken);
    let changes = takes || what.activates;
    !(changes && above) && (!renames || viewer.may_rename(role))
}

/// Whether taking Okta's values over changes what the person signs in by.
fn renames(candidate: &Candidate) -> bool {
    let mut fields = candidate.differences.iter().filter(|each| is_taken(each));
    fields.any(|each| [Some(USER_NAME), Some(PRIMARY_EMAIL)].contains(&each.field.as_deref()))
}

/// Whether Okta's value is taken over when Okta is the source.
fn is_taken(difference: &Difference) -> bool {
    let taken = matches!(difference.note, None | Some(DifferenceNote::NotWritable));
    taken && difference.field.is_some()
}
