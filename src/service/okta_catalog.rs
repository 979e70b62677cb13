//! What an Okta org offers, from our copy of it: profile attributes and admin roles. Works while Okta is down.

use uuid::Uuid;

use super::apps::App;
use super::{Result, Services, Viewer};
use crate::domain::account::Capability;
use crate::domain::code::codes;
use crate::domain::connection::ConnectionStatus;
use crate::domain::mapping::OktaAttribute;
use crate::domain::okta_role::{NotAssignable, RoleCeiling, RoleRefusal, RoleType, listed_roles};
use crate::domain::permission::Permission;
use crate::store::okta_orgs::{self, OktaOrg};
use crate::store::okta_snapshots::{self, CustomRole, CustomRoles, Schema, Snapshot};
use crate::store::{self, Access};

/// A copy older than this is called stale, milliseconds: schemas and roles change seldom, and a day is what an administrator remembers.
const FRESH_FOR_MS: i64 = 24 * 3_600_000;

/// How old a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// When Okta was read, epoch milliseconds; `None` when it never was.
    pub fetched_at: Option<i64>,
    /// Whether it should be read again: too old, never read, or the connection does not work.
    pub stale: bool,
}

/// The attributes of the org's user profiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes {
    /// In Okta's order; empty when never read.
    pub items: Vec<OktaAttribute>,
    /// How old they are.
    pub freshness: Freshness,
}

/// The admin roles of the org.
#[derive(Clone, Debug, PartialEq)]
pub struct Roles {
    /// The predefined ones in Okta's order, then the custom ones.
    pub items: Vec<Role>,
    /// How old the custom ones are; the predefined ones are the same everywhere.
    pub freshness: Freshness,
}

/// An admin role of the org, as this viewer may use it in this app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The type; `Custom` for a custom one.
    pub role_type: RoleType,
    /// Okta's id of a custom role; `None` for predefined ones.
    pub custom_id: Option<String>,
    /// Okta's name for people.
    pub label: String,
    /// What it permits; `None` when Okta does not say.
    pub description: Option<String>,
    /// Why it cannot be assigned by this viewer in this app; `None` when it can.
    pub reason: Option<RoleReason>,
}

codes! {
    /// Why a role cannot be assigned.
    pub enum RoleReason {
        /// Custom roles are managed in Okta.
        CustomRole = "CUSTOM_ROLE",
        /// It depends on a licence and a resource set, and is managed in Okta.
        LicensedRole = "LICENSED_ROLE",
        /// Okta withdrew it.
        WithdrawnByOkta = "WITHDRAWN_BY_OKTA",
        /// The app narrows the choice.
        RoleNotAllowedByApp = "ROLE_NOT_ALLOWED_BY_APP",
        /// Only owners and admins may give it.
        RoleAboveCeiling = "ROLE_ABOVE_CEILING",
        /// The administrator who authorized the connection may not grant roles.
        ManageRolesDenied = "MANAGE_ROLES_DENIED",
    }
}

impl From<NotAssignable> for RoleReason {
    fn from(reason: NotAssignable) -> Self {
        match reason {
            NotAssignable::CustomRole => Self::CustomRole,
            NotAssignable::LicensedRole => Self::LicensedRole,
            NotAssignable::WithdrawnByOkta => Self::WithdrawnByOkta,
        }
    }
}

/// The attributes of the app's org.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn attributes(services: &Services, viewer: &Viewer, app: &App) -> Result<Attributes> {
    viewer.require(Permission::ViewApps)?;
    let org = okta_orgs::of_app(&services.store, viewer.organization_id, app.id).await?;
    let copy = copy::<Schema>(&services.store, org.as_ref()).await?;
    let freshness = freshness(services, org.as_ref(), copy.as_ref().map(|c| c.fetched_at));
    Ok(Attributes {
        items: copy.map(|copy| copy.document).unwrap_or_default(),
        freshness,
    })
}

/// The admin roles of the app's org.
///
/// # Errors
/// `Forbidden` without `VIEW_APPS`.
pub async fn roles(services: &Services, viewer: &Viewer, app: &App) -> Result<Roles> {
    viewer.require(Permission::ViewApps)?;
    let org = okta_orgs::of_app(&services.store, viewer.organization_id, app.id).await?;
    let copy = copy::<CustomRoles>(&services.store, org.as_ref()).await?;
    let freshness = freshness(services, org.as_ref(), copy.as_ref().map(|c| c.fetched_at));
    let denied = org.is_some_and(|org| org.denied.contains(&Capability::ManageRoles));
    let predefined = listed_roles().map(|role| predefined(role, viewer, app, denied));
    let custom = copy.map(|copy| copy.document).unwrap_or_default();
    Ok(Roles {
        items: predefined
            .chain(custom.into_iter().map(custom_role))
            .collect(),
        freshness,
    })
}

/// Ids and names of the roles that the org of an app defined itself, as far as we know them.
///
/// # Errors
/// The database's own.
pub(super) async fn custom_role_names(
    db: &impl Access,
    organization: Uuid,
    app: Uuid,
) -> Result<Vec<String>> {
    let org = okta_orgs::of_app(db, organization, app).await?;
    let copy = copy::<CustomRoles>(db, org.as_ref()).await?;
    let roles = copy.map(|copy| copy.document).unwrap_or_default();
    Ok(roles
        .into_iter()
        .flat_map(|role| [role.id, role.label])
        .collect())
}

async fn copy<K: okta_snapshots::Kind>(
    db: &impl Access,
    org: Option<&OktaOrg>,
) -> std::result::Result<Option<Snapshot<K::Document>>, store::Error> {
    match org {
        Some(org) => okta_snapshots::find::<K>(db, org.id).await,
        None => Ok(None),
    }
}

fn freshness(services: &Services, org: Option<&OktaOrg>, fetched_at: Option<i64>) -> Freshness {
    let works = org.is_some_and(|org| org.status == ConnectionStatus::Connected);
    let young = fetched_at.is_some_and(|at| services.clock.now_ms() - at < FRESH_FOR_MS);
    Freshness {
        fetched_at,
        stale: !(works && young),
    }
}

fn predefined(role: RoleType, viewer: &Viewer, app: &App, denied: bool) -> Role {
    let ceiling = RoleCeiling {
        granter: &viewer.role,
        allowed: app.options.allowed_role_types.as_deref(),
    };
    let refused = ceiling.check(None, Some(role), false).err();
    let reason = role
        .not_assignable()
        .map(RoleReason::from)
        .or(refused.and_then(narrowed))
        .or(denied.then_some(RoleReason::ManageRolesDenied));
    Role {
        role_type: role,
        custom_id: None,
        label: role.label().to_owned(),
        description: Some(role.description().to_owned()),
        reason,
    }
}

/// The refusals that do not lie in the role itself.
fn narrowed(refusal: RoleRefusal) -> Option<RoleReason> {
    match refusal {
        RoleRefusal::RoleNotAllowedByApp => Some(RoleReason::RoleNotAllowedByApp),
        RoleRefusal::RoleAboveCeiling => Some(RoleReason::RoleAboveCeiling),
        RoleRefusal::CustomRoleNotAssignable
        | RoleRefusal::UnknownRole
        | RoleRefusal::RoleNotAssignable
        | RoleRefusal::RoleNotToYourself => None,
    }
}

fn custom_role(role: CustomRole) -> Role {
    Role {
        role_type: RoleType::Custom,
        custom_id: Some(role.id),
        label: role.label,
        description: role.description,
        reason: Some(RoleReason::CustomRole),
    }
}
