//! What an org is asked to see whether a connection works, and to renew our copies: its schema, its own roles, who its admins are, and what the
//! administrator who authorized may do.

use std::collections::BTreeSet;

use okta_client::RoleAssignment;
use uuid::Uuid;

use super::okta_port::{OktaFault, OrgAccess, quoted};
use super::{Services, okta_schema};
use crate::domain::account::Capability;
use crate::domain::mapping::{LOGIN, OktaAttribute};
use crate::domain::okta_role::RoleType;
use crate::store::okta_snapshots::{self, AdminAssignees, CustomRole, CustomRoles, Schema};
use crate::store::{self, Tx};

/// Largest copy of a schema, as JSON; an org with hundreds of attributes has a tenth of it. It is read with every plan, and shown whole.
const MAX_SCHEMA_BYTES: usize = 2 << 20;

/// What an org answered.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    schema: Vec<OktaAttribute>,
    /// `None` when Okta does not show them to the administrator who authorized.
    custom_roles: Option<Vec<CustomRole>>,
    /// `None` likewise.
    admins: Option<Vec<String>>,
    /// What Okta will refuse to the administrator who authorized, as far as can be known beforehand.
    pub(super) denied: BTreeSet<Capability>,
}

/// Asks the org. `authorizer` is the Okta id of the administrator who authorized.
///
/// # Errors
/// Okta's faults; what it refuses of the roles is no fault, but makes the answer smaller.
pub(super) async fn probe(
    services: &Services,
    access: &OrgAccess,
    authorizer: &str,
) -> Result<Probed, OktaFault> {
    let okta = &services.okta;
    let (schema, custom_roles, admins, own_roles) = futures::try_join!(
        schema(services, access),
        async { unless_refused(okta.custom_roles(access).await) },
        async { unless_refused(okta.admins(access).await) },
        async { unless_refused(okta.roles_of(access, authorizer).await) },
    )?;
    Ok(Probed {
        schema,
        custom_roles: custom_roles.map(|roles| roles.into_iter().map(kept).collect()),
        admins: admins.map(|admins| admins.into_iter().map(|admin| admin.id).collect()),
        denied: denied(own_roles.as_deref()),
    })
}

/// The attributes of the org's user profiles.
///
/// # Errors
/// Okta's faults.
pub(super) async fn schema(
    services: &Services,
    access: &OrgAccess,
) -> Result<Vec<OktaAttribute>, OktaFault> {
    let schema = services.okta.user_schema(access).await?;
    let attributes = okta_schema::attributes(&schema);
    match implausible(&attributes) {
        None => Ok(attributes),
        Some(why) => Err(OktaFault::Implausible(why)),
    }
}

fn implausible(attributes: &[OktaAttribute]) -> Option<&'static str> {
    let json = serde_json::to_string(attributes).unwrap_or_default();
    if json.len() > MAX_SCHEMA_BYTES {
        return Some("a user schema larger than any");
    }
    // PostgreSQL's JSON has no place for it.
    if json.contains("\\u0000") {
        return Some("a user schema with NUL characters");
    }
    let has_login = attributes.iter().any(|attribute| attribute.name == LOGIN);
    (!has_login).then_some("a user schema without login")
}

/// Okta's own no is an answer: the right, the scope or the feature is missing. Everything else is a fault.
fn unless_refused<T>(answer: Result<T, OktaFault>) -> Result<Option<T>, OktaFault> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.is_refusal() && !fault.is_token_invalid() => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn kept(role: okta_client::CustomRole) -> CustomRole {
    CustomRole {
        id: role.id,
        label: quoted(&role.label),
        description: role.description.as_deref().map(quoted),
    }
}

/// Granting roles takes a super administrator (contract §5).
fn denied(own_roles: Option<&[RoleAssignment]>) -> BTreeSet<Capability> {
    let is_super = |role: &RoleAssignment| {
        let active = role.status.as_deref() != Some("INACTIVE");
        role.kind == RoleType::SuperAdmin.as_str() && active
    };
    match own_roles {
        Some(roles) if roles.iter().any(is_super) => BTreeSet::new(),
        Some(_) => BTreeSet::from([Capability::ManageRoles]),
        None => BTreeSet::from([Capability::ManageRoles, Capability::ReadRoles]),
    }
}

/// Keeps what the org answered. Answers whether its schema is another than before, so that the app's accounts have to be looked at again.
///
/// # Errors
/// The database's own.
pub(super) async fn keep(
    tx: &Tx,
    connection: Uuid,
    probed: &Probed,
    now: i64,
) -> store::Result<bool> {
    if let Some(roles) = &probed.custom_roles {
        okta_snapshots::store::<CustomRoles>(tx, connection, roles, now).await?;
    }
    if let Some(admins) = &probed.admins {
        okta_snapshots::store::<AdminAssignees>(tx, connection, admins, now).await?;
    }
    keep_schema(tx, connection, &probed.schema, now).await
}

/// Keeps the schema. Answers whether it is another than before.
///
/// # Errors
/// The database's own.
pub(super) async fn keep_schema(
    tx: &Tx,
    connection: Uuid,
    schema: &Vec<OktaAttribute>,
    now: i64,
) -> store::Result<bool> {
    let before = okta_snapshots::find::<Schema>(tx, connection).await?;
    okta_snapshots::store::<Schema>(tx, connection, schema, now).await?;
    Ok(before.is_none_or(|before| before.document != *schema))
}

#[cfg(test)]
mod tests {
    use super::{Capability, RoleAssignment, denied};
    use serde_json::{Value, json};

    fn role(value: Value) -> RoleAssignment {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn only_an_active_super_administrator_may_grant_roles() {
        let of =
            |kind: &str, status: &str| role(json!({ "id": "ra1", "type": kind, "status": status }));
        assert!(
            denied(Some(&[
                of("APP_ADMIN", "ACTIVE"),
                of("SUPER_ADMIN", "ACTIVE")
            ]))
            .is_empty()
        );
        for roles in [
            vec![of("ORG_ADMIN", "ACTIVE")],
            vec![of("SUPER_ADMIN", "INACTIVE")],
            Vec::new(),
        ] {
            assert_eq!(
                denied(Some(&roles)),
                [Capability::ManageRoles].into(),
                "{roles:?}"
            );
        }
        assert_eq!(
            denied(None),
            [Capability::ManageRoles, Capability::ReadRoles].into()
        );
    }
}
