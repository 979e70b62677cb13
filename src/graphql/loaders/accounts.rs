//! Assignments, accounts and operations of many people at once.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::{LoadError, Scope};
use crate::service::accounts::{self, AccountView};
use crate::service::assignments::{self, Assignment};
use crate::service::deprovisioning::{self, Hold};
use crate::service::operations::{self, OperationView};

/// The assignments of a person, by the person's id.
#[derive(Debug)]
pub struct AssignmentsLoader(pub(super) Scope);

impl Loader<Uuid> for AssignmentsLoader {
    type Value = Vec<Assignment>;
    type Error = LoadError;

    async fn load(&self, users: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, LoadError> {
        let found = assignments::of_people(&self.0.services, &self.0.viewer, users).await?;
        let mut by_user: HashMap<Uuid, Vec<Assignment>> = HashMap::new();
        for assignment in found {
            by_user
                .entry(assignment.user_id)
                .or_default()
                .push(assignment);
        }
        Ok(by_user)
    }
}

/// The accounts of a person, by the person's id.
#[derive(Debug)]
pub struct AccountsLoader(pub(super) Scope);

impl Loader<Uuid> for AccountsLoader {
    type Value = Vec<AccountView>;
    type Error = LoadError;

    async fn load(&self, users: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, LoadError> {
        let found = accounts::of_people(&self.0.services, &self.0.viewer, users).await?;
        let mut by_user: HashMap<Uuid, Vec<AccountView>> = HashMap::new();
        for account in found {
            by_user.entry(account.user_id).or_default().push(account);
        }
        Ok(by_user)
    }
}

/// An account, by its id.
#[derive(Debug)]
pub struct AccountLoader(pub(super) Scope);

impl Loader<Uuid> for AccountLoader {
    type Value = AccountView;
    type Error = LoadError;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, LoadError> {
        let found = accounts::by_ids(&self.0.services, &self.0.viewer, ids).await?;
        Ok(found.into_iter().map(|one| (one.id, one)).collect())
    }
}

/// A hold, by its id.
#[derive(Debug)]
pub struct HoldLoader(pub(super) Scope);

impl Loader<Uuid> for HoldLoader {
    type Value = Hold;
    type Error = LoadError;

    async fn load(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, LoadError> {
        let found = deprovisioning::by_ids(&self.0.services, &self.0.viewer, ids).await?;
        Ok(found.into_iter().map(|one| (one.id, one)).collect())
    }
}

/// The newest operation of an account, by the account's id.
#[derive(Debug)]
pub struct LastOperationLoader(pub(super) Scope);

impl Loader<Uuid> for LastOperationLoader {
    type Value = OperationView;
    type Error = LoadError;

    async fn load(&self, accounts: &[Uuid]) -> Result<HashMap<Uuid, Self::Value>, LoadError> {
        let found = operations::newest_of(&self.0.services, &self.0.viewer, accounts).await?;
        Ok(found.into_iter().map(|one| (one.account_id, one)).collect())
    }
}
