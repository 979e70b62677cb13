//! The account of a user in an app: its state for the panel, and the reasons for not being in sync.

use serde::{Deserialize, Serialize};

use super::code::codes;
use super::link::LinkReason;
use super::mapping::ValueFault;

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

/// The status of an Okta user (contract §3). Statuses that we do not know are data, not errors.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum OktaStatus {
    /// Created, never activated.
    Staged,
    /// Activated; the person has not yet set a password.
    Provisioned,
    /// In use.
    Active,
    /// Resetting a password.
    Recovery,
    /// Must set a new password.
    PasswordExpired,
    /// Too many failed sign-ins.
    LockedOut,
    /// Access stopped by an administrator of Okta.
    Suspended,
    /// Deactivated.
    Deprovisioned,
    /// Not Okta's word: Okta answered that there is no such user any more.
    Deleted,
    /// A status that Okta added since.
    Other(String),
}

impl OktaStatus {
    /// Okta's name of the status; `DELETED` for a user that is gone.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Staged => "STAGED",
            Self::Provisioned => "PROVISIONED",
            Self::Active => "ACTIVE",
            Self::Recovery => "RECOVERY",
            Self::PasswordExpired => "PASSWORD_EXPIRED",
            Self::LockedOut => "LOCKED_OUT",
            Self::Suspended => "SUSPENDED",
            Self::Deprovisioned => "DEPROVISIONED",
            Self::Deleted => "DELETED",
            Self::Other(name) => name,
        }
    }

    /// *Live* in the sense of design §2: the person can get in, if need be after a password step.
    pub const fn is_live(&self) -> bool {
        matches!(
            self,
            Self::Provisioned
                | Self::Active
                | Self::Recovery
                | Self::PasswordExpired
                | Self::LockedOut
        )
    }

    /// Whether an account in this status can hold admin roles. Deactivation takes them away (contract §3).
    pub const fn holds_roles(&self) -> bool {
        !matches!(self, Self::Deprovisioned | Self::Deleted)
    }
}

impl From<String> for OktaStatus {
    fn from(name: String) -> Self {
        match name.as_str() {
            "STAGED" => Self::Staged,
            "PROVISIONED" => Self::Provisioned,
            "ACTIVE" => Self::Active,
            "RECOVERY" => Self::Recovery,
            "PASSWORD_EXPIRED" => Self::PasswordExpired,
            "LOCKED_OUT" => Self::LockedOut,
            "SUSPENDED" => Self::Suspended,
            "DEPROVISIONED" => Self::Deprovisioned,
            "DELETED" => Self::Deleted,
            _ => Self::Other(name),
        }
    }
}

impl From<&str> for OktaStatus {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl From<OktaStatus> for String {
    fn from(status: OktaStatus) -> Self {
        status.as_str().to_owned()
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
        }
    }
}

codes! {
    /// Why an account is `BLOCKED`.
    pub enum ProblemCode {
        /// There is no Okta account, and creating users is switched off.
        CreateDisabled = "CREATE_DISABLED",
        /// Somebody suspended, staged or deactivated the account in Okta.
        StatusChangedInOkta = "STATUS_CHANGED_IN_OKTA",
        /// The account is not live, and activating users is switched off.
        ActivationDisabled = "ACTIVATION_DISABLED",
        /// An account with this login exists, and taking it over needs a confirmation.
        LinkNeedsConfirmation = "LINK_NEEDS_CONFIRMATION",
        /// The mapped profile breaks a rule of Okta's schema.
        ProfileInvalid = "PROFILE_INVALID",
        /// Okta refused the change.
        RejectedByOkta = "REJECTED_BY_OKTA",
        /// Okta refused the role.
        RoleRefused = "ROLE_REFUSED",
        /// The account holds an admin role that we did not give.
        ProtectedAdmin = "PROTECTED_ADMIN",
        /// The account belongs to the administrator who authorized the connection.
        AuthorizingAdmin = "AUTHORIZING_ADMIN",
        /// The account is gone from Okta.
        NotFoundInOkta = "NOT_FOUND_IN_OKTA",
        /// The app's mapping no longer fits Okta's schema.
        MappingInvalid = "MAPPING_INVALID",
    }
}

