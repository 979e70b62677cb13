//! Rows of design §2 for a user without an Okta account: create it, or take over one that exists.

use super::draft::{Draft, Go};
use super::linked::plan_linked;
use super::{
    AccountState, Desired, DirectoryStatus, Known, KnownAccount, Lookup, NeedsRead, Operation,
    Plan, Problem, Step, WaitReason,
};
use crate::domain::account::ProblemCode;
use crate::domain::link::{Candidate, LinkDecision, LinkQuestion};
use crate::domain::mapping::{LOGIN, OktaProfile, ValueFault, ValueFaultCode};

/// No account was ever linked.
pub(super) fn plan_unlinked(desired: &Desired, known: &Known) -> Plan {
    let mut draft = Draft::new(desired, known);
    if draft.is_over() || desired.user != DirectoryStatus::Active {
        return draft.settle(AccountState::NotProvisioned);
    }
    let (profile, login) = match profile_and_login(desired) {
        Ok(found) => found,
        Err(faults) => {
            draft.block(Problem::profile(faults));
            return draft.settle(AccountState::Blocked);
        }
    };
    match &known.lookup {
        Lookup::Found(candidate) => return plan_found(draft, profile, candidate),
        Lookup::LoginTaken => draft.read(NeedsRead::LoginLookup { login }),
        Lookup::TakenButNoneFound => _ = draft.wait(WaitReason::LoginTaken),
        Lookup::NotLookedUp | Lookup::NoneFound if desired.settings.create_users => {
            create(&mut draft, profile)
        }
        Lookup::NotLookedUp => draft.read(NeedsRead::LoginLookup { login }),
        Lookup::NoneFound => _ = draft.block_with(ProblemCode::CreateDisabled),
    }
    draft.settle(AccountState::InSync)
}

/// The linked account is gone from Okta. A new one is only made for an activation or assignment newer than the one
/// that the lost account had brought to effect: its deletion may have been meant.
pub(super) fn plan_gone(desired: &Desired, known: &Known, account: &KnownAccount) -> Plan {
    let mut draft = Draft::new(desired, known);
    if draft.is_over() || desired.user != DirectoryStatus::Active {
        return draft.settle(AccountState::NotProvisioned);
    }
    if draft.has_new_activation(account) {
        return plan_unlinked(desired, known);
    }
    draft.block_with(ProblemCode::NotFoundInOkta);
    draft.settle(AccountState::Blocked)
}

fn profile_and_login(desired: &Desired) -> Result<(&OktaProfile, String), Vec<ValueFault>> {
    let profile = desired.profile.as_ref().map_err(Clone::clone)?;
    let login = profile
        .get(LOGIN)
        .and_then(|login| login.as_str())
        .filter(|login| !login.is_empty());
    match login {
        Some(login) => Ok((profile, login.to_owned())),
        None => Err(vec![ValueFault {
            attribute: LOGIN.to_owned(),
            code: ValueFaultCode::RequiredMissing,
            params: Default::default(),
        }]),
    }
}

/// Creates at once, without asking first whether the login is free: Okta refuses a second one, and then it is looked
/// up. Without activation mail it takes two calls.
fn create(draft: &mut Draft<'_>, profile: &OktaProfile) {
    let stamp = draft.desired.activation_stamp;
    let activate = draft.desired.options.send_activation_email;
    let profile = profile.iter().filter(|(_, value)| !value.is_null());
    let profile = profile
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if draft.operation(Operation::Create {
        profile,
        activate,
        stamp,
    }) == Go::Stop
    {
        return;
    }
    if !activate
        && draft.operation(Operation::Activate {
            send_email: false,
            stamp,
        }) == Go::Stop
    {
        return;
    }
    if let Some(role) = draft
        .desired
        .assignment
        .and_then(|assignment| assignment.role)
    {
        draft.operation(Operation::GrantRole { role });
    }
}

fn plan_found(mut draft: Draft<'_>, wanted: &OktaProfile, candidate: &Candidate) -> Plan {
    let question = LinkQuestion {
        wanted,
        candidate,
        confirmation: draft.known.confirmation.as_ref(),
        roles_readable: draft.can_read_roles(),
    };
    match question.decide() {
        LinkDecision::Link { admin_confirmed } => return link(draft, candidate, admin_confirmed),
        LinkDecision::ReadRoles => draft.read(NeedsRead::Roles {
            okta_id: candidate.okta_id.clone(),
        }),
        LinkDecision::NeedsConfirmation(reasons) => {
            draft.block(Problem::link(&candidate.okta_id, reasons));
        }
        LinkDecision::Hold => _ = draft.wait(WaitReason::LoginHeld),
        LinkDecision::NotSame if draft.desired.settings.create_users => {
            _ = draft.wait(WaitReason::LoginTaken)
        }
        LinkDecision::NotSame => _ = draft.block_with(ProblemCode::CreateDisabled),
    }
    draft.settle(AccountState::InSync)
}

fn link(draft: Draft<'_>, candidate: &Candidate, admin_confirmed: bool) -> Plan {
    let account = KnownAccount::linked(candidate, admin_confirmed, false);
    let mut plan = plan_linked(draft.desired, draft.known, &account);
    let link = Operation::Link {
        okta_id: candidate.okta_id.clone(),
        taken_from: candidate.known_elsewhere.map(|other| other.user_id),
        admin_confirmed,
    };
    plan.steps.insert(0, Step::Do(link));
    plan
}
