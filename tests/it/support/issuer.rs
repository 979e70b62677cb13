//! An identity provider on loopback that can misbehave, and keys to sign with.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio_util::task::AbortOnDropHandle;

/// How the provider answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// With status 503.
    Down,
    /// With a redirect to the right document.
    Redirecting,
    /// With more than anybody needs.
    Endless,
    /// With the discovery document of another one.
    Another,
    /// With what is no JSON.
    Garbled,
}

struct Inner {
    url: String,
    keys: Mutex<Vec<Value>>,
    mood: Mutex<Mood>,
    discoveries: AtomicUsize,
    sets: AtomicUsize,
}

/// A provider; gone when dropped.
pub struct Issuer {
    inner: Arc<Inner>,
    _server: AbortOnDropHandle<()>,
}

impl Issuer {
    /// Starts one with these keys.
    pub async fn start(keys: &[&Signer]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Arc::new(Inner {
            url: format!("http://{}/acme", listener.local_addr().unwrap()),
            keys: Mutex::new(keys.iter().map(|key| key.jwk()).collect()),
            mood: Mutex::new(Mood::Well),
            discoveries: AtomicUsize::new(0),
            sets: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/acme/.well-known/openid-configuration", get(discovery))
            .route("/acme/moved", get(discovery))
            .route("/acme/keys", get(set))
            .with_state(Arc::clone(&inner));
        let served = async move { axum::serve(listener, router).await.unwrap() };
        Self {
            inner,
            _server: AbortOnDropHandle::new(tokio::spawn(served)),
        }
    }

    /// What its tokens name.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// Publishes these keys and no others.
    pub fn publish(&self, keys: &[&Signer]) {
        *self.inner.keys.lock().unwrap() = keys.iter().map(|key| key.jwk()).collect();
    }

    /// Answers so from now on.
    pub fn set_mood(&self, mood: Mood) {
        *self.inner.mood.lock().unwrap() = mood;
    }

    /// How often it was asked for either document.
    pub fn asked(&self) -> (usize, usize) {
        let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        (count(&self.inner.discoveries), count(&self.inner.sets))
    }
}

async fn discovery(State(inner): State<Arc<Inner>>) -> Response {
    inner.discoveries.fetch_add(1, Ordering::SeqCst);
    let url = &inner.url;
    let document =
        |issuer: &str| json!({ "issuer": issuer, "jwks_uri": format!("{url}/keys"), "more": true });
    let mood = *inner.mood.lock().unwrap();
    match mood {
        Mood::Well => document(url).to_string().into_response(),
        Mood::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::Redirecting => Redirect::temporary(&format!("{url}/moved")).into_response(),
        Mood::Endless => format!("{}{}", document(url), " ".repeat(300_000)).into_response(),
        Mood::Another => document(&format!("{url}/")).to_string().into_response(),
        Mood::Garbled => "<html>".into_response(),
    }
}

async fn set(State(inner): State<Arc<Inner>>) -> Response {
    inner.sets.fetch_add(1, Ordering::SeqCst);
    let keys = inner.keys.lock().unwrap().clone();
    let body = json!({ "keys": keys }).to_string();
    ([(header::CACHE_CONTROL, "max-age=600")], body).into_response()
}

enum Pair {
    Rsa(&'static RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A key with its name.
pub struct Signer {
    kid: String,
    pair: Pair,
}

impl Signer {
    /// RS256. All such keys of the suite are the same one: making one takes a while.
    pub fn rsa(kid: &str) -> Self {
        static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
        let pair = PAIR.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
        Self {
            kid: kid.to_owned(),
            pair: Pair::Rsa(pair),
        }
    }

    /// ES256.
    pub fn ec(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self {
            kid: kid.to_owned(),
            pair: Pair::Ec(pair),
        }
    }

    /// `EdDSA`.
    pub fn ed(kid: &str) -> Self {
        Self {
            kid: kid.to_owned(),
            pair: Pair::Ed(Ed25519KeyPair::generate().unwrap()),
        }
    }

    /// The header of its tokens.
    pub fn header(&self) -> Value {
        let algorithm = match &self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        };
        json!({ "alg": algorithm, "kid": self.kid, "typ": "JWT" })
    }

    /// The public key as the provider shows it.
    pub fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut key = match &self.pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let (n, e) = (public.modulus(), public.exponent());
                json!({
                    "kty": "RSA",
                    "n": text(n.big_endian_without_leading_zero()), "e": text(e.big_endian_without_leading_zero()),
                })
            }
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({ "kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
            }
        };
        key["kid"] = json!(self.kid);
        key["use"] = json!("sig");
        key
    }

    /// A token with these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.header(), claims)
    }

    /// A token that says of itself whatever it likes.
    pub fn sign_as(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let bytes = message.as_bytes();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    bytes,
                    &mut signature,
                )
                .unwrap();
                signature
            }
            Pair::Ec(pair) => pair
                .sign(&SystemRandom::new(), bytes)
                .unwrap()
                .as_ref()
                .to_vec(),
            Pair::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What is signed.
pub fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}
