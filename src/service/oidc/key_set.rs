//! The keys of an issuer (RFC 7517).

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

use super::issuer::Algorithm;

/// Keys of a set that are looked at; issuers have a handful.
const MAX_KEYS: usize = 100;

/// The keys with which an issuer may have signed.
#[derive(Debug)]
pub(super) struct KeySet(Vec<Key>);

/// A key, and the one algorithm that it is for: its type says so, never a token.
#[derive(Clone)]
pub(super) struct Key {
    id: String,
    pub algorithm: Algorithm,
    pub decoding: DecodingKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?}, {:?})", self.id, self.algorithm)
    }
}

impl KeySet {
    /// Reads a set. Keys of other kinds, for other uses or without an id are passed over, as RFC 7517, §5 wants it. A set may be empty: its issuer
    /// withdrew what it had.
    ///
    /// # Errors
    /// When it is no set of keys.
    pub fn read(body: &[u8]) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(body).map_err(|_| "no set of keys")?;
        let keys = set.keys.into_iter().take(MAX_KEYS);
        let keys = keys
            .filter_map(|key| serde_json::from_value::<Jwk>(key).ok())
            .filter_map(|key| usable(&key));
        Ok(Self(keys.collect()))
    }

    /// Whether there is no key that can be used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key with this id, if it is for this algorithm.
    pub fn find(&self, id: &str, algorithm: Algorithm) -> Option<&Key> {
        let fits = |key: &&Key| key.id == id && key.algorithm == algorithm;
        self.0.iter().find(fits)
    }
}

fn usable(key: &Jwk) -> Option<Key> {
    let algorithm = match &key.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        // A shared secret has no place in a public set.
        _ => return None,
    };
    let common = &key.common;
    let for_signatures = common
        .public_key_use
        .as_ref()
        .is_none_or(|used| *used == PublicKeyUse::Signature);
    let verifies = common
        .key_operations
        .as_ref()
        .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let named = common
        .key_algorithm
        .is_none_or(|named| named == jsonwebtoken::Algorithm::from(algorithm).into());
    if !(for_signatures && verifies && named) {
        return None;
    }
    Some(Key {
        id: common.key_id.clone()?,
        algorithm,
        decoding: DecodingKey::from_jwk(key).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Algorithm, KeySet};

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ed(change: impl FnOnce(&mut Value)) -> Value {
        let mut key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": X });
        change(&mut key);
        key
    }

    fn read(keys: &[Value]) -> Result<KeySet, &'static str> {
        KeySet::read(json!({ "keys": keys }).to_string().as_bytes())
    }

    #[test]
    fn a_key_is_for_what_its_type_says() {
        let set = read(&[
            json!({ "kty": "new" }),
            json!({ "kty": "oct", "kid": "a", "k": "c2VjcmV0" }),
            json!("nonsense"),
            ed(|_| {}),
        ])
        .unwrap();
        assert!(set.find("a", Algorithm::EdDSA).is_some());
        assert!(set.find("a", Algorithm::RS256).is_none());
        assert!(set.find("b", Algorithm::EdDSA).is_none());
    }

    #[test]
    fn what_is_not_for_verifying_is_passed_over() {
        for right in [
            ed(|key| key["use"] = json!("sig")),
            ed(|key| key["alg"] = json!("EdDSA")),
            ed(|key| key["key_ops"] = json!(["verify"])),
        ] {
            assert!(
                !read(std::slice::from_ref(&right)).unwrap().is_empty(),
                "{right}"
            );
        }
        for wrong in [
            ed(|key| key["use"] = json!("enc")),
            ed(|key| key["alg"] = json!("RS256")),
            ed(|key| key["alg"] = json!("HS256")),
            ed(|key| key["alg"] = json!("none")),
            ed(|key| key["key_ops"] = json!(["sign"])),
            ed(|key| key["crv"] = json!("P-256")),
            ed(|key| key["kid"] = Value::Null),
            json!({ "kty": "EC", "crv": "P-384", "kid": "a", "x": X, "y": X }),
        ] {
            assert!(
                read(std::slice::from_ref(&wrong)).unwrap().is_empty(),
                "{wrong}"
            );
        }
        assert!(read(&[]).unwrap().is_empty());
        assert!(KeySet::read(b"<html>").is_err());
        assert!(KeySet::read(b"[]").is_err());
    }
}
