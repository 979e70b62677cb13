//! What an administrator decides about accounts that wait for their deletion (the app's option `deletionDelay`): delete now, or keep.

use serde_json::json;
use uuid::Uuid;

use super::accounts::{Retried, changed, check_length, no_such_account, record};
use super::{Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::account::{AccountState, OktaStatus, WaitReason};
use crate::store::account_lists::{self, AccountView};
use crate::store::generations::{self, Scope};
use crate::store::{Tx, deletions};

/// What becomes of an account that waits for its deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionDecision {
    /// It is deleted without waiting further.
    DeleteNow,
    /// It is kept in Okta, deactivated, and managed no more.
    Keep,
}

/// Decides about accounts that wait for their deletion, at most `accounts::MAX_RETRIED`; each succeeds or is refused for itself.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `ASSIGN_APPS`, for deleting also without the right to configure; `Refused` for none or too many.
pub async fn decide(
    services: &Services,
    viewer: &Viewer,
    ids: &[Uuid],
    decision: DeletionDecision,
) -> Result<Vec<Retried>> {
    check_decides(viewer, decision)?;
    check_length(ids)?;
    let now = services.clock.now_ms();
    let mut order = ids.to_vec();
    order.sort_unstable();
    order.dedup();
    let decided = services
        .store
        .transaction(async |tx| {
            let mut decided = Vec::with_capacity(order.len());
            for id in order {
                let outcome = one(&tx, viewer, id, decision, now).await?;
                decided.push(Retried { id, outcome });
            }
            Ok::<_, Error>(decided)
        })
        .await?;
    for account in decided.iter().flat_map(|each| &each.outcome) {
        services.events.publish(changed(account));
        services.work.notify_one();
    }
    let found = |id: &Uuid| decided.iter().find(|each| each.id == *id).cloned();
    Ok(ids.iter().filter_map(found).collect())
}

/// Whether the viewer may decide so.
#[must_use]
pub fn may_decide(viewer: &Viewer, decision: DeletionDecision) -> bool {
    check_decides(viewer, decision).is_ok()
}

fn check_decides(viewer: &Viewer, decision: DeletionDecision) -> Result<()> {
    viewer.require_assign()?;
    match decision {
        DeletionDecision::DeleteNow => viewer.require_configure(),
        DeletionDecision::Keep => Ok(()),
    }
}

async fn one(
    tx: &Tx,
    viewer: &Viewer,
    id: Uuid,
    decision: DeletionDecision,
    now: i64,
) -> Result<std::result::Result<AccountView, UserError>> {
    let organization = viewer.organization_id;
    let Some(account) = account_lists::lock(tx, organization, id).await? else {
        return Ok(Err(no_such_account()));
    };
    if !awaits_deletion(&account) {
        let sentence = "This account does not wait for its deletion.";
        return Ok(Err(UserError::new(UserErrorCode::NotPossibleNow, sentence)));
    }
    let action = match decision {
        DeletionDecision::DeleteNow => {
            deletions::hasten(tx, organization, id).await?;
            "account.deleteNow"
        }
        DeletionDecision::Keep => {
            deletions::keep(tx, organization, id).await?;
            "account.keep"
        }
    };
    generations::raise(tx, organization, &Scope::Account(id), false, now).await?;
    let detail = json!({ "deletionAt": account.next_attempt_at });
    record(tx, viewer, &account, action, now, detail).await?;
    let account = account_lists::lock(tx, organization, id).await?;
    Ok(account.ok_or_else(no_such_account))
}

/// Whether the account is deactivated and its deletion is still to come, whatever holds it up besides: a pause, say, must not take the decision
/// away.
fn awaits_deletion(account: &AccountView) -> bool {
    use AccountState::{Held, Pending, Waiting};
    let deactivated = account.okta_status == Some(OktaStatus::Deprovisioned);
    account.wait == Some(WaitReason::DeletionDelayed)
        || account.deletion_from.is_some()
            && deactivated
            && matches!(account.state, Pending | Waiting | Held)
}
