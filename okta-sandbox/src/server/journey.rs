//! One request on its way: its fate, its effect, its entry in the ledger.

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::Value;

use super::{
    auth::{Actor, credential},
    call::Call,
    departure::Outcome,
    late::check_transition,
    refusal::Refusal,
    reply::Reply,
    request::Request,
    routes::{Access, Route},
};
use crate::{
    faults::{Arrival, Fault},
    ids,
    limits::Budget,
    org::{Org, ledger::RequestEntry},
    world::World,
};

/// One request on its way.
pub(crate) struct Journey<'a> {
    pub world: &'a World,
    pub request: Request,
    pub route: &'static Route,
    pub fault: Option<Fault>,
    pub seq: u64,
    arrived: DateTime<Utc>,
}

impl<'a> Journey<'a> {
    pub fn start(world: &'a World, request: Request, route: &'static Route) -> Self {
        let seq = world.state().org.next_serial();
        Self {
            world,
            request,
            route,
            fault: None,
            seq,
            arrived: world.clock.now(),
        }
    }

    /// Learns which fault strikes, if any. Only for requests that were let in.
    pub fn meet_fate(&mut self) {
        let arrival = Arrival {
            method: self.request.method.to_string(),
            path: self.request.path.clone(),
            query: self.request.query.clone(),
            body: String::from_utf8_lossy(&self.request.body).into_owned(),
            route: self.route.pattern,
            seq: self.seq,
        };
        let faults = self.world.faults();
        self.fault = faults.decide(&arrival);
        if let Some(plan) = faults.plan() {
            self.world.state().org.keep_counts(plan);
        }
    }

    /// Authenticates, acts, journals what that did together with the ledgers. `leave` says what leaves of the answer.
    pub fn serve(
        &mut self,
        budget: Budget,
        act: impl FnOnce(&mut Call<'_>, &Route) -> Result<Reply, Refusal>,
        leave: impl FnOnce(&Org, Reply) -> Outcome,
    ) -> Outcome {
        let settings = self.world.settings();
        let mut state = self.world.state();
        let base_url = self.world.url_for(self.request.header("host"));
        let now = state.org.moment;
        let mut actor = Actor::Nobody;
        let outcome = if budget.exceeded {
            Err(Refusal::too_many_requests(self.route.pattern))
        } else if lacks_length(&self.request, self.route) {
            Err(Refusal::Ready(Reply::new(411)))
        } else {
            let mut call = Call {
                org: &mut state.org,
                request: &self.request,
                actor: Actor::Nobody,
                config: &self.world.config,
                settings: &settings,
                base_url: &base_url,
                now,
            };
            let outcome = admit(&mut call, self.route).and_then(|()| act(&mut call, self.route));
            actor = call.actor;
            outcome
        };
        let reply = outcome.unwrap_or_else(Refusal::into_reply);
        let outcome = leave(&state.org, reply);
        let entry = self.entry(&outcome, Some(&actor));
        state.org.record_request(entry);
        if let Err(error) = state.commit() {
            tracing::error!(%error, "the state file cannot be written");
            return Outcome::Answer(Refusal::internal().into_reply());
        }
        outcome
    }

    /// Enters a request that nothing was done about into the ledger.
    pub fn unserved(&mut self, outcome: Outcome) -> Outcome {
        let entry = self.entry(&outcome, None);
        let mut state = self.world.state();
        state.org.record_request(entry);
        if let Err(error) = state.commit() {
            tracing::error!(%error, "the state file cannot be written");
        }
        outcome
    }

    /// Changes the org behind the caller's back, before the request is served.
    pub fn change_org(&self, change: impl FnOnce(&mut Org)) {
        let mut state = self.world.state();
        change(&mut state.org);
        if let Err(error) = state.commit() {
            tracing::error!(%error, "the state file cannot be written");
        }
    }

    fn entry(&self, outcome: &Outcome, actor: Option<&Actor>) -> RequestEntry {
        let request = &self.request;
        let header = request.header("authorization").unwrap_or_default();
        let scheme = ["SSWS", "Bearer", "Basic"]
            .into_iter()
            .find(|scheme| credential(header, scheme).is_some());
        let private = matches!(self.route.access, Access::Open);
        RequestEntry {
            seq: self.seq,
            time: self.arrived,
            method: request.method.to_string(),
            path: request.path.clone(),
            query: if private {
                String::new()
            } else {
                request.query.clone()
            },
            auth_kind: scheme.unwrap_or("None").into(),
            client_id: actor.and_then(Actor::client_id).map(Into::into),
            user_id: actor.and_then(Actor::user_id).map(Into::into),
            body_sha256: (!request.body.is_empty()).then(|| digest(&request.body)),
            body: shown_body(request, private),
            status: outcome.status(),
            request_id: request.id.clone(),
            fault: self.fault.as_ref().map(Fault::name),
            answered: outcome.is_answered(),
        }
    }
}

/// Does what the route does.
pub(crate) fn perform(call: &mut Call<'_>, route: &Route) -> Result<Reply, Refusal> {
    (route.handler)(call)
}

/// Recognises the caller and checks scope and right, where the route demands it.
fn admit(call: &mut Call<'_>, route: &Route) -> Result<(), Refusal> {
    if matches!(route.access, Access::Open) {
        return Ok(());
    }
    call.actor = Actor::recognise(call.org, &call.config.api_token, call.request, call.now)?;
    call.authorize(route.access)?;
    check_transition(call, route)
}

/// Okta's edge refuses a POST or PUT that declares no length (core-okta-api).
fn lacks_length(request: &Request, route: &Route) -> bool {
    matches!(route.access, Access::Api { .. })
        && (request.method == Method::POST || request.method == Method::PUT)
        && request.header("content-length").is_none()
        && request.header("transfer-encoding").is_none()
}

fn digest(body: &[u8]) -> String {
    use sha2::Digest;
    ids::hex(&sha2::Sha256::digest(body))
}

/// A JSON body without credentials; forms carry secrets and are never shown.
fn shown_body(request: &Request, private: bool) -> Option<Value> {
    if private || request.body.is_empty() {
        return None;
    }
    let mut body: Value = serde_json::from_slice(&request.body).ok()?;
    if let Some(object) = body.as_object_mut() {
        for secret in ["oldPassword", "newPassword", "password"] {
            object.remove(secret);
        }
        if let Some(credentials) = object.get_mut("credentials").and_then(Value::as_object_mut) {
            credentials.remove("password");
            credentials.remove("recovery_question");
        }
    }
    Some(body)
}
