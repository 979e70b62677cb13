//! What the work tells about the connection as a whole: rights that Okta denies, an org that fails, an org that recovers.

use chrono::DateTime;
use okta_client::{Call, Meta};
use uuid::Uuid;

use super::context::{AppContext, Stop};
use super::sessions::Session;
use crate::domain::account::{Capability, WaitReason};
use crate::domain::backoff;
use crate::service::Event;
use crate::store::audit::{self, Actor, Entry};
use crate::store::generations::{self, Scope};
use crate::store::{accounts, connection_health};

/// When a throttled call may be tried again, by our clock; null when Okta did not say.
pub(super) fn throttled_until(ctx: &AppContext, meta: &Meta) -> Option<i64> {
    let now = ctx.now();
    let wait = meta.wait(DateTime::from_timestamp_millis(now)?)?;
    Some(now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 2)))
}

/// Marks a capability as denied on the connection, so that only what needs it waits. `other` is the account whose refusal was taken for
/// its own before; it is looked at again.
pub(super) async fn deny(
    ctx: &AppContext,
    capability: Capability,
    other: Option<Uuid>,
) -> Result<(), Stop> {
    let (org, organization, now) = (ctx.gateway.okta_org, ctx.organization, ctx.now());
    let app = ctx.hold.app;
    ctx.services
        .store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            if let Some(other) = other {
                generations::raise(&tx, organization, &Scope::Account(other), false, now).await?;
            }
            if connection_health::deny(&tx, org, capability, now).await? {
                let entry =
                    Entry::new(organization, now, Actor::Engine, "oktaOrg.capabilityDenied")
                        .app(app)
                        .detail(serde_json::json!({ "capability": capability }));
                audit::record(&tx, entry).await?;
            }
            Ok::<_, Stop>(())
        })
        .await?;
    tracing::warn!(%app, %capability, "Okta denies this kind of call to the connection");
    ctx.tell_connection();
    Ok(())
}

/// Leaves the org alone for a while, longer each time.
pub(super) async fn quarantine(ctx: &AppContext) -> Result<(), Stop> {
    let (org, app, now) = (ctx.gateway.okta_org, ctx.hold.app, ctx.now());
    let first = ctx.config.quarantine_ms;
    let until = ctx
        .services
        .store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            let until =
                connection_health::quarantine(&tx, org, now, |failures| pause(first, failures))
                    .await?;
            if let Some(until) = until {
                let reason = WaitReason::OktaUnavailable;
                accounts::park(&tx, app, reason, Some(until), now).await?;
            }
            Ok::<_, Stop>(until)
        })
        .await?;
    ctx.gateway.forgive();
    tracing::warn!(%app, ?until, "the org keeps failing and is left alone");
    ctx.tell_connection();
    tell_app(ctx);
    Ok(())
}

/// Doubles with each failure up to the longest pause.
fn pause(first: i64, failures: i32) -> i64 {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or_default();
    first
        .saturating_mul(1_i64 << doublings.min(20))
        .min(backoff::CAP_MS)
}

/// Asks the org one harmless question. Ends the quarantine when it answers, else prolongs it.
pub(super) async fn probe(ctx: &AppContext, authorizer: Option<&str>) -> Result<(), Stop> {
    if ask(ctx, authorizer).await {
        let (org, now) = (ctx.gateway.okta_org, ctx.now());
        ctx.services
            .store
            .transaction(|tx| async move {
                ctx.fence(&tx).await?;
                Ok::<_, Stop>(connection_health::recover(&tx, org, now).await?)
            })
            .await?;
        tracing::info!(app = %ctx.hold.app, "the org answers again");
        ctx.tell_connection();
        tell_app(ctx);
        return Ok(());
    }
    quarantine(ctx).await
}

/// Whether the org gives a sound answer. Any word of Okta's own will do, a refusal included.
async fn ask(ctx: &AppContext, authorizer: Option<&str>) -> bool {
    let Ok(permit) = ctx.gateway.permit(Call::GetUser).await else {
        return false;
    };
    // An id that nobody has serves where the authorizing administrator is unknown.
    let id = authorizer.unwrap_or("00u00000000000000000");
    let before = ctx.gateway.failures();
    let answer = ctx
        .gateway
        .call(permit, async |session: &Session| {
            session.client.users(&session.auth).get(id).await
        })
        .await;
    answer.is_ok() || ctx.gateway.failures() <= before
}

fn tell_app(ctx: &AppContext) {
    ctx.services.events.publish(Event::App {
        organization: ctx.organization,
        app: ctx.hold.app,
    });
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn the_pause_grows_up_to_a_quarter_of_an_hour() {
        let pauses: Vec<_> = [1, 2, 3, 8, i32::MAX].map(|n| pause(15_000, n)).into();
        assert_eq!(pauses, [15_000, 30_000, 60_000, 900_000, 900_000]);
    }
}
