//! Rows of design §2 for a user whose Okta account is known.

use super::draft::{Draft, Go};
use super::roles::{self, Certainty};
use super::undo;
use super::{
    AccountState, Desired, DirectoryStatus, Known, KnownAccount, NeedsRead, Operation, Plan,
    WaitReason,
};
use crate::domain::account::{OktaStatus, Problem, ProblemCode, Provenance};
use crate::domain::mapping::{
    EMAIL, FIRST_NAME, LAST_NAME, LOGIN, OktaProfile, SECOND_EMAIL, diff,
};

/// Attributes by which somebody could become, or pass for, the holder of the account: they decide who signs in and
/// where recovery mail goes. Changing them takes certainty about admin roles.
const ACCESS_ATTRIBUTES: [&str; 3] = [LOGIN, EMAIL, SECOND_EMAIL];
/// Attributes that an admin whose role we did not give keeps unless an administrator confirmed the change.
const NAME_ATTRIBUTES: [&str; 5] = [LOGIN, EMAIL, SECOND_EMAIL, FIRST_NAME, LAST_NAME];

/// An account is linked and not gone.
pub(super) fn plan_linked(desired: &Desired, known: &Known, account: &KnownAccount) -> Plan {
    let mut draft = Draft::new(desired, known);
    if account.released && draft.is_over() {
        return draft.settle(AccountState::Released);
    }
    if account.transitioning {
        return await_transition(draft, account);
    }
    if draft.is_over() {
        return end(draft, account);
    }
    if account.released {
        draft.operation(Operation::Resume);
    }
    match desired.user {
        DirectoryStatus::Active => keep_active(draft, account),
        DirectoryStatus::Inactive | DirectoryStatus::Deleted => keep_inactive(draft, account),
    }
}

/// Nothing is changed while Okta still carries out an earlier change of status (contract §3: poll until it is done).
fn await_transition(mut draft: Draft<'_>, account: &KnownAccount) -> Plan {
    if account.status_fresh {
        draft.wait(WaitReason::Transitioning);
    } else {
        draft.read(NeedsRead::User {
            okta_id: account.okta_id.clone(),
        });
    }
    draft.settle(AccountState::Waiting)
}

/// Assigned and active: make it live, then write the profile, then the role.
fn keep_active(mut draft: Draft<'_>, account: &KnownAccount) -> Plan {
    if revive(&mut draft, account) == Go::Stop {
        return draft.settle(AccountState::Blocked);
    }
    write_profile(&mut draft, account);
    roles::assign(&mut draft, account);
    let stamp = draft.desired.activation_stamp;
    let mut plan = draft.settle(AccountState::InSync);
    plan.settlement.activation_applied = (stamp != account.activation_applied).then_some(stamp);
    plan
}

/// Assigned and inactive: deactivated if that is switched on, else kept as it is; a profile change to an account
/// that is not live waits until it is.
fn keep_inactive(mut draft: Draft<'_>, account: &KnownAccount) -> Plan {
    if account.status == OktaStatus::Deprovisioned {
        return draft.settle(AccountState::InSync);
    }
    if draft.desired.settings.activate_and_deactivate_users {
        deactivate(&mut draft, account);
    } else if account.status.is_live() {
        write_profile(&mut draft, account);
        roles::assign(&mut draft, account);
    }
    draft.settle(AccountState::InSync)
}

/// Makes the account live if the directory says so. What somebody did in Okta is only undone for an activation or
/// assignment that is newer than the last one brought to effect; what we did ourselves, always: a deactivation of ours
/// that landed late would otherwise keep the person out (design §3).
fn revive(draft: &mut Draft<'_>, account: &KnownAccount) -> Go {
    let wake = Operation::Activate {
        send_email: draft.desired.options.send_activation_email,
        stamp: draft.desired.activation_stamp,
    };
    let switched_on = draft.desired.settings.activate_and_deactivate_users;
    let ours = account.provenance == Provenance::Created;
    match &account.status {
        status if status.is_live() => Go::On,
        OktaStatus::Staged if ours => draft.operation(wake),
        OktaStatus::Deprovisioned if account.deactivated_by_us => draft.operation(wake),
        _ if !switched_on => draft.block_with(ProblemCode::ActivationDisabled),
        OktaStatus::Staged | OktaStatus::Deprovisioned if draft.has_new_activation(account) => {
            draft.operation(wake)
        }
        OktaStatus::Suspended if draft.has_new_activation(account) => {
            draft.operation(Operation::Unsuspend {
                stamp: draft.desired.activation_stamp,
            })
        }
        status => {
            draft.block(Problem::new(ProblemCode::StatusChangedInOkta).with_detail(status.as_str()))
        }
    }
}

