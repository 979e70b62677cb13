//! What the use cases ask of Okta, apart from the engine's own work. Who answers is decided where the rooms are wired.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use okta_client::{
    AdminAssignee, Answer, AuthorizationRequest, BuildError, CustomRole, ErrorCode, OAuthApp,
    OAuthError, OAuthErrorCode, Page, RoleAssignment, TokenSet, User, UserSchema,
};
use secrecy::SecretString;
use url::Url;

use crate::domain::connection::{ConnectionProblem, ConnectionProblemCode};
use crate::domain::directory::is_hidden_control;

/// Longest text of Okta's that we keep for people, in characters.
const MAX_DETAIL: usize = 300;

/// The app in Okta through which an org is reached.
#[derive(Clone, Debug)]
pub struct OrgApp {
    /// The org.
    pub base_url: Url,
    /// The app in it.
    pub app: OAuthApp,
}

/// Whose data is read: the org and the access token.
#[derive(Clone, Debug)]
pub struct OrgAccess {
    /// The org.
    pub base_url: Url,
    /// A bearer token.
    pub token: SecretString,
}

/// Which page of an org's users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsersAsked {
    /// The first page of those that changed after a time of Okta's clock, deactivated ones too.
    ChangedAfter(DateTime<Utc>),
    /// The page to which another one linked.
    Next(String),
}

/// Why Okta gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum OktaFault {
    /// The domain is not one that this server may call; nothing was sent.
    #[error("the domain is not one that this server may call")]
    DomainNotAllowed,
    /// No client could be made for the org; nothing was sent.
    #[error("no client: {0}")]
    Unusable(#[from] BuildError),
    /// A call of the API failed.
    #[error("call: {0}")]
    Call(#[from] okta_client::Error),
    /// A call of the authorization server failed.
    #[error("authorization server: {0}")]
    OAuth(#[from] OAuthError),
    /// The answer was read, and cannot be Okta's.
    #[error("not an answer of Okta's: {0}")]
    Implausible(&'static str),
}

/// What the use cases ask of Okta.
#[async_trait]
pub trait OktaPort: Send + Sync + 'static {
    /// Prepares a consent: the address in Okta and the secrets to be kept. Nothing is sent.
    fn authorize(&self, app: &OrgApp, scopes: &[&str]) -> Result<AuthorizationRequest, OktaFault>;

    /// The issuer that an ID token of this org must name.
    fn issuer(&self, app: &OrgApp) -> Result<String, OktaFault>;

    /// Exchanges the code that came back for tokens.
    async fn exchange_code(
        &self,
        app: &OrgApp,
        code: &SecretString,
        pkce_verifier: &SecretString,
    ) -> Result<Answer<TokenSet>, OktaFault>;

    /// Fetches a new access token. Never two at a time for one grant.
    async fn refresh(
        &self,
        app: &OrgApp,
        refresh_token: &SecretString,
    ) -> Result<Answer<TokenSet>, OktaFault>;

    /// Ends a grant: revokes the refresh token and its access tokens.
    async fn revoke(&self, app: &OrgApp, refresh_token: &SecretString) -> Result<(), OktaFault>;

    /// The org's schema of user profiles.
    async fn user_schema(&self, org: &OrgAccess) -> Result<UserSchema, OktaFault>;

    /// The roles that the org defined itself, all pages.
    async fn custom_roles(&self, org: &OrgAccess) -> Result<Vec<CustomRole>, OktaFault>;

    /// The users who hold any admin role, all pages.
    async fn admins(&self, org: &OrgAccess) -> Result<Vec<AdminAssignee>, OktaFault>;

    /// A page of the users who hold any admin role; the first one without a link.
    async fn admins_page(
        &self,
        org: &OrgAccess,
        next: Option<String>,
    ) -> Result<Answer<Page<AdminAssignee>>, OktaFault>;

    /// A page of the org's users, as large as Okta makes them.
    async fn users_page(
        &self,
        org: &OrgAccess,
        asked: &UsersAsked,
    ) -> Result<Answer<Page<User>>, OktaFault>;

    /// The admin roles of one user.
    async fn roles_of(
        &self,
        org: &OrgAccess,
        user_id: &str,
    ) -> Result<Vec<RoleAssignment>, OktaFault>;

    /// One user.
    async fn user(&self, org: &OrgAccess, user_id: &str) -> Result<User, OktaFault>;
}

impl OktaFault {
    /// What an administrator should know of it.
    #[must_use]
    pub fn problem(&self) -> ConnectionProblem {
        ConnectionProblem::new(self.code()).with_detail(self.detail())
    }

    /// Whether the token is dead, so that a fresh one may help.
    #[must_use]
    pub fn is_token_invalid(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_token_invalid())
    }

    /// Whether Okta understood the call and declined, in its own words: a right, a scope or a feature is missing, or the thing is not there.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Call(error @ okta_client::Error::Refused(_)) if error.code().is_some())
    }

    fn code(&self) -> ConnectionProblemCode {
        match self {
            Self::DomainNotAllowed | Self::Unusable(_) => ConnectionProblemCode::DomainNotAllowed,
            Self::Call(error) => call_problem(error),
            Self::OAuth(error) => oauth_problem(error),
            Self::Implausible(_) => ConnectionProblemCode::UnreadableAnswer,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::DomainNotAllowed | Self::Unusable(_) => None,
            Self::Implausible(what) => Some((*what).to_owned()),
            Self::Call(error) => call_detail(error),
            Self::OAuth(OAuthError::Refused(refusal)) => Some(match &refusal.description {
                Some(said) => quoted(&format!("{}: {said}", refusal.code)),
                None => quoted(refusal.code.as_str()),
            }),
            Self::OAuth(OAuthError::Transport(error)) => call_detail(error),
            Self::OAuth(error) => error.meta().map(|meta| format!("HTTP {}", meta.status)),
        }
    }
}

