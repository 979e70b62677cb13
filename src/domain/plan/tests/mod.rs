//! The plan against design §2: every combination of the table, the rules beside it, and the laws.

mod beside;
mod laws;
mod protection;
mod table;
mod undo;
mod world;

use serde_json::json;

use super::*;
use crate::domain::account::{OktaStatus, Provenance};
use crate::domain::mapping::OktaProfile;

pub(super) const STAMP: i64 = 7;
pub(super) const NOW: i64 = 1_000_000;

pub(super) fn profile(title: &str) -> OktaProfile {
    let json = json!({
        "login": "ann@x.org", "email": "ann@x.org", "firstName": "Ann", "lastName": "Lee", "title": title,
    });
    json.as_object().unwrap().clone()
}

/// Assigned and active, everything switched on.
pub(super) fn desired() -> Desired {
    Desired {
        user: DirectoryStatus::Active,
        assignment: Some(AssignmentWish { role: None }),
        profile: Ok(profile("Clerk")),
        settings: Settings {
            create_users: true,
            update_user_profile: true,
            delete_users: true,
            activate_and_deactivate_users: true,
        },
        options: AppOptions::default(),
        activation_stamp: STAMP,
        release_only: false,
    }
}

/// Ours, live, as wanted, and read just now.
pub(super) fn account() -> KnownAccount {
    let mut account = KnownAccount::created("00u1", OktaStatus::Active, profile("Clerk"), STAMP);
    account.roles.knowledge = RoleKnowledge::Fresh;
    account.status_fresh = true;
    account
}

pub(super) fn known(account: Option<KnownAccount>) -> Known {
    Known {
        account,
        lookup: Lookup::NotLookedUp,
        confirmation: None,
        refusals: Vec::new(),
        denied: Default::default(),
        now: Now::at(NOW),
    }
}

pub(super) fn given(role: RoleType) -> Option<GrantedRole> {
    Some(GrantedRole {
        role,
        created: Some(5),
    })
}

pub(super) fn foreign(role_type: &str) -> ListedRole {
    ListedRole {
        role_type: role_type.into(),
        inherited: false,
        created: Some(3),
    }
}

/// The steps and the settlement on one line.
pub(super) fn describe(plan: &Plan) -> String {
    let step = |step: &Step| match step {
        Step::Do(operation) => operation.kind().as_str().to_owned(),
        Step::Read(NeedsRead::User { .. }) => "read user".to_owned(),
        Step::Read(NeedsRead::Roles { .. }) => "read roles".to_owned(),
        Step::Read(NeedsRead::LoginLookup { .. }) => "look up login".to_owned(),
    };
    let steps: Vec<String> = plan.steps.iter().map(step).collect();
    format!("{} => {}", steps.join(", "), outcome(&plan.settlement))
        .trim_start()
        .to_owned()
}

pub(super) fn outcome(settlement: &Settlement) -> String {
    let problem = settlement
        .problem
        .as_ref()
        .map(|problem| problem.code.as_str());
    let reason = problem.or(settlement.wait.map(WaitReason::as_str));
    reason.map_or(settlement.state.to_string(), |reason| {
        format!("{} {reason}", settlement.state)
    })
}

pub(super) fn planned(desired: &Desired, known: &Known) -> String {
    describe(&plan(desired, known))
}
