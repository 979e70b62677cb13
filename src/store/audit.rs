//! The audit trail: written in the transaction of the act, never changed. Each row carries the tag of whoever wrote it; its place in the
//! chain comes within a second ([`super::audit_chain`]), so that transactions do not wait for each other.

use entity::audit_event;
use sea_orm::{ActiveValue::Set, EntityTrait as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Access as _, Result, Tx};
use crate::domain::audit_chain::Record;
use crate::random;

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, through the API.
    User(Uuid),
    /// A person, through the API, with a personal access token. The entry says which.
    Token {
        /// The person.
        user: Uuid,
        /// The token.
        token: Uuid,
    },
    /// The engine, on Okta.
    Engine,
    /// Somebody at the command line.
    Operator,
}

impl Actor {
    /// The person, with the personal access token that he used, if any.
    #[must_use]
    pub fn of(user: Uuid, token: Option<Uuid>) -> Self {
        match token {
            Some(token) => Self::Token { user, token },
            None => Self::User(user),
        }
    }
}

/// Where the detail of an entry says with which personal access token the person acted.
pub const BY_TOKEN: &str = "byPersonalAccessToken";

/// An act to record. Name what was done as `noun.verb`, such as `user.create`; details carry before and after, never secrets.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The tenant.
    pub organization: Uuid,
    /// When, epoch milliseconds.
    pub at: i64,
    /// Who.
    pub actor: Actor,
    /// What, as `noun.verb`.
    pub action: &'static str,
    /// The app concerned.
    pub app: Option<Uuid>,
    /// The directory user concerned.
    pub user: Option<Uuid>,
    /// The account concerned.
    pub account: Option<Uuid>,
    /// The journal row.
    pub operation: Option<Uuid>,
    /// `X-Okta-Request-Id` of the answer.
    pub okta_request_id: Option<String>,
    /// Before and after.
    pub detail: Value,
}

impl Entry {
    /// An act without anything concerned yet.
    #[must_use]
    pub fn new(organization: Uuid, at: i64, actor: Actor, action: &'static str) -> Self {
        let detail = Value::Object(serde_json::Map::new());
        Self {
            organization,
            at,
            actor,
            action,
            app: None,
            user: None,
            account: None,
            operation: None,
            okta_request_id: None,
            detail,
        }
    }

    /// The app concerned.
    #[must_use]
    pub fn app(mut self, app: Uuid) -> Self {
        self.app = Some(app);
        self
    }

    /// The directory user concerned.
    #[must_use]
    pub fn user(mut self, user: Uuid) -> Self {
        self.user = Some(user);
        self
    }

    /// Before and after.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = detail;
        self
    }
}

/// Writes the act.
///
/// # Errors
/// The database's own.
pub async fn record(tx: &Tx, entry: Entry) -> Result<()> {
    audit_event::Entity::insert(row(tx, entry))
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Writes acts.
///
/// # Errors
/// The database's own.
pub async fn record_all(tx: &Tx, entries: Vec<Entry>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    audit_event::Entity::insert_many(entries.into_iter().map(|entry| row(tx, entry)))
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

fn row(tx: &Tx, entry: Entry) -> audit_event::ActiveModel {
    let mut detail = entry.detail;
    if let (Actor::Token { token, .. }, Some(detail)) = (entry.actor, detail.as_object_mut()) {
        detail.insert(BY_TOKEN.to_owned(), json!(token));
    }
    let (actor, actor_user) = match entry.actor {
        Actor::User(id) | Actor::Token { user: id, .. } => ("USER", Some(id)),
        Actor::Engine => ("ENGINE", None),
        Actor::Operator => ("OPERATOR", None),
    };
    let family = entry.action.split('.').next().unwrap_or_default();
    let record = Record {
        id: random::new_id(),
        organization: entry.organization,
        at: entry.at,
        actor,
        actor_user,
        action: entry.action,
        family,
        app: entry.app,
        user: entry.user,
        account: entry.account,
        operation: entry.operation,
        okta_request_id: entry.okta_request_id.as_deref(),
        detail: &detail,
    };
    audit_event::ActiveModel {
        id: Set(record.id),
        organization_id: Set(record.organization),
        at: Set(record.at),
        actor: Set(actor.to_owned()),
        actor_user_id: Set(actor_user),
        action: Set(record.action.to_owned()),
        family: Set(family.to_owned()),
        app_id: Set(record.app),
        user_id: Set(record.user),
        account_id: Set(record.account),
        operation_id: Set(record.operation),
        tag: Set(Some(tx.audit_key.tag(&record).to_vec())),
        seq: Set(None),
        link: Set(None),
        okta_request_id: Set(entry.okta_request_id),
        detail: Set(detail),
    }
}
