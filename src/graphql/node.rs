//! Relay's `Node`: everything that has a global id.

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object};
use futures::future::try_join_all;
use uuid::Uuid;

use super::accounts::account::Account;
use super::apps::app::App;
use super::assignments::assignment::Assignment;
use super::assignments::bulk_job::BulkJob;
use super::connections::authorization::OktaAuthorization;
use super::connections::okta_org::OktaOrg;
use super::context;
use super::deprovisioning::hold::DeprovisioningHold;
use super::directory::admin_role::{self, AdminRole};
use super::directory::audit_event::AuditEvent;
use super::directory::directory_field::DirectoryField;
use super::directory::organization::Organization;
use super::directory::personal_access_token::PersonalAccessToken;
use super::directory::user::User;
use super::error::{self, Code};
use super::ids::{self, NodeKind};
use super::imports::candidate::ImportCandidate;
use super::imports::import::Import;
use super::operations::operation::Operation;
use crate::service::{
    self, Services, Viewer, accounts, admin_roles, apps, assignments, audit, bulk_jobs,
    deprovisioning, directory_fields, imports, okta_authorizations, okta_orgs, operations,
    organization, personal_access_tokens, users,
};

/// Ids that one `nodes` may name.
const MAX_NODES: usize = 100;

/// Something with a global id, which can be fetched again by it.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    method = "node_id",
    ty = "ID",
    desc = "Global id: opaque, unique over all types, and never used again for something else."
))]
pub enum Node {
    /// A person.
    User(User),
    /// An admin role.
    AdminRole(AdminRole),
    /// A field of the directory.
    DirectoryField(DirectoryField),
    /// An organisation.
    Organization(Organization),
    /// An act.
    AuditEvent(AuditEvent),
    /// An app.
    App(App),
    /// A person has an app.
    Assignment(Assignment),
    /// How a person stands in Okta.
    Account(Account),
    /// A call to Okta.
    Operation(Operation),
    /// A personal access token.
    PersonalAccessToken(PersonalAccessToken),
    /// A change for everybody who matches.
    BulkJob(BulkJob),
    /// Deactivations and deletions that were held.
    DeprovisioningHold(DeprovisioningHold),
    /// An import.
    Import(Import),
    /// Somebody whom an import found.
    ImportCandidate(ImportCandidate),
    /// The connection of an app to its Okta org.
    OktaOrg(OktaOrg),
    /// A journey of a browser to Okta and back.
    OktaAuthorization(OktaAuthorization),
}

/// `node` and `nodes`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeQuery;

/// `node` and `nodes`.
#[Object]
impl NodeQuery {
    /// The thing with this id; null when there is none, or when the viewer may not see it.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A global id.")] id: ID,
    ) -> async_graphql::Result<Option<Node>> {
        fetch(context::services(ctx)?, context::viewer(ctx)?, &id).await
    }

    /// The things with these ids, in their order; null for each that is not there or not for the viewer. At most 100.
    #[graphql(complexity = "child_complexity.saturating_mul(ids.len()).saturating_add(1)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global ids, at most 100.")] ids: Vec<ID>,
    ) -> async_graphql::Result<Vec<Option<Node>>> {
        if ids.len() > MAX_NODES {
            let message = format!("`ids` may have at most {MAX_NODES} items.");
            return Err(error::coded(Code::BadUserInput, message));
        }
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        try_join_all(ids.iter().map(|id| fetch(services, viewer, id))).await
    }
}

async fn fetch(
    services: &Services,
    viewer: &Viewer,
    id: &ID,
) -> async_graphql::Result<Option<Node>> {
    let Some((kind, key)) = ids::parse(id) else {
        return Ok(None);
    };
    let row = ids::row_of(id, kind);
    let found = match kind {
        NodeKind::User => users::find(services, viewer, row)
            .await
            .map(|user| user.map(|user| Node::User(user.into()))),
        NodeKind::AdminRole => admin_roles::find(services, viewer, admin_role::role_of(id))
            .await
            .map(|role| role.map(|role| Node::AdminRole(AdminRole(role)))),
        NodeKind::DirectoryField => directory_fields::list(services, viewer)
            .await
            .map(|fields| {
                let field = fields.into_iter().find(|field| field.definition.id == key);
                field.map(|field| Node::DirectoryField(field.into()))
            }),
        NodeKind::Organization if row == viewer.organization_id => {
            organization::get(services, viewer)
                .await
                .map(|found| Some(Node::Organization(found.into())))
        }
        NodeKind::AuditEvent => audit::find(services, viewer, row)
            .await
            .map(|act| act.map(|act| Node::AuditEvent(AuditEvent(act)))),
        NodeKind::PersonalAccessToken => personal_access_tokens::find(services, viewer, row)
            .await
            .map(|token| token.map(|token| Node::PersonalAccessToken(PersonalAccessToken(token)))),
        NodeKind::App => apps::find(services, viewer, row)
            .await
            .map(|app| app.map(|app| Node::App(app.into()))),
        NodeKind::Assignment => assignments::by_ids(services, viewer, &[row])
            .await
            .map(|found| found.into_iter().next().map(|a| Node::Assignment(a.into()))),
        NodeKind::Account => accounts::by_ids(services, viewer, &[row])
            .await
            .map(|found| found.into_iter().next().map(|a| Node::Account(a.into()))),
        NodeKind::Operation => operations::by_ids(services, viewer, &[row])
            .await
            .map(|found| {
                found
                    .into_iter()
                    .next()
                    .map(|o| Node::Operation(Operation(o)))
            }),
        NodeKind::BulkJob => bulk_jobs::by_ids(services, viewer, &[row])
            .await
            .map(|found| {
                found
                    .into_iter()
                    .next()
                    .map(|job| Node::BulkJob(BulkJob(job)))
            }),
        NodeKind::DeprovisioningHold => {
            deprovisioning::by_ids(services, viewer, &[row])
                .await
                .map(|found| {
                    let hold = found.into_iter().next();
                    hold.map(|hold| Node::DeprovisioningHold(DeprovisioningHold(hold)))
                })
        }
        NodeKind::OktaOrg => okta_orgs::of_app(services, viewer, row)
            .await
            .map(|org| Some(Node::OktaOrg(OktaOrg(org)))),
        NodeKind::OktaAuthorization => okta_authorizations::find(services, viewer, row)
            .await
            .map(|found| found.map(|one| Node::OktaAuthorization(OktaAuthorization(one)))),
        NodeKind::Import => imports::find(services, viewer, row)
            .await
            .map(|import| import.map(|import| Node::Import(Import(import)))),
        NodeKind::ImportCandidate => candidate(services, viewer, row).await,
        _ => Ok(None),
    };
    visible(found)
}

async fn candidate(
    services: &Services,
    viewer: &Viewer,
    id: Uuid,
) -> service::Result<Option<Node>> {
    let Some(candidate) = imports::candidate(services, viewer, id).await? else {
        return Ok(None);
    };
    let import = imports::find(services, viewer, candidate.import_id).await?;
    let view = import.map(|import| ImportCandidate::new(Arc::new(import), candidate));
    Ok(view.map(Node::ImportCandidate))
}

/// What the viewer may not see is not there.
fn visible(found: service::Result<Option<Node>>) -> async_graphql::Result<Option<Node>> {
    match found {
        Ok(found) => Ok(found),
        Err(service::Error::Forbidden(_) | service::Error::NotFound) => Ok(None),
        Err(error) => Err(error::public(error)),
    }
}