impl ProblemCode {
    /// One sentence for the panel: what is the matter.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CreateDisabled => {
                "This person has no Okta account, and creating users is switched off."
            }
            Self::StatusChangedInOkta => "The account's status was changed in Okta itself.",
            Self::ActivationDisabled => {
                "The Okta account is not active, and activating users is switched off."
            }
            Self::LinkNeedsConfirmation => "An Okta account with this login exists already.",
            Self::ProfileInvalid => "The mapped profile does not fit Okta's schema.",
            Self::RejectedByOkta => "Okta refused the change.",
            Self::RoleRefused => "Okta refused the admin role.",
            Self::ProtectedAdmin => "The Okta account holds an admin role that was not given here.",
            Self::AuthorizingAdmin => {
                "The Okta account belongs to the admin who authorized the connection."
            }
            Self::NotFoundInOkta => "The account was deleted in Okta.",
            Self::MappingInvalid => "The attribute mapping no longer fits Okta's schema.",
        }
    }

    /// One sentence for the panel: what to do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::CreateDisabled => {
                "Switch on createUsers, or create the account in Okta with the same login."
            }
            Self::StatusChangedInOkta => {
                "Ask Okta's administrators; then activate the person here again."
            }
            Self::ActivationDisabled => {
                "Switch on activateAndDeactivateUsers, or activate the account in Okta."
            }
            Self::LinkNeedsConfirmation => {
                "Look at the reasons; confirm the link, or change the person's login."
            }
            Self::ProfileInvalid => "Correct the named values of the person, or the mapping.",
            Self::RejectedByOkta => "Correct what Okta names, then retry.",
            Self::RoleRefused => {
                "Choose another role, or have a super admin authorize the connection."
            }
            Self::ProtectedAdmin => {
                "Take the role away in Okta, or confirm that this account may be changed."
            }
            Self::AuthorizingAdmin => "Have another admin authorize the connection first.",
            Self::NotFoundInOkta => "Assign or activate the person again to create a new account.",
            Self::MappingInvalid => "Correct and save the mapping.",
        }
    }
}

/// Why an account is `BLOCKED`, with what a panel needs to explain it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The reason.
    pub code: ProblemCode,
    /// The values that break a rule; only with `PROFILE_INVALID`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<ValueFault>,
    /// Why linking needs a confirmation; only with `LINK_NEEDS_CONFIRMATION`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub link_reasons: Vec<LinkReason>,
    /// The Okta account in question, where it is not the one that is linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub okta_id: Option<String>,
    /// Okta's own words or status, for display only; null when Okta said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Problem {
    /// A problem that its code explains.
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            faults: Vec::new(),
            link_reasons: Vec::new(),
            okta_id: None,
            detail: None,
        }
    }

    /// The mapped profile breaks rules.
    pub fn profile(faults: Vec<ValueFault>) -> Self {
        Self {
            faults,
            ..Self::new(ProblemCode::ProfileInvalid)
        }
    }

    /// Taking over `okta_id` needs a confirmation.
    pub fn link(okta_id: &str, reasons: Vec<LinkReason>) -> Self {
        Self {
            link_reasons: reasons,
            okta_id: Some(okta_id.to_owned()),
            ..Self::new(ProblemCode::LinkNeedsConfirmation)
        }
    }

    /// The same problem with Okta's own words.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_as_itself() {
        for name in [
            "STAGED",
            "PROVISIONED",
            "ACTIVE",
            "RECOVERY",
            "PASSWORD_EXPIRED",
            "LOCKED_OUT",
        ] {
            assert_eq!(OktaStatus::from(name).as_str(), name);
        }
        let unknown = OktaStatus::from("QUARANTINED");
        assert_eq!(unknown, OktaStatus::Other("QUARANTINED".into()));
        assert!(!unknown.is_live());
        assert_eq!(serde_json::to_value(&unknown).unwrap(), "QUARANTINED");
    }

    #[test]
    fn live_is_what_the_design_says() {
        let live = [
            "PROVISIONED",
            "ACTIVE",
            "RECOVERY",
            "PASSWORD_EXPIRED",
            "LOCKED_OUT",
        ];
        let dead = ["STAGED", "SUSPENDED", "DEPROVISIONED", "DELETED", "NEW"];
        assert!(live.iter().all(|name| OktaStatus::from(*name).is_live()));
        assert!(dead.iter().all(|name| !OktaStatus::from(*name).is_live()));
    }

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

    #[test]
    fn a_problem_keeps_its_details_in_json() {
        let problem = Problem::link("00u1", vec![LinkReason::AdminRole]).with_detail("ACTIVE");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["code"], "LINK_NEEDS_CONFIRMATION");
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
        let short = serde_json::to_value(Problem::new(ProblemCode::CreateDisabled)).unwrap();
        assert_eq!(short, serde_json::json!({"code": "CREATE_DISABLED"}));
    }
}
