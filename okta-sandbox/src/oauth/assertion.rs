//! `private_key_jwt`: a client signs a short-lived assertion with a key of its own
//! (guides/implement-oauth-for-okta-serviceapp).

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde::Deserialize;

use super::client_auth::{Form, invalid_client, invalid_request};
use crate::{
    org::client::Client,
    server::{call::Call, refusal::Refusal},
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An assertion may be valid for an hour at most.
const LONGEST_LIFE: Duration = Duration::hours(1);

const ALGORITHMS: [Algorithm; 5] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::ES256,
    Algorithm::ES384,
];

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: i64,
    jti: Option<String>,
}

/// The client that signed the assertion.
pub(crate) fn verify(
    call: &mut Call<'_>,
    form: &Form,
    assertion: &str,
    endpoint: &str,
) -> Result<Client, Refusal> {
    if form.get("client_assertion_type").map(String::as_str) != Some(ASSERTION_TYPE) {
        return Err(invalid_request("The client_assertion_type is invalid."));
    }
    let refused = |text: &str| invalid_client(text, false);
    let unverified: Claims = jsonwebtoken::dangerous::insecure_decode(assertion)
        .map(|data| data.claims)
        .map_err(|_| refused("The client_assertion is not a JWT."))?;
    let client = call.org.client(&unverified.sub).cloned();
    let client =
        client.ok_or_else(|| refused("The client_assertion names no client of this org."))?;
    if form.get("client_id").is_some_and(|id| *id != client.id) {
        return Err(refused(
            "The client_id does not match the client_assertion.",
        ));
    }
    let audiences = [
        format!("{}{endpoint}", call.base_url),
        call.url("/oauth2/v1/token"),
    ];
    let claims = checked(&client, assertion, &audiences)
        .ok_or_else(|| refused("The client_assertion signature or audience is invalid."))?;
    if claims.iss != claims.sub {
        return Err(refused(
            "The client_assertion must have the client id as 'iss' and as 'sub'.",
        ));
    }
    check_time(&claims, call.now)?;
    remember(call, &client.id, &claims)?;
    Ok(client)
}

/// The claims, if one of the client's keys signed them for this server.
fn checked(client: &Client, assertion: &str, audiences: &[String]) -> Option<Claims> {
    let keys: JwkSet = serde_json::from_value(client.jwks.clone()?).ok()?;
    let header = jsonwebtoken::decode_header(assertion).ok()?;
    if !ALGORITHMS.contains(&header.alg) {
        return None;
    }
    let mut validation = Validation::new(header.alg);
    validation.set_audience(audiences);
    validation.set_required_spec_claims(&["aud", "iss", "sub", "exp"]);
    validation.validate_exp = false;
    let fits =
        |id: Option<&String>| header.kid.is_none() || id.is_none() || id == header.kid.as_ref();
    keys.keys
        .iter()
        .filter(|key| fits(key.common.key_id.as_ref()))
        .filter_map(|key| DecodingKey::from_jwk(key).ok())
        .find_map(|key| jsonwebtoken::decode::<Claims>(assertion, &key, &validation).ok())
        .map(|data| data.claims)
}

fn check_time(claims: &Claims, now: DateTime<Utc>) -> Result<(), Refusal> {
    let expires = DateTime::from_timestamp(claims.exp, 0).unwrap_or_default();
    if expires <= now {
        return Err(invalid_client(
            "The client_assertion token is expired.",
            false,
        ));
    }
    if expires > now + LONGEST_LIFE + Duration::seconds(5) {
        return Err(invalid_client(
            "The client_assertion token has an expiration too far into the future.",
            false,
        ));
    }
    Ok(())
}

/// Each `jti` counts once.
fn remember(call: &mut Call<'_>, client_id: &str, claims: &Claims) -> Result<(), Refusal> {
    let Some(jti) = &claims.jti else {
        return Ok(());
    };
    let now = call.now.timestamp();
    call.org.assertions.retain(|_, expires| *expires > now);
    if call
        .org
        .assertions
        .insert(format!("{client_id} {jti}"), claims.exp)
        .is_some()
    {
        return Err(invalid_client(
            "The client_assertion token has already been used.",
            false,
        ));
    }
    Ok(())
}
