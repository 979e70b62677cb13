//! Making tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    ids,
    org::token::{AccessToken, Grant, RefreshToken},
    server::{call::Call, refusal::Refusal, reply::Reply},
};

/// Type of an access token for Okta's own API, as recorded.
const ACCESS_TOKEN_TYPE: &str = "application/okta-internal-at+jwt";

/// The answer of `/token`: an access token, and an ID token if `openid` is among the scopes.
pub(crate) fn answer(
    call: &mut Call<'_>,
    grant: &Grant,
    scopes: &[String],
    refresh_token: Option<String>,
) -> Result<Reply, Refusal> {
    let access_token = access_token(call, grant, scopes)?;
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": call.settings.access_token_seconds,
        "access_token": access_token,
        "scope": scopes.join(" "),
    });
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = refresh_token.into();
    }
    if scopes.iter().any(|scope| scope == "openid") {
        body["id_token"] = id_token(call, grant, scopes, &access_token)?.into();
    }
    Ok(Reply::json(200, &body))
}

/// A new refresh token of this consent.
pub(crate) fn refresh_token(call: &mut Call<'_>, grant: &Grant) -> String {
    let token = ids::secret();
    let entry = RefreshToken {
        grant_id: grant.id.clone(),
        issued: call.now,
        superseded: None,
    };
    call.org.refresh_tokens.insert(ids::digest(&token), entry);
    token
}

fn access_token(call: &mut Call<'_>, grant: &Grant, scopes: &[String]) -> Result<String, Refusal> {
    let jti = format!("AT.{}", ids::secret());
    let expires = call.now + Duration::seconds(call.settings.access_token_seconds);
    let login = grant
        .user_id
        .as_ref()
        .and_then(|id| call.org.users.get(id))
        .map(|user| user.login().to_owned());
    let mut claims = json!({
        "ver": 1,
        "jti": jti,
        "iss": call.base_url,
        "aud": call.base_url,
        "sub": login.unwrap_or_else(|| grant.client_id.clone()),
        "iat": call.now.timestamp(),
        "exp": expires.timestamp(),
        "cid": grant.client_id,
        "scp": scopes,
    });
    if let Some(user_id) = &grant.user_id {
        claims["uid"] = user_id.as_str().into();
        claims["auth_time"] = grant.auth_time.timestamp().into();
    }
    let token = sign(call, Some(ACCESS_TOKEN_TYPE), &claims)?;
    let entry = AccessToken {
        jti,
        grant_id: grant.id.clone(),
        scopes: scopes.to_vec(),
        issued: call.now,
        expires,
    };
    let now = call.now;
    call.org.forget_expired(now);
    call.org.access_tokens.insert(ids::digest(&token), entry);
    Ok(token)
}

fn id_token(
    call: &mut Call<'_>,
    grant: &Grant,
    scopes: &[String],
    access_token: &str,
) -> Result<String, Refusal> {
    let user = grant.user_id.as_ref().and_then(|id| call.org.users.get(id));
    let user = user.ok_or_else(Refusal::internal)?;
    let half = &Sha256::digest(access_token.as_bytes())[..16];
    let mut claims = json!({
        "sub": user.id,
        "ver": 1,
        "iss": call.base_url,
        "aud": grant.client_id,
        "iat": call.now.timestamp(),
        "exp": call.now.timestamp() + call.settings.access_token_seconds,
        "jti": format!("ID.{}", ids::secret()),
        "amr": ["pwd"],
        "idp": call.org.meta().org_id,
        "auth_time": grant.auth_time.timestamp(),
        "at_hash": URL_SAFE_NO_PAD.encode(half),
    });
    let has = |scope: &str| scopes.iter().any(|known| known == scope);
    if let Some(nonce) = &grant.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
    if has("profile") {
        claims["name"] = user.display_name().into();
        claims["preferred_username"] = user.login().into();
    }
    if has("email") {
        claims["email"] = user.attribute("email").into();
        claims["email_verified"] = true.into();
    }
    sign(call, None, &claims)
}

fn sign(call: &mut Call<'_>, kind: Option<&str>, claims: &Value) -> Result<String, Refusal> {
    let signed = call
        .org
        .signing_key()
        .and_then(|key| key.sign(kind, claims));
    signed.map_err(|error| {
        tracing::error!(%error, "a token cannot be signed");
        Refusal::internal()
    })
}
