//! Leave to deactivate or delete an account, before anything else of its plan is begun: while the deprovisioning budget does not give it,
//! nothing at all happens to the account. What is checked here is checked again in the transaction that commits the request as sent.

use super::context::Stop;
use super::pass::{Change, Flow, Pass, Situation};
use crate::domain::account::{AccountState, Problem, ProblemCode};
use crate::domain::deprovisioning::{Leave, Removal, Verdict, leave};
use crate::domain::plan::Plan;
use crate::service::Event;
use crate::service::deprovisioning::{self as holds, Case, Grant};
use crate::store::accounts::Standing;
use crate::store::deprovisioning;

/// Whether the plan may be carried out; else what the pass does instead.
pub(super) async fn ask(pass: &Pass<'_>, s: &Situation, plan: &Plan) -> Result<Option<Flow>, Stop> {
    let row = &s.facts.account;
    let ruling = deprovisioning::ruling(row)?;
    let Some(removal) = Removal::planned(plan) else {
        if ruling.is_some_and(|ruling| ruling.verdict == Verdict::Held) {
            withdraw(pass).await?;
        }
        return Ok(None);
    };
    let wish = deprovisioning::wish(row, removal);
    let known = leave(ruling.as_ref(), &wish, pass.ctx.now());
    let grant = match known {
        Leave::Granted | Leave::Admitted => Grant::Granted,
        Leave::Discarded => Grant::Discarded,
        Leave::Drawn | Leave::Held | Leave::Undecided => apply(pass, s, removal).await?,
    };
    match grant {
        Grant::Granted => Ok(None),
        Grant::Superseded => Ok(Some(Flow::Again)),
        Grant::Held { many } => {
            let standing = standing(s, AccountState::Held, None, None);
            let flow = end(pass, s, standing).await?;
            if many {
                pass.ctx.services.events.publish(Event::App {
                    organization: pass.ctx.organization,
                    app: pass.ctx.hold.app,
                });
            }
            Ok(Some(flow))
        }
        Grant::HeldUntil { turn, look } => {
            let standing = standing(s, AccountState::Held, Some(turn), Some(look));
            end(pass, s, standing).await.map(Some)
        }
        Grant::NotYet(at) => {
            let standing = standing(s, AccountState::Pending, None, Some(at));
            end(pass, s, standing).await.map(Some)
        }
        Grant::Discarded => {
            let blocked = Standing {
                problem: Some(Problem::new(ProblemCode::DeprovisioningDiscarded)),
                applied: true,
                ..standing(s, AccountState::Blocked, None, None)
            };
            end(pass, s, blocked).await.map(Some)
        }
    }
}

async fn apply(pass: &Pass<'_>, s: &Situation, removal: Removal) -> Result<Grant, Stop> {
    let (ctx, gateway) = (pass.ctx, &pass.ctx.gateway);
    let case = Case {
        app: ctx.hold.app,
        account: pass.account,
        generation: s.generation(),
        removal,
        ahead: gateway.knows_time().then(|| gateway.to_okta(0)),
        now: ctx.now(),
    };
    ctx.services
        .store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            Ok::<_, Stop>(holds::grant(&tx, case).await?)
        })
        .await
}

async fn withdraw(pass: &Pass<'_>) -> Result<(), Stop> {
    let (ctx, account) = (pass.ctx, pass.account);
    let (app, now) = (ctx.hold.app, ctx.now());
    ctx.services
        .store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            holds::withdraw(&tx, app, account, now).await?;
            Ok::<_, Stop>(())
        })
        .await
}

fn standing(
    s: &Situation,
    state: AccountState,
    next_attempt_at: Option<i64>,
    look: Option<i64>,
) -> Standing {
    let recheck = s.link.recheck_at;
    Standing {
        state,
        problem: None,
        wait: None,
        next_attempt_at,
        due_at: look.into_iter().chain(recheck).min(),
        attempts: 0,
        applied: false,
        activation_applied: None,
    }
}

async fn end(pass: &Pass<'_>, s: &Situation, standing: Standing) -> Result<Flow, Stop> {
    let change = Change {
        standing: Some(standing),
        ..Change::default()
    };
    pass.after(s, change).await
}
