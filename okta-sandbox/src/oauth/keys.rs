//! The key that signs tokens: RSA, 2048 bits, RS256, made when it is first needed.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{ids, org::Org};

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    #[error("no key can be made")]
    Generation,
    #[error("the stored key is damaged")]
    Damaged,
    #[error(transparent)]
    Signing(#[from] jsonwebtoken::errors::Error),
}

/// The signing key, ready for use.
pub(crate) struct SigningKey {
    pub id: String,
    key: EncodingKey,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Org {
    /// The signing key; the first call makes it.
    pub fn signing_key(&mut self) -> Result<&SigningKey, KeyError> {
        if self.signing_key.is_none() {
            let stored = match self.meta().signing_key.clone() {
                Some(stored) => stored,
                None => {
                    let fresh = generate()?;
                    self.change_meta(|meta| meta.signing_key = Some(fresh.clone()));
                    fresh
                }
            };
            self.signing_key = Some(SigningKey::read(&stored)?);
        }
        self.signing_key.as_ref().ok_or(KeyError::Damaged)
    }
}

/// A fresh key as PKCS#8 in base64.
fn generate() -> Result<String, KeyError> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generation)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Generation)?;
    Ok(STANDARD.encode(der.as_ref()))
}

impl SigningKey {
    fn read(stored: &str) -> Result<Self, KeyError> {
        let der = STANDARD.decode(stored).map_err(|_| KeyError::Damaged)?;
        let pair = KeyPair::from_pkcs8(&der).map_err(|_| KeyError::Damaged)?;
        let public = pair.public_key();
        let modulus = public.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = public.exponent().big_endian_without_leading_zero().to_vec();
        let lines: Vec<_> = stored
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            lines.join("\n")
        );
        let key = EncodingKey::from_rsa_pem(pem.as_bytes())?;
        let id = ids::digest(&URL_SAFE_NO_PAD.encode(&modulus))[..43].to_owned();
        Ok(Self {
            id,
            key,
            modulus,
            exponent,
        })
    }

    /// A signed JWT of this type with these claims.
    pub fn sign(&self, kind: Option<&str>, claims: &impl Serialize) -> Result<String, KeyError> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = kind.map(Into::into);
        header.kid = Some(self.id.clone());
        Ok(jsonwebtoken::encode(&header, claims, &self.key)?)
    }

    /// The public half as a JSON Web Key.
    pub fn public(&self) -> Value {
        json!({
            "kty": "RSA",
            "alg": "RS256",
            "kid": self.id,
            "use": "sig",
            "e": URL_SAFE_NO_PAD.encode(&self.exponent),
            "n": URL_SAFE_NO_PAD.encode(&self.modulus),
        })
    }
}
