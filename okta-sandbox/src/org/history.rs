//! What users were a short while ago, for reads that lag, and changes that are only tried.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Duration, Utc};

use super::{Org, schema::UserSchema, serial_key, user::User};

/// How far back the past is kept. No documented lag of Okta is near that.
pub(crate) const LONGEST_LAG: std::time::Duration = std::time::Duration::from_secs(600);

/// Former states of users, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History(VecDeque<Past>);

/// What a user was until a moment; `None` for somebody who did not exist before it.
#[derive(Debug)]
struct Past {
    until: DateTime<Utc>,
    id: String,
    user: Option<User>,
}

/// The present of users who are shown as they were.
#[derive(Debug)]
pub(crate) struct Present(BTreeMap<String, Option<User>>);

/// Where an org was before something was tried.
#[derive(Debug)]
pub(crate) struct Savepoint {
    serial: String,
    schema: UserSchema,
}

impl Org {
    /// Puts what changed since the last call into the past, as of the org's moment.
    pub fn remember(&mut self) {
        let until = self.moment;
        for (id, user) in self.users.take_previous() {
            self.history.0.push_back(Past { until, id, user });
        }
        let horizon = until - Duration::from_std(LONGEST_LAG).unwrap_or_default();
        let past = &mut self.history.0;
        while past.front().is_some_and(|oldest| oldest.until < horizon) {
            past.pop_front();
        }
    }

    /// Nothing of what users were so far was ever seen.
    pub fn forget_past(&mut self) {
        self.users.take_previous();
        self.history = History::default();
    }

    /// Shows all users as they were at a moment, until [`Org::return_to`].
    pub fn go_back(&mut self, at: DateTime<Utc>) -> Present {
        self.remember();
        let mut then = BTreeMap::new();
        for past in self.history.0.iter().rev() {
            if past.until <= at {
                break;
            }
            then.insert(past.id.clone(), past.user.clone());
        }
        let present = then
            .into_iter()
            .map(|(id, user)| {
                let now = self.users.swap(&id, user);
                (id, now)
            })
            .collect();
        Present(present)
    }

    /// Shows all users as they are again.
    pub fn return_to(&mut self, present: Present) {
        for (id, user) in present.0 {
            self.users.swap(&id, user);
        }
    }

    /// Before a call to `/api/v1` that is only tried: [`Org::roll_back`] undoes it.
    pub fn savepoint(&mut self) -> Savepoint {
        self.remember();
        Savepoint {
            serial: serial_key(self.meta().serial),
            schema: self.schema().clone(),
        }
    }

    /// Undoes what happened to users, schema, system log and ledger of effects.
    pub fn roll_back(&mut self, savepoint: Savepoint) {
        for (id, user) in self.users.take_previous() {
            self.users.swap(&id, user);
        }
        self.set_schema(savepoint.schema);
        self.effects.forget_after(&savepoint.serial);
        self.events.forget_after(&savepoint.serial);
    }
}
