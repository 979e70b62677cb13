//! Taking people who are in Okta already into the directory: what an account is proposed for, and what became of it (design §1, step 6).

mod classify;
mod intention;

use super::code::codes;

pub use classify::{Fit, Known, Verdict, classify, fit};
pub use intention::{Intention, Question, Totals, intention, sentences};

codes! {
    /// How far an import is.
    pub enum ImportStatus {
        /// Okta is being read; the list is not complete.
        Fetching = "FETCHING",
        /// The list is complete and waits for ticks and a confirmation.
        Ready = "READY",
        /// What was confirmed is being carried out.
        Applying = "APPLYING",
        /// Everything that was confirmed has an outcome.
        Completed = "COMPLETED",
        /// It stopped; the problem says why.
        Failed = "FAILED",
        /// An administrator ended it, or a newer import took its place.
        Cancelled = "CANCELLED",
    }
}

impl ImportStatus {
    /// Whether the worker has something to do.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::Fetching | Self::Applying)
    }

    /// Whether nothing more happens unless an administrator retries or approves something.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Whether an import may go from this status to `next`. A completed one goes on when something is retried or approved.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Fetching => matches!(next, Self::Ready | Self::Failed | Self::Cancelled),
            Self::Ready => matches!(next, Self::Applying | Self::Cancelled),
            Self::Applying => matches!(next, Self::Completed | Self::Failed | Self::Cancelled),
            Self::Completed => matches!(next, Self::Applying),
            Self::Failed | Self::Cancelled => false,
        }
    }
}

codes! {
    /// What the worker does next with a running import.
    pub enum ImportPhase {
        /// Read who holds admin roles.
        Admins = "ADMINS",
        /// Read and classify the next page.
        Pages = "PAGES",
        /// Look for linked accounts that were on no page.
        Vanished = "VANISHED",
        /// Ask Okta once what changed since the fetch.
        Recheck = "RECHECK",
        /// Carry out the next candidates.
        Apply = "APPLY",
    }
}

codes! {
    /// Which accounts an import reads.
    pub enum ImportMode {
        /// All; only then can it be told who is no longer in Okta.
        Full = "FULL",
        /// Those that changed since the last complete import.
        Incremental = "INCREMENTAL",
    }
}

codes! {
    /// Whose values overwrite the other's where both sides know a person.
    pub enum SourceProfile {
        /// Okta's values are written into the directory.
        Okta = "OKTA",
        /// The directory's values are written into Okta.
        Directory = "DIRECTORY",
    }
}

codes! {
    /// What an account is proposed for. An account is in one category only; [`classify`] states the precedence.
    pub enum Category {
        /// In Okta, not in the directory: a person is created here and assigned.
        New = "NEW",
        /// In both: linked and assigned, and the values of one side overwrite the other's.
        Update = "UPDATE",
        /// Live in Okta, inactive here: activated here and assigned.
        Activate = "ACTIVATE",
        /// Deactivated in Okta, active here: deactivated here.
        Deactivate = "DEACTIVATE",
        /// Linked here, no longer in Okta: it is recorded that the account is gone.
        Vanished = "VANISHED",
    }
}

codes! {
    /// Why nobody may choose silently. A candidate with a conflict cannot be ticked.
    pub enum ConflictReason {
        /// Another account of this import fits the same person.
        TwoAccountsFitPerson = "TWO_ACCOUNTS_FIT_PERSON",
        /// The login fits one person and the e-mail address another.
        AccountFitsTwoPeople = "ACCOUNT_FITS_TWO_PEOPLE",
        /// The person is linked to another account.
        PersonHasAnotherAccount = "PERSON_HAS_ANOTHER_ACCOUNT",
        /// The account is linked to somebody who was deleted here.
        PersonDeleted = "PERSON_DELETED",
        /// Two accounts that would be created here have the same login or e-mail address.
        SameNameTwice = "SAME_NAME_TWICE",
        /// The directory cannot take the account: its user name or e-mail address is missing or breaks a rule.
        ValuesInvalid = "VALUES_INVALID",
    }
}

