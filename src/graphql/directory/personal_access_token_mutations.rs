//! Making and ending personal access tokens.

use async_graphql::connection::{Edge, EmptyFields};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret as _;

use super::admin_role::Permission;
use super::personal_access_token::PersonalAccessToken;
use crate::graphql::context;
use crate::graphql::cursor::{Cursor, Listing};
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::user_error::{UserError, settle};
use crate::service::page::Position;
use crate::service::personal_access_tokens::{self as tokens, NewPersonalAccessToken};

/// The personal access tokens' part of `Mutation`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PersonalAccessTokenMutation;

/// A personal access token to make, for yourself. You may have 50 that are `ACTIVE`.
#[derive(Clone, Debug, InputObject)]
pub struct PersonalAccessTokenCreateInput {
    /// What you will know it by: 1 to 100 characters. None of your tokens that are `ACTIVE` may have the same, without regard to case.
    pub name: String,
    /// What it may do at most: at least one permission, each of which you have yourself. `MANAGE_ADMIN_ROLES` is not for tokens.
    pub scopes: Vec<Permission>,
    /// How many days it lives: 1 to 366, counted in hours, so that one day is 24 hours from now.
    pub valid_for_days: i32,
}

/// A personal access token to end.
#[derive(Clone, Debug, InputObject)]
pub struct PersonalAccessTokenRevokeInput {
    /// The token.
    pub personal_access_token_id: ID,
}

/// Answer of `personalAccessTokenCreate`.
#[derive(SimpleObject)]
pub struct PersonalAccessTokenCreatePayload {
    /// The new token, without what lets in; null when refused.
    pub personal_access_token: Option<PersonalAccessToken>,
    /// The new token as an edge of `personalAccessTokens`; null when refused.
    pub personal_access_token_edge: Option<Edge<Cursor, PersonalAccessToken, EmptyFields>>,
    /// What lets in: send it as `authorization: Bearer …`. It begins with `prv_pat_` and has 59 characters. It is shown here and never again, so let the
    /// person copy it, and keep it in no cache. Null when refused.
    pub secret: Option<String>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// Answer of `personalAccessTokenRevoke`.
#[derive(SimpleObject)]
pub struct PersonalAccessTokenRevokePayload {
    /// The token, which is `REVOKED` now; null when refused.
    pub personal_access_token: Option<PersonalAccessToken>,
    /// Why it was refused; empty when it was done.
    pub user_errors: Vec<UserError>,
}

/// The personal access tokens' part of `Mutation`.
#[Object]
impl PersonalAccessTokenMutation {
    /// Makes a personal access token for yourself, with which programs may do what you choose, as long as you may do it yourself. No permission needed
    /// but those that you choose. Not for those who came with such a token, or whose identity provider bounds
    /// what the session may do (`FORBIDDEN`).
    async fn personal_access_token_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: PersonalAccessTokenCreateInput,
    ) -> async_graphql::Result<PersonalAccessTokenCreatePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let new = NewPersonalAccessToken {
            name: input.name,
            scopes: input.scopes.into_iter().map(Into::into).collect(),
            days: input.valid_for_days,
        };
        Ok(match settle(tokens::create(services, viewer, new).await)? {
            Ok(created) => PersonalAccessTokenCreatePayload {
                personal_access_token_edge: Some(edge(created.token.clone())),
                personal_access_token: Some(PersonalAccessToken(created.token)),
                secret: Some(created.secret.expose_secret().to_owned()),
                user_errors: Vec::new(),
            },
            Err(user_errors) => PersonalAccessTokenCreatePayload {
                personal_access_token: None,
                personal_access_token_edge: None,
                secret: None,
                user_errors,
            },
        })
    }

    /// Ends a personal access token for good, at once: requests with it are refused, its subscriptions end (after ten seconds at the latest), and what it
    /// began in the background stops. Done twice it changes nothing. Your own needs no permission; that of another person needs `MANAGE_USERS`, and at
    /// least the standing of that person. A token can end itself, and no other.
    async fn personal_access_token_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token to end.")] input: PersonalAccessTokenRevokeInput,
    ) -> async_graphql::Result<PersonalAccessTokenRevokePayload> {
        let (services, viewer) = (context::services(ctx)?, context::viewer(ctx)?);
        let kind = NodeKind::PersonalAccessToken;
        let id = ids::row_of(&input.personal_access_token_id, kind);
        Ok(match settle(tokens::revoke(services, viewer, id).await)? {
            Ok(token) => PersonalAccessTokenRevokePayload {
                personal_access_token: Some(PersonalAccessToken(token)),
                user_errors: Vec::new(),
            },
            Err(user_errors) => PersonalAccessTokenRevokePayload {
                personal_access_token: None,
                user_errors,
            },
        })
    }
}

/// A token as an edge of `personalAccessTokens`.
fn edge(token: tokens::PersonalAccessToken) -> Edge<Cursor, PersonalAccessToken, EmptyFields> {
    let place = Position {
        key: None,
        id: token.id,
    };
    let cursor = Listing::PersonalAccessTokens.cursor(place);
    Edge::new(cursor, PersonalAccessToken(token))
}
