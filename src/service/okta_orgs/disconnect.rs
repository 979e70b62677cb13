//! Ending a connection: the work stops, the grant is revoked, and nobody's account in Okta is touched.

use serde_json::json;
use uuid::Uuid;

use super::{OktaOrg, hold_app, of_app, publish};
use crate::service::{Error, Result, Services, Viewer, tokens};
use crate::store::audit::{self, Entry};
use crate::store::okta_tokens::Secrets;
use crate::store::{Tx, okta_orgs, okta_tokens};

/// Disconnects an app. Domain, client and secret stay, so that it can be authorized again; what is not connected is left as it is.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when there is no such app.
pub async fn disconnect(services: &Services, viewer: &Viewer, app: Uuid) -> Result<OktaOrg> {
    viewer.require_configure()?;
    let now = services.clock.now_ms();
    let ended = services
        .store
        .transaction(async |tx| end(&tx, viewer, app, now).await)
        .await?;
    if let Some(secrets) = ended {
        publish(services, viewer.organization_id, app, false);
        tokens::end_grant(services, &secrets).await;
    }
    of_app(services, viewer, app).await
}

async fn end(tx: &Tx, viewer: &Viewer, app: Uuid, now: i64) -> Result<Option<Secrets>> {
    hold_app(tx, viewer, app).await?;
    let organization = viewer.organization_id;
    let org = okta_orgs::of_app_locked(tx, organization, app).await?;
    let Some(org) = org.filter(|org| org.status.was_authorized()) else {
        return Ok(None);
    };
    let secrets = okta_tokens::find(tx, organization, org.id).await?;
    okta_orgs::disconnect(tx, org.id, now).await?;
    let entry = Entry::new(organization, now, viewer.actor(), "oktaOrg.disconnect")
        .app(app)
        .detail(json!({ "status": org.status }));
    audit::record(tx, entry).await?;
    Ok::<_, Error>(secrets)
}
