//! One operation: frozen, committed under the fences, sent, concluded.

use serde_json::{Value as Json, json};

use super::answers::{Meaning, meaning, rejected, words};
use super::context::Stop;
use super::execute::{Effect, execute, record};
use super::frozen::Frozen;
use super::gateway::Permit;
use super::pass::{Change, Flow, Pass, Situation};
use super::sessions::Session;
use super::{health, reading};
use crate::domain::account::{AccountState, Problem, WaitReason};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::{KnownAccount, Lookup, Operation, OperationKind, Refusal, RoleKnowledge};
use crate::random;
use crate::store::audit::{Actor, Entry};
use crate::store::operations::{
    self, ABANDONED, Ending, FAILED, Fence, NewOperation, SUCCEEDED, Sending,
};
use crate::store::{account_links, accounts, audit};

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
    let permit = match pass.ctx.gateway.permit(call, pass.account).await {
        Ok(permit) => permit,
        Err(why) => return pass.not_now(s, why).await,
    };
    let new = journal_row(pass, s, &frozen);
    let sent = Sent {
        id: new.id,
        frozen,
        attempt: 1,
    };
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
        operations::Refused::Paused => Ok(Flow::Done),
        operations::Refused::Superseded
        | operations::Refused::Open
        | operations::Refused::HolderBusy => Ok(Flow::Again),
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

fn journal_row(pass: &Pass<'_>, s: &Situation, frozen: &Frozen) -> NewOperation {
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
    let answer = pass
        .ctx
        .gateway
        .call(permit, async |session: &Session| {
            execute(session, frozen).await
        })
        .await;
    match answer {
        Ok(answer) => succeed(pass, s, sent, answer.value, answer.meta.request_id).await,
        Err(error) => {
            let meaning = meaning(sent.frozen.kind, &error);
            tracing::info!(account = %pass.account, operation = %sent.id, kind = %sent.frozen.kind, %error, "Okta did not do it");
            fail(pass, s, sent, &error, meaning).await
        }
    }
}

async fn succeed(
    pass: &mut Pass<'_>,
    s: &Situation,
    sent: Sent,
    effect: Effect,
    request_id: Option<String>,
) -> Result<Flow, Stop> {
    if let Some(capability) = sent.frozen.kind.capability() {
        pass.ctx.granted(capability);
    }
    forget_what_changed(pass, sent.frozen.kind);
    let ending = Ending {
        status: SUCCEEDED,
        okta_request_id: request_id.clone(),
        ..Ending::default()
    };
    let audit = act(pass, s, &sent, request_id);
    let change = Change {
        closing: Some((sent.sending(), ending)),
        edit: Some(Box::new(move |link| record(link, &sent.frozen, effect))),
        audit: Some(audit),
        ..Change::default()
    };
    pass.commit(s, change).await?;
    Ok(Flow::Again)
}

/// What was read in this pass does not hold after a change of ours.
pub(super) fn forget_what_changed(pass: &mut Pass<'_>, kind: OperationKind) {
    pass.memory.status_fresh = false;
    if kind != OperationKind::Update {
        pass.memory.listed = None;
    }
}

/// The audit row of an effect on Okta: before and after.
pub(super) fn act(
    pass: &Pass<'_>,
    s: &Situation,
    sent: &Sent,
    request_id: Option<String>,
) -> Entry {
    let frozen = &sent.frozen;
    let before = s
        .link
        .account
        .as_ref()
        .map(|account| picture(account, frozen));
    let detail = json!({
        "oktaId": frozen.okta_id,
        "login": frozen.login,
        "role": frozen.role,
        "before": before,
        "after": frozen.profile(),
    });
    let name = action(frozen.kind);
    let mut entry = Entry::new(pass.ctx.organization, pass.ctx.now(), Actor::Engine, name)
        .app(pass.ctx.hold.app)
        .user(s.facts.account.user_id)
        .detail(detail);
    entry.account = Some(pass.account);
    entry.operation = Some(sent.id);
    entry.okta_request_id = request_id;
    entry
}

/// What the account was like before, as far as the request changes it.
fn picture(account: &KnownAccount, frozen: &Frozen) -> Json {
    let changed = frozen.profile();
    let values: serde_json::Map<_, _> = changed
        .keys()
        .map(|name| {
            let value = account.profile.get(name).cloned().unwrap_or_default();
            (name.clone(), value)
        })
        .collect();
    json!({ "status": account.status.as_str(), "profile": values })
}

