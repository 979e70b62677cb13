//! The first step of all: an organisation and its owner.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;

use crate::graphql::context;
use crate::graphql::error::{Code, coded};
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::bootstrap::founding::{self, Ticket};

/// Bootstrap's part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BootstrapMutation;

/// An organisation to make.
#[derive(Clone, Debug, InputObject)]
pub struct OrganizationBootstrapInput {
    /// Its name: 1 to 200 characters. No other organisation may have the same, without regard to case.
    pub organization_name: String,
    /// E-mail address of its first owner, also his user name.
    pub owner_email: String,
}

/// Answer of `organizationBootstrap`.
#[derive(Clone, Debug, SimpleObject)]
pub struct OrganizationBootstrapPayload {
    /// The new organisation, to be asked for with `token`; null when refused.
    pub organization_id: Option<ID>,
    /// Its first owner, to be asked for with `token`; null when refused.
    pub owner_id: Option<ID>,
    /// A bearer token of the owner's, good for 12 hours. It is shown here and never again. Null when refused.
    pub token: Option<String>,
    /// When it ends; null when refused.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Bootstrap's part of `Mutation`.
#[Object]
impl BootstrapMutation {
    /// Makes an organisation with its first owner, who is signed in by it. Needs a one-time token, which an operator gets by `provisioner bootstrap` and
    /// which is sent as the bearer token; it can do nothing else, and is used up when this is done. Everybody else is refused with `FORBIDDEN`.
    async fn organization_bootstrap(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The organisation to make.")] input: OrganizationBootstrapInput,
    ) -> async_graphql::Result<OrganizationBootstrapPayload> {
        let services = context::services(ctx)?;
        let ticket = ctx.data_opt::<Ticket>().ok_or_else(|| {
            let sentence = "This needs a one-time token of `provisioner bootstrap`.";
            coded(Code::Forbidden, sentence)
        })?;
        let (name, email) = (&input.organization_name, &input.owner_email);
        let founded = founding::found(services, ticket, name, email).await;
        Ok(match settle(founded)? {
            Ok(founded) => OrganizationBootstrapPayload {
                organization_id: Some(ids::global(
                    NodeKind::Organization,
                    founded.made.organization.id,
                )),
                owner_id: Some(ids::global(NodeKind::User, founded.made.owner)),
                token: Some(founded.token.expose_secret().to_owned()),
                token_expires_at: Some(context::time(founded.expires_at_ms)),
                user_errors: Vec::new(),
            },
            Err(user_errors) => OrganizationBootstrapPayload {
                organization_id: None,
                owner_id: None,
                token: None,
                token_expires_at: None,
                user_errors,
            },
        })
    }
}
