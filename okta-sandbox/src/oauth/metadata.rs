//! Keys and metadata, which no credential guards and no rate limit counts.

use serde_json::{Value, json};

use super::scopes;
use crate::server::{call::Call, refusal::Refusal, reply::Reply};

const CLIENT_METHODS: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];

/// `GET /oauth2/v1/keys`.
pub(crate) fn keys(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let key = call.org.signing_key().map_err(|error| {
        tracing::error!(%error, "there is no signing key");
        Refusal::internal()
    })?;
    let body = json!({ "keys": [key.public()] });
    Ok(Reply::json(200, &body).with("cache-control", "max-age=3600, must-revalidate"))
}

/// `GET /.well-known/oauth-authorization-server`.
pub(crate) fn oauth(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check_client(call)?;
    Ok(Reply::json(200, &metadata(call)).with("cache-control", "max-age=86400, must-revalidate"))
}

/// `GET /.well-known/openid-configuration`.
pub(crate) fn openid(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check_client(call)?;
    let mut body = metadata(call);
    body["userinfo_endpoint"] = call.url("/oauth2/v1/userinfo").into();
    body["id_token_signing_alg_values_supported"] = json!(["RS256"]);
    Ok(Reply::json(200, &body).with("cache-control", "max-age=86400, must-revalidate"))
}

fn check_client(call: &Call<'_>) -> Result<(), Refusal> {
    match call.request.query("client_id") {
        Some(id) if call.org.client(&id).is_none() => Err(Refusal::validation(
            "client_id",
            "client_id: Invalid client_id parameter",
        )),
        _ => Ok(()),
    }
}

fn metadata(call: &Call<'_>) -> Value {
    json!({
        "issuer": call.base_url,
        "authorization_endpoint": call.url("/oauth2/v1/authorize"),
        "token_endpoint": call.url("/oauth2/v1/token"),
        "jwks_uri": call.url("/oauth2/v1/keys"),
        "introspection_endpoint": call.url("/oauth2/v1/introspect"),
        "revocation_endpoint": call.url("/oauth2/v1/revoke"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "scopes_supported": scopes::all(),
        "claims_supported": [
            "iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce", "name",
            "preferred_username", "given_name", "family_name", "email", "email_verified", "zoneinfo", "locale",
            "updated_at", "at_hash",
        ],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": CLIENT_METHODS,
        "introspection_endpoint_auth_methods_supported": CLIENT_METHODS,
        "revocation_endpoint_auth_methods_supported": CLIENT_METHODS,
        "request_parameter_supported": false,
    })
}
