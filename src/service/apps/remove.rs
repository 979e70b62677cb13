//! Removing an app: the work stops, the grant ends, and nobody's account in Okta is touched.

use serde_json::json;
use uuid::Uuid;

use super::held;
use crate::service::{Error, Event, Result, Services, Viewer, tokens};
use crate::store::audit::{self, Entry};
use crate::store::{apps, okta_orgs, okta_tokens};

/// Removes the app.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when there is no such app.
pub async fn remove(services: &Services, viewer: &Viewer, id: Uuid) -> Result<Uuid> {
    viewer.require_configure()?;
    let (now, organization) = (services.clock.now_ms(), viewer.organization_id);
    let secrets = services
        .store
        .transaction(async |tx| {
            let app = held(&tx, viewer, id).await?;
            let org = okta_orgs::of_app_locked(&tx, organization, id).await?;
            let secrets = match &org {
                Some(org) => okta_tokens::find(&*tx, organization, org.id).await?,
                None => None,
            };
            if let Some(org) = &org {
                okta_orgs::archive(&tx, org.id, now).await?;
            }
            apps::remove(&tx, organization, id, now).await?;
            let entry = Entry::new(organization, now, viewer.actor(), "app.remove")
                .app(id)
                .detail(json!({ "name": app.name }));
            audit::record(&tx, entry).await?;
            Ok::<_, Error>(secrets)
        })
        .await?;
    let app = id;
    services.events.publish(Event::App { organization, app });
    services.work.notify_one();
    if let Some(secrets) = secrets {
        tokens::end_grant(services, &secrets).await;
    }
    Ok(id)
}
