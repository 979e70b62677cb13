//! What a token says, and whether it may say it.

use jsonwebtoken::{Header, Validation};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::Refusal;
use super::issuer::{Algorithm, Issuer};
use super::key_set::Key;

/// Longest token that is looked at: providers like to list groups in them.
const MAX_TOKEN_LENGTH: usize = 16_384;
/// Longest subject (OpenID Connect Core, §2).
const MAX_SUBJECT: usize = 255;

/// Whom a token names as its issuer and audience: nothing of it is proved, it only tells what it is to be proved by.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub iss: String,
    #[serde(default)]
    aud: Audience,
}

impl Named {
    /// Null for what is no token.
    pub fn read(token: &str) -> Option<Self> {
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        jsonwebtoken::dangerous::insecure_decode_claims(token).ok()
    }

    pub fn is_for(&self, audience: &str) -> bool {
        self.aud.names(audience)
    }
}

/// One audience or several (RFC 7519, §4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Default for Audience {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Audience {
    fn names(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }

    fn is_one(&self) -> bool {
        match self {
            Self::One(_) => true,
            Self::Several(several) => several.len() == 1,
        }
    }
}

/// What the header asks for. Keys and addresses of keys in it are not looked at.
#[derive(Debug)]
pub(super) struct Asked {
    pub key: String,
    pub algorithm: Algorithm,
}

impl Asked {
    /// The key and algorithm, if the algorithm is one that counts with this issuer.
    pub fn read(token: &str, issuer: &Issuer) -> Result<Self, Refusal> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refusal::NotOurs)?;
        let algorithm = Algorithm::of(header.alg)
            .filter(|algorithm| issuer.algorithms.contains(algorithm))
            .ok_or(Refusal::NotOurs)?;
        if header.crit.is_some() || !is_for_access(&header) {
            return Err(Refusal::Kind);
        }
        let key = header.kid.ok_or(Refusal::NotOurs)?;
        Ok(Self { key, algorithm })
    }
}

/// Whether the token is an ID token or an access token (RFC 9068, §4), and not one that says something else, such as that somebody signed out.
fn is_for_access(header: &Header) -> bool {
    let kind = header.typ.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    matches!(kind, "jwt" | "at+jwt")
}

