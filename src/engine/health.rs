//! What the work tells about the connection as a whole: rights that Okta denies, an org that fails, an org that recovers.

use chrono::DateTime;
use okta_client::{Call, Meta};

use super::answers::is_org_failing;
use super::context::{AppContext, Stop};
use super::gateway::NotNow;
use super::sessions::{Session, SessionError};
use crate::domain::account::{Capability, WaitReason};
use crate::domain::connection::{ConnectionProblem, ConnectionProblemCode};
use crate::service::{Event, connection_health};
use crate::store::okta_orgs::{self, OktaOrg};
use crate::store::{accounts, okta_health};

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
    ctx.trust.forgive();
    tracing::warn!(%app, until, "the org keeps failing and is left alone");
    tell_app(ctx);
    Ok(())
}

async fn connection(ctx: &AppContext) -> Result<Option<OktaOrg>, Stop> {
    let store = &ctx.services.store;
    Ok(okta_orgs::find(store, ctx.organization, ctx.gateway.okta_org).await?)
}

/// Asks the org one harmless question. Ends the quarantine when it answers, else prolongs it. When it could not be asked it is asked later.
pub(super) async fn probe(ctx: &AppContext, org: &OktaOrg) -> Result<(), Stop> {
    match ask(ctx, org.authorized_by_okta_id.as_deref()).await {
        Probed::Sound => {}
        Probed::Failing => return quarantine(ctx).await,
        Probed::NotAsked => return Ok(()),
    }
    // It is trusted again when it carries out a change; until then its failures count on.
    ctx.trust.be_careful();
    connection_health::recovered(&ctx.services, org).await?;
    tracing::info!(app = %org.app_id, "the org answers again");
    tell_app(ctx);
    Ok(())
}

/// Notes that the org carries out changes again: its next failure is the first one.
pub(super) async fn healed(ctx: &AppContext) -> Result<(), crate::store::Error> {
    let org = ctx.gateway.okta_org;
    let store = &ctx.services.store;
    store
        .transaction(|tx| async move { okta_health::healed(&tx, org).await })
        .await
}

enum Probed {
    Sound,
    Failing,
    NotAsked,
}

/// Whether the org gives a sound answer. Any word of Okta's own will do, a refusal included.
async fn ask(ctx: &AppContext, authorizer: Option<&str>) -> Probed {
    let permit = match ctx.gateway.permit(Call::GetUser).await {
        Ok(permit) => permit,
        Err(NotNow::NoSession(SessionError::Unavailable(_))) => return Probed::Failing,
        Err(NotNow::Throttled(_) | NotNow::NoSession(_)) => return Probed::NotAsked,
    };
    // An id that nobody has serves where the authorizing administrator is unknown.
    let id = authorizer.unwrap_or("00u00000000000000000");
    let answer = ctx
        .gateway
        .call(permit, async |session: &Session| {
            session.client.users(&session.auth).get(id).await
        })
        .await;
    match answer {
        Err(error) if is_org_failing(&error) => Probed::Failing,
        _ => Probed::Sound,
    }
}

fn tell_app(ctx: &AppContext) {
    ctx.services.events.publish(Event::App {
        organization: ctx.organization,
        app: ctx.hold.app,
    });
}
