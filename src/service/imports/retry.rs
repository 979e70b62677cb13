//! Trying candidates again that did not come to an end. Whoever moved is read and sorted anew first, so that nothing is done that nobody saw.

use serde_json::json;
use uuid::Uuid;

use super::call::{Line, Trouble};
use super::confirm::go_on;
use super::look::safe_left;
use super::rules::{Basis, Place};
use super::sort::Sorter;
use super::start::record;
use super::{Candidate, Import, announce, find, held, require};
use crate::domain::import::{Category, ImportStatus, Outcome, OutcomeReason};
use crate::service::{Ceiling, Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::import_candidates::{self, Reopen};
use crate::store::{Tx, imports};

/// Candidates that can be tried again at a time: each may cost a call to Okta.
pub const MAX_RETRIED: usize = 100;

/// What became of one of those that were named.
type Row = (Uuid, std::result::Result<Candidate, UserError>);

/// Tries candidates again that are `FAILED`, `STALE` or `UNRESOLVED`, on the word of the viewer. Those of the latter two kinds are read in Okta
/// and sorted anew: where they still belong to the category that was confirmed, they are carried out in the background; where they do not,
/// the candidate shows what it is proposed for now, and trying it once more carries that out. Answers in the order given.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `Refused` when there is no such import, it was not confirmed, or too many are named.
pub async fn retry(
    services: &Services,
    viewer: &Viewer,
    import: Uuid,
    ids: Vec<Uuid>,
) -> Result<Vec<Row>> {
    require(viewer)?;
    if ids.len() > MAX_RETRIED {
        let sentence = format!("At most {MAX_RETRIED} candidates can be tried again at a time.");
        let error = UserError::new(UserErrorCode::TooMany, sentence).with("max", MAX_RETRIED);
        return Err(error.into());
    }
    let import = find(services, viewer, import).await?;
    let import = import.ok_or_else(|| UserError::not_found("import", "importId"))?;
    check_status(&import)?;
    let known = import_candidates::by_ids(&services.store, import.id, &ids).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let candidate = known.iter().find(|candidate| candidate.id == id);
        let outcome = match candidate {
            Some(candidate) => prepare(services, viewer, &import, candidate).await?,
            None => Err(UserError::new(
                UserErrorCode::NotFound,
                "There is no such candidate.",
            )),
        };
        rows.push((id, outcome));
    }
    let again: Vec<Uuid> = rows
        .iter()
        .filter(|(_, outcome)| {
            outcome
                .as_ref()
                .is_ok_and(|candidate| candidate.outcome.is_none())
        })
        .map(|(id, _)| *id)
        .collect();
    if !again.is_empty() {
        take_up(services, viewer, import.id, &again).await?;
    }
    Ok(rows)
}

fn check_status(import: &Import) -> Result<()> {
    if matches!(
        import.status,
        ImportStatus::Applying | ImportStatus::Completed
    ) {
        return Ok(());
    }
    let sentence = "Only candidates of an import that was confirmed can be tried again.";
    Err(UserError::new(UserErrorCode::NotPossibleNow, sentence)
        .with("status", import.status)
        .into())
}

/// An import that is being carried out goes on under the authority of whoever confirmed it, which trying again would change.
fn check_authority(viewer: &Viewer, import: &Import) -> Result<()> {
    let ceiling = Ceiling::kept(viewer.ceiling.as_ref())?;
    let same = import.confirmed_by == Some(viewer.user_id)
        && import.token_id == viewer.token
        && import.ceiling == ceiling;
    if import.status == ImportStatus::Completed || same {
        return Ok(());
    }
    let sentence = "What somebody else confirmed is being carried out; try again when the import is COMPLETED.";
    Err(not_now(sentence).with("status", import.status).into())
}

fn not_now(sentence: &str) -> UserError {
    UserError::new(UserErrorCode::NotPossibleNow, sentence)
}

/// The candidate as it is tried again, without an outcome; or why it is not.
async fn prepare(
    services: &Services,
    viewer: &Viewer,
    import: &Import,
    candidate: &Candidate,
) -> Result<std::result::Result<Candidate, UserError>> {
    match candidate.outcome {
        Some(Outcome::Failed) => Ok(Ok(reopened(candidate.clone()))),
        Some(Outcome::Stale | Outcome::Unresolved) => {
            read_again(services, viewer, import, candidate).await
        }
        _ => Ok(Err(not_now(
            "Only candidates that failed, are stale or unresolved can be tried again.",
        ))),
    }
}

fn reopened(candidate: Candidate) -> Candidate {
    Candidate {
        outcome: None,
        outcome_reason: None,
        outcome_message: None,
        applied_at: None,
        ..candidate
    }
}