/// What Okta said, fit to be kept and shown: one line, of bounded length.
#[must_use]
pub fn quoted(said: &str) -> String {
    let line: String = said
        .chars()
        .map(|c| if is_hidden_control(c) { ' ' } else { c })
        .take(MAX_DETAIL)
        .collect();
    line.trim().to_owned()
}

/// What is wrong when the authorization server says so, at its token endpoint or in the browser's address.
#[must_use]
pub fn oauth_code_problem(code: &OAuthErrorCode) -> ConnectionProblemCode {
    match code {
        OAuthErrorCode::AccessDenied => ConnectionProblemCode::AccessDenied,
        OAuthErrorCode::InvalidClient | OAuthErrorCode::UnauthorizedClient => {
            ConnectionProblemCode::ClientRefused
        }
        OAuthErrorCode::InvalidScope | OAuthErrorCode::ConsentRequired => {
            ConnectionProblemCode::ScopesMissing
        }
        OAuthErrorCode::InvalidGrant => ConnectionProblemCode::GrantRevoked,
        OAuthErrorCode::InvalidDpopProof | OAuthErrorCode::UseDpopNonce => {
            ConnectionProblemCode::DpopRequired
        }
        OAuthErrorCode::ServerError | OAuthErrorCode::TemporarilyUnavailable => {
            ConnectionProblemCode::OrgFailing
        }
        _ => ConnectionProblemCode::OktaRefused,
    }
}

fn oauth_problem(error: &OAuthError) -> ConnectionProblemCode {
    match error {
        OAuthError::Refused(refusal) => oauth_code_problem(&refusal.code),
        OAuthError::Unavailable(meta) if meta.status == 429 => ConnectionProblemCode::RateLimited,
        OAuthError::Unavailable(_) => ConnectionProblemCode::OrgFailing,
        OAuthError::DpopRequired(_) => ConnectionProblemCode::DpopRequired,
        OAuthError::Garbled(_) => ConnectionProblemCode::UnreadableAnswer,
        OAuthError::Transport(error) => call_problem(error),
        _ => ConnectionProblemCode::OktaRefused,
    }
}

fn call_problem(error: &okta_client::Error) -> ConnectionProblemCode {
    use okta_client::Error;
    if error.insufficient_scope().is_some() {
        return ConnectionProblemCode::ScopesMissing;
    }
    match error {
        Error::AddressRefused => ConnectionProblemCode::DomainNotAllowed,
        Error::Connect(_) | Error::Timeout | Error::Dropped(_) => {
            ConnectionProblemCode::OrgUnreachable
        }
        Error::Server(_) => ConnectionProblemCode::OrgFailing,
        Error::RateLimited(_) => ConnectionProblemCode::RateLimited,
        Error::Redirected(_)
        | Error::TooLarge { .. }
        | Error::Garbled { .. }
        | Error::ForeignLink { .. } => ConnectionProblemCode::UnreadableAnswer,
        Error::Refused(_) if error.is_token_invalid() => ConnectionProblemCode::GrantRevoked,
        // An error without Okta's body comes from something else at this address.
        Error::Refused(refusal) if refusal.code == ErrorCode::Absent => {
            ConnectionProblemCode::UnreadableAnswer
        }
        _ => ConnectionProblemCode::OktaRefused,
    }
}

fn call_detail(error: &okta_client::Error) -> Option<String> {
    let Some(refusal) = error.refusal() else {
        return error.meta().map(|meta| format!("HTTP {}", meta.status));
    };
    if refusal.code == ErrorCode::Absent {
        return Some(format!("HTTP {}", refusal.status));
    }
    Some(quoted(&format!("{}: {}", refusal.code, refusal.summary)))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_okta_said_is_one_bounded_line() {
        assert_eq!(quoted("a\r\nb\u{0}"), "a  b");
        assert_eq!(quoted(&"ü".repeat(1000)).chars().count(), 300);
    }
}
