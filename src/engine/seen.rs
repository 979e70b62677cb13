//! Okta's answers in the words of the domain, and readings as the journal keeps them.

use chrono::{DateTime, Utc};
use okta_client::{AssignmentType, RoleAssignment, User};
use serde::{Deserialize, Serialize};

use crate::domain::account::OktaStatus;
use crate::domain::mapping::OktaProfile;
use crate::domain::plan::ListedRole;
use crate::domain::resolve::{Reading, Seen, SeenUser};

pub(super) fn user(user: User) -> SeenUser {
    SeenUser {
        okta_id: user.id,
        status: OktaStatus::from(user.status.as_str()),
        transitioning_to: user
            .transitioning_to_status
            .map(|status| OktaStatus::from(status.as_str())),
        created: user.created.map(millis).unwrap_or_default(),
        signed_in: user.last_login.is_some(),
        profile: user.profile,
    }
}

pub(super) fn role(role: &RoleAssignment) -> ListedRole {
    ListedRole {
        role_type: role.kind.clone(),
        inherited: role.assignment_type == AssignmentType::Group,
        created: role.created.map(millis),
    }
}

pub(super) fn roles(roles: &[RoleAssignment]) -> Vec<ListedRole> {
    roles.iter().map(role).collect()
}

fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}

/// A reading as the journal keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredReading {
    at: i64,
    seen: StoredSeen,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StoredSeen {
    User(Box<StoredUser>),
    NoUser,
    Roles(Vec<ListedRole>),
}

#[derive(Serialize, Deserialize)]
struct StoredUser {
    okta_id: String,
    status: OktaStatus,
    transitioning_to: Option<OktaStatus>,
    created: i64,
    signed_in: bool,
    profile: OktaProfile,
}

impl From<&Reading> for StoredReading {
    fn from(reading: &Reading) -> Self {
        let seen = match &reading.seen {
            Seen::User(user) => StoredSeen::User(Box::new(StoredUser::from(user.as_ref()))),
            Seen::NoUser => StoredSeen::NoUser,
            Seen::Roles(roles) => StoredSeen::Roles(roles.clone()),
        };
        Self {
            at: reading.at,
            seen,
        }
    }
}

impl From<StoredReading> for Reading {
    fn from(stored: StoredReading) -> Self {
        let seen = match stored.seen {
            StoredSeen::User(user) => Seen::User(Box::new(SeenUser::from(*user))),
            StoredSeen::NoUser => Seen::NoUser,
            StoredSeen::Roles(roles) => Seen::Roles(roles),
        };
        Self {
            at: stored.at,
            seen,
        }
    }
}

impl From<&SeenUser> for StoredUser {
    fn from(user: &SeenUser) -> Self {
        Self {
            okta_id: user.okta_id.clone(),
            status: user.status.clone(),
            transitioning_to: user.transitioning_to.clone(),
            created: user.created,
            signed_in: user.signed_in,
            profile: user.profile.clone(),
        }
    }
}

impl From<StoredUser> for SeenUser {
    fn from(user: StoredUser) -> Self {
        Self {
            okta_id: user.okta_id,
            status: user.status,
            transitioning_to: user.transitioning_to,
            created: user.created,
            signed_in: user.signed_in,
            profile: user.profile,
        }
    }
}
