//! Why an account does not get on, in words and in codes.

use async_graphql::{Enum, SimpleObject};

use crate::domain;
use crate::domain::account::Problem;
use crate::domain::mapping::ValueFault;
use crate::graphql::user_error::UserErrorParam;

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::account::AccountState")]
pub enum AccountState {
    /// There is no Okta account, and none is wanted now: the person is inactive, or was never active since the assignment.
    NotProvisioned,
    /// Okta holds what the directory wants.
    InSync,
    /// A change waits for its turn.
    Pending,
    /// A call to Okta is under way.
    Running,
    /// An answer was lost; Okta is being read to learn the outcome. Nothing is sent meanwhile. Takes up to two minutes.
    Checking,
    /// Something outside must pass first: see `waitReason` and `nextAttemptAt`.
    Waiting,
    /// Somebody has to do something: see `problem`.
    Blocked,
    /// Deactivating or deleting it is held: see `deprovisioningHold`. With `nextAttemptAt` it goes on by itself then; without, an administrator
    /// has to approve. Nothing at all is done to the account meanwhile.
    Held,
    /// No longer managed; what is known of the Okta account is kept.
    Released,
}

/// What a `WAITING` account waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::account::WaitReason")]
pub enum AccountWaitReason {
    /// The login belongs to an account that is still to be deleted in Okta.
    LoginHeld,
    /// Okta says that the login is taken, yet shows nobody who has it.
    LoginTaken,
    /// Okta's rate limit is used up; it goes on when the limit is reset.
    RateLimited,
    /// The last attempt failed in a way that may pass; it is repeated with growing pauses.
    Retry,
    /// The connection has to be authorized again.
    NeedsReauthorization,
    /// Okta refuses this kind of call to the admin who authorized the connection; see `OktaOrg.deniedCapabilities`.
    CapabilityDenied,
    /// Okta does not answer, or fails.
    OktaUnavailable,
    /// Okta is still carrying out an earlier change of status.
    Transitioning,
    /// The app has no Okta org yet, or the connection is switched off.
    NotConnected,
    /// An administrator paused the app: see `App.provisioningPause`.
    Paused,
    /// The Okta account is deactivated and is deleted at `nextAttemptAt`; see `AppOptions.deletionDelay` and `accountDeletionsDecide`. Assigning
    /// the app again keeps the account.
    DeletionDelayed,
}

/// Why an account is `BLOCKED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::account::ProblemCode")]
pub enum AccountProblemCode {
    /// There is no Okta account, and creating users is switched off.
    CreateDisabled,
    /// Somebody suspended, staged or deactivated the account in Okta; deactivating the person here and activating again overrules it.
    StatusChangedInOkta,
    /// The Okta account is not active, and activating users is switched off.
    ActivationDisabled,
    /// An Okta account with this login exists; taking it over needs `accountLinkConfirm`. See `linkReasons`.
    LinkNeedsConfirmation,
    /// The mapped profile breaks rules of Okta's schema. See `faults`.
    ProfileInvalid,
    /// Okta refused the change; `detail` has its words.
    RejectedByOkta,
    /// Okta refused the role.
    RoleRefused,
    /// The Okta account holds an admin role that was not given here; `accountLinkConfirm` permits changing it nevertheless.
    ProtectedAdmin,
    /// The account belongs to the administrator who authorized the connection; it is never deactivated or deleted by it.
    AuthorizingAdmin,
    /// The account was deleted in Okta; assigning or activating the person again makes a new one.
    NotFoundInOkta,
    /// The mapping no longer fits Okta's schema.
    MappingInvalid,
    /// Deactivating or deleting the account was held, and an administrator decided by `deprovisioningHoldDiscard` that it stays as it is.
    /// `accountsRetry` asks for it anew; so does taking access away again after it was given back.
    DeprovisioningDiscarded,
}

/// Why taking over an Okta account needs a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::link::LinkReason")]
pub enum LinkReason {
    /// The account is deactivated and bears another name: perhaps it was a leaver's.
    OtherName,
    /// The account is linked to another person of the directory.
    KnownUnderAnotherUser,
    /// The account has another primary e-mail address.
    OtherEmail,
    /// The account holds an admin role that was not given here.
    AdminRole,
    /// Okta does not let us see whether the account holds admin roles.
    RolesUnreadable,
    /// The account appeared while our own request to create it had no answer, and may be somebody else's.
    MadeByOthers,
}

/// What is wrong with the value of an Okta attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::mapping::ValueFaultCode")]
pub enum AttributeFaultCode {
    /// Okta requires the attribute and the person has no value.
    RequiredMissing,
    /// The value has the wrong type.
    TypeMismatch,
    /// The value is none of the attribute's choices.
    NotInChoices,
    /// The value is too long; `params.max`.
    TooLong,
    /// The value is too short; `params.min`.
    TooShort,
    /// The value does not match Okta's pattern; `params.pattern`.
    PatternMismatch,
    /// The value is not of the shape that Okta asks for; `params.format`.
    BadFormat,
    /// The org's schema lost the attribute, or made it read-only.
    NotWritable,
}

/// A value that Okta would refuse. The value itself is not shown.
#[derive(Clone, Debug, SimpleObject)]
pub struct AttributeFault {
    /// Name of the Okta attribute.
    pub attribute: String,
    /// What is wrong.
    pub code: AttributeFaultCode,
    /// The same for people, in English.
    pub message: String,
    /// Details for a translation.
    pub params: Vec<UserErrorParam>,
}

impl From<ValueFault> for AttributeFault {
    fn from(fault: ValueFault) -> Self {
        let params = fault.params.into_iter();
        Self {
            attribute: fault.attribute,
            code: fault.code.into(),
            message: fault.code.sentence().to_owned(),
            params: params
                .map(|(name, value)| UserErrorParam { name, value })
                .collect(),
        }
    }
}

/// Why an account is `BLOCKED`, and what to do about it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(serial)]
pub struct AccountProblem {
    /// For programs.
    pub code: AccountProblemCode,
    /// What is the matter, for people, in English.
    pub message: String,
    /// What to do about it, for people, in English.
    pub action: String,
    /// Okta's own words or status, for display only; null when Okta said nothing.
    pub detail: Option<String>,
    /// Values that Okta would refuse; empty except with `PROFILE_INVALID`.
    pub faults: Vec<AttributeFault>,
    /// Why a confirmation is needed; empty except with `LINK_NEEDS_CONFIRMATION`.
    pub link_reasons: Vec<LinkReason>,
    /// Okta's id of the account that was found under the login, to be given to `accountLinkConfirm`; null when it is the linked one.
    pub candidate_okta_id: Option<String>,
    /// Values that a translation of `message` needs.
    pub params: Vec<UserErrorParam>,
}

impl From<Problem> for AccountProblem {
    fn from(problem: Problem) -> Self {
        let named = [("detail", &problem.detail), ("oktaId", &problem.okta_id)];
        let param = |(name, value): (&str, &Option<String>)| {
            value.clone().map(|value| UserErrorParam {
                name: name.to_owned(),
                value,
            })
        };
        Self {
            code: problem.code.into(),
            message: problem.code.sentence().to_owned(),
            action: problem.code.advice().to_owned(),
            params: named.into_iter().filter_map(param).collect(),
            detail: problem.detail,
            faults: problem.faults.into_iter().map(Into::into).collect(),
            link_reasons: problem.link_reasons.into_iter().map(Into::into).collect(),
            candidate_okta_id: problem.okta_id,
        }
    }
}