fn action(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Create => "oktaUser.create",
        OperationKind::Update => "oktaUser.update",
        OperationKind::Activate => "oktaUser.activate",
        OperationKind::Unsuspend => "oktaUser.unsuspend",
        OperationKind::Deactivate => "oktaUser.deactivate",
        OperationKind::Delete => "oktaUser.delete",
        OperationKind::GrantRole => "oktaRole.grant",
        OperationKind::RevokeRole => "oktaRole.revoke",
        OperationKind::Link => "account.link",
        OperationKind::Resume => "account.resume",
        OperationKind::Release => "account.release",
    }
}

async fn fail(
    pass: &mut Pass<'_>,
    s: &Situation,
    sent: Sent,
    error: &okta_client::Error,
    meaning: Meaning,
) -> Result<Flow, Stop> {
    let kind = sent.frozen.kind;
    let sending = sent.sending();
    let closing = |status| Change {
        closing: Some((sending, ending(status, error))),
        ..Change::default()
    };
    match meaning {
        Meaning::Unknown => check(pass, s, &sent).await,
        Meaning::NotSent => {
            let at = pass.backoff(s);
            let standing = pass.waiting(s, WaitReason::OktaUnavailable, Some(at));
            end(pass, s, closing(ABANDONED), Some(standing)).await
        }
        Meaning::Throttled => {
            let said = error
                .meta()
                .and_then(|meta| health::throttled_until(pass.ctx, meta));
            let at = said.unwrap_or_else(|| pass.backoff(s));
            let standing = pass.waiting(s, WaitReason::RateLimited, Some(at));
            end(pass, s, closing(ABANDONED), Some(standing)).await
        }
        Meaning::TokenRejected => {
            pass.memory.rejected_tokens += 1;
            if pass.memory.rejected_tokens < 3 {
                return end(pass, s, closing(ABANDONED), None).await;
            }
            let at = pass.backoff(s);
            let standing = pass.waiting(s, WaitReason::OktaUnavailable, Some(at));
            end(pass, s, closing(ABANDONED), Some(standing)).await
        }
        Meaning::Busy => {
            let at = pass.backoff(s);
            let standing = pass.waiting(s, WaitReason::Retry, Some(at));
            end(pass, s, closing(FAILED), Some(standing)).await
        }
        Meaning::Denied { for_all } => {
            let problem = match error.refusal() {
                Some(refusal) => rejected(kind).with_detail(words(refusal)),
                None => rejected(kind),
            };
            denied(pass, s, closing(FAILED), kind, for_all, problem).await
        }
        Meaning::Gone if kind == OperationKind::Delete => {
            gone(pass, s, closing(SUCCEEDED), Some(act(pass, s, &sent, None))).await
        }
        Meaning::Gone if kind == OperationKind::Create => {
            reject(pass, s, closing(FAILED), kind, rejected(kind)).await
        }
        Meaning::Gone => gone(pass, s, closing(FAILED), None).await,
        Meaning::AlreadySo => {
            forget_what_changed(pass, kind);
            let mut change = closing(SUCCEEDED);
            let mut entry = act(pass, s, &sent, None);
            entry.detail["alreadySo"] = json!(true);
            change.audit = Some(entry);
            change.edit = Some(Box::new(move |link| {
                record(link, &sent.frozen, Effect::Done);
            }));
            end(pass, s, change, None).await
        }
        Meaning::LoginTaken { said_so: true, .. } if sent.attempt > 1 => {
            // The first request may have landed late: reading tells whether the account is ours.
            check(pass, s, &sent).await
        }
        Meaning::LoginTaken { said_so, problem } => {
            pass.memory.refused_create = Some((said_so, problem));
            let login = sent.frozen.login.clone().unwrap_or_default();
            pass.memory.lookup = Some((login, Lookup::LoginTaken));
            end(pass, s, closing(FAILED), None).await
        }
        Meaning::Stale(_) if sent.attempt == 2 && is_done_once(kind) => {
            // As above: it is refused because it is done, and by whom decides what it means.
            check(pass, s, &sent).await
        }
        Meaning::Stale(problem) => stale(pass, s, closing(FAILED), kind, problem).await,
        Meaning::Rejected(problem) => reject(pass, s, closing(FAILED), kind, problem).await,
    }
}

