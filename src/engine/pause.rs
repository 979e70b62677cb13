//! A paused app: nothing that changes Okta leaves, but what is open is found out by reading.
//!
//! The pause is checked in the transaction that commits a request as sent (`store::operations::check`), so at most the calls that were
//! under way by then still reach Okta. Here is what the worker and a pass do about it.

use uuid::Uuid;

use super::context::{AppContext, Stop};
use super::pass::{Flow, Pass, Situation};
use crate::domain::account::{AccountState, WaitReason};
use crate::service::Event;
use crate::store::accounts::{self, Standing};
use crate::store::pauses;

/// The accounts of a paused app that are due for reading. The others that are due show why nothing happens to them.
pub(super) async fn look(
    ctx: &AppContext,
    limit: usize,
    except: &[Uuid],
) -> Result<Vec<Uuid>, Stop> {
    let (store, app, now) = (&ctx.services.store, ctx.hold.app, ctx.now());
    let parked = store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            match pauses::is_paused(&tx, app).await? {
                true => Ok::<_, Stop>(pauses::park(&tx, app, now).await?),
                false => Ok(0),
            }
        })
        .await?;
    if parked > 0 {
        ctx.services.events.publish(Event::App {
            organization: ctx.organization,
            app,
        });
    }
    Ok(pauses::due_for_reading(store, app, now, limit, except).await?)
}

/// Stops an account between two calls. With a call whose effect is known to be missing, it is not due before the pause ends; else it stays
/// as due as it was, and the worker passes over it.
pub(super) async fn stop_here(pass: &Pass<'_>, s: &Situation) -> Result<Flow, Stop> {
    let (ctx, id, generation) = (pass.ctx, pass.account, s.generation());
    let (state, due_at) = match s.open {
        Some(_) => (AccountState::Checking, None),
        None => {
            let due = s.facts.account.due_at.unwrap_or_else(|| ctx.now());
            (AccountState::Waiting, Some(due))
        }
    };
    let standing = Standing {
        state,
        problem: None,
        wait: Some(WaitReason::Paused),
        next_attempt_at: None,
        due_at,
        attempts: s.facts.account.attempts,
        applied: false,
        activation_applied: None,
    };
    let now = ctx.now();
    let stopped = ctx
        .services
        .store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            Ok::<_, Stop>(
                pauses::is_paused(&tx, ctx.hold.app).await?
                    && accounts::stand(&tx, id, generation, &standing, now).await?,
            )
        })
        .await?;
    ctx.tell(id);
    Ok(match stopped {
        true => Flow::Done,
        false => Flow::Again,
    })
}
