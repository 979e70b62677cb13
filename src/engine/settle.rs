//! Nothing is left to do for an account: how it stands from then on.

use super::context::Stop;
use super::executor::{self, Moment, Next};
use super::pass::{Change, Flow, Pass, Situation};
use super::undo;
use crate::domain::account::{AccountState, ProblemCode, WaitReason};
use crate::domain::deprovisioning::Verdict;
use crate::domain::plan::Settlement;
use crate::service::planning;
use crate::store::account_links::Link;
use crate::store::accounts::Standing;
use crate::store::deprovisioning;

/// Least pause before something is looked at again that Okta itself has to finish.
const SETTLING_MS: i64 = 2_000;

/// Nothing is left to do: records how the account stands.
pub(super) async fn settle(
    pass: &Pass<'_>,
    s: &Situation,
    settlement: Settlement,
) -> Result<Flow, Stop> {
    if lacks_schema(s, &settlement) {
        let at = pass.backoff(s);
        return pass.wait(s, WaitReason::Retry, Some(at)).await;
    }
    if let Some(awaited) = settlement.deletion {
        return undo::wait(pass, s, awaited).await;
    }
    let standing = match waits_for(&settlement) {
        Some(reason) => Standing {
            activation_applied: settlement.activation_applied,
            ..pass.waiting(s, reason, wait_until(pass, s, reason))
        },
        None => at_rest(settlement, &s.link),
    };
    let change = Change {
        standing: Some(standing),
        ..Change::default()
    };
    pass.after(s, change).await
}

/// How the account stands once `link` is what is known of Okta, if nothing is left to do then; null when it has to be looked at again. This
/// way what came of the last operation of a plan and what the account is by it are committed together.
pub(super) fn foreseen(pass: &Pass<'_>, s: &Situation, link: &Link) -> Option<Standing> {
    // What cannot be read is told when it is loaded anew; that Okta did its work has to be recorded first.
    let ruling = deprovisioning::ruling(&s.facts.account).ok()?;
    let is_held = ruling.is_some_and(|ruling| ruling.verdict == Verdict::Held);
    if is_held || link.recheck_at.is_some() {
        return None;
    }
    let mut known = planning::known(&s.facts, link.clone(), pass.ctx.time());
    pass.memory.remember(&s.desired, link, &mut known);
    let gateway = &pass.ctx.gateway;
    let next = executor::next(&Moment {
        desired: &s.desired,
        known: &known,
        generation: s.generation(),
        open: None,
        recheck_at: None,
        now: pass.ctx.now(),
        okta_now: gateway.knows_time().then(|| gateway.okta_now()),
        times: &pass.ctx.config.times,
    });
    let Next::Plan(plan) = next else {
        return None;
    };
    let settlement = &plan.settlement;
    let rests = plan.next().is_none()
        && settlement.deletion.is_none()
        && waits_for(settlement).is_none()
        && !lacks_schema(s, settlement);
    rests.then(|| at_rest(plan.settlement, link))
}

fn at_rest(settlement: Settlement, link: &Link) -> Standing {
    Standing {
        state: settlement.state,
        problem: settlement.problem,
        wait: None,
        next_attempt_at: None,
        due_at: link.recheck_at,
        attempts: 0,
        applied: true,
        activation_applied: settlement.activation_applied,
    }
}

fn waits_for(settlement: &Settlement) -> Option<WaitReason> {
    settlement
        .wait
        .filter(|_| settlement.state == AccountState::Waiting)
}

/// Whether there is no profile because the org's schema was never fetched.
fn lacks_schema(s: &Situation, settlement: &Settlement) -> bool {
    let problem = settlement.problem.as_ref();
    s.schema_missing && problem.is_some_and(|problem| problem.code == ProblemCode::ProfileInvalid)
}

/// When to look again; null where only an administrator can change anything, which then raises the generation.
fn wait_until(pass: &Pass<'_>, s: &Situation, reason: WaitReason) -> Option<i64> {
    match reason {
        // Denied for this person alone, it is nowhere on the connection for an administrator to see and mend.
        WaitReason::CapabilityDenied if is_denied_to_all(s) => None,
        WaitReason::CapabilityDenied
        | WaitReason::Transitioning
        | WaitReason::LoginHeld
        | WaitReason::LoginTaken
        | WaitReason::RateLimited
        | WaitReason::Retry
        | WaitReason::NeedsReauthorization
        | WaitReason::OktaUnavailable
        | WaitReason::Paused
        | WaitReason::DeletionDelayed
        | WaitReason::NotConnected => Some(pass.backoff(s).max(pass.ctx.now() + SETTLING_MS)),
    }
}

fn is_denied_to_all(s: &Situation) -> bool {
    let org = s.facts.okta_org.as_ref();
    org.is_some_and(|org| !org.denied.is_empty())
}
