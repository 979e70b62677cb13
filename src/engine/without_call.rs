//! Linking, resuming, releasing: nothing is asked of Okta, and everything happens in one transaction.

use super::act::act;
use super::context::Stop;
use super::frozen::Frozen;
use super::operate::{Sent, fence, journal_row, refusal_flow};
use super::pass::{Flow, Pass, Situation};
use crate::domain::account::WaitReason;
use crate::domain::plan::{KnownAccount, Lookup, Operation};
use crate::store::{account_links, accounts, audit, operations};

/// Carries out an operation that needs no call.
pub(super) async fn without_call(
    pass: &mut Pass<'_>,
    s: &Situation,
    operation: &Operation,
) -> Result<Flow, Stop> {
    let frozen = Frozen::of(operation, s.okta_id(), None);
    let new = journal_row(pass, s, &frozen);
    let sent = Sent {
        id: new.id,
        frozen,
        attempt: 1,
    };
    let (entry, kind) = (act(pass, s, &sent, None), sent.frozen.kind);
    let account = linked_account(pass, s, operation);
    let (fence, id, now) = (fence(pass, s), pass.account, pass.ctx.now());
    let operation = operation.clone();
    let outcome = pass
        .ctx
        .services
        .store
        .transaction(|tx| async move {
            if let Err(refused) = operations::check(&tx, &fence).await? {
                return Ok(Err(refused));
            }
            if let Operation::Link {
                okta_id,
                taken_from: Some(_),
                ..
            } = &operation
                && let Some(holder) = account_links::holder(&tx, fence.okta_org, okta_id).await?
            {
                if operations::open(&tx, holder.id).await?.is_some() {
                    return Ok(Err(operations::Refused::HolderBusy));
                }
                account_links::take_away(&tx, holder, now).await?;
            }
            if let Some(row) = accounts::locked(&tx, id).await? {
                let mut link = account_links::read(&row, None)?;
                match account {
                    Some(account) => {
                        link.account = Some(account);
                        link.candidate = None;
                    }
                    None => {
                        if let Some(known) = &mut link.account {
                            known.record(&operation);
                        }
                    }
                }
                account_links::write(&tx, row, fence.okta_org, &link, now).await?;
            }
            operations::record_done(&tx, fence.hold, new).await?;
            audit::record(&tx, entry).await?;
            Ok::<_, Stop>(Ok(()))
        })
        .await?;
    pass.ctx.tell(pass.account);
    match outcome {
        Ok(()) => {
            pass.ctx.ended(kind, operations::SUCCEEDED);
            Ok(Flow::Again)
        }
        Err(operations::Refused::HolderBusy) => {
            let at = pass.backoff(s);
            pass.wait(s, WaitReason::Retry, Some(at)).await
        }
        Err(refused) => refusal_flow(refused),
    }
}

/// The account that a link takes over: the candidate as it was just looked up.
fn linked_account(
    pass: &mut Pass<'_>,
    s: &Situation,
    operation: &Operation,
) -> Option<KnownAccount> {
    let Operation::Link {
        admin_confirmed, ..
    } = operation
    else {
        return None;
    };
    let Some((_, Lookup::Found(candidate))) = &pass.memory.lookup else {
        return None;
    };
    let authorizer = s
        .facts
        .okta_org
        .as_ref()
        .and_then(|org| org.authorized_by_okta_id.as_deref());
    let is_authorizer = authorizer == Some(candidate.okta_id.as_str());
    let account = KnownAccount::linked(candidate, *admin_confirmed, is_authorizer);
    pass.memory.status_fresh = true;
    pass.memory.lookup = None;
    Some(account)
}
