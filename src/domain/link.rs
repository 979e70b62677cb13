//! Taking over an Okta account that existed before: when it is safe, and when an administrator has to confirm it.

use super::account::OktaStatus;
use super::code::codes;
use super::mapping::OktaProfile;
use super::plan::{KnownElsewhere, LinkConfirmation, ListedRole};

codes! {
    /// Why taking over an account needs a confirmation (design §2).
    pub enum LinkReason {
        /// The account is DEPROVISIONED and bears another name: perhaps a leaver's.
        OtherName = "OTHER_NAME",
        /// The account is linked to another user of ours.
        KnownUnderAnotherUser = "KNOWN_UNDER_ANOTHER_USER",
        /// The account has another primary e-mail address.
        OtherEmail = "OTHER_EMAIL",
        /// The account holds an admin role that we did not give.
        AdminRole = "ADMIN_ROLE",
        /// Okta does not let us see whether the account holds admin roles.
        RolesUnreadable = "ROLES_UNREADABLE",
        /// The account appeared while our own request to create it had no answer, and may be somebody else's.
        MadeByOthers = "MADE_BY_OTHERS",
    }
}

/// An account that a lookup by login brought back.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Okta's id of the user.
    pub okta_id: String,
    /// Its status.
    pub status: OktaStatus,
    /// Its profile, with `login`.
    pub profile: OktaProfile,
    /// Its admin roles; `None` when not yet read.
    pub roles: Option<Vec<ListedRole>>,
    /// Another user of ours to whom it is linked in this Okta org; null when none.
    pub known_elsewhere: Option<KnownElsewhere>,
    /// Further reasons for a confirmation, found while the outcome of a creation was unknown.
    pub suspicions: Vec<LinkReason>,
}

/// What to do with the account that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkDecision {
    /// Take it over.
    Link {
        /// An administrator confirmed it although it holds roles that we did not give.
        admin_confirmed: bool,
    },
    /// Its admin roles have to be read first.
    ReadRoles,
    /// An administrator has to confirm it.
    NeedsConfirmation(Vec<LinkReason>),
    /// It still waits for its deletion: wait until the login is free.
    Hold,
    /// It has another login: Okta matched a short name, nobody was found.
    NotSame,
}

/// What is known when deciding.
#[derive(Debug, Clone, Copy)]
pub struct LinkQuestion<'a> {
    /// The mapped profile of the user.
    pub wanted: &'a OktaProfile,
    /// The account that was found.
    pub candidate: &'a Candidate,
    /// The confirmation that an administrator gave.
    pub confirmation: Option<&'a LinkConfirmation>,
    /// Whether Okta lets us read admin roles.
    pub roles_readable: bool,
}
