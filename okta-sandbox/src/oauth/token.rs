//! `POST /oauth2/v1/token`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    client_auth::{self, Form, invalid_client, invalid_request},
    issue, pending, refresh, scopes,
};
use crate::{
    ids,
    org::{
        client::Client,
        token::{AuthorizationCode, Grant},
    },
    server::{auth::Actor, call::Call, refusal::Refusal, reply::Reply},
};

/// Life of refresh tokens on the org authorization server.
const REFRESH_LIFE: Duration = Duration::days(90);

/// `POST /oauth2/v1/token`.
pub(crate) fn token(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let form = client_auth::form(call)?;
    let grant_type = form
        .get("grant_type")
        .map(String::as_str)
        .unwrap_or_default();
    if grant_type.is_empty() {
        return Err(invalid_request(
            "The token request must specify a 'grant_type'.",
        ));
    }
    let client = client_auth::authenticate(call, &form, "/oauth2/v1/token")?;
    match (grant_type, client.service) {
        ("authorization_code", false) => redeem(call, &client, &form),
        ("refresh_token", false) => refresh::refresh(call, &client, &form),
        ("client_credentials", true) => own_behalf(call, &client, &form),
        ("client_credentials", false) => Err(invalid_client(
            "Client Credentials requests to the Org Authorization Server must use the private_key_jwt \
             token_endpoint_auth_method.",
            false,
        )),
        ("authorization_code" | "refresh_token", true) => Err(Refusal::oauth(
            400,
            "unauthorized_client",
            "The client is not authorized to use the provided grant type.",
        )),
        _ => Err(Refusal::oauth(
            400,
            "unsupported_grant_type",
            "The authorization grant type is not supported by the authorization server.",
        )),
    }
}

pub(crate) fn invalid_grant(text: &str) -> Refusal {
    Refusal::oauth(400, "invalid_grant", text)
}

/// Redeems an authorization code. A code is spent by the first attempt of its own client, good or bad.
fn redeem(call: &mut Call<'_>, client: &Client, form: &Form) -> Result<Reply, Refusal> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let key = ids::digest(field("code"));
    let code = call
        .org
        .codes
        .get(&key)
        .filter(|code| code.client_id == client.id)
        .cloned();
    let code =
        code.ok_or_else(|| invalid_grant("The authorization code is invalid or has expired."))?;
    call.org.codes.remove(&key);
    check_code(
        &code,
        field("redirect_uri"),
        field("code_verifier"),
        call.now,
    )?;
    let grant = new_grant(
        call,
        client,
        Some(code.user_id.clone()),
        code.scopes.clone(),
        &code,
    );
    let offline = grant.scopes.iter().any(|scope| scope == "offline_access");
    let refresh_token = offline.then(|| issue::refresh_token(call, &grant));
    act_as(call, &grant);
    call.org_effect(
        "token.issue",
        Some(json!({ "clientId": client.id, "scopes": grant.scopes })),
    );
    let scopes = grant.scopes.clone();
    issue::answer(call, &grant, &scopes, refresh_token)
}

fn check_code(
    code: &AuthorizationCode,
    redirect_uri: &str,
    verifier: &str,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if code.expires <= now {
        return Err(invalid_grant(
            "The authorization code is invalid or has expired.",
        ));
    }
    if code.redirect_uri != redirect_uri {
        return Err(invalid_grant(
            "The 'redirect_uri' does not match the redirection URI used in the authorization \
            request.",
        ));
    }
    let failed = || invalid_grant("PKCE verification failed.");
    match &code.code_challenge {
        None if verifier.is_empty() => Ok(()),
        None => Err(failed()),
        Some(challenge) => {
            let computed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            let same: bool = computed.as_bytes().ct_eq(challenge.as_bytes()).into();
            let well_formed = (43..=128).contains(&verifier.len());
            if same && well_formed {
                Ok(())
            } else {
                Err(failed())
            }
        }
    }
}

/// A token for the client itself.
fn own_behalf(call: &mut Call<'_>, client: &Client, form: &Form) -> Result<Reply, Refusal> {
    let requested: Vec<String> = form
        .get("scope")
        .map(|scope| scope.split_whitespace().map(Into::into).collect())
        .unwrap_or_default();
    let invalid = |text: &str| Refusal::oauth(400, "invalid_scope", text);
    if requested.is_empty() {
        return Err(invalid(
            "The 'scope' parameter is required for this grant type.",
        ));
    }
    if requested
        .iter()
        .any(|scope| scopes::STANDARD.contains(&scope.as_str()))
    {
        return Err(invalid(
            "The scopes openid, profile, email, address, phone and offline_access are not allowed.",
        ));
    }
    if requested.iter().any(|scope| !scopes::exists(scope)) {
        return Err(invalid(
            "One or more scopes are not configured for the authorization server resource.",
        ));
    }
    let granted = pending::granted(call.org, &client.id, &requested);
    if granted.is_empty() {
        return Err(Refusal::oauth(
            400,
            "consent_required",
            "You are not allowed any of the requested scopes.",
        ));
    }
    let grant = Grant {
        id: call.org.new_id("oag"),
        client_id: client.id.clone(),
        user_id: None,
        scopes: granted,
        auth_time: call.now,
        nonce: None,
        refresh_expires: call.now,
        revoked: false,
    };
    call.org.grants.insert(grant.id.clone(), grant.clone());
    act_as(call, &grant);
    let scopes = grant.scopes.clone();
    issue::answer(call, &grant, &scopes, None)
}

fn new_grant(
    call: &mut Call<'_>,
    client: &Client,
    user_id: Option<String>,
    scopes: Vec<String>,
    code: &AuthorizationCode,
) -> Grant {
    let grant = Grant {
        id: call.org.new_id("oag"),
        client_id: client.id.clone(),
        user_id,
        scopes,
        auth_time: code.auth_time,
        nonce: code.nonce.clone(),
        refresh_expires: call.now + REFRESH_LIFE,
        revoked: false,
    };
    call.org.grants.insert(grant.id.clone(), grant.clone());
    grant
}

/// Lets the ledgers show whose token this is.
pub(crate) fn act_as(call: &mut Call<'_>, grant: &Grant) {
    call.actor = match &grant.user_id {
        Some(user_id) => Actor::Person {
            user_id: user_id.clone(),
            client_id: Some(grant.client_id.clone()),
            scopes: Some(grant.scopes.clone()),
        },
        None => Actor::Service {
            client_id: grant.client_id.clone(),
            scopes: grant.scopes.clone(),
        },
    };
}
