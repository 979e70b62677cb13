//! The bearer tokens that we mint and accept: JWTs (RFC 7519) signed with our own Ed25519 key.
//!
//! Only this key counts: whatever a token's header says of algorithms, key addresses or embedded keys is not followed.

pub mod personal;

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use self::personal::TokenForm;
use crate::{key_file, random};

/// Who issues our tokens.
const ISSUER: &str = "provisioner";
/// Whom they are for.
const AUDIENCE: &str = "provisioner-api";
/// How far the clocks of two of our own machines may differ, in seconds.
const LEEWAY_SECONDS: i64 = 5;
/// Longest token that is looked at; ours have about 500 characters.
const MAX_TOKEN_LENGTH: usize = 4096;

/// Whom a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The person.
    pub user: Uuid,
    /// His organisation.
    pub organization: Uuid,
}

/// A token that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Whom it speaks for.
    pub subject: Subject,
    /// When it ends, epoch milliseconds.
    pub expires_at_ms: i64,
}

/// Why a token is not accepted. The sentence is public and says nothing of the token's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// Anything else: not a token, not ours, not for us.
    #[error("the token is not one of ours")]
    NotOurs,
}

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] key_file::Error),
    /// The cryptographic library refused the key.
    #[error("the signing key cannot be used")]
    Key,
    /// The token could not be signed.
    #[error("the token cannot be signed: {0}")]
    Sign(jsonwebtoken::errors::Error),
}

/// What our tokens say. Times are seconds since the epoch (RFC 7519, §2).
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    org: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

/// Our signing key.
pub struct SigningKey {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    personal: Arc<TokenForm>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Reads the key file, or makes it (mode 0600) when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or made, has another length, or others may read it.
    pub fn from_key_file(path: &Path) -> Result<Self, Error> {
        Self::new(&key_file::read_or_create(path)?)
    }

    /// The key that grows from this seed (RFC 8032, §5.1.5).
    ///
    /// # Errors
    /// [`Error::Key`] when the cryptographic library refuses it.
    pub fn new(seed: &[u8; key_file::KEY_LENGTH]) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Error::Key)?;
        let private = pair.to_pkcs8v1().map_err(|_| Error::Key)?;
        let public = pair.public_key().as_ref();
        Ok(Self {
            id: key_id(public),
            encoding: EncodingKey::from_ed_der(private.as_ref()),
            decoding: DecodingKey::from_ed_der(public),
            validation: validation(),
            personal: Arc::new(TokenForm::derived_from(seed)),
        })
    }

    /// The form of personal access tokens; their checksum has a key that grows from this one.
    #[must_use]
    pub fn personal(&self) -> Arc<TokenForm> {
        Arc::clone(&self.personal)
    }

    /// A token for this person, valid from now on for `lifetime_seconds`.
    ///
    /// # Errors
    /// [`Error::Sign`] when the cryptographic library fails.
    pub fn mint(
        &self,
        subject: Subject,
        now_ms: i64,
        lifetime_seconds: u32,
    ) -> Result<SecretString, Error> {
        let now = now_ms.div_euclid(1000);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: subject.user,
            org: subject.organization,
            iat: now,
            nbf: now,
            exp: now.saturating_add(i64::from(lifetime_seconds)),
            jti: random::secret(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, &claims, &self.encoding)
            .map(SecretString::from)
            .map_err(Error::Sign)
    }

    /// Whom the token speaks for, if it is ours and its time is now.
    ///
    /// # Errors
    /// [`Refusal`] for every other text.
    pub fn verify(&self, token: &str, now_ms: i64) -> Result<Accepted, Refusal> {
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(Refusal::NotOurs);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::NotOurs)?;
        if header.kid.as_deref() != Some(&self.id) {
            return Err(Refusal::NotOurs);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| Refusal::NotOurs)?
            .claims;
        let now = now_ms.div_euclid(1000);
        if claims.exp.saturating_add(LEEWAY_SECONDS) <= now {
            return Err(Refusal::Expired);
        }
        if claims.nbf.saturating_sub(LEEWAY_SECONDS) > now {
            return Err(Refusal::NotYet);
        }
        Ok(Accepted {
            subject: Subject {
                user: claims.sub,
                organization: claims.org,
            },
            expires_at_ms: claims.exp.saturating_mul(1000),
        })
    }
}

