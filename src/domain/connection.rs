//! The connection to an Okta org: what state it is in, and what can be wrong with it.

use serde::{Deserialize, Serialize};

use super::code::codes;

codes! {
    /// The state of a connection.
    pub enum ConnectionStatus {
        /// Domain, client id and client secret are still to be entered.
        NotConfigured = "NOT_CONFIGURED",
        /// Nobody has consented in Okta yet.
        NotAuthorized = "NOT_AUTHORIZED",
        /// It works.
        Connected = "CONNECTED",
        /// Okta no longer accepts our tokens; an administrator has to authorize again.
        NeedsReauthorization = "NEEDS_REAUTHORIZATION",
        /// The org keeps failing; work pauses and is tried again by itself.
        Quarantined = "QUARANTINED",
        /// An administrator disconnected it.
        Disconnected = "DISCONNECTED",
    }
}

impl ConnectionStatus {
    /// Whether tokens for Okta may be used and refreshed.
    pub const fn has_grant(self) -> bool {
        matches!(self, Self::Connected | Self::Quarantined)
    }

    /// Whether somebody authorized it, and nobody ended that since: the grant may be dead, but there was one.
    pub const fn was_authorized(self) -> bool {
        self.has_grant() || matches!(self, Self::NeedsReauthorization)
    }

    /// Whether domain, client id and client secret are there.
    pub const fn is_configured(self) -> bool {
        !matches!(self, Self::NotConfigured)
    }
}

codes! {
    /// What is wrong with a connection, or why an authorization came to nothing.
    pub enum ConnectionProblemCode {
        /// The person declined in Okta, or may not use the app.
        AccessDenied = "ACCESS_DENIED",
        /// Nobody came back in time.
        AuthorizationExpired = "AUTHORIZATION_EXPIRED",
        /// Domain or client changed in the meantime.
        ConnectionChanged = "CONNECTION_CHANGED",
        /// Whoever started the authorization may no longer configure apps.
        PermissionWithdrawn = "PERMISSION_WITHDRAWN",
        /// Okta did not accept the code that came back.
        CodeRefused = "CODE_REFUSED",
        /// Okta does not accept client id or client secret.
        ClientRefused = "CLIENT_REFUSED",
        /// Scopes without which nothing works were not granted.
        ScopesMissing = "SCOPES_MISSING",
        /// Okta did not give a refresh token.
        NoRefreshToken = "NO_REFRESH_TOKEN",
        /// Okta's proof of who authorized is missing or not valid.
        IdentityUnproven = "IDENTITY_UNPROVEN",
        /// The proof comes from another Okta org.
        OtherOrg = "OTHER_ORG",
        /// Okta no longer accepts the authorization.
        GrantRevoked = "GRANT_REVOKED",
        /// The app in Okta demands DPoP.
        DpopRequired = "DPOP_REQUIRED",
        /// The domain is not one that this server may call.
        DomainNotAllowed = "DOMAIN_NOT_ALLOWED",
        /// The org cannot be reached.
        OrgUnreachable = "ORG_UNREACHABLE",
        /// The org answers with failures.
        OrgFailing = "ORG_FAILING",
        /// The org's rate limit is used up.
        RateLimited = "RATE_LIMITED",
        /// The answers are not Okta's.
        UnreadableAnswer = "UNREADABLE_ANSWER",
        /// Okta refused for another reason.
        OktaRefused = "OKTA_REFUSED",
    }
}

