//! Assignments, accounts and operations of many people at once.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use uuid::Uuid;

use super::{LoadError, Scope};
use crate::service::accounts::{self, AccountView};
use crate::service::assignments::{self, Assignment};
use crate::service::deprovisioning::{self, Hold};
use crate::service::operations::{self, OperationFilter, OperationView};
use crate::service::page::{Page, PageRequest};

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

/// Which operations of which account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OperationsOfAccount {
    /// The account.
    pub account: Uuid,
    /// Which of its operations.
    pub filter: OperationFilter,
}

/// The operations of an account, in pages, and their number.
#[derive(Debug)]
pub struct OperationsLoader(pub(super) Scope);

impl Loader<(OperationsOfAccount, PageRequest)> for OperationsLoader {
    type Value = Page<OperationView>;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[(OperationsOfAccount, PageRequest)],
    ) -> Result<HashMap<(OperationsOfAccount, PageRequest), Self::Value>, LoadError> {
        // One statement for each way of asking; in a list there is one.
        let mut ways: HashMap<_, Vec<Uuid>> = HashMap::new();
        for (of, request) in keys {
            let way = (&of.filter, request);
            ways.entry(way).or_default().push(of.account);
        }
        let Scope { services, viewer } = &self.0;
        let mut found = HashMap::new();
        for ((filter, request), accounts) in ways {
            let pages = operations::pages(services, viewer, &accounts, filter, request).await?;
            for (account, page) in pages {
                let filter = filter.clone();
                let of = OperationsOfAccount { account, filter };
                found.insert((of, request.clone()), page);
            }
        }
        Ok(found)
    }
}

impl Loader<OperationsOfAccount> for OperationsLoader {
    type Value = u64;
    type Error = LoadError;

    async fn load(
        &self,
        keys: &[OperationsOfAccount],
    ) -> Result<HashMap<OperationsOfAccount, u64>, LoadError> {
        let mut ways: HashMap<_, Vec<Uuid>> = HashMap::new();
        for of in keys {
            ways.entry(&of.filter).or_default().push(of.account);
        }
        let Scope { services, viewer } = &self.0;
        let mut found = HashMap::new();
        for (filter, accounts) in ways {
            for (account, count) in operations::counts(services, viewer, &accounts, filter).await? {
                let filter = filter.clone();
                found.insert(OperationsOfAccount { account, filter }, count);
            }
        }
        Ok(found)
    }
}
