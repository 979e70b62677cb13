//! The apps of a person.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Object};
use uuid::Uuid;

use crate::graphql::accounts::account::Account;
use crate::graphql::assignments::assignment::Assignment;
use crate::graphql::error;
use crate::graphql::loaders::{AccountsLoader, AssignmentsLoader};
use crate::service::apps;

/// What a person has to do with apps.
#[derive(Clone, Copy, Debug)]
pub struct UserSync(pub Uuid);

/// What a person has to do with apps.
#[Object]
impl UserSync {
    /// The apps that the person has, at most one assignment for each app of the organisation; empty for viewers without `VIEW_APPS`.
    #[graphql(complexity = "per_app(child_complexity)")]
    async fn assignments(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Assignment>> {
        let loader = ctx.data::<DataLoader<AssignmentsLoader>>()?;
        let found = loader
            .load_one(self.0)
            .await
            .map_err(|e| error::public_ref(&e))?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// The person's accounts, at most one for each app of the organisation, also of apps that the person no longer has; empty for viewers without
    /// `VIEW_APPS`.
    #[graphql(complexity = "per_app(child_complexity)")]
    async fn accounts(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Account>> {
        let loader = ctx.data::<DataLoader<AccountsLoader>>()?;
        let found = loader
            .load_one(self.0)
            .await
            .map_err(|e| error::public_ref(&e))?;
        Ok(found
            .unwrap_or_default()
            .into_iter()
            .map(Into::into)
            .collect())
    }
}

/// Apps that a person seldom has more of.
const USUAL_APPS: usize = 3;
/// What the fields of an account on a screen cost at most. Beyond it there is another list below, as in the accounts of the person of an account.
const FIELDS_OF_A_ROW: usize = 30;

/// What a list with an entry for each app costs towards the limit on complexity. Of plain fields it counts what is usual, so that tables of people may
/// show them; lists inside each other count what may be there, because their number is the product: six levels would be a million entries.
fn per_app(children: usize) -> usize {
    let apps = if children > FIELDS_OF_A_ROW {
        usize::try_from(apps::MAX_APPS).unwrap_or(usize::MAX)
    } else {
        USUAL_APPS
    };
    children.saturating_mul(apps).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::limits::MAX_COMPLEXITY;

    /// `{ accounts { user { accounts { … id } } } }`
    fn nested(levels: u32) -> usize {
        (1..levels).fold(per_app(1), |below, _| per_app(below + 1))
    }

    #[test]
    fn accounts_of_the_person_of_an_account_end_before_they_are_many() {
        assert!(nested(4) <= MAX_COMPLEXITY);
        assert!(nested(5) > MAX_COMPLEXITY);
    }

    #[test]
    fn a_full_page_of_people_may_show_what_became_of_their_apps() {
        let fields = 15;
        assert!(100 * (per_app(fields) + 1) <= MAX_COMPLEXITY);
    }
}