impl ConnectionProblemCode {
    /// What is wrong, in one sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::AccessDenied => "Access was denied in Okta.",
            Self::AuthorizationExpired => "The authorization was not finished within ten minutes.",
            Self::ConnectionChanged => "The connection was changed while you were in Okta.",
            Self::PermissionWithdrawn => {
                "Whoever started the authorization may no longer configure apps."
            }
            Self::CodeRefused => "Okta did not accept the code that it had sent back.",
            Self::ClientRefused => "Okta does not accept the client id or the client secret.",
            Self::ScopesMissing => "The app in Okta lacks scopes without which nothing works.",
            Self::NoRefreshToken => "Okta gave no refresh token.",
            Self::IdentityUnproven => "Okta did not prove who authorized.",
            Self::OtherOrg => "The answer came from another Okta org.",
            Self::GrantRevoked => "Okta no longer accepts the authorization.",
            Self::DpopRequired => "The app in Okta demands DPoP, which is not supported.",
            Self::DomainNotAllowed => "The Okta domain is not one that this server may call.",
            Self::OrgUnreachable => "The Okta org cannot be reached.",
            Self::OrgFailing => "The Okta org answers with failures.",
            Self::RateLimited => "The rate limit of the Okta org is used up.",
            Self::UnreadableAnswer => "The answers do not come from an Okta org.",
            Self::OktaRefused => "Okta refused.",
        }
    }

    /// What to do about it, in one sentence for the panel.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::AccessDenied => {
                "Authorize again as an administrator who is assigned to the app in Okta, and allow the access."
            }
            Self::AuthorizationExpired
            | Self::ConnectionChanged
            | Self::CodeRefused
            | Self::IdentityUnproven
            | Self::GrantRevoked => "Authorize again.",
            Self::PermissionWithdrawn => "Somebody who may configure apps has to authorize.",
            Self::ClientRefused => {
                "Enter the current client id and client secret of the app in Okta."
            }
            Self::ScopesMissing => {
                "Grant the missing scopes on the tab Okta API Scopes of the app in Okta, then authorize again."
            }
            Self::NoRefreshToken => {
                "Enable the grant type Refresh Token for the app in Okta, then authorize again."
            }
            Self::OtherOrg => "Check the Okta domain, then authorize again.",
            Self::DpopRequired => {
                "Switch off the requirement of DPoP for the app in Okta, then authorize again."
            }
            Self::DomainNotAllowed => {
                "Enter another domain, or ask the operator of this server to allow it."
            }
            Self::OrgUnreachable | Self::OrgFailing | Self::RateLimited => {
                "It is tried again by itself; nothing is lost."
            }
            Self::UnreadableAnswer => "Check the Okta domain.",
            Self::OktaRefused => "See the details, correct it in Okta and try again.",
        }
    }

    /// What to do about it where it ended an authorization: that is not tried again by itself.
    pub const fn advice_on_authorization(self) -> &'static str {
        match self {
            Self::OrgUnreachable | Self::OrgFailing | Self::RateLimited => {
                "Wait a little, then authorize again."
            }
            other => other.advice(),
        }
    }

    /// Whether waiting may help, without anybody doing anything.
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::OrgUnreachable | Self::OrgFailing | Self::RateLimited | Self::UnreadableAnswer
        )
    }
}

/// What is wrong with a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionProblem {
    /// What it is.
    pub code: ConnectionProblemCode,
    /// What Okta said, for people; null when it said nothing.
    pub detail: Option<String>,
}

impl ConnectionProblem {
    /// A problem that its code explains.
    pub const fn new(code: ConnectionProblemCode) -> Self {
        Self { code, detail: None }
    }

    /// The same with what Okta said.
    #[must_use]
    pub fn with_detail(mut self, detail: Option<String>) -> Self {
        self.detail = detail;
        self
    }
}

codes! {
    /// How a journey to Okta and back ended.
    pub enum AuthorizationStatus {
        /// The browser has not come back yet.
        Pending = "PENDING",
        /// The connection works.
        Succeeded = "SUCCEEDED",
        /// The person declined in Okta, or may not use the app.
        Denied = "DENIED",
        /// It came back, and something was wrong.
        Failed = "FAILED",
        /// It did not come back in time.
        Expired = "EXPIRED",
    }
}

/// Scopes without which the connection is of no use: people cannot be managed, their profiles are unknown, or access ends within the hour.
pub const ESSENTIAL_SCOPES: [&str; 2] = ["okta.users.manage", "okta.schemas.read"];

/// Which of the `required` scopes were not granted. `openid` and `offline_access` never count: they show in what comes with the token.
pub fn missing_scopes<'a>(required: &[&'a str], granted: &[String]) -> Vec<&'a str> {
    required
        .iter()
        .copied()
        .filter(|scope| !matches!(*scope, "openid" | "profile" | "email" | "offline_access"))
        .filter(|scope| !granted.iter().any(|have| have == scope))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{ConnectionProblemCode, ConnectionStatus, ESSENTIAL_SCOPES, missing_scopes};

    #[test]
    fn only_what_was_not_granted_is_missing() {
        let required = ["openid", "okta.users.manage", "okta.schemas.read"];
        let granted = vec!["okta.users.manage".to_owned()];
        assert_eq!(missing_scopes(&required, &granted), ["okta.schemas.read"]);
        assert_eq!(missing_scopes(&ESSENTIAL_SCOPES, &[]), ESSENTIAL_SCOPES);
    }

    #[test]
    fn tokens_are_used_only_while_the_grant_counts() {
        let with: Vec<_> = ConnectionStatus::ALL
            .iter()
            .filter(|status| status.has_grant())
            .collect();
        assert_eq!(
            with,
            [&ConnectionStatus::Connected, &ConnectionStatus::Quarantined]
        );
    }

    #[test]
    fn every_problem_says_what_to_do() {
        for code in ConnectionProblemCode::ALL {
            assert!(code.sentence().ends_with('.') && code.advice().ends_with('.'));
        }
    }
}
