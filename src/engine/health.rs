//! What the work tells about the connection as a whole: rights that Okta denies, an org that fails, an org that recovers.

use chrono::DateTime;
use okta_client::{Call, Meta};
use uuid::Uuid;

use super::context::{AppContext, Stop};
use super::sessions::Session;
use crate::domain::account::{Capability, WaitReason};
use crate::domain::connection::{ConnectionProblem, ConnectionProblemCode};
use crate::service::{Event, connection_health};
use crate::store::accounts;
use crate::store::okta_orgs::{self, OktaOrg};

/// When a throttled call may be tried again, by our clock; null when Okta did not say.
pub(super) fn throttled_until(ctx: &AppContext, meta: &Meta) -> Option<i64> {
    let now = ctx.now();
    let wait = meta.wait(DateTime::from_timestamp_millis(now)?)?;
    Some(now.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX / 2)))
}

/// Marks a capability as denied on the connection, so that only what needs it waits. Everybody is looked at again, so that who was blocked
/// by the same refusal before waits, too.
pub(super) async fn deny(ctx: &AppContext, capability: Capability) -> Result<(), Stop> {
    if let Some(org) = connection(ctx).await? {
        connection_health::deny(&ctx.services, &org, capability).await?;
        tracing::warn!(app = %org.app_id, %capability, "Okta denies this kind of call to the connection");
    }
    Ok(())
}

/// Leaves the org alone for a while, longer each time.
pub(super) async fn quarantine(ctx: &AppContext) -> Result<(), Stop> {
    let Some(org) = connection(ctx).await? else {
        return Ok(());
    };
    let problem = ConnectionProblem::new(ConnectionProblemCode::OrgFailing);
    let until = connection_health::quarantine(&ctx.services, &org, &problem).await?;
    let (app, now) = (org.app_id, ctx.now());
    ctx.services
        .store
        .transaction(|tx| async move {
            ctx.fence(&tx).await?;
            let reason = WaitReason::OktaUnavailable;
            accounts::park(&tx, app, reason, Some(until), now).await?;
            Ok::<_, Stop>(())
        })
        .await?;
    ctx.gateway.forgive();
    tracing::warn!(%app, until, "the org keeps failing and is left alone");
    tell_app(ctx);
    Ok(())
}

async fn connection(ctx: &AppContext) -> Result<Option<OktaOrg>, Stop> {
    let store = &ctx.services.store;
    Ok(okta_orgs::find(store, ctx.organization, ctx.gateway.okta_org).await?)
}

/// Asks the org one harmless question. Ends the quarantine when it answers, else prolongs it.
pub(super) async fn probe(ctx: &AppContext, org: &OktaOrg) -> Result<(), Stop> {
    if !ask(ctx, org.authorized_by_okta_id.as_deref()).await {
        return quarantine(ctx).await;
    }
    connection_health::recovered(&ctx.services, org).await?;
    tracing::info!(app = %org.app_id, "the org answers again");
    tell_app(ctx);
    Ok(())
}

/// Whether the org gives a sound answer. Any word of Okta's own will do, a refusal included.
async fn ask(ctx: &AppContext, authorizer: Option<&str>) -> bool {
    let Ok(permit) = ctx.gateway.permit(Call::GetUser, Uuid::nil()).await else {
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
