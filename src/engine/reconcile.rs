//! One account, step by step: an open operation is resolved; else load, plan, do the first thing, and look again, until Okta is in step
//! or something has to be waited for.

use super::context::Stop;
use super::executor::{self, Moment, Next};
use super::operate::operate;
use super::pass::{Flow, Pass, Situation};
use super::resolve::Case;
use super::settle::settle;
use super::{leave, pause, reading, recheck, resolve};
use crate::domain::account::WaitReason;
use crate::domain::plan::{Plan, Step};

/// More steps than any plan has; a pass that takes more goes round in circles, which must not cost Okta's rate limit.
const MAX_STEPS: usize = 32;

/// Works the account until there is nothing to do for now. Answers until when it was sent away, if the rate limit was used up.
pub(super) async fn reconcile(mut pass: Pass<'_>) -> Result<Option<i64>, Stop> {
    work(&mut pass).await?;
    Ok(pass.memory.sent_away)
}

async fn work(pass: &mut Pass<'_>) -> Result<(), Stop> {
    for _ in 0..MAX_STEPS {
        if pass.ctx.stopping.is_cancelled() {
            return Ok(());
        }
        let Some(situation) = pass.load().await? else {
            return Ok(());
        };
        pass.memory.sent_away = None;
        if Box::pin(step(pass, situation)).await? == Flow::Done {
            return Ok(());
        }
    }
    tracing::error!(account = %pass.account, "a pass did not come to an end");
    if let Some(s) = pass.load().await? {
        let at = pass.backoff(&s).max(pass.ctx.now() + 60_000);
        pass.wait(&s, WaitReason::Retry, Some(at)).await?;
    }
    Ok(())
}

async fn step(pass: &mut Pass<'_>, s: Situation) -> Result<Flow, Stop> {
    let case = resolve::open_case(pass, &s)?;
    let gateway = &pass.ctx.gateway;
    let next = executor::next(&Moment {
        desired: &s.desired,
        known: &s.known,
        generation: s.generation(),
        open: case.as_ref().map(Case::open),
        recheck_at: s.link.recheck_at,
        now: pass.ctx.now(),
        okta_now: gateway.knows_time().then(|| gateway.okta_now()),
        times: &pass.ctx.config.times,
    });
    match (next, case) {
        (Next::KeepChecking { at, read }, Some(case)) => {
            resolve::keep_checking(pass, &s, &case, at, &read).await
        }
        (Next::Look(read), Some(case)) => resolve::read_once(pass, &s, case, read).await,
        (Next::Applied(proof), Some(case)) => resolve::applied(pass, &s, case, proof).await,
        (Next::UserGone, Some(case)) => resolve::user_gone(pass, &s, case).await,
        (Next::Suspect(user), Some(case)) => resolve::suspect(pass, &s, case, *user).await,
        (
            Next::SendAgain {
                without_email,
                recheck_at,
            },
            Some(case),
        ) => resolve::send_again(pass, &s, case, without_email, recheck_at).await,
        (Next::PlanAgain { recheck_at }, Some(case)) => {
            resolve::plan_again(pass, &s, case, recheck_at).await
        }
        (Next::Recheck, _) => recheck::recheck(pass, &s).await,
        (Next::Plan(plan), _) => Box::pin(follow(pass, &s, plan)).await,
        // What is said of an open operation is only said where there is one.
        (
            Next::KeepChecking { .. }
            | Next::Look(_)
            | Next::Applied(_)
            | Next::UserGone
            | Next::Suspect(_)
            | Next::SendAgain { .. }
            | Next::PlanAgain { .. },
            None,
        ) => Ok(Flow::Done),
    }
}

/// Does the first thing of the plan.
async fn follow(pass: &mut Pass<'_>, s: &Situation, plan: Plan) -> Result<Flow, Stop> {
    if s.facts.app.pause.is_some() && plan.next().is_some() {
        return pause::stop_here(pass, s).await;
    }
    if let Some(flow) = leave::ask(pass, s, &plan).await? {
        return Ok(flow);
    }
    match plan.next() {
        Some(Step::Read(what)) => reading::read(pass, s, what).await,
        Some(Step::Do(operation)) => operate(pass, s, operation).await,
        None => settle(pass, s, plan.settlement).await,
    }
}
