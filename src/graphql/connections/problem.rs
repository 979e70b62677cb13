//! What is wrong with a connection, in words and in codes.

use async_graphql::{Enum, SimpleObject};

use crate::domain;
use crate::domain::connection::ConnectionProblem;

/// What is wrong with a connection, or why an authorization came to nothing. More codes may come; treat an unknown one like `OKTA_REFUSED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::connection::ConnectionProblemCode")]
pub enum OktaOrgProblemCode {
    /// The person declined in Okta, or may not use the app there.
    AccessDenied,
    /// Nobody came back from Okta within ten minutes.
    AuthorizationExpired,
    /// Domain, client or secret were changed, or the connection was ended, while somebody was in Okta.
    ConnectionChanged,
    /// Whoever started the authorization may no longer configure apps.
    PermissionWithdrawn,
    /// Okta did not accept the code that it had sent back.
    CodeRefused,
    /// Okta does not accept client id or client secret.
    ClientRefused,
    /// Scopes without which nothing works were not granted; `detail` names them.
    ScopesMissing,
    /// Okta gave no refresh token: the grant type is not enabled for the app in Okta.
    NoRefreshToken,
    /// Okta's proof of who authorized is missing or not valid.
    IdentityUnproven,
    /// The answer came from another Okta org.
    OtherOrg,
    /// Okta no longer accepts the authorization: it was withdrawn, or the person who gave it is gone.
    GrantRevoked,
    /// The app in Okta demands DPoP, which is not supported.
    DpopRequired,
    /// The domain is not one that this server may call.
    DomainNotAllowed,
    /// The org cannot be reached. It is tried again by itself.
    OrgUnreachable,
    /// The org answers with failures. It is tried again by itself.
    OrgFailing,
    /// The org's rate limit is used up. It is tried again by itself.
    RateLimited,
    /// The answers are not those of an Okta org.
    UnreadableAnswer,
    /// Okta refused for another reason; `detail` has its words.
    OktaRefused,
}

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, SimpleObject)]
pub struct OktaOrgProblem {
    /// For programs.
    pub code: OktaOrgProblemCode,
    /// What is wrong, in one English sentence for people. Translate by `code`.
    pub message: String,
    /// What to do about it, in one English sentence for people.
    pub action: String,
    /// What Okta said, in its own words, at most 300 characters; null when it said nothing. Show it as text, never as markup.
    pub detail: Option<String>,
}

impl From<ConnectionProblem> for OktaOrgProblem {
    fn from(problem: ConnectionProblem) -> Self {
        Self {
            code: problem.code.into(),
            message: problem.code.sentence().to_owned(),
            action: problem.code.advice().to_owned(),
            detail: problem.detail,
        }
    }
}
