//! Who authorized: the claims of an ID token.
//!
//! An ID token that came straight from the token endpoint over TLS may be trusted by that channel instead of
//! by its signature (OpenID Connect Core §3.1.3.7, point 6); its claims are validated all the same. Never
//! use this for a token that came any other way.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// What the claims must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The org's issuer, [`super::OrgAuthServer::issuer`].
    pub issuer: &'a str,
    /// Our client id.
    pub client_id: &'a str,
    /// The nonce of the authorization request; `None` only where the request had none.
    pub nonce: Option<&'a SecretString>,
    /// The present.
    pub now: DateTime<Utc>,
    /// How far clocks may differ.
    pub leeway: Duration,
}

/// Claims of a valid ID token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// The person: Okta's user id.
    pub sub: String,
    /// Clients that the token is for.
    pub aud: Vec<String>,
    /// When the token expires.
    pub exp: DateTime<Utc>,
    /// The person's login; only with `profile`.
    pub preferred_username: Option<String>,
    /// The person's email address; only with `email`.
    pub email: Option<String>,
    /// The person's full name; only with `profile`.
    pub name: Option<String>,
}

/// Why an ID token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a token, or one without the claims that every ID token has.
    #[error("malformed ID token")]
    Malformed,
    /// Of another issuer.
    #[error("ID token of another issuer")]
    WrongIssuer,
    /// For another client.
    #[error("ID token for another client")]
    WrongAudience,
    /// Expired.
    #[error("expired ID token")]
    Expired,
    /// Of another authorization request.
    #[error("ID token of another authorization request")]
    WrongNonce,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    nonce: Option<String>,
    preferred_username: Option<String>,
    email: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Validates the claims of a token that came straight from the token endpoint.
///
/// # Errors
///
/// [`IdTokenError`] for the first rule of OpenID Connect Core §3.1.3.7 that is broken.
pub fn validate(token: &SecretString, expected: &Expected<'_>) -> Result<Claims, IdTokenError> {
    let payload = decode(token)?;
    if payload.iss != expected.issuer {
        return Err(IdTokenError::WrongIssuer);
    }
    let aud = match payload.aud {
        Audience::One(client) => vec![client],
        Audience::Many(clients) => clients,
    };
    check_audience(&aud, payload.azp.as_deref(), expected.client_id)?;
    let exp = DateTime::from_timestamp(payload.exp, 0).ok_or(IdTokenError::Malformed)?;
    if expected
        .now
        .signed_duration_since(exp)
        .to_std()
        .is_ok_and(|late| late >= expected.leeway)
    {
        return Err(IdTokenError::Expired);
    }
    let nonce = expected.nonce.map(ExposeSecret::expose_secret);
    if nonce.is_some() && payload.nonce.as_deref() != nonce {
        return Err(IdTokenError::WrongNonce);
    }
    Ok(Claims {
        iss: payload.iss,
        sub: payload.sub,
        aud,
        exp,
        preferred_username: payload.preferred_username,
        email: payload.email,
        name: payload.name,
    })
}

/// The payload of a compact JWS.
fn decode(token: &SecretString) -> Result<Payload, IdTokenError> {
    let mut parts = token.expose_secret().split('.');
    let (Some(_), Some(payload), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(IdTokenError::Malformed);
    };
    let bytes = URL_SAFE_NO_PAD
        .decode(payload)
        .map_err(|_| IdTokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| IdTokenError::Malformed)
}

/// We must be in the audience, and if we are not alone there, the token must have been issued to us.
fn check_audience(
    aud: &[String],
    authorized: Option<&str>,
    client_id: &str,
) -> Result<(), IdTokenError> {
    let included = aud.iter().any(|client| client == client_id);
    let ours = match authorized {
        Some(authorized) => authorized == client_id,
        None => aud.len() == 1,
    };
    if included && ours {
        Ok(())
    } else {
        Err(IdTokenError::WrongAudience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_700_000_000;

    fn good() -> Value {
        json!({"iss": "https://acme.okta.com", "sub": "00u1", "aud": "0oa1", "exp": NOW + 3600,
               "nonce": "n1", "preferred_username": "ada@acme.example", "email": "ada@acme.example",
               "name": "Ada Lovelace", "ver": 1})
    }

    fn token(payload: &Value) -> SecretString {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.sig",
            encode(&json!({"alg": "RS256"})),
            encode(payload)
        )
        .into()
    }

    fn check(token: &SecretString) -> Result<Claims, IdTokenError> {
        let nonce = SecretString::from("n1");
        let expected = Expected {
            issuer: "https://acme.okta.com",
            client_id: "0oa1",
            nonce: Some(&nonce),
            now: DateTime::from_timestamp(NOW, 0).unwrap(),
            leeway: Duration::from_secs(60),
        };
        validate(token, &expected)
    }

    fn with(name: &str, value: Value) -> Result<Claims, IdTokenError> {
        let mut payload = good();
        payload[name] = value;
        check(&token(&payload))
    }

    #[test]
    fn a_good_token_says_who_authorized() {
        let claims = check(&token(&good())).unwrap();
        assert_eq!(claims.sub, "00u1");
        assert_eq!(
            claims.preferred_username.as_deref(),
            Some("ada@acme.example")
        );
    }

    #[test]
    fn every_rule_is_enforced() {
        use IdTokenError::{Expired, Malformed, WrongAudience, WrongIssuer, WrongNonce};
        for (name, value, why) in [
            ("iss", json!("https://evil.okta.com"), WrongIssuer),
            ("iss", json!("https://acme.okta.com/"), WrongIssuer),
            ("aud", json!("0oa2"), WrongAudience),
            ("aud", json!(["0oa1", "0oa2"]), WrongAudience),
            ("aud", json!([]), WrongAudience),
            ("azp", json!("0oa2"), WrongAudience),
            ("exp", json!(NOW - 60), Expired),
            ("exp", json!(0), Expired),
            ("exp", json!(i64::MAX), Malformed),
            ("exp", json!("soon"), Malformed),
            ("nonce", json!("n2"), WrongNonce),
            ("nonce", json!(null), WrongNonce),
            ("sub", json!(null), Malformed),
        ] {
            assert_eq!(with(name, value.clone()), Err(why), "{name} = {value}");
        }
        assert!(with("exp", json!(NOW - 59)).is_ok());
        assert!(with("aud", json!(["0oa1"])).is_ok());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in [
            "",
            ".",
            "..",
            "a.b",
            "a.b.c",
            "a.e30.c",
            "a.e30.c.d",
            "a.\u{e9}.c",
        ] {
            assert_eq!(check(&text.into()), Err(IdTokenError::Malformed), "{text}");
        }
    }
}
