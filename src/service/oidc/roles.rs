//! What the roles of a token allow at most.

use uuid::Uuid;

use super::issuer::Issuer;
use super::token::Claims;
use crate::domain::directory::match_key;
use crate::domain::permission::AdminRoleKind;
use crate::service::users::RoleRef;
use crate::service::{Ceiling, Result};
use crate::store::{self, Access};

/// The ceiling that the token sets; none when the configuration names no claim. A claim that is not there, or names nothing that we know, allows nothing.
pub(super) async fn ceiling(
    db: &impl Access,
    issuer: &Issuer,
    organization: Uuid,
    claims: &Claims,
) -> Result<Option<Ceiling>> {
    let Some(claim) = &issuer.roles_claim else {
        return Ok(None);
    };
    let mut roles = Vec::new();
    let mut names = Vec::new();
    for role in claims
        .values(claim)
        .into_iter()
        .filter_map(|value| issuer.roles.get(value))
    {
        match role.parse() {
            Ok(AdminRoleKind::Custom) => {}
            Ok(kind) => roles.push(RoleRef::BuiltIn(kind)),
            Err(_) => names.push(match_key(role)),
        }
    }
    if !names.is_empty() {
        let custom = store::admin_roles::all(db, organization).await?;
        let named = custom.iter().filter(|row| names.contains(&row.name_key));
        roles.extend(named.map(|row| RoleRef::Custom(row.id)));
    }
    Ok(Some(Ceiling::new(roles)))
}
