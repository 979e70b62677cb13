//! An identity provider whose tokens are accepted, as the configuration describes it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Longest difference of clocks that may be asked for, in seconds: a token lives for minutes.
pub const MAX_CLOCK_SKEW: u32 = 300;

/// Whose tokens are accepted, for whom, and what they are worth.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The issuer, letter by letter as its tokens and its discovery document name it.
    pub issuer: String,
    /// The audience that its tokens must name: what we are called there.
    pub audience: String,
    /// Clients to which a token for several audiences may have been given, besides the audience itself.
    #[serde(default)]
    pub authorized_parties: Vec<String>,
    /// Name or id of the organisation whose people it vouches for.
    pub organization: String,
    /// By what a person is found.
    pub match_by: MatchBy,
    /// Which signatures count.
    #[serde(default = "usual")]
    pub algorithms: Vec<Algorithm>,
    /// The claim whose values bound what a person may do in a session.
    #[serde(default)]
    pub roles_claim: Option<String>,
    /// Which of our roles its values stand for: a built-in one, or the name of one of the organisation's own.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// How far its clock and ours may differ.
    #[serde(default = "a_minute")]
    pub clock_skew_seconds: u32,
    /// Whether it may be on this machine, in clear text: for trying things out.
    #[serde(default)]
    pub on_loopback: bool,
}

/// By what a person is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatchBy {
    /// By the subject that was linked with him when he first signed in, by his verified e-mail address.
    Subject,
    /// By his verified e-mail address, each time anew.
    Email,
}

/// A signature that counts. There is none with a shared secret: whoever knows it could sign as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    /// The one of this name, if it is one that counts.
    pub(super) fn of(algorithm: jsonwebtoken::Algorithm) -> Option<Self> {
        match algorithm {
            jsonwebtoken::Algorithm::RS256 => Some(Self::RS256),
            jsonwebtoken::Algorithm::ES256 => Some(Self::ES256),
            jsonwebtoken::Algorithm::EdDSA => Some(Self::EdDSA),
            _ => None,
        }
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::RS256 => Self::RS256,
            Algorithm::ES256 => Self::ES256,
            Algorithm::EdDSA => Self::EdDSA,
        }
    }
}

/// What every provider has to know (OpenID Connect Core, §15.1).
fn usual() -> Vec<Algorithm> {
    vec![Algorithm::RS256]
}

const fn a_minute() -> u32 {
    60
}