/// Operations that Okta refuses to repeat, and whose author matters.
const fn is_done_once(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::GrantRole | OperationKind::Deactivate)
}

fn ending(status: &'static str, error: &okta_client::Error) -> Ending {
    Ending {
        status,
        okta_request_id: error.meta().and_then(|meta| meta.request_id.clone()),
        error_code: error.code().map(|code| code.as_str().to_owned()),
        error_message: Some(match error.refusal() {
            Some(refusal) => words(refusal),
            None => error.to_string(),
        }),
    }
}

/// Nobody can say what came of it: from now on Okta is read until it is certain.
async fn check(pass: &mut Pass<'_>, s: &Situation, sent: &Sent) -> Result<Flow, Stop> {
    forget_what_changed(pass, sent.frozen.kind);
    let (sending, account) = (sent.sending(), pass.account);
    let (generation, now) = (s.generation(), pass.ctx.now());
    pass.ctx
        .services
        .store
        .transaction(|tx| async move {
            if operations::mark_unknown(&tx, sending).await? {
                accounts::show(&tx, account, generation, AccountState::Checking, now).await?;
            }
            Ok::<_, Stop>(())
        })
        .await?;
    pass.ctx.services.metrics.lost_answer(sending.kind.as_str());
    pass.ctx.tell(account);
    Ok(Flow::Again)
}

async fn end(
    pass: &Pass<'_>,
    s: &Situation,
    mut change: Change,
    standing: Option<accounts::Standing>,
) -> Result<Flow, Stop> {
    let done = standing.is_some();
    change.standing = standing;
    let current = pass.commit(s, change).await?;
    Ok(match done && current {
        true => Flow::Done,
        false => Flow::Again,
    })
}

async fn gone(
    pass: &mut Pass<'_>,
    s: &Situation,
    mut change: Change,
    audit: Option<Entry>,
) -> Result<Flow, Stop> {
    forget_what_changed(pass, OperationKind::Delete);
    change.audit = audit;
    change.edit = Some(Box::new(|link| {
        if let Some(account) = &mut link.account {
            account.record_gone();
        }
    }));
    end(pass, s, change, None).await
}

/// Our picture of the account is wrong: once it is read anew and planned again, after that the refusal counts.
async fn stale(
    pass: &mut Pass<'_>,
    s: &Situation,
    mut change: Change,
    kind: OperationKind,
    problem: Problem,
) -> Result<Flow, Stop> {
    if !pass.memory.read_after.insert(kind) {
        return reject(pass, s, change, kind, problem).await;
    }
    forget_what_changed(pass, kind);
    let about_roles = matches!(kind, OperationKind::GrantRole | OperationKind::RevokeRole);
    if about_roles {
        change.edit = Some(Box::new(|link| {
            if let Some(account) = &mut link.account {
                account.roles.knowledge = RoleKnowledge::Unknown;
            }
        }));
    }
    end(pass, s, change, None).await?;
    match s.okta_id() {
        Some(okta_id) if about_roles => reading::read_roles(pass, s, okta_id).await,
        Some(okta_id) => reading::read_user(pass, s, okta_id).await,
        None => Ok(Flow::Again),
    }
}

/// The refusal is remembered until the generation rises, so that it is not asked again.
async fn reject(
    pass: &Pass<'_>,
    s: &Situation,
    mut change: Change,
    kind: OperationKind,
    problem: Problem,
) -> Result<Flow, Stop> {
    change.refusal = Some(Refusal { kind, problem });
    end(pass, s, change, None).await
}

/// Denied to one user, it may be about him; denied to two, the connection lacks the right.
async fn denied(
    pass: &Pass<'_>,
    s: &Situation,
    change: Change,
    kind: OperationKind,
    for_all: bool,
    problem: Problem,
) -> Result<Flow, Stop> {
    let Some(capability) = kind.capability() else {
        return reject(pass, s, change, kind, problem).await;
    };
    if pass.ctx.denied(capability, pass.account) || for_all {
        end(pass, s, change, None).await?;
        health::deny(pass.ctx, capability).await?;
        return Ok(Flow::Again);
    }
    reject(pass, s, change, kind, problem).await
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

/// Linking, resuming, releasing: nothing is asked of Okta, and everything happens in one transaction.
async fn without_call(
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
    let entry = act(pass, s, &sent, None);
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
            pass.ctx.ended(sent.frozen.kind, SUCCEEDED);
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
