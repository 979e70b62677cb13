//! What one reading says about one request (design §3, the table per operation).

use serde_json::Value as Json;

use super::{Applied, FrozenRequest, ResolutionTimes, Seen, SeenUser, Then};
use crate::domain::account::OktaStatus;
use crate::domain::directory::match_key;
use crate::domain::mapping::{LOGIN, OktaProfile, diff};
use crate::domain::plan::{ListedRole, OperationKind};

/// What one reading proves.
pub(super) enum Evidence {
    /// The request had its effect.
    Applied(Applied),
    /// No effect so far; once that is certain, do this.
    NoEffect(Then),
    /// An account that may be another's.
    Suspect(Box<SeenUser>),
    /// What was asked for holds already by somebody else's doing.
    Superseded,
    /// Okta does not know the user.
    NoUser,
    /// The reading is about something else.
    Irrelevant,
}

const AGAIN: Then = Then::SendAgain {
    without_email: false,
};

pub(super) fn judge(request: &FrozenRequest, seen: &Seen, times: &ResolutionTimes) -> Evidence {
    match (request.kind, seen) {
        (OperationKind::Create, Seen::NoUser) => Evidence::NoEffect(AGAIN),
        (OperationKind::Create, Seen::User(user)) => judge_create(request, user, times),
        (OperationKind::GrantRole, Seen::Roles(roles)) => judge_grant(request, roles, times),
        (OperationKind::RevokeRole, Seen::Roles(roles)) => judge_revoke(request, roles, times),
        (OperationKind::GrantRole | OperationKind::RevokeRole, Seen::User(_)) => {
            Evidence::Irrelevant
        }
        (_, Seen::Roles(_)) => Evidence::Irrelevant,
        (_, Seen::NoUser) => Evidence::NoUser,
        (_, Seen::User(user)) if Some(&user.okta_id) != request.okta_id.as_ref() => {
            Evidence::Irrelevant
        }
        (kind, Seen::User(user)) => judge_change(kind, request, user),
    }
}

/// Another login that came back is nobody: Okta also matches short names.
fn judge_create(request: &FrozenRequest, user: &SeenUser, times: &ResolutionTimes) -> Evidence {
    let login = user
        .profile
        .get(LOGIN)
        .and_then(Json::as_str)
        .unwrap_or_default();
    if match_key(login) != match_key(request.login.as_deref().unwrap_or_default()) {
        return Evidence::NoEffect(AGAIN);
    }
    let since = user.created >= request.first_sent_at - times.clock_tolerance_ms;
    let same_fields = diff(&sent_profile(request), &user.profile).is_empty();
    if since && same_fields && !user.signed_in {
        return Evidence::Applied(Applied::User(Box::new(user.clone())));
    }
    Evidence::Suspect(Box::new(user.clone()))
}

fn judge_change(kind: OperationKind, request: &FrozenRequest, user: &SeenUser) -> Evidence {
    let becomes = user.transitioning_to.as_ref().unwrap_or(&user.status);
    let (applied, otherwise) = match kind {
        OperationKind::Update => (
            diff(&sent_profile(request), &user.profile).is_empty(),
            AGAIN,
        ),
        OperationKind::Activate => {
            let asleep = matches!(becomes, OktaStatus::Staged | OktaStatus::Deprovisioned);
            (
                !asleep,
                Then::SendAgain {
                    without_email: true,
                },
            )
        }
        OperationKind::Unsuspend if *becomes == OktaStatus::Suspended => (false, AGAIN),
        OperationKind::Unsuspend => (becomes.is_live(), Then::PlanAgain),
        OperationKind::Deactivate => (*becomes == OktaStatus::Deprovisioned, AGAIN),
        OperationKind::Delete if user.status == OktaStatus::Deprovisioned => (false, AGAIN),
        _ => (false, Then::PlanAgain),
    };
    if applied {
        Evidence::Applied(Applied::User(Box::new(user.clone())))
    } else {
        Evidence::NoEffect(otherwise)
    }
}

/// Ours only if it was assigned since we sent the request; one that was there before is somebody else's.
fn judge_grant(request: &FrozenRequest, roles: &[ListedRole], times: &ResolutionTimes) -> Evidence {
    let Some(role) = direct(request, roles) else {
        return Evidence::NoEffect(AGAIN);
    };
    let since = request.first_sent_at - times.clock_tolerance_ms;
    if role.created.is_some_and(|created| created >= since) {
        Evidence::Applied(Applied::RoleGranted(role.clone()))
    } else {
        Evidence::Superseded
    }
}

/// A role of the type that was assigned after we sent the request is not the one that we gave.
fn judge_revoke(
    request: &FrozenRequest,
    roles: &[ListedRole],
    times: &ResolutionTimes,
) -> Evidence {
    let since = request.sent_at + times.clock_tolerance_ms;
    let remains = direct(request, roles)
        .is_some_and(|role| role.created.is_none_or(|created| created <= since));
    if remains {
        Evidence::NoEffect(AGAIN)
    } else {
        Evidence::Applied(Applied::RoleRevoked(roles.to_vec()))
    }
}

fn direct<'a>(request: &FrozenRequest, roles: &'a [ListedRole]) -> Option<&'a ListedRole> {
    let wanted = request.body.get("type").and_then(Json::as_str)?;
    roles
        .iter()
        .find(|role| !role.inherited && role.role_type == wanted)
}

fn sent_profile(request: &FrozenRequest) -> OktaProfile {
    request
        .body
        .get("profile")
        .and_then(Json::as_object)
        .cloned()
        .unwrap_or_default()
}
