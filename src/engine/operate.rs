//! One operation: frozen, committed under the fences, sent.

use super::context::Stop;
use super::execute::execute;
use super::frozen::Frozen;
use super::gateway::Permit;
use super::outcome::{conclude, end};
use super::pass::{Change, Flow, Pass, Situation};
use super::reading;
use super::sessions::Session;
use super::without_call::without_call;
use crate::crash;
use crate::domain::account::AccountState;
use crate::domain::okta_role::RoleType;
use crate::domain::plan::{Operation, OperationKind};
use crate::random;
use crate::store::accounts;
use crate::store::operations::{self, Fence, NewOperation, Sending};

/// A request that was sent and whose row is open.
pub(super) struct Sent {
    pub(super) id: uuid::Uuid,
    pub(super) frozen: Frozen,
    /// How often it was sent.
    pub(super) attempt: i32,
}

impl Sent {
    pub(super) const fn sending(&self) -> Sending {
        Sending {
            operation: self.id,
            kind: self.frozen.kind,
            attempt: self.attempt,
        }
    }
}

/// Carries out the operation that the plan names first.
pub(super) async fn operate(
    pass: &mut Pass<'_>,
    s: &Situation,
    operation: &Operation,
) -> Result<Flow, Stop> {
    if !operation.kind().calls_okta() {
        return without_call(pass, s, operation).await;
    }
    let mut assignment = None;
    if let Operation::RevokeRole { role } = operation {
        let Some(okta_id) = s.okta_id() else {
            return Ok(Flow::Done);
        };
        match pass.memory.listed.as_ref().filter(|(of, _)| of == okta_id) {
            None => return reading::read_roles(pass, s, okta_id).await,
            Some(_) => assignment = assignment_of(pass, s, *role),
        }
        if assignment.is_none() {
            return forget_role(pass, s).await;
        }
    }
    let okta_id = match operation {
        Operation::Create { .. } => None,
        _ => s.okta_id(),
    };
    let frozen = Frozen::of(operation, okta_id, assignment.as_deref());
    let Some(call) = frozen.call() else {
        return Ok(Flow::Done);
    };
    let permit = match pass.ctx.gateway.permit(call).await {
        Ok(permit) => permit,
        Err(why) => return pass.not_now(s, why).await,
    };
    let new = journal_row(pass, s, &frozen);
    let sent = Sent {
        id: new.id,
        frozen,
        attempt: 1,
    };
    crash::reached(crash::Point::BeforeIntent, sent.frozen.kind.as_str());
    match commit_sent(pass, s, new).await {
        Ok(Ok(())) => send(pass, s, permit, sent).await,
        refused => {
            pass.ctx.gateway.unused(&permit);
            refused?.map_or_else(refusal_flow, |()| Ok(Flow::Again))
        }
    }
}

/// What to do when a request may not leave.
pub(super) fn refusal_flow(refused: operations::Refused) -> Result<Flow, Stop> {
    match refused {
        operations::Refused::LeaseLost => Err(Stop::LeaseLost),
        operations::Refused::OutOfUse => Ok(Flow::Done),
        // Looking again shows why, and says so on the account.
        operations::Refused::Paused
        | operations::Refused::Superseded
        | operations::Refused::Open
        | operations::Refused::HolderBusy
        | operations::Refused::NoLeave => Ok(Flow::Again),
    }
}

pub(super) fn fence(pass: &Pass<'_>, s: &Situation) -> Fence {
    Fence {
        hold: pass.ctx.hold,
        account: pass.account,
        generation: s.generation(),
        okta_org: pass.ctx.gateway.okta_org,
    }
}

pub(super) fn journal_row(pass: &Pass<'_>, s: &Situation, frozen: &Frozen) -> NewOperation {
    NewOperation {
        id: random::new_id(),
        organization: pass.ctx.organization,
        app: pass.ctx.hold.app,
        account: pass.account,
        user: s.facts.account.user_id,
        okta_org: pass.ctx.gateway.okta_org,
        kind: frozen.kind,
        generation: s.generation(),
        request: serde_json::to_value(frozen).unwrap_or_default(),
        sent_at: pass.ctx.now(),
        sent_at_okta: pass.ctx.gateway.okta_now(),
    }
}

async fn commit_sent(
    pass: &Pass<'_>,
    s: &Situation,
    new: NewOperation,
) -> Result<Result<(), operations::Refused>, Stop> {
    let (fence, account) = (fence(pass, s), pass.account);
    let now = new.sent_at;
    let sent = pass
        .ctx
        .services
        .store
        .transaction(|tx| async move {
            let sent = operations::send(&tx, &fence, new).await?;
            if sent.is_ok() {
                let state = AccountState::Running;
                accounts::show(&tx, account, fence.generation, state, now).await?;
            }
            Ok::<_, Stop>(sent)
        })
        .await?;
    pass.ctx.tell(account);
    Ok(sent)
}

/// Sends the committed request and records what came of it.
pub(super) async fn send(
    pass: &mut Pass<'_>,
    s: &Situation,
    permit: Permit,
    sent: Sent,
) -> Result<Flow, Stop> {
    let frozen = &sent.frozen;
    let kind = frozen.kind.as_str();
    crash::reached(crash::Point::AfterIntent, kind);
    let answer = pass
        .ctx
        .gateway
        .call(permit, async |session: &Session| {
            execute(session, frozen).await
        })
        .await;
    crash::reached(crash::Point::Answered, kind);
    let flow = Box::pin(conclude(pass, s, sent, answer)).await;
    crash::reached(crash::Point::Recorded, kind);
    flow
}

/// What was read in this pass does not hold after a change of ours.
pub(super) fn forget_what_changed(pass: &mut Pass<'_>, kind: OperationKind) {
    pass.memory.forget_what_changed(kind);
}

/// Okta's id of the assignment of the role that we gave, among the roles that were just read.
fn assignment_of(pass: &Pass<'_>, s: &Situation, role: RoleType) -> Option<String> {
    let granted = s.link.account.as_ref()?.roles.granted?;
    let (_, listed) = pass.memory.listed.as_ref()?;
    listed
        .iter()
        .find(|held| held.kind == role.as_str() && granted.is(&super::seen::role(held)))
        .map(|held| held.id.clone())
}

/// The role that we gave is gone already.
async fn forget_role(pass: &Pass<'_>, s: &Situation) -> Result<Flow, Stop> {
    let change = Change {
        edit: Some(Box::new(|link| {
            if let Some(account) = &mut link.account {
                account.roles.granted = None;
            }
        })),
        ..Change::default()
    };
    end(pass, s, change, None).await
}
