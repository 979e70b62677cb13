//! Okta's answers in the words of the domain.

use chrono::{DateTime, Utc};
use okta_client::{AssignmentType, RoleAssignment, User};

use crate::domain::account::OktaStatus;
use crate::domain::plan::ListedRole;
use crate::domain::resolve::SeenUser;

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

pub(super) fn roles(listed: &[RoleAssignment]) -> Vec<ListedRole> {
    listed.iter().map(role).collect()
}

fn millis(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}
