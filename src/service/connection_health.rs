//! What is found out about a connection while it is used: by the engine, by tests, by a refresh of tokens.

use serde_json::json;

use super::{Event, Result, Services};
use crate::domain::account::Capability;
use crate::domain::backoff;
use crate::domain::connection::ConnectionProblem;
use crate::random;
use crate::store::audit::{self, Actor, Entry};
use crate::store::generations::{self, Scope};
use crate::store::okta_orgs::OktaOrg;
use crate::store::{okta_health, okta_orgs};

/// Only a person can help: the connection asks for a new consent and the accounts wait. `token_version` says which tokens failed; newer
/// ones are not blamed. `forget` drops a dead grant.
///
/// # Errors
/// The database's own.
pub async fn needs_reauthorization(
    services: &Services,
    org: &OktaOrg,
    token_version: i64,
    problem: &ConnectionProblem,
    forget: bool,
) -> Result<()> {
    let now = services.clock.now_ms();
    let changed = services
        .store
        .transaction(|tx| async move {
            let changed = okta_health::needs_reauthorization(
                &tx,
                org.id,
                token_version,
                problem,
                forget,
                now,
            )
            .await?;
            if changed {
                let action = "oktaOrg.needsReauthorization";
                let entry = Entry::new(org.organization_id, now, Actor::Engine, action)
                    .app(org.app_id)
                    .detail(json!({ "problem": problem }));
                audit::record(&tx, entry).await?;
            }
            Ok::<_, super::Error>(changed)
        })
        .await?;
    if changed {
        tracing::warn!(connection = %org.id, problem = %problem.code, "a connection needs a new authorization");
        publish(services, org);
    }
    Ok(())
}

/// The org fails: it is left alone for a while that grows with each failure. Answers until when, epoch milliseconds.
///
/// # Errors
/// The database's own.
pub async fn quarantine(
    services: &Services,
    org: &OktaOrg,
    problem: &ConnectionProblem,
) -> Result<i64> {
    let now = services.clock.now_ms();
    let attempt = u32::try_from(org.failures).unwrap_or(0).saturating_add(1);
    let retry_at = now + backoff::pause_ms(attempt, random::unit());
    services
        .store
        .transaction(|tx| async move {
            okta_health::quarantine(&tx, org.id, problem, retry_at, now)
                .await
                .map_err(super::Error::from)
        })
        .await?;
    publish(services, org);
    Ok(retry_at)
}

/// The org answers again.
///
/// # Errors
/// The database's own.
pub async fn recovered(services: &Services, org: &OktaOrg) -> Result<()> {
    let now = services.clock.now_ms();
    let ended = services
        .store
        .transaction(|tx| async move {
            okta_health::recovered(&tx, org.id, now)
                .await
                .map_err(super::Error::from)
        })
        .await?;
    if ended {
        publish(services, org);
    }
    Ok(())
}

/// Okta refuses this kind of call to the consenting administrator: only what needs it waits, until a test or a new consent shows otherwise.
///
/// # Errors
/// The database's own.
pub async fn deny(services: &Services, org: &OktaOrg, capability: Capability) -> Result<()> {
    let now = services.clock.now_ms();
    let (organization, app) = (org.organization_id, org.app_id);
    let changed = services
        .store
        .transaction(|tx| async move {
            let Some(mut current) = okta_orgs::of_app_locked(&tx, organization, app).await? else {
                return Ok(false);
            };
            if current.id != org.id || !current.denied.insert(capability) {
                return Ok(false);
            }
            okta_health::set_denied(&tx, org.id, &current.denied, now).await?;
            generations::raise(&tx, organization, &Scope::App(app), false, now).await?;
            let entry = Entry::new(organization, now, Actor::Engine, "oktaOrg.capabilityDenied")
                .app(app)
                .detail(json!({ "capability": capability.as_str() }));
            audit::record(&tx, entry).await?;
            Ok::<_, super::Error>(true)
        })
        .await?;
    if changed {
        services.work.notify_one();
        publish(services, org);
    }
    Ok(())
}

fn publish(services: &Services, org: &OktaOrg) {
    services.events.publish(Event::OktaOrg {
        organization: org.organization_id,
        app: org.app_id,
    });
}
