//! Who asks, and what he may.

use uuid::Uuid;

use super::ceiling::Ceiling;
use super::error::{Error, Result};
use crate::domain::permission::{AdminRole, Permission};
use crate::store::audit::Actor;

/// An authenticated person, as of this request.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The person.
    pub user_id: Uuid,
    /// The tenant; nothing outside it exists for him.
    pub organization_id: Uuid,
    /// His admin role, with the permissions of a custom one; what a token leaves of it is a custom one.
    pub role: AdminRole,
    /// The personal access token that he came with; `role` is narrowed to its scopes. `None` for somebody who signed in himself.
    pub token: Option<Uuid>,
    /// What this session may do at most; the role is within it already.
    pub ceiling: Option<Ceiling>,
}

impl Viewer {
    /// Him, as the audit trail names whoever acts.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::of(self.user_id, self.token)
    }

    /// Whether he is less than his person is: a token, or a session with a ceiling.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.token.is_some() || self.ceiling.is_some()
    }

    /// Whether he may change what a person of this standing signs in by. A token may where there are no permissions to be had: else whoever stole it
    /// could sign in as that person, and stay beyond its end.
    #[must_use]
    pub fn may_rename(&self, role: &AdminRole) -> bool {
        self.token.is_none() || AdminRole::Member.reaches(role)
    }

    /// Whose his `Idempotency-Key`s are. A token has keys of its own, and so has each ceiling: else a session would be given answers that its person got,
    /// and that it may not see.
    #[must_use]
    pub fn keys(&self) -> Uuid {
        match (self.token, &self.ceiling) {
            (Some(token), _) => token,
            (None, Some(ceiling)) => ceiling.keys_of(self.user_id),
            (None, None) => self.user_id,
        }
    }

    /// Whether he has the permission.
    #[must_use]
    pub fn can(&self, permission: Permission) -> bool {
        self.role.permissions().contains(permission)
    }

    /// # Errors
    /// [`Error::Forbidden`] without the permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.can(permission) {
            Ok(())
        } else {
            Err(Error::Forbidden(vec![permission]))
        }
    }

    /// # Errors
    /// [`Error::Forbidden`] with all of the permissions when he has none of them. Where none is asked for nobody is refused.
    pub fn require_any(&self, permissions: &[Permission]) -> Result<()> {
        match permissions.is_empty() || permissions.iter().any(|p| self.can(*p)) {
            true => Ok(()),
            false => Err(Error::Forbidden(permissions.to_vec())),
        }
    }

    /// Assigning apps needs `VIEW_APPS` and `ASSIGN_APPS`.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the first permission that is missing.
    pub fn require_assign(&self) -> Result<()> {
        self.require(Permission::ViewApps)?;
        self.require(Permission::AssignApps)
    }

    /// Importing people needs `VIEW_APPS` and `IMPORT_USERS`.
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the first permission that is missing.
    pub fn require_import(&self) -> Result<()> {
        self.require(Permission::ViewApps)?;
        self.require(Permission::ImportUsers)
    }

    /// Configuring provisioning needs all three app permissions (design §5).
    ///
    /// # Errors
    /// [`Error::Forbidden`] with the first permission that is missing.
    pub fn require_configure(&self) -> Result<()> {
        [
            Permission::ViewApps,
            Permission::AssignApps,
            Permission::ImportUsers,
        ]
        .into_iter()
        .try_for_each(|p| self.require(p))
    }
}
