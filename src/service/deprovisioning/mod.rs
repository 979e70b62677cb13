//! The deprovisioning budget and its holds (design §3): what an administrator sees and decides, and how the worker gets leave.
//!
//! Reading needs `VIEW_APPS`; approving and discarding, the right to configure provisioning.

mod grant;

use serde_json::json;
use uuid::Uuid;

pub use crate::store::deprovisioning_hold_lists::HeldAccount;
pub use crate::store::deprovisioning_holds::Hold;
pub use grant::{Case, Grant, grant, withdraw};

use super::apps::{self, Saving, version_conflict};
use super::{Error, Event, Result, Services, UserError, UserErrorCode, Viewer};
use crate::domain::deprovisioning::{Budget, HoldStatus, Removal, Verdict};
use crate::domain::permission::Permission;
use crate::store::audit::{self, Entry};
use crate::store::page::{Page, PageRequest};
use crate::store::{Tx, deprovisioning, deprovisioning_hold_lists, deprovisioning_holds};

/// The budget of an app as it is now.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn budget(services: &Services, viewer: &Viewer, app: Uuid) -> Result<Budget> {
    viewer.require(Permission::ViewApps)?;
    let now = services.clock.now_ms();
    Ok(deprovisioning::budget(&services.store, app, now, None).await?)
}

/// A page of an app's holds; `statuses` `None` takes all.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn list(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    statuses: Option<&[HoldStatus]>,
    request: PageRequest,
) -> Result<Page<Hold>> {
    viewer.require(Permission::ViewApps)?;
    let organization = viewer.organization_id;
    let store = &services.store;
    Ok(deprovisioning_hold_lists::list(store, organization, app, statuses, request).await?)
}

/// How many holds [`list`] goes through.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn count(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    statuses: Option<&[HoldStatus]>,
) -> Result<u64> {
    viewer.require(Permission::ViewApps)?;
    let (store, organization) = (&services.store, viewer.organization_id);
    Ok(deprovisioning_hold_lists::count(store, organization, app, statuses).await?)
}

/// The holds with these ids that the viewer may see.
///
/// # Errors
/// The database's own.
pub async fn by_ids(services: &Services, viewer: &Viewer, ids: &[Uuid]) -> Result<Vec<Hold>> {
    if !viewer.can(Permission::ViewApps) {
        return Ok(Vec::new());
    }
    let organization = viewer.organization_id;
    Ok(deprovisioning_hold_lists::by_ids(&services.store, organization, ids).await?)
}

/// A page of the accounts of a hold that the viewer was shown; `removal` `None` takes both kinds.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn accounts_of(
    services: &Services,
    viewer: &Viewer,
    hold: &Hold,
    removal: Option<Removal>,
    request: PageRequest,
) -> Result<Page<HeldAccount>> {
    viewer.require(Permission::ViewApps)?;
    let store = &services.store;
    Ok(deprovisioning_hold_lists::accounts_of(store, hold, removal, request).await?)
}

/// How many accounts of a hold that the viewer was shown are to be deactivated, and how many deleted; a kind without any may be absent.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn counts(
    services: &Services,
    viewer: &Viewer,
    hold: &Hold,
) -> Result<Vec<(Removal, u64)>> {
    viewer.require(Permission::ViewApps)?;
    Ok(deprovisioning_hold_lists::counts(&services.store, hold).await?)
}

/// What an administrator decides about a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Everything that is held is carried out.
    Approve,
    /// The accounts stay as they are.
    Discard,
}

impl Resolution {
    const fn status(self) -> HoldStatus {
        match self {
            Self::Approve => HoldStatus::Approved,
            Self::Discard => HoldStatus::Discarded,
        }
    }

    const fn verdict(self) -> Verdict {
        match self {
            Self::Approve => Verdict::Approved,
            Self::Discard => Verdict::Discarded,
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::Approve => "deprovisioningHold.approve",
            Self::Discard => "deprovisioningHold.discard",
        }
    }
}

/// Decides about a hold as it was shown with the version `expected`. It is frozen by that: nobody joins any more, and who changed since it was
/// shown has dropped out.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` when there is no such hold, or it is not open any more.
pub async fn resolve(
    services: &Services,
    viewer: &Viewer,
    hold: Uuid,
    expected: i64,
    resolution: Resolution,
) -> Result<Saving<Hold>> {
    viewer.require_configure()?;
    let now = services.clock.now_ms();
    let saving = services
        .store
        .transaction(async |tx| {
            let app = found(&tx, viewer, hold).await?.app_id;
            apps::held(&tx, viewer, app).await?;
            // Nobody changes it any more, as whoever does holds the app.
            let hold = found(&tx, viewer, hold).await?;
            if hold.status != HoldStatus::Open {
                return Err(not_open(&hold).into());
            }
            if hold.version != expected {
                return Ok(Saving::Conflict(hold));
            }
            let (id, by) = (hold.id, Some(viewer.user_id));
            let count = deprovisioning_holds::settle(&tx, id, resolution.verdict(), now).await?;
            deprovisioning_holds::close(&tx, id, resolution.status(), by, now).await?;
            let actor = viewer.actor();
            let detail = json!({
                "hold": id, "reason": hold.reason, "cause": hold.cause, "version": expected, "accounts": count,
            });
            let entry = Entry::new(viewer.organization_id, now, actor, resolution.action())
                .app(app)
                .detail(detail);
            audit::record(&tx, entry).await?;
            Ok::<_, Error>(Saving::Done(found(&tx, viewer, id).await?))
        })
        .await?;
    if let Saving::Done(hold) = &saving {
        services.events.publish(Event::App {
            organization: hold.organization_id,
            app: hold.app_id,
        });
        services.work.notify_one();
    }
    Ok(saving)
}

async fn found(tx: &Tx, viewer: &Viewer, hold: Uuid) -> Result<Hold> {
    let found = deprovisioning_hold_lists::by_ids(tx, viewer.organization_id, &[hold]).await?;
    let found = found.into_iter().next();
    found.ok_or_else(|| UserError::not_found("hold", "holdId").into())
}

fn not_open(hold: &Hold) -> UserError {
    let sentence = match hold.status {
        HoldStatus::Open => "This hold is open.",
        HoldStatus::Approved => "This hold was approved already.",
        HoldStatus::Discarded => "This hold was discarded already.",
        HoldStatus::Ended => "Nobody is left in this hold.",
    };
    UserError::new(UserErrorCode::NotPossibleNow, sentence)
        .at(["holdId"])
        .with("status", hold.status)
}

/// The conflict of [`resolve`] as a refusal.
#[must_use]
pub fn conflict(current: &Hold) -> UserError {
    version_conflict(current.version)
}
