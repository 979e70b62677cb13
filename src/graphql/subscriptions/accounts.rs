//! Accounts on a screen, as they change.

use std::collections::HashMap;

use async_graphql::{Context, ID, SimpleObject, Subscription};
use futures::Stream;
use uuid::Uuid;

use crate::graphql::accounts::account::Account;
use crate::graphql::error::{self, Code};
use crate::graphql::ids::{self, NodeKind};
use crate::graphql::{context, error::public};
use crate::service::accounts::{self, AccountView};
use crate::service::watching::{Changes, Watch, watch};
use crate::service::{self, Services};

/// Accounts that one stream may follow: a page of a list.
const MAX_FOLLOWED: usize = 100;

/// The accounts' part of `Subscription`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountSubscription;

/// Accounts that changed.
#[derive(Clone, Debug, SimpleObject)]
pub struct AccountChange {
    /// True for the first event, which holds all accounts that were asked for; false for those after it, which hold what changed since.
    pub snapshot: bool,
    /// The accounts as they are now, in no order. Of two versions of one, the higher `revision` is the newer.
    pub accounts: Vec<Account>,
}

/// The accounts' part of `Subscription`.
#[Subscription]
impl AccountSubscription {
    /// These accounts of an app, as they change: first all of them, then those that changed, at most about five times a second. Ids that are not there,
    /// or not of this app, are left out. Needs `VIEW_APPS`.
    async fn account_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id of the app.")] app_id: ID,
        #[graphql(desc = "Global ids of the accounts to follow, 1 to 100.")] account_ids: Vec<ID>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<AccountChange>> + use<>>
    {
        if account_ids.is_empty() || account_ids.len() > MAX_FOLLOWED {
            let sentence = format!("`accountIds` must have 1 to {MAX_FOLLOWED} items.");
            return Err(error::coded(Code::BadUserInput, sentence));
        }
        let services = context::services(ctx)?.clone();
        let app = ids::row_of(&app_id, NodeKind::App);
        let watch = watch(&services, context::viewer(ctx)?, app)
            .await
            .map_err(public)?;
        let accounts = account_ids.iter();
        let accounts = accounts
            .map(|id| ids::row_of(id, NodeKind::Account))
            .collect();
        Ok(follow(Followed {
            services,
            app,
            accounts,
            shown: HashMap::new(),
            watch,
        }))
    }
}

struct Followed {
    services: Services,
    app: Uuid,
    accounts: Vec<Uuid>,
    /// The revision of each account that the client was shown.
    shown: HashMap<Uuid, i64>,
    watch: Watch,
}

impl Followed {
    async fn changed(&mut self, changes: &Changes) -> service::Result<Vec<AccountView>> {
        let wanted: Vec<Uuid> = if changes.all {
            self.accounts.clone()
        } else {
            let heard = |id: &&Uuid| changes.accounts.contains(id);
            self.accounts.iter().filter(heard).copied().collect()
        };
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = accounts::by_ids(&self.services, self.watch.viewer(), &wanted).await?;
        found.retain(|account| account.app_id == self.app && self.is_news(account));
        for account in &found {
            self.shown.insert(account.id, account.revision);
        }
        Ok(found)
    }

    fn is_news(&self, account: &AccountView) -> bool {
        let shown = self.shown.get(&account.id);
        shown.is_none_or(|revision| *revision < account.revision)
    }
}

fn follow(mut followed: Followed) -> impl Stream<Item = async_graphql::Result<AccountChange>> {
    async_stream::try_stream! {
        let all = Changes { all: true, ..Changes::default() };
        let accounts = followed.changed(&all).await.map_err(public)?;
        yield AccountChange { snapshot: true, accounts: accounts.into_iter().map(Account::from).collect() };
        while let Some(changes) = followed.watch.next().await.map_err(public)? {
            let accounts = followed.changed(&changes).await.map_err(public)?;
            if !accounts.is_empty() {
                yield AccountChange { snapshot: false, accounts: accounts.into_iter().map(Account::from).collect() };
            }
        }
    }
}
