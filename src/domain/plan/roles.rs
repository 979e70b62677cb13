//! Admin roles in the plan: giving and taking ours, and leaving alone whoever holds others.

use super::draft::{Draft, Go};
use super::{KnownAccount, NeedsRead, Operation, RoleKnowledge};
use crate::domain::account::{Problem, ProblemCode};
use crate::domain::okta_role::RoleType;

/// How sure one must be of the roles that an account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// As of the last reading, whenever that was.
    AsRecorded,
    /// Read in this pass, unless Okta does not let us.
    ReadNow,
}

/// Revokes the role that we gave and grants the wanted one (design §2). A role that the account holds already without
/// our doing is left as it is: it is not ours to take away later.
pub(super) fn assign(draft: &mut Draft<'_>, account: &KnownAccount) {
    let wanted = draft
        .desired
        .assignment
        .and_then(|assignment| assignment.role);
    let granted = account.roles.granted.map(|granted| granted.role);
    if is_unknown(draft, account) && (wanted.is_some() || granted.is_some()) {
        read(draft, account);
        return;
    }
    if wanted == granted {
        return;
    }
    if granted.is_some_and(|role| draft.operation(Operation::RevokeRole { role }) == Go::Stop) {
        return;
    }
    if let Some(role) = wanted.filter(|role| !holds_otherwise(account, *role)) {
        draft.operation(Operation::GrantRole { role });
    }
}

/// Revokes the role that we gave, if there is one and the account can still hold it.
pub(super) fn revoke(draft: &mut Draft<'_>, account: &KnownAccount) -> Go {
    let Some(granted) = account
        .roles
        .granted
        .filter(|_| account.status.holds_roles())
    else {
        return Go::On;
    };
    if is_unknown(draft, account) {
        read(draft, account);
    }
    draft.operation(Operation::RevokeRole { role: granted.role })
}

/// Why the account may not be renamed, deactivated or deleted: it holds an admin role that we did not give, and no
/// administrator confirmed the change. Asks for a reading first where `certainty` takes one.
pub(super) fn protection(
    draft: &mut Draft<'_>,
    account: &KnownAccount,
    certainty: Certainty,
) -> Option<Problem> {
    if account.admin_confirmed {
        return None;
    }
    let stale = account.roles.knowledge != RoleKnowledge::Fresh && draft.can_read_roles();
    if certainty == Certainty::ReadNow && stale {
        read(draft, account);
        return None;
    }
    let role = account.roles.foreign.first()?;
    Some(Problem::new(ProblemCode::ProtectedAdmin).with_detail(role.role_type.as_str()))
}

/// After a reactivation the roles are unknown; where Okta does not let us read them, the record has to do.
fn is_unknown(draft: &Draft<'_>, account: &KnownAccount) -> bool {
    account.roles.knowledge == RoleKnowledge::Unknown && draft.can_read_roles()
}

fn read(draft: &mut Draft<'_>, account: &KnownAccount) {
    draft.read(NeedsRead::Roles {
        okta_id: account.okta_id.clone(),
    });
}

fn holds_otherwise(account: &KnownAccount, role: RoleType) -> bool {
    account
        .roles
        .foreign
        .iter()
        .any(|held| !held.inherited && held.role_type == role.as_str())
}
