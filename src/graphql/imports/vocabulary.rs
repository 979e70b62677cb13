//! The closed vocabularies of imports.

use async_graphql::Enum;

use crate::{domain, service};

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::ImportStatus")]
pub enum ImportStatus {
    /// Okta is being read; candidates appear as they are found, and the list is not complete yet.
    Fetching,
    /// Everything was read: look, tick, confirm.
    Ready,
    /// What was confirmed is being applied.
    Applying,
    /// Everything that was confirmed has its outcome.
    Completed,
    /// Reading Okta failed; see `problem`. Nothing can be confirmed.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

/// How much of the org an import reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::ImportMode")]
pub enum ImportMode {
    /// Everybody. Only a full import can tell who vanished from Okta.
    Full,
    /// Whom Okta changed since the last import.
    Incremental,
}

/// Whose values win where both sides have some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::SourceProfile")]
pub enum SourceProfile {
    /// Okta's values are written into the directory; Okta is not changed where both agree then.
    Okta,
    /// The directory's values are written to Okta, if `updateUserProfile` is on.
    Directory,
}

/// What confirming a candidate would do. Each candidate is in exactly one category; status goes before values, because the values of somebody who
/// leaves matter less than that he leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::Category")]
pub enum ImportCategory {
    /// In Okta, not in the directory: the person is created here and assigned.
    New,
    /// In both, and something differs: the source profile's values overwrite the other side's.
    Update,
    /// In both, inactive here and active in Okta: activated here and assigned.
    Activate,
    /// In both, active here and deactivated in Okta: deactivated here.
    Deactivate,
    /// Linked here, and gone from Okta: noted on the account. Only a complete full import tells.
    Vanished,
}

/// Why a candidate cannot be confirmed before somebody resolves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::ConflictReason")]
pub enum ImportConflict {
    /// Two Okta accounts fit one person of the directory.
    TwoAccountsFitPerson,
    /// The Okta account fits two people of the directory: one by login, another by e-mail address.
    AccountFitsTwoPeople,
    /// The person is linked to another Okta account.
    PersonHasAnotherAccount,
    /// The account belongs to somebody who was deleted from the directory.
    PersonDeleted,
}

/// What became of a candidate that was confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::Outcome")]
pub enum ImportOutcome {
    /// Done.
    Applied,
    /// Left as it is, for the reason given.
    Skipped,
    /// Not done, because the directory or Okta moved since it was read; try it again to look anew.
    Stale,
    /// A conflict stands in the way.
    Unresolved,
    /// It could not be done, for the reason given.
    Failed,
    /// A deactivation that waits for approval, because there are too many at once.
    Held,
}

/// Why an import is advisable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::imports::AdviceReason")]
pub enum ImportAdviceReason {
    /// There never was one.
    NeverImported,
    /// Provisioning was switched off for a while.
    ProvisioningWasOff,
    /// The connection did not work for a while.
    ConnectionWasDown,
    /// Somebody changed accounts in Okta.
    DriftSeen,
}

/// Why a difference cannot simply be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::mapping::DifferenceNote")]
pub enum ImportDifferenceNote {
    /// The attribute is mapped to a constant: the directory has nowhere to keep Okta's value.
    Constant,
    /// The value has a type that the directory field does not take.
    TypeMismatch,
    /// The directory's rules refuse the value.
    InvalidValue,
}
