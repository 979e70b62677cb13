//! `POST /oauth2/v1/revoke`: 200 with an empty body, also for what is unknown.

use serde_json::json;

use super::client_auth;
use crate::{
    ids,
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// A refresh token takes its access tokens along; an access token dies alone. Tokens of other
/// clients are left alone.
pub(crate) fn revoke(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let form = client_auth::form(call)?;
    let client = client_auth::authenticate(call, &form, "/oauth2/v1/revoke")?;
    let Some(token) = form.get("token") else {
        return Err(client_auth::invalid_request(
            "The request must include a 'token'.",
        ));
    };
    let key = ids::digest(token);
    let owned = |grant_id: &str| {
        call.org
            .grants
            .get(grant_id)
            .is_some_and(|grant| grant.client_id == client.id)
    };
    let refresh = call
        .org
        .refresh_tokens
        .get(&key)
        .map(|token| token.grant_id.clone())
        .filter(|id| owned(id));
    let access = call
        .org
        .access_tokens
        .get(&key)
        .map(|token| token.grant_id.clone())
        .filter(|id| owned(id));
    if let Some(grant_id) = refresh {
        call.org.revoke_grant(&grant_id);
        call.org_effect(
            "token.revoke",
            Some(json!({ "clientId": client.id, "token": "refresh_token" })),
        );
    } else if access.is_some() {
        call.org.access_tokens.remove(&key);
        call.org_effect(
            "token.revoke",
            Some(json!({ "clientId": client.id, "token": "access_token" })),
        );
    }
    Ok(Reply::new(200))
}
