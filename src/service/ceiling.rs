//! What a session may do at most, whatever its person may.
//!
//! It goes with the viewer into whatever the session sets going, so that a subscription or a bulk change does not outgrow the session that began it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::users::{RoleRef, standing};
use super::{Error, Result};
use crate::domain::permission::AdminRole;
use crate::store::{self, Access};

/// The roles of which a session may do what one of them allows; without any it may do nothing. What they allow is looked up each time, as it is for
/// the person's own role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ceiling(Vec<RoleRef>);

impl Ceiling {
    /// The ceiling that these roles make together.
    #[must_use]
    pub fn new(roles: Vec<RoleRef>) -> Self {
        Self(roles)
    }

    /// What is left of `role` below this ceiling. A custom role that is gone allows nothing.
    pub(super) async fn limit(
        &self,
        db: &impl Access,
        organization: Uuid,
        role: AdminRole,
    ) -> Result<AdminRole> {
        let mut most = AdminRole::Member;
        for each in &self.0 {
            if let RoleRef::Custom(id) = each
                && store::admin_roles::find(db, organization, *id)
                    .await?
                    .is_none()
            {
                continue;
            }
            most = most.or(standing(db, organization, *each).await?);
        }
        Ok(role.at_most(&most))
    }

    /// Stands for the sessions of the person that have these roles for a ceiling, in whatever order a token names them.
    pub(super) fn keys_of(&self, user: Uuid) -> Uuid {
        let name = |role: &RoleRef| match role {
            RoleRef::BuiltIn(kind) => kind.to_string(),
            RoleRef::Custom(id) => id.to_string(),
        };
        let names: BTreeSet<_> = self.0.iter().map(name).collect();
        let mut digest = Sha256::new().chain_update(user.as_bytes());
        for name in names {
            digest = digest.chain_update(name).chain_update("\n");
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.finalize()[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// As it is kept with work that goes on after the session.
    pub(super) fn kept(ceiling: Option<&Self>) -> Result<Option<Value>> {
        let kept = ceiling.map(serde_json::to_value).transpose();
        kept.map_err(|e| Error::Internal(e.to_string()))
    }

    /// As it was kept.
    pub(super) fn found(kept: Option<&Value>) -> Result<Option<Self>> {
        let found = kept.map(Self::deserialize).transpose();
        found.map_err(|e| Error::Internal(format!("ceiling: {e}")))
    }
}