impl ConflictReason {
    /// What is the matter and what to do, for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TwoAccountsFitPerson => {
                "Another Okta account fits the same person. Change the login or the e-mail address of one of them in Okta, then import again."
            }
            Self::AccountFitsTwoPeople => {
                "The login belongs to one person here and the e-mail address to another. Correct one of them, then import again."
            }
            Self::PersonHasAnotherAccount => {
                "The person is linked to another Okta account. Remove or rename one of the accounts in Okta, then import again."
            }
            Self::PersonDeleted => {
                "The account belongs to a person who was deleted here. Delete the account in Okta, or wait until that is done."
            }
            Self::SameNameTwice => {
                "Another Okta account that would be created here has the same login or e-mail address. Correct one of them in Okta, then import again."
            }
            Self::ValuesInvalid => {
                "The directory cannot take the login or the e-mail address. Correct it in Okta, then import again."
            }
        }
    }
}

codes! {
    /// What became of a confirmed candidate.
    pub enum Outcome {
        /// Done.
        Applied = "APPLIED",
        /// Left as it is, on purpose.
        Skipped = "SKIPPED",
        /// Either side changed since the account was read; nothing was done.
        Stale = "STALE",
        /// It is no longer clear who is meant; nothing was done.
        Unresolved = "UNRESOLVED",
        /// It could not be done.
        Failed = "FAILED",
        /// Awaits approval, because it is one of too many deactivations.
        Held = "HELD",
    }
}

impl Outcome {
    /// Whether it may be tried again.
    pub const fn retryable(self) -> bool {
        matches!(self, Self::Stale | Self::Unresolved | Self::Failed)
    }
}

codes! {
    /// Why an outcome is not `APPLIED`.
    pub enum OutcomeReason {
        /// He is the only active owner.
        LastOwner = "LAST_OWNER",
        /// It is the person who confirmed.
        Yourself = "YOURSELF",
        /// The person stands higher than the one who confirmed.
        AboveYou = "ABOVE_YOU",
        /// The account holds an admin role, and whoever confirmed may not configure the app.
        AdminRole = "ADMIN_ROLE",
        /// Nothing was left to do.
        AlreadySo = "ALREADY_SO",
        /// The person was changed here.
        PersonChanged = "PERSON_CHANGED",
        /// The account was changed in Okta.
        AccountChanged = "ACCOUNT_CHANGED",
        /// The account is no longer in Okta.
        AccountGone = "ACCOUNT_GONE",
        /// The person is no longer here.
        PersonGone = "PERSON_GONE",
        /// Somebody here has the user name or the e-mail address by now.
        NameTaken = "NAME_TAKEN",
        /// The account was linked to somebody else.
        LinkedElsewhere = "LINKED_ELSEWHERE",
        /// The person was linked to another account.
        OtherAccount = "OTHER_ACCOUNT",
        /// The directory refuses a value.
        ValuesInvalid = "VALUES_INVALID",
        /// More deactivations than the safe share.
        TooManyDeactivations = "TOO_MANY_DEACTIVATIONS",
    }
}

impl OutcomeReason {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::LastOwner => "The last owner is never deactivated by an import.",
            Self::Yourself => "Whoever confirms an import is never deactivated by it.",
            Self::AboveYou => "Whoever confirmed may not change a person of this standing.",
            Self::AdminRole => {
                "The account holds an admin role in Okta, and whoever confirmed may not configure the app."
            }
            Self::AlreadySo => "Both sides agree already; nothing was left to do.",
            Self::PersonChanged => "The person was changed here since Okta was read.",
            Self::AccountChanged => "The account was changed in Okta since it was read.",
            Self::AccountGone => "The account is no longer in Okta.",
            Self::PersonGone => "The person is no longer in the directory.",
            Self::NameTaken => {
                "Somebody in the directory has this user name or e-mail address by now."
            }
            Self::LinkedElsewhere => {
                "The account was linked to another person since Okta was read."
            }
            Self::OtherAccount => "The person was linked to another account since Okta was read.",
            Self::ValuesInvalid => "The directory refuses a value of the account.",
            Self::TooManyDeactivations => {
                "The import would deactivate more people than is safe; an owner or admin has to approve it."
            }
        }
    }
}