/// Everything but the times, which [`SigningKey::verify`] compares with the clock that it is given.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn key_id(public: &[u8]) -> String {
    Sha256::digest(public)[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use secrecy::ExposeSecret as _;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::{Refusal, SigningKey, Subject};

    const NOW: i64 = 1_800_000_000_000;

    fn subject() -> Subject {
        Subject {
            user: Uuid::from_u128(1),
            organization: Uuid::from_u128(2),
        }
    }

    fn claims() -> Value {
        json!({
            "iss": "provisioner", "aud": "provisioner-api", "sub": Uuid::from_u128(1), "org": Uuid::from_u128(2),
            "iat": NOW / 1000, "nbf": NOW / 1000, "exp": NOW / 1000 + 60, "jti": "1",
        })
    }

    fn signed(key: &SigningKey, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(key.id.clone());
        jsonwebtoken::encode(&header, claims, &key.encoding).unwrap()
    }

    #[test]
    fn a_token_lives_from_its_minting_to_its_end() {
        let key = SigningKey::new(&[7; 32]).unwrap();
        let token = key.mint(subject(), NOW, 60).unwrap();
        let at = |seconds: i64| key.verify(token.expose_secret(), NOW + seconds * 1000);
        assert_eq!(at(0).unwrap().subject, subject());
        assert_eq!(at(0).unwrap().expires_at_ms, NOW + 60_000);
        assert!(at(64).is_ok() && at(-5).is_ok());
        assert_eq!(at(65), Err(Refusal::Expired));
        assert_eq!(at(-6), Err(Refusal::NotYet));
    }

    #[test]
    fn forged_tokens_are_refused() {
        let key = SigningKey::new(&[7; 32]).unwrap();
        let other = SigningKey::new(&[8; 32]).unwrap();
        assert!(key.verify(&signed(&key, &claims()), NOW).is_ok());

        let foreign = other.mint(subject(), NOW, 60).unwrap();
        let mut tokens = vec![foreign.expose_secret().to_owned()];
        let mut stolen_kid = Header::new(Algorithm::EdDSA);
        stolen_kid.kid = Some(key.id.clone());
        tokens.push(jsonwebtoken::encode(&stolen_kid, &claims(), &other.encoding).unwrap());
        let mut hmac = Header::new(Algorithm::HS256);
        hmac.kid = Some(key.id.clone());
        let public = EncodingKey::from_secret(key.decoding.try_get_as_bytes().unwrap());
        tokens.push(jsonwebtoken::encode(&hmac, &claims(), &public).unwrap());
        let none = json!({ "alg": "none", "kid": key.id }).to_string();
        tokens.push(format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(none),
            URL_SAFE_NO_PAD.encode(claims().to_string())
        ));
        let good = signed(&key, &claims());
        tokens.push(good[..good.rfind('.').unwrap() + 1].to_owned());
        tokens.push("x".repeat(10_000));
        tokens.push(String::new());
        for token in tokens {
            assert_eq!(key.verify(&token, NOW), Err(Refusal::NotOurs), "{token}");
        }
    }

    #[test]
    fn every_claim_counts() {
        let key = SigningKey::new(&[7; 32]).unwrap();
        for name in ["iss", "aud", "sub", "org", "nbf", "exp"] {
            let mut missing = claims();
            missing.as_object_mut().unwrap().remove(name);
            assert_eq!(
                key.verify(&signed(&key, &missing), NOW),
                Err(Refusal::NotOurs),
                "{name}"
            );
            let mut wrong = claims();
            wrong[name] = json!("somebody else");
            assert_eq!(
                key.verify(&signed(&key, &wrong), NOW),
                Err(Refusal::NotOurs),
                "{name}"
            );
        }
    }
}
