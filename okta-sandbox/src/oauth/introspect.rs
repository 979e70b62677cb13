//! `POST /oauth2/v1/introspect`.

use serde_json::{Value, json};

use super::client_auth;
use crate::{
    ids,
    org::token::Grant,
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// What a token of the asking client is; everything else is `{"active": false}`.
pub(crate) fn introspect(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let form = client_auth::form(call)?;
    let client = client_auth::authenticate(call, &form, "/oauth2/v1/introspect")?;
    let Some(token) = form.get("token") else {
        return Err(client_auth::invalid_request(
            "The request must include a 'token'.",
        ));
    };
    let key = ids::digest(token);
    let body = access(call, &key, &client.id).or_else(|| refresh(call, &key, &client.id));
    Ok(Reply::json(
        200,
        &body.unwrap_or_else(|| json!({ "active": false })),
    ))
}

fn access(call: &Call<'_>, key: &str, client_id: &str) -> Option<Value> {
    let token = call
        .org
        .access_tokens
        .get(key)
        .filter(|token| token.expires > call.now)?;
    let grant = live_grant(call, &token.grant_id, client_id)?;
    let mut body = described(call, grant);
    body["token_type"] = "Bearer".into();
    body["scope"] = token.scopes.join(" ").into();
    body["iat"] = token.issued.timestamp().into();
    body["exp"] = token.expires.timestamp().into();
    body["jti"] = token.jti.as_str().into();
    Some(body)
}

fn refresh(call: &Call<'_>, key: &str, client_id: &str) -> Option<Value> {
    let token = call.org.refresh_tokens.get(key)?;
    let grant = live_grant(call, &token.grant_id, client_id)
        .filter(|grant| grant.refresh_expires > call.now)?;
    let mut body = described(call, grant);
    body["scope"] = grant.scopes.join(" ").into();
    body["iat"] = token.issued.timestamp().into();
    body["exp"] = grant.refresh_expires.timestamp().into();
    Some(body)
}

fn live_grant<'a>(call: &'a Call<'_>, id: &str, client_id: &str) -> Option<&'a Grant> {
    call.org
        .grants
        .get(id)
        .filter(|grant| !grant.revoked && grant.client_id == client_id)
}

fn described(call: &Call<'_>, grant: &Grant) -> Value {
    let mut body = json!({
        "active": true,
        "client_id": grant.client_id,
        "iss": call.base_url,
        "aud": call.base_url,
        "sub": grant.client_id,
    });
    if let Some(user) = grant.user_id.as_ref().and_then(|id| call.org.users.get(id)) {
        body["sub"] = user.login().into();
        body["username"] = user.login().into();
        body["uid"] = user.id.as_str().into();
    }
    body
}
