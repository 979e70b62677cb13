//! What the plan is made from: the desired state, and what we last knew of the Okta account.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::account::{Capability, OktaStatus, Problem, Provenance};
use crate::domain::code::codes;
use crate::domain::link::{Candidate, LinkReason};
use crate::domain::mapping::{OktaProfile, ValueFault};
use crate::domain::okta_role::RoleType;
use crate::domain::plan::{Now, OperationKind};

codes! {
    /// The user in the directory.
    pub enum DirectoryStatus {
        /// May work.
        Active = "ACTIVE",
        /// May not.
        Inactive = "INACTIVE",
        /// Gone; a tombstone until Okta is settled (design §2).
        Deleted = "DELETED",
    }
}

/// The four switches of provisioning (design §1, step 5).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Whether missing accounts are created.
    pub create_users: bool,
    /// Whether changed profiles are written.
    pub update_user_profile: bool,
    /// Whether accounts of people who are unassigned or deleted are deleted.
    pub delete_users: bool,
    /// Whether the directory's active and inactive reach Okta.
    pub activate_and_deactivate_users: bool,
}

/// The app's options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppOptions {
    /// Whether Okta mails people when their account is activated. Without mail, creating takes two calls (design §2).
    pub send_activation_email: bool,
    /// How long a deactivated account is kept before it is deleted, milliseconds; zero: not at all.
    pub deletion_delay_ms: i64,
}

impl Default for AppOptions {
    fn default() -> Self {
        Self {
            send_activation_email: true,
            deletion_delay_ms: 0,
        }
    }
}

/// The user is assigned to the app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentWish {
    /// The Okta role that comes with the assignment; none when null.
    pub role: Option<RoleType>,
}

/// What the directory, the mapping and the settings want for one user in one app.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The user in the directory.
    pub user: DirectoryStatus,
    /// The assignment; `None` when the user is not assigned.
    pub assignment: Option<AssignmentWish>,
    /// The profile that the mapping gives, or why it gives none.
    pub profile: Result<OktaProfile, Vec<ValueFault>>,
    /// The four switches.
    pub settings: Settings,
    /// The app's options.
    pub options: AppOptions,
    /// Number of the newest activation of the user or assignment to the app: each such event has a higher one than
    /// all before it. Zero when there never was one.
    pub activation_stamp: i64,
    /// The assignment ended, or the user was deleted, while `delete_users` was off: the account is released even if
    /// the switch is on by now (design §2: switching it on never deletes those). Reset by the next assignment.
    pub release_only: bool,
}

/// What a role listing says of one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedRole {
    /// Okta's name of the type; may be one that we do not know.
    pub role_type: String,
    /// Whether it comes from a group and cannot be removed from the user (contract §5).
    pub inherited: bool,
    /// When it was assigned, in Okta's clock; null when Okta did not say.
    pub created: Option<i64>,
}

/// A role that we gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedRole {
    /// The type.
    pub role: RoleType,
    /// When it was assigned, in Okta's clock; null when unknown.
    pub created: Option<i64>,
}

codes! {
    /// How far what we know of the account's roles can be trusted.
    pub enum RoleKnowledge {
        /// Not at all: never read, or the account was reactivated since.
        Unknown = "UNKNOWN",
        /// As of our own last grant or reading: good enough for giving and taking our role.
        Recorded = "RECORDED",
        /// Read just now: good enough for deactivating, deleting and renaming.
        Fresh = "FRESH",
    }
}

/// What we know of the admin roles of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRoles {
    /// How far the rest can be trusted.
    pub knowledge: RoleKnowledge,
    /// The role that we gave; never more than one.
    pub granted: Option<GrantedRole>,
    /// The roles that we did not give.
    pub foreign: Vec<ListedRole>,
}

/// An Okta account that is linked to the user.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownAccount {
    /// Okta's id of the user.
    pub okta_id: String,
    /// How the account came to be ours.
    pub provenance: Provenance,
    /// Its status as last seen.
    pub status: OktaStatus,
    /// Okta is still carrying out a change of status (`transitioningToStatus`, contract §3).
    pub transitioning: bool,
    /// Whether `status` was read in this very pass, after the last change of ours: what DELETE asks for.
    pub status_fresh: bool,
    /// Its profile as last seen or written.
    pub profile: OktaProfile,
    /// Its admin roles.
    pub roles: KnownRoles,
    /// Whether it is DEPROVISIONED by our own doing. Set by our deactivation, reset when it is seen live.
    pub deactivated_by_us: bool,
    /// The activation stamp that was last brought to effect; zero after linking.
    pub activation_applied: i64,
    /// An administrator confirmed that this account may be changed although it holds roles that we did not give.
    pub admin_confirmed: bool,
    /// Whether it belongs to the administrator who authorized the connection.
    pub is_authorizing_admin: bool,
    /// Whether it was released and not taken up again.
    pub released: bool,
    /// Since when it waits, deactivated, for its deletion, epoch milliseconds; `None` while it does not.
    pub deletion_from: Option<i64>,
}

/// What asking Okta for the login brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// Nobody asked.
    NotLookedUp,
    /// Okta refused to create the account because the login is taken; nobody asked yet by whom.
    LoginTaken,
    /// Okta knows nobody with this login.
    NoneFound,
    /// As `NoneFound`, although Okta refused to create the account because the login is taken.
    TakenButNoneFound,
    /// Somebody came back; perhaps another login (Okta also matches short names).
    Found(Box<Candidate>),
}

/// An administrator's confirmation of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkConfirmation {
    /// The Okta account that was shown.
    pub okta_id: String,
    /// The reasons that were shown; further ones ask for another confirmation.
    pub reasons: Vec<LinkReason>,
}

/// Okta refused an operation for good; it is not tried again before the generation rises.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The kind of operation.
    pub kind: OperationKind,
    /// What to tell.
    pub problem: Problem,
}

/// What we know of Okta for one user in one app.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The linked account; `None` when there never was one.
    pub account: Option<KnownAccount>,
    /// What asking for the login brought; only counts while no account is linked, or when the linked one is gone.
    pub lookup: Lookup,
    /// The confirmation that an administrator gave; null when none.
    pub confirmation: Option<LinkConfirmation>,
    /// What Okta refused in this generation.
    pub refusals: Vec<Refusal>,
    /// What Okta denies the connection as a whole.
    pub denied: BTreeSet<Capability>,
    /// What time it is.
    pub now: Now,
}

/// Another user of ours to whom a found account is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownElsewhere {
    /// That user.
    pub user_id: Uuid,
    /// Whether the account still waits for its deletion.
    pub awaiting_deletion: bool,
}
