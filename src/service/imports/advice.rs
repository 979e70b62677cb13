//! Whether it is time to import (again).

use uuid::Uuid;

use super::require;
use crate::domain::account::ProblemCode;
use crate::domain::import::AdviceReason;
use crate::service::apps::App;
use crate::service::{Error, Result, Services, Viewer};
use crate::store::account_lists::{self, AccountFilter, AccountStanding};
use crate::store::audit_lists::{self, AuditFilter, AuditRow};
use crate::store::page::PageRequest;
use crate::store::{apps, imports, okta_orgs};

/// Saved switches that are looked at for having been off: more than anybody saves between two imports.
const MAX_LOOKED_AT: u64 = 50;

/// Whether an import is advisable, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// Whether it is.
    pub advisable: bool,
    /// Why; `None` when it is not.
    pub reason: Option<AdviceReason>,
    /// Since when, epoch milliseconds; `None` when unknown, or it is not advisable.
    pub since: Option<i64>,
}

impl Advice {
    fn because(reason: AdviceReason, since: Option<i64>) -> Self {
        Self {
            advisable: true,
            reason: Some(reason),
            since,
        }
    }
}

/// Whether an import is advisable: nobody was imported yet, switches or connection were off since the last one, or accounts were seen to have
/// changed in Okta itself. An app that is not connected is not to be imported from.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS` and `IMPORT_USERS`; `NotFound` when the app is not of the viewer's organisation.
pub async fn advice(services: &Services, viewer: &Viewer, app: Uuid) -> Result<Advice> {
    require(viewer)?;
    let (store, organization) = (&services.store, viewer.organization_id);
    let app = apps::find(store, organization, app).await?;
    let app = app.ok_or(Error::NotFound)?;
    let org = okta_orgs::of_app(store, organization, app.id).await?;
    let Some(org) = org.filter(|org| org.status.has_grant()) else {
        return Ok(Advice::default());
    };
    let Some(last) = imports::last_confirmed(store, org.id).await? else {
        return Ok(Advice::because(
            AdviceReason::NeverImported,
            org.authorized_at,
        ));
    };
    let since = last.created_at;
    let down = ["oktaOrg.needsReauthorization", "oktaOrg.disconnect"];
    if let Some(row) = acts(services, &app, &down, since).await?.first() {
        return Ok(Advice::because(
            AdviceReason::ConnectionWasDown,
            Some(row.at),
        ));
    }
    if let Some(at) = switched_off(services, &app, since).await? {
        return Ok(Advice::because(AdviceReason::ProvisioningWasOff, Some(at)));
    }
    drift(services, &app, since).await
}

/// What was done with the app since a time, oldest first.
async fn acts(
    services: &Services,
    app: &App,
    actions: &[&str],
    since: i64,
) -> Result<Vec<AuditRow>> {
    let filter = AuditFilter {
        actions: actions.iter().map(|&action| action.to_owned()).collect(),
        app: Some(app.id),
        from: Some(since),
        ..AuditFilter::default()
    };
    let request = PageRequest::first(MAX_LOOKED_AT);
    let page = audit_lists::list(&services.store, app.organization_id, &filter, request).await?;
    Ok(page.into_rows())
}

/// Since when a switch without which Okta drifts away was off, at some time after `since`.
async fn switched_off(services: &Services, app: &App, since: i64) -> Result<Option<i64>> {
    let settings = app.settings;
    let is_off = |value: &serde_json::Value| {
        ["update_user_profile", "activate_and_deactivate_users"]
            .iter()
            .any(|switch| value[switch] == false)
    };
    let saved = acts(services, app, &["provisioningSettings.save"], since).await?;
    if let Some(row) = saved.iter().find(|row| is_off(&row.detail["to"])) {
        return Ok(Some(row.at));
    }
    let was_off = saved.first().is_some_and(|row| is_off(&row.detail["from"]));
    let off = !(settings.update_user_profile && settings.activate_and_deactivate_users);
    Ok((was_off || off).then_some(since))
}

async fn drift(services: &Services, app: &App, since: i64) -> Result<Advice> {
    let seen = acts(services, app, &["account.drift"], since).await?;
    if let Some(row) = seen.first() {
        return Ok(Advice::because(AdviceReason::DriftSeen, Some(row.at)));
    }
    let filter = AccountFilter {
        standing: AccountStanding {
            problems: Some(vec![
                ProblemCode::StatusChangedInOkta,
                ProblemCode::NotFoundInOkta,
            ]),
            ..AccountStanding::default()
        },
        ..AccountFilter::default()
    };
    let count = account_lists::count(&services.store, app.organization_id, app.id, &filter).await?;
    Ok(if count > 0 {
        Advice::because(AdviceReason::DriftSeen, None)
    } else {
        Advice::default()
    })
}
