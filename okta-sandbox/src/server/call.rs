//! What a handler works with: the request, who sent it, and the org behind its lock.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value;

use super::{auth::Actor, refusal::Refusal, request::Request};
use crate::{
    config::{Config, Settings},
    org::{
        Org,
        event::{Event, EventActor, Target},
        ledger::Effect,
        user::User,
    },
};

/// One call, while the org is locked for it.
pub(crate) struct Call<'a> {
    pub org: &'a mut Org,
    pub request: &'a Request,
    pub actor: Actor,
    pub config: &'a Config,
    pub settings: &'a Settings,
    pub base_url: &'a str,
    /// The moment of the call, in milliseconds.
    pub now: DateTime<Utc>,
}

impl Call<'_> {
    /// The moment as users' timestamps have it: whole seconds.
    pub fn second(&self) -> DateTime<Utc> {
        self.now.trunc_subsecs(0)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// The id of the user that the path names by id, login, short name or `me`.
    pub fn user_id(&self, param: &str) -> Result<String, Refusal> {
        let key = self.request.param(param);
        let found = match (&self.actor, key) {
            (Actor::Person { user_id, .. }, "me") => self.org.users.get(user_id),
            _ => self.org.find_user(key),
        };
        found
            .map(|user| user.id.clone())
            .ok_or_else(|| Refusal::not_found(key, "User"))
    }

    /// The user with this id.
    pub fn user(&self, id: &str) -> Result<&User, Refusal> {
        self.org
            .users
            .get(id)
            .ok_or_else(|| Refusal::not_found(id, "User"))
    }

    /// The user with this id, to be changed.
    pub fn user_mut(&mut self, id: &str) -> Result<&mut User, Refusal> {
        self.org
            .users
            .get_mut(id)
            .ok_or_else(|| Refusal::not_found(id, "User"))
    }

    /// Enters a change of a user into the ledger of effects.
    pub fn effect(
        &mut self,
        kind: &'static str,
        user: &User,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        let user = Some((user.id.clone(), user.login().to_owned()));
        let effect = Effect {
            kind,
            user,
            before,
            after,
        };
        self.org.record_effect(effect, &self.request.id, self.now);
    }

    /// Enters a change that concerns no user.
    pub fn org_effect(&mut self, kind: &'static str, after: Option<Value>) {
        self.org.record_effect(
            Effect {
                kind,
                after,
                ..Effect::default()
            },
            &self.request.id,
            self.now,
        );
    }

    /// Writes to the system log.
    pub fn log(&mut self, kind: &'static str, message: &'static str, target: Target) {
        let actor = self.event_actor();
        let event = Event {
            kind,
            message,
            actor: &actor,
            target: Some(target),
            request_id: &self.request.id,
            path: &self.request.path,
            success: true,
        };
        self.org.log(&event, self.now);
    }

    fn event_actor(&self) -> EventActor {
        match &self.actor {
            Actor::Person { user_id, .. } => match self.org.users.get(user_id) {
                Some(user) => EventActor::user(user),
                None => EventActor::system(&self.org.meta().system_id),
            },
            Actor::Service { client_id, .. } => EventActor {
                id: client_id.clone(),
                kind: "PublicClientApp",
                alternate_id: client_id.clone(),
                display_name: client_id.clone(),
            },
            Actor::Nobody => EventActor::system(&self.org.meta().system_id),
        }
    }
}
