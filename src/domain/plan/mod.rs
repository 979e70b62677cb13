//! The decision: what has to be done in Okta for one user in one app (design §2).
//!
//! [`plan`] alone decides it. It is level-triggered: it looks at the desired state and at what is known, never at what
//! happened, so the worker carries out the first step, learns, and plans again; when nothing is left it records the
//! [`Settlement`]. Steps after the first are what is foreseen, good for previews.

mod draft;
mod input;
mod linked;
mod record;
mod roles;
#[cfg(test)]
mod tests;
mod undo;
mod unlinked;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::{AccountState, Capability, OktaStatus, Problem, WaitReason};
use super::code::codes;
use super::mapping::OktaProfile;
use super::okta_role::RoleType;

pub use undo::{Awaited, Now};

pub use input::{
    AppOptions, AssignmentWish, Desired, DirectoryStatus, GrantedRole, Known, KnownAccount,
    KnownElsewhere, KnownRoles, LinkConfirmation, ListedRole, Lookup, Refusal, RoleKnowledge,
    Settings,
};

codes! {
    /// The kinds of operation.
    pub enum OperationKind {
        /// `POST /users`.
        Create = "CREATE",
        /// `POST /users/{id}` with the changed attributes.
        Update = "UPDATE",
        /// `POST /users/{id}/lifecycle/activate`.
        Activate = "ACTIVATE",
        /// `POST /users/{id}/lifecycle/unsuspend`.
        Unsuspend = "UNSUSPEND",
        /// `POST /users/{id}/lifecycle/deactivate`.
        Deactivate = "DEACTIVATE",
        /// `DELETE /users/{id}`; only of an account that was just read as DEPROVISIONED.
        Delete = "DELETE",
        /// `POST /users/{id}/roles`.
        GrantRole = "GRANT_ROLE",
        /// `DELETE /users/{id}/roles/{assignment}`.
        RevokeRole = "REVOKE_ROLE",
        /// Taking over an existing account; no call.
        Link = "LINK",
        /// Managing a released account again; no call.
        Resume = "RESUME",
        /// Ceasing to manage the account; no call.
        Release = "RELEASE",
    }
}

impl OperationKind {
    /// Name of the act in the audit trail.
    pub const fn act(self) -> &'static str {
        match self {
            Self::Create => "oktaUser.create",
            Self::Update => "oktaUser.update",
            Self::Activate => "oktaUser.activate",
            Self::Unsuspend => "oktaUser.unsuspend",
            Self::Deactivate => "oktaUser.deactivate",
            Self::Delete => "oktaUser.delete",
            Self::GrantRole => "oktaRole.grant",
            Self::RevokeRole => "oktaRole.revoke",
            Self::Link => "account.link",
            Self::Resume => "account.resume",
            Self::Release => "account.release",
        }
    }

    /// Whether Okta is called.
    pub const fn calls_okta(self) -> bool {
        !matches!(self, Self::Link | Self::Resume | Self::Release)
    }

    /// Whether it takes something away from the person for which the daily budget is made (design §3).
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Deactivate | Self::Delete)
    }

    /// The rights of the authorizing admin that it needs; none without a call. Only a role that is read can be taken
    /// away: Okta's id of the assignment is in the list.
    pub const fn capabilities(self) -> &'static [Capability] {
        match self {
            Self::Create => &[Capability::CreateUsers],
            Self::Update => &[Capability::UpdateUsers],
            Self::Activate | Self::Unsuspend | Self::Deactivate => &[Capability::ManageLifecycle],
            Self::Delete => &[Capability::DeleteUsers],
            Self::GrantRole => &[Capability::ManageRoles],
            Self::RevokeRole => &[Capability::ManageRoles, Capability::ReadRoles],
            Self::Link | Self::Resume | Self::Release => &[],
        }
    }

    /// The right whose lack Okta's refusal of the call shows; `None` without a call.
    pub fn capability(self) -> Option<Capability> {
        self.capabilities().first().copied()
    }
}

