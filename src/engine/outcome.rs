//! What Okta's answer to a request leads to: the row is closed, or from now on Okta is read until it is certain what happened.

use okta_client::{Answer, Error};
use serde_json::json;

use super::act::act;
use super::answers::{Meaning, is_org_failing, meaning, rejected, words};
use super::context::Stop;
use super::execute::{Effect, answers, record};
use super::operate::{Sent, forget_what_changed};
use super::pass::{Change, Flow, Pass, Situation};
use super::settle::foreseen;
use super::{health, reading};
use crate::domain::account::{AccountState, Problem, WaitReason};
use crate::domain::plan::{Lookup, OperationKind, Refusal, RoleKnowledge};
use crate::store::accounts;
use crate::store::audit::Entry;
use crate::store::operations::{self, ABANDONED, Ending, FAILED, SUCCEEDED};

/// Records what came of a request.
pub(super) async fn conclude(
    pass: &mut Pass<'_>,
    s: &Situation,
    sent: Sent,
    answer: Result<Answer<Effect>, Error>,
) -> Result<Flow, Stop> {
    match &answer {
        Err(error) if is_org_failing(error) => pass.ctx.trust.failed(pass.account),
        Err(Error::RateLimited(_)) => {}
        _ => pass.ctx.trust.sound(),
    }
    match answer {
        Ok(answer) if !answers(&sent.frozen, &answer.value) => {
            tracing::warn!(account = %pass.account, operation = %sent.id, "Okta's answer is about something else");
            check(pass, s, &sent).await
        }
        Ok(answer) => succeed(pass, s, sent, answer.value, answer.meta.request_id).await,
        Err(error) => {
            let meaning = meaning(sent.frozen.kind, &error);
            tracing::info!(
                account = %pass.account, operation = %sent.id, kind = %sent.frozen.kind, okta_request_id = request_id(&error), %error,
                "Okta did not do it"
            );
            fail(pass, s, sent, &error, meaning).await
        }
    }
}

/// By which Okta's system log and its support find the call; none without an answer.
pub(super) fn request_id(error: &Error) -> Option<&str> {
    error.meta().and_then(|meta| meta.request_id.as_deref())
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
    let mut link = s.link.clone();
    record(&mut link, &sent.frozen, effect.clone());
    let standing = foreseen(pass, s, &link);
    let change = Change {
        closing: Some((sent.sending(), ending)),
        edit: Some(Box::new(move |link| record(link, &sent.frozen, effect))),
        only_with: Some(link),
        audit: Some(audit),
        ..Change::default()
    };
    end(pass, s, change, standing).await
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
            let standing = pass.send_away(s, at);
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

pub(super) async fn end(
    pass: &Pass<'_>,
    s: &Situation,
    mut change: Change,
    standing: Option<accounts::Standing>,
) -> Result<Flow, Stop> {
    let done = standing.is_some();
    change.standing = standing;
    // Boxed: whoever has a dozen endings to choose from would otherwise have room on the stack for a transaction for each.
    let current = Box::pin(pass.commit(s, change)).await?;
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