codes! {
    /// Why an import `FAILED`.
    pub enum ImportProblem {
        /// Okta sent a page whose accounts were all read before.
        RepeatedPage = "REPEATED_PAGE",
        /// Okta's pages do not come to an end.
        EndlessPages = "ENDLESS_PAGES",
        /// Okta sent a page that cannot be read.
        BrokenPage = "BROKEN_PAGE",
        /// Okta did not answer, again and again.
        OktaUnavailable = "OKTA_UNAVAILABLE",
        /// Okta refuses to list its users.
        OktaRefused = "OKTA_REFUSED",
        /// The connection has to be authorized again, or is gone.
        NotConnected = "NOT_CONNECTED",
        /// The mapping was changed since Okta was read.
        MappingChanged = "MAPPING_CHANGED",
        /// Whoever started or confirmed it may no longer import.
        PermissionWithdrawn = "PERMISSION_WITHDRAWN",
        /// A defect; the log says more.
        Internal = "INTERNAL",
    }
}

impl ImportProblem {
    /// What is wrong, in one sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::RepeatedPage => {
                "Okta sent the same page twice, so the list would not be complete."
            }
            Self::EndlessPages => "Okta's list does not come to an end.",
            Self::BrokenPage => "Okta sent a page that cannot be read.",
            Self::OktaUnavailable => "Okta did not answer after several tries.",
            Self::OktaRefused => "Okta refused to list its users.",
            Self::NotConnected => "The app is no longer connected to this Okta org.",
            Self::MappingChanged => "The attribute mapping was changed since Okta was read.",
            Self::PermissionWithdrawn => {
                "Whoever started or confirmed the import may no longer import."
            }
            Self::Internal => "An internal fault stopped the import; the log says more.",
        }
    }

    /// What to do about it, in one sentence for the panel.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::RepeatedPage
            | Self::EndlessPages
            | Self::BrokenPage
            | Self::OktaUnavailable
            | Self::MappingChanged => "Import again.",
            Self::OktaRefused => {
                "Test the connection; it names the right or the scope that is missing."
            }
            Self::NotConnected => "Authorize the connection again, then import again.",
            Self::PermissionWithdrawn => "Have somebody who may import start it again.",
            Self::Internal => "Import again; if it fails again, ask the operator.",
        }
    }
}

codes! {
    /// Why an import is advisable.
    pub enum AdviceReason {
        /// No import was ever completed through this connection.
        NeverImported = "NEVER_IMPORTED",
        /// Switches that keep Okta in step were off since the last import.
        ProvisioningWasOff = "PROVISIONING_WAS_OFF",
        /// The connection did not work for a while since the last import.
        ConnectionWasDown = "CONNECTION_WAS_DOWN",
        /// Accounts were changed in Okta itself.
        DriftSeen = "DRIFT_SEEN",
    }
}

impl AdviceReason {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NeverImported => "Nobody was imported through this connection yet.",
            Self::ProvisioningWasOff => "Provisioning was switched off since the last import.",
            Self::ConnectionWasDown => "The connection was down since the last import.",
            Self::DriftSeen => "Accounts were changed in Okta itself.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_import_only_goes_on_when_it_was_completed() {
        for from in ImportStatus::ALL {
            for to in ImportStatus::ALL {
                let expected = match from {
                    ImportStatus::Completed => *to == ImportStatus::Applying,
                    ImportStatus::Failed | ImportStatus::Cancelled => false,
                    _ => continue,
                };
                assert_eq!(from.may_become(*to), expected, "{from} {to}");
            }
        }
        assert!(!ImportStatus::Fetching.may_become(ImportStatus::Applying));
    }
}