/// One partial update with only the changed attributes.
fn write_profile(draft: &mut Draft<'_>, account: &KnownAccount) {
    if !draft.desired.settings.update_user_profile {
        return;
    }
    let wanted = match &draft.desired.profile {
        Ok(profile) => profile,
        Err(faults) => {
            draft.block(Problem::profile(faults.clone()));
            return;
        }
    };
    let changes = allowed_changes(draft, account, diff(wanted, &account.profile));
    if !changes.is_empty() {
        draft.operation(Operation::Update { changes });
    }
}

/// Leaves out what an admin whose role we did not give keeps without a confirmation.
fn allowed_changes(
    draft: &mut Draft<'_>,
    account: &KnownAccount,
    changes: OktaProfile,
) -> OktaProfile {
    let touches = |names: &[&str]| names.iter().any(|name| changes.contains_key(*name));
    if !touches(&NAME_ATTRIBUTES) {
        return changes;
    }
    let certainty = if touches(&ACCESS_ATTRIBUTES) {
        Certainty::ReadNow
    } else {
        Certainty::AsRecorded
    };
    match roles::protection(draft, account, certainty) {
        None => changes,
        Some(problem) => {
            draft.block(problem);
            changes
                .into_iter()
                .filter(|(name, _)| !NAME_ATTRIBUTES.contains(&name.as_str()))
                .collect()
        }
    }
}

/// The assignment is over: delete, or release.
fn end(draft: Draft<'_>, account: &KnownAccount) -> Plan {
    if draft.desired.settings.delete_users && !draft.desired.release_only {
        delete(draft, account)
    } else {
        release(draft, account)
    }
}

/// Deactivate, then delete, after the undo window if there is one; the call that deletes is only made when a read just showed DEPROVISIONED, as Okta's first
/// DELETE of any other account deactivates it and a repeated one deletes it (contract §3).
fn delete(mut draft: Draft<'_>, account: &KnownAccount) -> Plan {
    let deprovisioned = account.status == OktaStatus::Deprovisioned;
    let window = undo::window(&draft, account);
    if deprovisioned && let Some(window) = window {
        return undo::wait(draft, window);
    }
    let ready = if deprovisioned {
        may_delete(&mut draft, account)
    } else {
        deactivate(&mut draft, account)
    };
    if ready == Go::Stop {
        roles::revoke(&mut draft, account);
        return draft.settle(AccountState::Blocked);
    }
    if let Some(window) = window {
        return undo::wait(draft, window);
    }
    if !(deprovisioned && account.status_fresh) {
        draft.read(NeedsRead::User {
            okta_id: account.okta_id.clone(),
        });
    }
    draft.operation(Operation::Delete);
    draft.settle(AccountState::NotProvisioned)
}

/// Revoke what we gave; deactivate a deleted user if that is switched on; let go.
fn release(mut draft: Draft<'_>, account: &KnownAccount) -> Plan {
    if roles::revoke(&mut draft, account) == Go::Stop {
        return draft.settle(AccountState::Blocked);
    }
    let deactivates = draft.desired.user == DirectoryStatus::Deleted
        && draft.desired.settings.activate_and_deactivate_users
        && account.status != OktaStatus::Deprovisioned;
    if deactivates && deactivate(&mut draft, account) == Go::Stop {
        return draft.settle(AccountState::Blocked);
    }
    draft.operation(Operation::Release);
    draft.settle(AccountState::Released)
}

fn deactivate(draft: &mut Draft<'_>, account: &KnownAccount) -> Go {
    match roles::protection(draft, account, Certainty::ReadNow) {
        Some(problem) => draft.block(problem),
        None if account.is_authorizing_admin => draft.block_with(ProblemCode::AuthorizingAdmin),
        None => draft.operation(Operation::Deactivate),
    }
}

/// An account that we deactivated ourselves was checked for admin roles then.
fn may_delete(draft: &mut Draft<'_>, account: &KnownAccount) -> Go {
    if account.is_authorizing_admin {
        return draft.block_with(ProblemCode::AuthorizingAdmin);
    }
    if account.deactivated_by_us {
        return Go::On;
    }
    match roles::protection(draft, account, Certainty::ReadNow) {
        Some(problem) => draft.block(problem),
        None => Go::On,
    }
}
