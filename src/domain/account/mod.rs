//! The account of a user in an app: its state for the panel, and the reasons for not being in sync.

mod problem;
mod status;
mod urgency;

use super::code::codes;

pub use problem::{Problem, ProblemCode};
pub use status::OktaStatus;
pub use urgency::Urgency;

codes! {
    /// Where an account stands (design §3).
    pub enum AccountState {
        /// There is no Okta account, and none is wanted now.
        NotProvisioned = "NOT_PROVISIONED",
        /// Okta holds what the directory wants.
        InSync = "IN_SYNC",
        /// A change waits for its turn.
        Pending = "PENDING",
        /// A call to Okta is under way.
        Running = "RUNNING",
        /// The outcome of a call is unknown; Okta is being read.
        Checking = "CHECKING",
        /// Something outside must pass first; a reason and a next attempt are given.
        Waiting = "WAITING",
        /// Somebody has to do something; a problem is given.
        Blocked = "BLOCKED",
        /// Awaits an administrator's approval.
        Held = "HELD",
        /// No longer managed; what is known of the Okta account is kept.
        Released = "RELEASED",
    }
}

impl AccountState {
    /// Whether nothing is left to do until the directory, the settings or an administrator change something.
    pub const fn is_settled(self) -> bool {
        matches!(
            self,
            Self::NotProvisioned | Self::InSync | Self::Blocked | Self::Released
        )
    }

    /// Whether an account may go from this state to `next`.
    ///
    /// A settled account only moves because its generation was raised, which makes it `PENDING`; an outcome is only
    /// unknown once a call was `RUNNING` (design §3).
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Running | Self::Checking, _) => true,
            (_, Self::Checking) => false,
            (Self::Pending | Self::Waiting | Self::Held, _) => true,
            (settled, next) => matches!(next, Self::Pending) || settled as u8 == next as u8,
        }
    }
}

codes! {
    /// How an Okta account came to be ours (design §2).
    pub enum Provenance {
        /// We created it.
        Created = "CREATED",
        /// It existed before and was found by its login.
        Linked = "LINKED",
        /// It existed before and was taken over by an import.
        Imported = "IMPORTED",
    }
}

codes! {
    /// A right of the authorizing admin that Okta may deny as a whole (design §3).
    pub enum Capability {
        /// Creating users.
        CreateUsers = "CREATE_USERS",
        /// Changing profiles.
        UpdateUsers = "UPDATE_USERS",
        /// Activating, unsuspending and deactivating users.
        ManageLifecycle = "MANAGE_LIFECYCLE",
        /// Deleting users.
        DeleteUsers = "DELETE_USERS",
        /// Granting and revoking admin roles.
        ManageRoles = "MANAGE_ROLES",
        /// Reading who holds admin roles.
        ReadRoles = "READ_ROLES",
    }
}

codes! {
    /// What a `WAITING` account waits for.
    pub enum WaitReason {
        /// The login belongs to an account that is still to be deleted.
        LoginHeld = "LOGIN_HELD",
        /// Okta says that the login is taken, yet shows nobody who has it.
        LoginTaken = "LOGIN_TAKEN",
        /// Okta's rate limit is used up.
        RateLimited = "RATE_LIMITED",
        /// The last attempt failed in a way that may pass.
        Retry = "RETRY",
        /// The connection has to be authorized again.
        NeedsReauthorization = "NEEDS_REAUTHORIZATION",
        /// Okta refuses this kind of call to the admin who authorized the connection.
        CapabilityDenied = "CAPABILITY_DENIED",
        /// Okta does not answer, or fails.
        OktaUnavailable = "OKTA_UNAVAILABLE",
        /// Okta is still carrying out an earlier change of status.
        Transitioning = "TRANSITIONING",
        /// The app has no Okta org yet, or the connection is switched off.
        NotConnected = "NOT_CONNECTED",
        /// An administrator paused the app.
        Paused = "PAUSED",
        /// The account is deactivated, and is deleted when the app's undo window is over.
        DeletionDelayed = "DELETION_DELAYED",
    }
}

impl WaitReason {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::LoginHeld => {
                "The login belongs to an account that is still waiting to be deleted in Okta."
            }
            Self::LoginTaken => {
                "Okta says the login is taken but shows nobody who has it; it is asked again."
            }
            Self::RateLimited => "Okta's rate limit is used up; the work goes on when it is reset.",
            Self::Retry => "The last attempt failed and is repeated.",
            Self::NeedsReauthorization => "The connection to Okta has to be authorized again.",
            Self::CapabilityDenied => {
                "Okta denies this kind of change to the admin who authorized the connection."
            }
            Self::OktaUnavailable => "Okta does not answer; the work goes on when it does.",
            Self::Transitioning => "Okta is still carrying out an earlier change of status.",
            Self::NotConnected => "The app is not connected to Okta.",
            Self::Paused => "An administrator paused the app; the work goes on when it is resumed.",
            Self::DeletionDelayed => {
                "The Okta account is deactivated and is deleted later; assigning the app again keeps it."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_only_unknown_while_running() {
        for state in AccountState::ALL {
            let expected = matches!(state, AccountState::Running | AccountState::Checking);
            assert_eq!(
                state.may_become(AccountState::Checking),
                expected,
                "{state}"
            );
        }
        assert!(!AccountState::InSync.may_become(AccountState::Running));
        assert!(AccountState::Released.may_become(AccountState::Pending));
    }
}
