//! Whom the accounts of a page fit, read from the database a page at a time.

use std::collections::{HashMap, HashSet};

use okta_client::User;
use serde::Deserialize as _;
use uuid::Uuid;

use super::Import;
use super::rules::distinct;
use crate::domain::account::OktaStatus;
use crate::domain::directory::{FieldValues, match_key};
use crate::domain::import::{Fit, Known, fit};
use crate::service::{Error, Result};
use crate::store::import_matches::{self, LinkRow};
use crate::store::users::UserRow;
use crate::store::{Tx, users};

/// An account with what it is compared by.
pub(super) struct Account<'a> {
    pub user: &'a User,
    pub login: &'a str,
    pub login_key: String,
    pub email: &'a str,
    pub email_key: String,
}

impl<'a> Account<'a> {
    pub(super) fn of(user: &'a User) -> Self {
        let (login, email) = (
            user.login().unwrap_or_default(),
            user.email().unwrap_or_default(),
        );
        Self {
            user,
            login,
            login_key: match_key(login),
            email,
            email_key: match_key(email),
        }
    }
}

/// A person whom an account may fit.
pub(super) struct Person {
    pub known: Known,
    pub values: FieldValues,
    pub revision: i64,
}

/// Everybody whom the accounts of a page may fit.
#[derive(Default)]
pub(super) struct People {
    people: HashMap<Uuid, Person>,
    linked: HashMap<String, Uuid>,
    /// The linked accounts by Okta's id, with the status as last seen.
    seen: HashMap<String, (Uuid, Option<OktaStatus>)>,
    by_name: HashMap<String, Uuid>,
    by_email: HashMap<String, Uuid>,
}

impl People {
    pub(super) async fn load(tx: &Tx, import: &Import, accounts: &[Account<'_>]) -> Result<Self> {
        let ids: Vec<&str> = accounts.iter().map(|each| each.user.id.as_str()).collect();
        let rows = rows(tx, import, accounts).await?;
        let linked = import_matches::linked_to(tx, import.okta_org_id, &ids).await?;
        let known: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
        let missing = distinct(
            linked
                .iter()
                .map(|link| link.user_id)
                .filter(|id| !known.contains(id)),
        );
        let more = users::find_many(tx, import.organization_id, &missing).await?;
        let mut people = Self::default();
        for row in &rows {
            people.by_name.insert(row.user_name_key.clone(), row.id);
            people
                .by_email
                .insert(row.primary_email_key.clone(), row.id);
        }
        for link in &linked {
            people.linked.insert(link.okta_id.clone(), link.user_id);
            let status = link.status.as_deref().map(OktaStatus::from);
            let seen = (link.account_id, status);
            people.seen.insert(link.okta_id.clone(), seen);
        }
        let known = linked.into_iter().map(|link| (link.user_id, link));
        let rows = rows.into_iter().chain(more).collect();
        people.complete(tx, import, rows, known.collect()).await?;
        Ok(people)
    }

    /// Adds what is known of these people in the app. Through one connection a person has one link: those of the page are `known`.
    async fn complete(
        &mut self,
        tx: &Tx,
        import: &Import,
        rows: Vec<UserRow>,
        known: HashMap<Uuid, LinkRow>,
    ) -> Result<()> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let unknown: Vec<Uuid> = ids
            .iter()
            .filter(|id| !known.contains_key(id))
            .copied()
            .collect();
        let more =
            import_matches::links_of(tx, import.app_id, import.okta_org_id, &unknown).await?;
        let more = more.into_iter().map(|link| (link.user_id, link));
        let links: HashMap<Uuid, LinkRow> = known.into_iter().chain(more).collect();
        let assigned = import_matches::assigned(tx, import.app_id, &ids).await?;
        for row in rows {
            let link = links.get(&row.id).filter(|link| {
                // An account that was believed to be gone, and is on this page, is there after all.
                link.status.as_deref() != Some("DELETED") || self.linked.contains_key(&link.okta_id)
            });
            let person = person(&row, link, assigned.contains(&row.id))?;
            self.people.insert(row.id, person);
        }
        Ok(())
    }

    /// Whom an account fits.
    pub(super) fn fit(&self, account: &Account<'_>) -> Fit<'_> {
        let find = |index: &HashMap<String, Uuid>, key: &str| {
            let id = index.get(key)?;
            self.people.get(id).map(|person| &person.known)
        };
        let named = |index, key: &str| {
            if key.is_empty() {
                None
            } else {
                find(index, key)
            }
        };
        fit(
            find(&self.linked, &account.user.id),
            named(&self.by_name, &account.login_key),
            named(&self.by_email, &account.email_key),
        )
    }

    pub(super) fn get(&self, id: Uuid) -> Option<&Person> {
        self.people.get(&id)
    }

    /// The linked account, if its status lets people in where the one that was seen last did not, or the other way round.
    pub(super) fn strayed(&self, okta_id: &str, status: &OktaStatus) -> Option<Uuid> {
        let (account, seen) = self.seen.get(okta_id)?;
        let strayed = seen.as_ref()?.is_live() != status.is_live();
        strayed.then_some(*account)
    }

    /// Whether the account is linked to somebody.
    pub(super) fn is_linked(&self, okta_id: &str) -> bool {
        self.linked.contains_key(okta_id)
    }
}

async fn rows(tx: &Tx, import: &Import, accounts: &[Account<'_>]) -> Result<Vec<UserRow>> {
    let keys = |key: for<'k> fn(&'k Account<'_>) -> &'k str| -> Vec<&str> {
        accounts
            .iter()
            .map(key)
            .filter(|key| !key.is_empty())
            .collect()
    };
    let names = keys(|account| &account.login_key);
    let emails = keys(|account| &account.email_key);
    Ok(import_matches::with_keys(tx, import.organization_id, &names, &emails).await?)
}

fn person(row: &UserRow, link: Option<&LinkRow>, assigned: bool) -> Result<Person> {
    let corrupt = |what: &str| Error::Internal(format!("user {}: {what}", row.id));
    Ok(Person {
        known: Known {
            id: row.id,
            status: row.status.parse().map_err(|_| corrupt("status"))?,
            okta_id: link.map(|link| link.okta_id.clone()),
            assigned,
        },
        values: FieldValues::deserialize(&row.fields).map_err(|e| corrupt(&e.to_string()))?,
        revision: row.revision,
    })
}
