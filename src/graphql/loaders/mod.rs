//! What many resolvers of one request need one by one, fetched together. A loader belongs to one request, so the viewer's organisation
//! stays inside it.

mod accounts;
mod connections;
mod directory;

use async_graphql::Request;
use async_graphql::dataloader::DataLoader;

use crate::service::{Services, Viewer};

pub use accounts::{
    AccountLoader, AccountsLoader, AssignmentsLoader, HoldLoader, LastOperationLoader,
    OperationsLoader, OperationsOfAccount,
};
pub use connections::OktaOrgLoader;
pub use directory::{
    AdminRoleLoader, FieldLoader, HoldersLoader, RevocableLoader, StandingLoader, UserLoader,
};

/// What loaders share: the use cases, and whose organisation it is.
#[derive(Clone, Debug)]
pub struct Scope {
    services: Services,
    viewer: Viewer,
}

/// An error that every resolver waiting for the same batch gets.
pub type LoadError = std::sync::Arc<crate::service::Error>;

/// Puts the viewer and fresh loaders into a request.
#[must_use]
pub fn attach(request: Request, services: &Services, viewer: &Viewer) -> Request {
    let scope = || Scope {
        services: services.clone(),
        viewer: viewer.clone(),
    };
    request
        .data(viewer.clone())
        .data(DataLoader::new(UserLoader(scope()), tokio::spawn))
        .data(DataLoader::new(AdminRoleLoader(scope()), tokio::spawn))
        .data(DataLoader::new(HoldersLoader(scope()), tokio::spawn))
        .data(DataLoader::new(FieldLoader(scope()), tokio::spawn))
        .data(DataLoader::new(StandingLoader(scope()), tokio::spawn))
        .data(DataLoader::new(RevocableLoader(scope()), tokio::spawn))
        .data(DataLoader::new(AssignmentsLoader(scope()), tokio::spawn))
        .data(DataLoader::new(AccountsLoader(scope()), tokio::spawn))
        .data(DataLoader::new(AccountLoader(scope()), tokio::spawn))
        .data(DataLoader::new(HoldLoader(scope()), tokio::spawn))
        .data(DataLoader::new(LastOperationLoader(scope()), tokio::spawn))
        .data(DataLoader::new(OperationsLoader(scope()), tokio::spawn))
        .data(DataLoader::new(OktaOrgLoader(scope()), tokio::spawn))
}