/// One thing to do. What success means for what is known: [`KnownAccount::record`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Operation {
    /// Create the account. On success record [`KnownAccount::created`].
    Create {
        /// The mapped profile, without nulls.
        profile: OktaProfile,
        /// Whether Okta activates it at once, with mail. False is the first of two calls.
        activate: bool,
        /// The activation that it brings to effect.
        stamp: i64,
    },
    /// Write the changed attributes, and no others; null clears.
    Update {
        /// The changed attributes.
        changes: OktaProfile,
    },
    /// Activate a STAGED or DEPROVISIONED account.
    Activate {
        /// Whether Okta mails the person.
        send_email: bool,
        /// The activation that it brings to effect.
        stamp: i64,
    },
    /// Let a SUSPENDED account in again.
    Unsuspend {
        /// The activation that it brings to effect.
        stamp: i64,
    },
    /// Deactivate by the lifecycle call.
    Deactivate,
    /// Delete an account that was just read as DEPROVISIONED.
    Delete,
    /// Give a role.
    GrantRole {
        /// The role.
        role: RoleType,
    },
    /// Take away the role that we gave. That it is gone already is a success.
    RevokeRole {
        /// The role.
        role: RoleType,
    },
    /// Take over the account that the lookup found: record [`KnownAccount::linked`].
    Link {
        /// Okta's id of the account.
        okta_id: String,
        /// The user of ours who loses the account; only after a confirmation.
        taken_from: Option<Uuid>,
        /// An administrator confirmed it although it holds roles that we did not give: record `admin_confirmed`.
        admin_confirmed: bool,
    },
    /// Manage a released account again.
    Resume,
    /// Cease to manage the account.
    Release,
}

impl Operation {
    /// Its kind.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Create { .. } => OperationKind::Create,
            Self::Update { .. } => OperationKind::Update,
            Self::Activate { .. } => OperationKind::Activate,
            Self::Unsuspend { .. } => OperationKind::Unsuspend,
            Self::Deactivate => OperationKind::Deactivate,
            Self::Delete => OperationKind::Delete,
            Self::GrantRole { .. } => OperationKind::GrantRole,
            Self::RevokeRole { .. } => OperationKind::RevokeRole,
            Self::Link { .. } => OperationKind::Link,
            Self::Resume => OperationKind::Resume,
            Self::Release => OperationKind::Release,
        }
    }
}

/// Something to read from Okta before the plan can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeedsRead {
    /// `GET /users/{id}`: afterwards `status`, `profile` and `status_fresh` are up to date.
    User {
        /// Okta's id of the user.
        okta_id: String,
    },
    /// `GET /users/{id}/roles`: afterwards the role knowledge is `FRESH` (for a candidate: `roles` is given).
    Roles {
        /// Okta's id of the user.
        okta_id: String,
    },
    /// `GET /users/{login}`: afterwards the lookup says what came back.
    LoginLookup {
        /// The login.
        login: String,
    },
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Read, then plan again.
    Read(NeedsRead),
    /// Do, then plan again.
    Do(Operation),
}

/// What holds once all steps are done.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The account's state.
    pub state: AccountState,
    /// Why it is `BLOCKED`.
    pub problem: Option<Problem>,
    /// What it is `WAITING` for.
    pub wait: Option<WaitReason>,
    /// The activation stamp to record as applied; `None` to leave it.
    pub activation_applied: Option<i64>,
    /// The undo window that the account waits for; `None` when it waits for none.
    pub deletion: Option<Awaited>,
}

/// Decides what has to be done in Okta for one user in one app.
///
/// The rows of design §2 are in `linked` (an account is known) and `unlinked` (none is, or it is gone); what belongs to
/// admin roles is in `roles`.
pub fn plan(desired: &Desired, known: &Known) -> Plan {
    match &known.account {
        Some(account) if account.status == OktaStatus::Deleted => {
            unlinked::plan_gone(desired, known, account)
        }
        Some(account) => linked::plan_linked(desired, known, account),
        None => unlinked::plan_unlinked(desired, known),
    }
}

/// What is to be done, and what holds afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The steps, in order. Only the first is certain: carry it out and plan again.
    pub steps: Vec<Step>,
    /// What holds when no step is left.
    pub settlement: Settlement,
}

impl Plan {
    /// The step to carry out now; `None` when all that is left is to record the settlement.
    pub fn next(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// The operations that are foreseen, without the reads between them.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.steps.iter().filter_map(|step| match step {
            Step::Do(operation) => Some(operation),
            Step::Read(_) => None,
        })
    }
}
