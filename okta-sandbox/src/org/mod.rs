//! The org itself: what Okta would keep in its database. No HTTP in here.
//!
//! One mutex guards the whole of it, so that an effect, its ledger entry and its system log event
//! are one step. Changed rows are journalled before the answer leaves (see `persist`).

pub(crate) mod client;
pub(crate) mod event;
pub(crate) mod history;
pub(crate) mod late;
pub(crate) mod ledger;
pub(crate) mod password;
pub(crate) mod plan;
pub(crate) mod role;
pub(crate) mod schema;
pub(crate) mod schema_change;
pub(crate) mod seeding;
pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod token;
pub(crate) mod user;
pub(crate) mod validate;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::{
    client::Client,
    history::History,
    late::LateRequest,
    ledger::{EffectEntry, RequestEntry},
    role::CustomRole,
    schema::UserSchema,
    table::{Journalled, Table},
    token::{AccessToken, AuthorizationCode, Grant, RefreshToken, Session},
    user::User,
};
use crate::{
    ids,
    oauth::{keys::SigningKey, pending::PendingRequests},
};

/// Key of the tables that hold a single row.
pub(crate) const ONLY: &str = "only";

/// What belongs to the org as a whole.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub org_id: String,
    pub type_id: String,
    pub schema_id: String,
    pub system_id: String,
    pub admin_id: String,
    /// Last serial given out, for ids and ledger positions.
    pub serial: u64,
    pub clock_offset_ms: i64,
    /// The signing key as PKCS#8 in base64; made when it is first needed.
    pub signing_key: Option<String>,
}

/// Everything that survives a restart.
#[derive(Debug)]
pub(crate) struct Org {
    meta: Table<Meta>,
    pub users: Table<User>,
    schema: Table<UserSchema>,
    pub custom_roles: Table<CustomRole>,
    pub events: Table<Value>,
    pub clients: Table<Client>,
    pub sessions: Table<Session>,
    pub codes: Table<AuthorizationCode>,
    pub access_tokens: Table<AccessToken>,
    pub refresh_tokens: Table<RefreshToken>,
    pub grants: Table<Grant>,
    pub requests: Table<RequestEntry>,
    pub effects: Table<EffectEntry>,
    /// Requests that were received and take effect later, in the order in which they do.
    pub late: Table<LateRequest>,
    /// The running plan of faults and how far it is.
    pub faults: Table<Value>,
    /// What users were a short while ago; forgotten by a restart.
    pub history: History,
    /// The moment by the org's clock at which it is being looked at.
    pub moment: DateTime<Utc>,
    /// Authorization requests waiting for a person; forgotten by a restart.
    pub pending: PendingRequests,
    /// Assertions already used, with the second of their expiry.
    pub assertions: BTreeMap<String, i64>,
    /// The signing key of `meta`, ready for use.
    pub signing_key: Option<SigningKey>,
    empty_meta: Meta,
    empty_schema: UserSchema,
}

impl Org {
    /// An org without anything in it; see `seeding` for the first start.
    pub fn empty() -> Self {
        Self {
            meta: Table::new("meta"),
            users: Table::remembering("users"),
            schema: Table::new("schema"),
            custom_roles: Table::new("customRoles"),
            events: Table::new("events"),
            clients: Table::new("clients"),
            sessions: Table::new("sessions"),
            codes: Table::new("codes"),
            access_tokens: Table::new("accessTokens"),
            refresh_tokens: Table::new("refreshTokens"),
            grants: Table::new("grants"),
            requests: Table::new("requests"),
            effects: Table::new("effects"),
            late: Table::new("late"),
            faults: Table::new("faults"),
            history: History::default(),
            moment: DateTime::UNIX_EPOCH,
            pending: PendingRequests::new(),
            assertions: BTreeMap::new(),
            signing_key: None,
            empty_meta: Meta::default(),
            empty_schema: UserSchema::default(),
        }
    }

    pub fn is_new(&self) -> bool {
        self.meta.get(ONLY).is_none()
    }

    pub fn meta(&self) -> &Meta {
        self.meta.get(ONLY).unwrap_or(&self.empty_meta)
    }

    pub fn change_meta(&mut self, change: impl FnOnce(&mut Meta)) {
        let mut meta = self.meta().clone();
        change(&mut meta);
        self.meta.insert(ONLY.into(), meta);
    }

    pub fn schema(&self) -> &UserSchema {
        self.schema.get(ONLY).unwrap_or(&self.empty_schema)
    }

    pub fn set_schema(&mut self, schema: UserSchema) {
        self.schema.insert(ONLY.into(), schema);
    }

    /// The next serial number of this org; strictly growing.
    pub fn next_serial(&mut self) -> u64 {
        self.change_meta(|meta| meta.serial += 1);
        self.meta().serial
    }

    pub fn new_id(&mut self, prefix: &str) -> String {
        let serial = self.next_serial();
        ids::okta_id(prefix, serial)
    }

    /// Takes over all rows of another org; rows that it lacks are removed, also from the journal.
    pub fn become_like(&mut self, mut other: Self) {
        for (mine, other) in self.tables().into_iter().zip(other.tables()) {
            mine.take_over(other);
        }
        self.pending.clear();
        self.assertions.clear();
        self.signing_key = None;
        self.history = History::default();
    }

    /// Every table, for the journal.
    pub fn tables(&mut self) -> [&mut dyn Journalled; 15] {
        [
            &mut self.meta,
            &mut self.users,
            &mut self.schema,
            &mut self.custom_roles,
            &mut self.events,
            &mut self.clients,
            &mut self.sessions,
            &mut self.codes,
            &mut self.access_tokens,
            &mut self.refresh_tokens,
            &mut self.grants,
            &mut self.requests,
            &mut self.effects,
            &mut self.late,
            &mut self.faults,
        ]
    }
}

/// Serial numbers as keys sort like numbers.
pub(crate) fn serial_key(serial: u64) -> String {
    format!("{serial:020}")
}
