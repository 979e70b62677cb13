//! How many accounts an app may deactivate and delete in Okta within a day before an administrator has to agree (design §3), and what was
//! decided about the one at hand.
//!
//! A *removal* is the wish to deactivate or delete one account. It draws once on the app's budget, however many calls it takes. Removals that
//! one change of the directory asks for are judged together: all of them go, or all are held.

mod budget;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use budget::{Budget, Decision, WINDOW_MS, limit};

use super::account::OktaStatus;
use super::code::codes;
use super::plan::{DirectoryStatus, OperationKind, Plan, Settings};

codes! {
    /// What is taken away.
    pub enum Removal {
        /// The account is deactivated.
        Deactivate = "DEACTIVATE",
        /// The account is deactivated, unless it is already, and deleted.
        Delete = "DELETE",
    }
}

impl Removal {
    /// The removal to which an operation belongs; `None` for operations that take no account away.
    pub const fn of(operation: OperationKind) -> Option<Self> {
        match operation {
            OperationKind::Deactivate => Some(Self::Deactivate),
            OperationKind::Delete => Some(Self::Delete),
            _ => None,
        }
    }

    /// The removal that a plan comes to; `None` when the account stays.
    pub fn planned(plan: &Plan) -> Option<Self> {
        plan.operations()
            .filter_map(|operation| Self::of(operation.kind()))
            .max()
    }

    /// Whether leave for this removal is leave for `other`: who may delete an account may deactivate it on the way.
    pub fn covers(self, other: Self) -> bool {
        self >= other
    }
}

/// What decides whether an account is to be removed, as far as the directory knows without asking Okta.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The person.
    pub user: DirectoryStatus,
    /// Whether the person has the app.
    pub assigned: bool,
    /// The assignment ended while deleting was switched off.
    pub release_only: bool,
    /// The account is not managed any more; it is again as soon as the person has the app.
    pub released: bool,
    /// Okta's status as last seen.
    pub status: OktaStatus,
}

/// The removal that a linked account is due for. It is the part of `plan` (design §2) that takes accounts away,
/// without what may still stand in its way, so it never says less than the plan.
pub fn removal(subject: &Subject, settings: Settings) -> Option<Removal> {
    let deactivates =
        settings.activate_and_deactivate_users && subject.status != OktaStatus::Deprovisioned;
    let over = !subject.assigned || subject.user == DirectoryStatus::Deleted;
    if subject.status == OktaStatus::Deleted || (over && subject.released) {
        return None;
    }
    let removal = if over && settings.delete_users && !subject.release_only {
        Some(Removal::Delete)
    } else {
        Some(Removal::Deactivate).filter(|_| deactivates)
    };
    removal.filter(|removal| match subject.user {
        DirectoryStatus::Deleted => true,
        DirectoryStatus::Inactive => subject.assigned || *removal == Removal::Delete,
        DirectoryStatus::Active => *removal == Removal::Delete,
    })
}

codes! {
    /// What was decided about the removal of an account.
    pub enum Verdict {
        /// It has its share of the budget and is about to be sent.
        Admitted = "ADMITTED",
        /// It was sent on its share of the budget.
        Drawn = "DRAWN",
        /// It waits in an open hold.
        Held = "HELD",
        /// An administrator approved it.
        Approved = "APPROVED",
        /// An administrator decided that the account stays.
        Discarded = "DISCARDED",
    }
}

/// A decision about the removal of an account, and what exactly it was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The decision.
    pub verdict: Verdict,
    /// The removal that was decided about.
    pub removal: Removal,
    /// [`Wish::generation`] at that time.
    pub generation: i64,
    /// [`Wish::change`] at that time.
    pub change: Option<Uuid>,
    /// When, epoch milliseconds.
    pub at: i64,
}

/// A removal as it is wanted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What is wanted.
    pub removal: Removal,
    /// The generation with which the person, the assignment or the switches changed last.
    pub generation: i64,
    /// The change of the directory that last took access away; null when none is known.
    pub change: Option<Uuid>,
}

/// What a ruling means for a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Leave {
    /// The request may leave.
    Granted,
    /// The request may leave if the budget is not overdrawn by then.
    Admitted,
    /// The request may leave if an earlier one of the same removal counts already.
    Drawn,
    /// It waits in a hold.
    Held,
    /// The account stays as it is.
    Discarded,
    /// Nothing that was decided is about this wish.
    Undecided,
}

/// What a ruling means for a wish. An approval covers exactly what was approved: account, removal and generation. A share of the budget that
/// was not used for a day is lost. Who is held stays held until somebody decides, or the wish is gone. A discard holds until access is taken
/// away anew.
pub fn leave(ruling: Option<&Ruling>, wish: &Wish, now: i64) -> Leave {
    let Some(ruling) = ruling else {
        return Leave::Undecided;
    };
    let same = ruling.generation == wish.generation && ruling.removal.covers(wish.removal);
    match ruling.verdict {
        Verdict::Held => Leave::Held,
        Verdict::Discarded if ruling.change == wish.change => Leave::Discarded,
        Verdict::Approved if same => Leave::Granted,
        Verdict::Drawn if same => Leave::Drawn,
        Verdict::Admitted if same && now < ruling.at.saturating_add(WINDOW_MS) => Leave::Admitted,
        _ => Leave::Undecided,
    }
}

codes! {
    /// What asked for removals.
    pub enum Cause {
        /// The app was taken away from listed people.
        UsersUnassign = "USERS_UNASSIGN",
        /// The app was taken away from everybody who matched a filter.
        BulkJob = "BULK_JOB",
        /// A person was deactivated.
        UserDeactivate = "USER_DEACTIVATE",
        /// A person was deleted.
        UserDelete = "USER_DELETE",
        /// An import deactivated people.
        Import = "IMPORT",
        /// `deleteUsers` or `activateAndDeactivateUsers` was switched on.
        ProvisioningSettings = "PROVISIONING_SETTINGS",
    }
}

codes! {
    /// Why removals are held.
    pub enum HoldReason {
        /// One change asked for more than was left of the budget.
        TooManyAtOnce = "TOO_MANY_AT_ONCE",
        /// Separate changes have used the budget up.
        BudgetSpent = "BUDGET_SPENT",
    }
}

impl HoldReason {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TooManyAtOnce => {
                "One change asks for more deactivations and deletions than are left for today. None is carried out until an administrator approves."
            }
            Self::BudgetSpent => {
                "Today's deactivations and deletions are used up. The rest follows by itself when there is room again, or at once when an administrator approves."
            }
        }
    }
}

codes! {
    /// What became of a hold.
    pub enum HoldStatus {
        /// It waits.
        Open = "OPEN",
        /// An administrator approved it.
        Approved = "APPROVED",
        /// An administrator decided that the accounts stay.
        Discarded = "DISCARDED",
        /// Nobody is left in it.
        Ended = "ENDED",
    }
}

#[cfg(test)]
mod tests;
