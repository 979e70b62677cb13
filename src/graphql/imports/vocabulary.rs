//! The closed vocabularies of imports.

use async_graphql::Enum;

use crate::domain;

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
    /// Two accounts that would be created here have the same login or e-mail address.
    SameNameTwice,
    /// The directory cannot take the account: its login or e-mail address is missing, or breaks a rule.
    ValuesInvalid,
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
#[graphql(remote = "domain::import::AdviceReason")]
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

/// Why a difference is not settled like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::mapping::DifferenceNote")]
pub enum ImportDifferenceNote {
    /// The mapping gives everybody the same value: it is written to Okta, whichever side is the source.
    Constant,
    /// Okta does not let the attribute be written: only Okta can be the source.
    NotWritable,
    /// Okta's value has a type that the field cannot hold: it is not taken over.
    TypeMismatch,
    /// The directory refuses Okta's value: it is not taken over.
    Refused,
    /// The field feeds another attribute too, whose value is taken over instead.
    FedTwice,
}

/// Why an outcome is not `APPLIED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::OutcomeReason")]
pub enum ImportOutcomeReason {
    /// The person is the only active owner.
    LastOwner,
    /// It is the person who confirmed.
    Yourself,
    /// The person stands higher than the one who confirmed.
    AboveYou,
    /// The account holds an admin role in Okta, and whoever confirmed may not configure the app.
    AdminRole,
    /// Both sides agree already.
    AlreadySo,
    /// The person was changed here since Okta was read.
    PersonChanged,
    /// The account was changed in Okta since it was read.
    AccountChanged,
    /// The account is no longer in Okta.
    AccountGone,
    /// The person is no longer in the directory.
    PersonGone,
    /// Somebody in the directory has the user name or e-mail address by now.
    NameTaken,
    /// The account was linked to another person meanwhile.
    LinkedElsewhere,
    /// The person was linked to another account meanwhile.
    OtherAccount,
    /// The directory refuses a value of the account.
    ValuesInvalid,
    /// The import would deactivate more people than is safe.
    TooManyDeactivations,
}

/// Why an import failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::import::ImportProblem")]
pub enum ImportProblemCode {
    /// Okta sent a page whose accounts were all read before.
    RepeatedPage,
    /// Okta's pages do not come to an end.
    EndlessPages,
    /// Okta sent a page that cannot be read.
    BrokenPage,
    /// Okta did not answer, again and again.
    OktaUnavailable,
    /// Okta refuses to list its users.
    OktaRefused,
    /// The connection has to be authorized again, or is gone.
    NotConnected,
    /// The mapping was changed since Okta was read.
    MappingChanged,
    /// Whoever started or confirmed it may no longer import.
    PermissionWithdrawn,
    /// A fault of the server; its log says more.
    Internal,
}