async fn read_again(
    services: &Services,
    viewer: &Viewer,
    import: &Import,
    candidate: &Candidate,
) -> Result<std::result::Result<Candidate, UserError>> {
    let user = match Line::of(services, import).user(&candidate.okta_id).await {
        Ok(user) => user,
        Err(Trouble::Ours(error)) => return Err(error),
        Err(Trouble::Later { .. } | Trouble::Never { .. }) => {
            let sentence = "Okta did not answer; try again later.";
            return Ok(Err(UserError::new(
                UserErrorCode::OktaUnavailable,
                sentence,
            )));
        }
    };
    let now = services.clock.now_ms();
    services
        .store
        .transaction(async |tx| {
            let current = held(&tx, viewer, import.id).await?;
            let Some(place) = Place::of(&tx, &current).await? else {
                return Ok(Err(not_now("The app is no longer connected to this Okta org.")));
            };
            let basis = Basis::load(&tx, &place).await?;
            let again = match &user {
                Some(user) => sorted(&tx, &current, &basis, user, candidate, now).await?,
                None => ended(candidate.clone(), Outcome::Stale, OutcomeReason::AccountGone, now),
            };
            let moved = again.category != candidate.category || again.conflict.is_some();
            import_candidates::save(&tx, again.clone()).await?;
            Ok::<_, Error>(match again.conflict {
                Some(conflict) => Err(not_now(conflict.sentence())),
                None if moved => Err(not_now(
                    "The account is proposed for something else by now; look at it, then try it again.",
                )),
                None => Ok(again),
            })
        })
        .await
}

/// The candidate as it is now. One that belongs to another category, or is in conflict, keeps waiting for somebody to look at it.
async fn sorted(
    tx: &Tx,
    import: &Import,
    basis: &Basis,
    user: &okta_client::User,
    candidate: &Candidate,
    now: i64,
) -> Result<Candidate> {
    let reader = basis.reader();
    let sorter = Sorter {
        import,
        basis,
        reader: &reader,
    };
    let sorted = sorter.sort(tx, &[user], Some(candidate.id)).await?;
    let Some(fresh) = sorted.candidates.into_iter().next() else {
        let settled = candidate.clone();
        return Ok(ended(
            settled,
            Outcome::Skipped,
            OutcomeReason::AlreadySo,
            now,
        ));
    };
    let fresh = Candidate {
        id: candidate.id,
        is_admin: candidate.is_admin || fresh.is_admin,
        selected: fresh.conflict.is_none(),
        source_profile: candidate.source_profile,
        ..fresh
    };
    let moved = fresh.category != candidate.category || fresh.conflict.is_some();
    Ok(match fresh.conflict {
        Some(_) => ended(fresh, Outcome::Unresolved, OutcomeReason::OtherAccount, now),
        None if moved => ended(fresh, Outcome::Stale, OutcomeReason::AccountChanged, now),
        None => reopened(fresh),
    })
}

fn ended(candidate: Candidate, outcome: Outcome, reason: OutcomeReason, now: i64) -> Candidate {
    Candidate {
        outcome: Some(outcome),
        outcome_reason: Some(reason),
        outcome_message: None,
        applied_at: Some(now),
        ..candidate
    }
}

/// Has the worker carry these candidates out.
async fn take_up(services: &Services, viewer: &Viewer, import: Uuid, ids: &[Uuid]) -> Result<()> {
    let now = services.clock.now_ms();
    let import = services
        .store
        .transaction(async |tx| {
            let mut import = held(&tx, viewer, import).await?;
            check_status(&import)?;
            check_authority(viewer, &import)?;
            check_budget(&tx, &import, ids, now).await?;
            import_candidates::reopen(&tx, import.id, Reopen::Ids(ids)).await?;
            import.confirmed_by = Some(viewer.user_id);
            import.ceiling = Ceiling::kept(viewer.ceiling.as_ref())?;
            import.token_id = viewer.token;
            go_on(&mut import, now);
            imports::save(&tx, &import).await?;
            let detail = json!({ "candidates": ids });
            record(&tx, viewer, &import, "import.retry", detail, now).await?;
            Ok::<_, Error>(import)
        })
        .await?;
    announce(services, &import);
    services.work.notify_one();
    Ok(())
}

/// Trying again is no way around the safe share of deactivations.
async fn check_budget(tx: &Tx, import: &Import, ids: &[Uuid], now: i64) -> Result<()> {
    if import.deactivations_approved {
        return Ok(());
    }
    let again = import_candidates::by_ids(tx, import.id, ids).await?;
    let wanted = again
        .iter()
        .filter(|each| each.category == Category::Deactivate)
        .count() as u64;
    if wanted == 0 || wanted <= safe_left(tx, import, now).await? {
        return Ok(());
    }
    Err(not_now(OutcomeReason::TooManyDeactivations.sentence()).into())
}
