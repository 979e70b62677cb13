//! People, admin roles and directory fields.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::{LoadError, Scope};
use crate::service::users::{RoleRef, Standing, Subject};
use crate::service::{admin_roles, directory_fields, personal_access_tokens, users};

/// People by id, deleted ones among them.
#[derive(Debug)]
pub struct UserLoader(pub(super) Scope);

impl Loader<Uuid> for UserLoader {
    type Value = Arc<users::User>;
    type Error = LoadError;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, LoadError> {
        let organization = self.0.viewer.organization_id;
        let found = users::many(&self.0.services, organization, ids).await?;
        Ok(found
            .into_iter()
            .map(|user| (user.id, Arc::new(user)))
            .collect())
    }
}

/// Admin roles.
#[derive(Debug)]
pub struct AdminRoleLoader(pub(super) Scope);

impl Loader<RoleRef> for AdminRoleLoader {
    type Value = admin_roles::AdminRole;
    type Error = LoadError;

    async fn load(&self, roles: &[RoleRef]) -> Result<HashMap<RoleRef, Self::Value>, LoadError> {
        let organization = self.0.viewer.organization_id;
        let found = admin_roles::many(&self.0.services, organization, roles).await?;
        Ok(found.into_iter().map(|role| (role.role, role)).collect())
    }
}

/// How many people have an admin role.
#[derive(Debug)]
pub struct HoldersLoader(pub(super) Scope);

impl Loader<RoleRef> for HoldersLoader {
    type Value = u64;
    type Error = LoadError;

    async fn load(&self, roles: &[RoleRef]) -> Result<HashMap<RoleRef, u64>, LoadError> {
        Ok(admin_roles::holders(&self.0.services, &self.0.viewer, roles).await?)
    }
}

/// Where people stand.
#[derive(Debug)]
pub struct StandingLoader(pub(super) Scope);

impl Loader<Subject> for StandingLoader {
    type Value = Standing;
    type Error = LoadError;

    async fn load(&self, people: &[Subject]) -> Result<HashMap<Subject, Standing>, LoadError> {
        Ok(users::standings(&self.0.services, &self.0.viewer, people).await?)
    }
}

/// Personal access tokens, each with its person, that the viewer may end.
#[derive(Debug)]
pub struct RevocableLoader(pub(super) Scope);

impl Loader<(Uuid, Uuid)> for RevocableLoader {
    type Value = ();
    type Error = LoadError;

    async fn load(&self, tokens: &[(Uuid, Uuid)]) -> Result<HashMap<(Uuid, Uuid), ()>, LoadError> {
        let (services, viewer) = (&self.0.services, &self.0.viewer);
        let may = personal_access_tokens::revocable(services, viewer, tokens).await?;
        Ok(may.into_iter().map(|token| (token, ())).collect())
    }
}

/// All fields of the directory, under the one key that there is.
#[derive(Debug)]
pub struct FieldLoader(pub(super) Scope);

impl Loader<()> for FieldLoader {
    type Value = Arc<Vec<directory_fields::Field>>;
    type Error = LoadError;

    async fn load(&self, _: &[()]) -> Result<HashMap<(), Self::Value>, LoadError> {
        let organization = self.0.viewer.organization_id;
        let fields = directory_fields::all(&self.0.services.store, organization).await?;
        Ok(HashMap::from([((), Arc::new(fields))]))
    }
}
