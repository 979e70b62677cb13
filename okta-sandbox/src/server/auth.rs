//! Who is calling, and what they may do.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{call::Call, refusal::Refusal, request::Request, routes::Access};
use crate::{
    ids,
    org::{Org, client::covers, status::UserStatus, user::User},
};
use chrono::{DateTime, Utc};

/// On whose behalf a call is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Actor {
    /// An administrator, by API token (`client_id` is `None`) or by an OAuth client.
    Person {
        user_id: String,
        client_id: Option<String>,
        scopes: Option<Vec<String>>,
    },
    /// A service with a token of its own.
    Service {
        client_id: String,
        scopes: Vec<String>,
    },
    /// Endpoints that need no credential.
    Nobody,
}

/// Groups of rights that Okta's administrator roles have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    Read,
    ManageUsers,
    ManageRoles,
    ManageSchema,
}

impl Actor {
    /// Recognises the credential of a call to `/api/v1`.
    pub fn recognise(
        org: &Org,
        api_token: &str,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let Some(header) = request.header("authorization") else {
            return Err(Refusal::api(403, "E0000005", "Invalid session"));
        };
        if let Some(credential) = credential(header, "SSWS") {
            return Self::by_api_token(org, api_token, credential);
        }
        if let Some(credential) = credential(header, "Bearer") {
            return Self::by_access_token(org, credential, now);
        }
        Err(Refusal::invalid_token())
    }

    fn by_api_token(org: &Org, api_token: &str, credential: &str) -> Result<Self, Refusal> {
        let genuine: bool = api_token.as_bytes().ct_eq(credential.as_bytes()).into();
        let owner = &org.meta().admin_id;
        if !genuine || !org.users.get(owner).is_some_and(may_act) {
            return Err(Refusal::invalid_token());
        }
        Ok(Self::Person {
            user_id: owner.clone(),
            client_id: None,
            scopes: None,
        })
    }

    /// The holder of an access token that is valid now.
    pub fn by_access_token(
        org: &Org,
        credential: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let token = org
            .access_tokens
            .get(&ids::digest(credential))
            .filter(|token| token.expires > now);
        let token = token.ok_or_else(Refusal::invalid_token)?;
        let grant = org
            .grants
            .get(&token.grant_id)
            .filter(|grant| !grant.revoked);
        let grant = grant.ok_or_else(Refusal::invalid_token)?;
        let scopes = token.scopes.clone();
        match &grant.user_id {
            None => Ok(Self::Service {
                client_id: grant.client_id.clone(),
                scopes,
            }),
            Some(user_id) if org.users.get(user_id).is_some_and(may_act) => Ok(Self::Person {
                user_id: user_id.clone(),
                client_id: Some(grant.client_id.clone()),
                scopes: Some(scopes),
            }),
            Some(_) => Err(Refusal::invalid_token()),
        }
    }

    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Person { client_id, .. } => client_id.as_deref(),
            Self::Service { client_id, .. } => Some(client_id),
            Self::Nobody => None,
        }
    }

    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::Person { user_id, .. } => Some(user_id),
            Self::Service { .. } | Self::Nobody => None,
        }
    }

    fn has_scope(&self, wanted: &str) -> bool {
        match self {
            Self::Person { scopes: None, .. } => true,
            Self::Person {
                scopes: Some(scopes),
                ..
            }
            | Self::Service { scopes, .. } => covers(scopes, wanted),
            Self::Nobody => false,
        }
    }
}

impl Call<'_> {
    /// Refuses the call when its token lacks the scope, or its administrator the right.
    pub fn authorize(&self, access: Access) -> Result<(), Refusal> {
        let Access::Api { scope, right } = access else {
            return Ok(());
        };
        if !self.actor.has_scope(scope) {
            return Err(self.insufficient_scope(scope));
        }
        if self.holds(right) {
            Ok(())
        } else {
            Err(Refusal::forbidden())
        }
    }

    /// Whether the administrator behind the call has this right at this moment. A service acts with
    /// the rights of a super administrator: only its scopes limit it.
    pub fn holds(&self, right: Right) -> bool {
        match &self.actor {
            Actor::Service { .. } => true,
            Actor::Nobody => false,
            Actor::Person { user_id, .. } => self
                .org
                .users
                .get(user_id)
                .is_some_and(|user| user.roles.iter().any(|role| role_has(&role.kind, right))),
        }
    }

    /// Only a super administrator may change another one.
    pub fn may_touch(&self, user: &User) -> Result<(), Refusal> {
        let is_super = user.roles.iter().any(|role| role.kind == "SUPER_ADMIN");
        if is_super && !self.holds(Right::ManageRoles) {
            Err(Refusal::forbidden())
        } else {
            Ok(())
        }
    }

    fn insufficient_scope(&self, scope: &str) -> Refusal {
        let challenge = format!(
            "Bearer authorization_uri=\"{base}/oauth2/v1/authorize\", realm=\"{base}\", scope=\"{scope}\", \
             error=\"insufficient_scope\", \
             error_description=\"The access token provided does not contain the required scopes.\", \
             resource=\"{path}\"",
            base = self.base_url,
            path = self.request.path,
        );
        Refusal::forbidden().challenging(challenge)
    }
}

/// What follows the scheme. Okta needs no space in between: its Python SDK (3.4.6) sends none.
pub(crate) fn credential<'a>(header: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = header.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// Whether an administrator's credentials work in this status.
fn may_act(user: &User) -> bool {
    user.status == UserStatus::Active
}

/// What each predefined role may do, coarsely (guides/roles). Granting roles takes a super administrator.
fn role_has(kind: &str, right: Right) -> bool {
    match right {
        Right::Read => true,
        Right::ManageUsers => matches!(
            kind,
            "SUPER_ADMIN" | "ORG_ADMIN" | "USER_ADMIN" | "APP_ADMIN"
        ),
        Right::ManageSchema => matches!(kind, "SUPER_ADMIN" | "ORG_ADMIN" | "APP_ADMIN"),
        Right::ManageRoles => kind == "SUPER_ADMIN",
    }
}
