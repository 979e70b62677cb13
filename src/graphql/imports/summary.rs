//! What confirming would do, in numbers.

use async_graphql::SimpleObject;

use super::vocabulary::{ImportCategory, ImportOutcome};
use crate::service::imports::{CategoryCount, ConfirmationSummary, Outcome};

/// How many candidates one category has.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ImportCategoryCount {
    /// The category.
    pub category: ImportCategory,
    /// All of them.
    pub total: i32,
    /// Those that are ticked.
    pub selected: i32,
    /// Those with a conflict, which cannot be ticked.
    pub conflicts: i32,
}

impl From<CategoryCount> for ImportCategoryCount {
    fn from(count: CategoryCount) -> Self {
        Self {
            category: count.category.into(),
            total: int(count.total),
            selected: int(count.selected),
            conflicts: int(count.conflicts),
        }
    }
}

/// What confirming the ticked candidates would do, with the switches as they are.
#[derive(Clone, Debug, SimpleObject)]
pub struct ImportConfirmationSummary {
    /// Candidates that are ticked.
    pub selected: i32,
    /// People created in the directory.
    pub users_created: i32,
    /// People of the directory whose values change.
    pub users_updated: i32,
    /// People activated in the directory.
    pub users_activated: i32,
    /// People deactivated in the directory.
    pub users_deactivated: i32,
    /// People who get the app.
    pub assigned: i32,
    /// Okta accounts that the directory's values are written to, one call each.
    pub okta_accounts_updated: i32,
    /// Accounts recorded as gone from Okta.
    pub accounts_forgotten: i32,
    /// Calls to Okta that this leads to, roughly.
    pub okta_calls: i32,
    /// Of `usersDeactivated`, how many would be held for approval; all or none.
    pub held: i32,
    /// The same for people, in English, one sentence each.
    pub sentences: Vec<String>,
}

impl From<ConfirmationSummary> for ImportConfirmationSummary {
    fn from(summary: ConfirmationSummary) -> Self {
        Self {
            selected: int(summary.selected),
            users_created: int(summary.creates),
            users_updated: int(summary.updates_directory),
            users_activated: int(summary.activates),
            users_deactivated: int(summary.deactivates),
            assigned: int(summary.assigns),
            okta_accounts_updated: int(summary.updates_okta),
            accounts_forgotten: int(summary.forgets),
            okta_calls: int(summary.okta_calls),
            held: int(summary.held),
            sentences: summary.sentences,
        }
    }
}

/// How many candidates have one outcome.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ImportOutcomeCount {
    /// The outcome.
    pub outcome: ImportOutcome,
    /// How many.
    pub count: i32,
}

impl ImportOutcomeCount {
    /// So many have this outcome.
    #[must_use]
    pub fn new(outcome: Outcome, count: u64) -> Self {
        Self {
            outcome: outcome.into(),
            count: int(count),
        }
    }
}

fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