/// What an accepted token says.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    pub sub: String,
    aud: Audience,
    exp: Number,
    nbf: Option<Number>,
    azp: Option<String>,
    cnf: Option<Value>,
    pub email: Option<String>,
    #[serde(default)]
    pub email_verified: Value,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Claims {
    /// Verifies the signature and everything but who the person is.
    pub fn verify(token: &str, key: &Key, issuer: &Issuer, now_ms: i64) -> Result<Self, Refusal> {
        let mut validation = Validation::new(key.algorithm.into());
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let value = jsonwebtoken::decode::<Value>(token, &key.decoding, &validation)
            .map_err(|_| Refusal::NotOurs)?
            .claims;
        let claims: Self = serde_json::from_value(value).map_err(|_| Refusal::Incomplete)?;
        claims.check(issuer, now_ms.div_euclid(1_000))?;
        Ok(claims)
    }

    fn check(&self, issuer: &Issuer, now: i64) -> Result<(), Refusal> {
        if self.iss != issuer.issuer {
            return Err(Refusal::NotOurs);
        }
        if self.sub.is_empty() || self.sub.len() > MAX_SUBJECT {
            return Err(Refusal::Incomplete);
        }
        if !self.aud.names(&issuer.audience) {
            return Err(Refusal::Audience);
        }
        self.check_party(issuer)?;
        let skew = i64::from(issuer.clock_skew_seconds);
        if seconds(&self.exp)?.saturating_add(skew) <= now {
            return Err(Refusal::Expired);
        }
        let begins = self.nbf.as_ref().map(seconds).transpose()?;
        if begins.is_some_and(|begins| begins.saturating_sub(skew) > now) {
            return Err(Refusal::NotYet);
        }
        // Whoever sends it would have to prove that he has a key (RFC 7800), which is not asked for here.
        if self.cnf.is_some() {
            return Err(Refusal::Kind);
        }
        Ok(())
    }

    /// A token for several audiences has to have been given to one that we trust (OpenID Connect Core, §3.1.3.7).
    fn check_party(&self, issuer: &Issuer) -> Result<(), Refusal> {
        let trusted = &issuer.authorized_parties;
        let is_trusted = |party: &String| *party == issuer.audience || trusted.contains(party);
        let asked = !self.aud.is_one() || (!trusted.is_empty() && self.azp.is_some());
        match &self.azp {
            Some(party) if asked && !is_trusted(party) => Err(Refusal::Party),
            None if asked => Err(Refusal::Party),
            _ => Ok(()),
        }
    }

    /// When it ends, epoch milliseconds.
    pub fn expires_at_ms(&self) -> Result<i64, Refusal> {
        Ok(seconds(&self.exp)?.saturating_mul(1_000))
    }

    /// The values of a claim that may be a text or a list of texts: of the very name, or, with dots in it, of what stands within objects.
    pub fn values(&self, claim: &str) -> Vec<&str> {
        let within = || {
            let mut names = claim.split('.');
            let outer = self.rest.get(names.next()?)?;
            names.try_fold(outer, |value, name| value.get(name))
        };
        match self.rest.get(claim).or_else(within) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

/// Seconds since the epoch, whole ones (RFC 7519, §2 allows parts of them).
fn seconds(time: &Number) -> Result<i64, Refusal> {
    /// Beyond the year 30,000: no time that anybody means.
    const FAR: f64 = 1e12;
    match (time.as_i64(), time.as_f64()) {
        (Some(whole), _) => Ok(whole),
        // Whole, and far within what fits.
        (None, Some(part)) if part.abs() < FAR => Ok(part.floor() as i64),
        _ => Err(Refusal::Incomplete),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Claims, Issuer, Refusal};

    const NOW: i64 = 1_800_000_000;

    fn issuer(more: &str) -> Issuer {
        let text = format!(
            "issuer = 'https://id.example'\naudience = 'us'\norganization = 'Acme'\nmatch_by = 'email'\n{more}"
        );
        toml::from_str(&text).unwrap()
    }

    fn checked(issuer: &Issuer, change: impl FnOnce(&mut Value)) -> Result<(), Refusal> {
        let mut claims =
            json!({ "iss": "https://id.example", "sub": "1", "aud": "us", "exp": NOW + 60 });
        change(&mut claims);
        let claims: Claims = serde_json::from_value(claims).map_err(|_| Refusal::Incomplete)?;
        claims.check(issuer, NOW)
    }

    #[test]
    fn times_are_compared_with_some_indulgence() {
        let issuer = issuer("clock_skew_seconds = 10");
        for (claim, value, expected) in [
            ("exp", json!(NOW - 9), Ok(())),
            ("exp", json!(NOW - 10), Err(Refusal::Expired)),
            ("exp", json!(NOW as f64 + 0.5), Ok(())),
            ("exp", json!(-1), Err(Refusal::Expired)),
            ("exp", json!(u64::MAX), Err(Refusal::Incomplete)),
            ("exp", json!(i64::MAX), Ok(())),
            (
                "exp",
                json!((NOW + 60).to_string()),
                Err(Refusal::Incomplete),
            ),
            ("exp", Value::Null, Err(Refusal::Incomplete)),
            ("nbf", json!(NOW + 10), Ok(())),
            ("nbf", json!(NOW + 11), Err(Refusal::NotYet)),
            ("nbf", json!(i64::MIN), Ok(())),
            ("nbf", json!("soon"), Err(Refusal::Incomplete)),
        ] {
            let got = checked(&issuer, |claims| claims[claim] = value.clone());
            assert_eq!(got, expected, "{claim} {value}");
        }
    }

    #[test]
    fn a_token_for_several_was_given_to_one_that_is_trusted() {
        let (plain, with_panel) = (issuer(""), issuer("authorized_parties = ['panel']"));
        for (aud, azp, without, with) in [
            (json!(["us"]), Value::Null, Ok(()), Ok(())),
            (json!("us"), json!("other"), Ok(()), Err(Refusal::Party)),
            (json!("us"), json!("panel"), Ok(()), Ok(())),
            (
                json!(["us", "them"]),
                Value::Null,
                Err(Refusal::Party),
                Err(Refusal::Party),
            ),
            (json!(["us", "them"]), json!("us"), Ok(()), Ok(())),
            (
                json!(["us", "them"]),
                json!("panel"),
                Err(Refusal::Party),
                Ok(()),
            ),
            (
                json!(["us", "them"]),
                json!("them"),
                Err(Refusal::Party),
                Err(Refusal::Party),
            ),
            (
                json!(["them"]),
                json!("us"),
                Err(Refusal::Audience),
                Err(Refusal::Audience),
            ),
            (
                json!([]),
                Value::Null,
                Err(Refusal::Audience),
                Err(Refusal::Audience),
            ),
            (
                json!([1, "us"]),
                Value::Null,
                Err(Refusal::Incomplete),
                Err(Refusal::Incomplete),
            ),
        ] {
            for (issuer, expected) in [(&plain, without), (&with_panel, with)] {
                let got = checked(issuer, |claims| {
                    claims["aud"] = aud.clone();
                    claims["azp"] = azp.clone();
                });
                assert_eq!(got, expected, "{aud} {azp}");
            }
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_or_within_objects() {
        let claims = json!({
            "iss": "", "sub": "", "aud": "", "exp": 0, "groups": ["a", 1, "b"], "role": "c",
            "realm_access": { "roles": ["d"] }, "https://us.example/roles": ["e"], "deep": { "er": { "still": "f" } },
        });
        let claims: Claims = serde_json::from_value(claims).unwrap();
        for (claim, values) in [
            ("groups", &["a", "b"][..]),
            ("role", &["c"]),
            ("realm_access.roles", &["d"]),
            ("https://us.example/roles", &["e"]),
            ("deep.er.still", &["f"]),
            ("deep.er", &[]),
            ("none", &[]),
        ] {
            assert_eq!(claims.values(claim), values, "{claim}");
        }
    }
}
