//! What the token endpoint gives.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use oauth2::TokenResponse as _;
use oauth2::basic::BasicTokenType;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// Lifetime of an access token of the org authorization server, where it is fixed (Okta, OIDC reference).
const LIFETIME: Duration = Duration::from_secs(3600);

/// A lifetime beyond a day is no lifetime of this server, and could overflow a caller's clock.
const LONGEST_LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// Tokens of one answer. `Debug` shows none of them.
#[derive(Clone, Debug)]
pub struct TokenSet {
    /// For the API; opaque to clients.
    pub access_token: SecretString,
    /// How long the access token lives, from the answer on.
    pub expires_in: Duration,
    /// Store it if there is one: it replaces the old one, which soon dies under rotation. `None` means that
    /// the old one stays good.
    pub refresh_token: Option<SecretString>,
    /// Who authorized; only with `openid`.
    pub id_token: Option<SecretString>,
    /// The scopes that were granted; `None` if Okta does not say, which means as asked (RFC 6749 §5.1).
    pub scopes: Option<BTreeSet<String>>,
}

/// The fields beyond RFC 6749.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct OidcFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl fmt::Debug for OidcFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OidcFields")
    }
}

impl oauth2::ExtraTokenFields for OidcFields {}

/// A token answer as the `oauth2` crate reads it.
pub(super) type TokenAnswer = oauth2::StandardTokenResponse<OidcFields, BasicTokenType>;

/// The token is bound to a key that we do not have.
pub(super) struct NotBearer;

impl TryFrom<TokenAnswer> for TokenSet {
    type Error = NotBearer;

    fn try_from(answer: TokenAnswer) -> Result<Self, NotBearer> {
        if *answer.token_type() != BasicTokenType::Bearer {
            return Err(NotBearer);
        }
        let secret = |value: &str| (!value.is_empty()).then(|| SecretString::from(value));
        Ok(Self {
            access_token: answer.access_token().secret().as_str().into(),
            expires_in: answer
                .expires_in()
                .unwrap_or(LIFETIME)
                .min(LONGEST_LIFETIME),
            refresh_token: answer
                .refresh_token()
                .and_then(|token| secret(token.secret())),
            id_token: answer.extra_fields().id_token.as_deref().and_then(secret),
            scopes: answer
                .scopes()
                .map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect()),
        })
    }
}
