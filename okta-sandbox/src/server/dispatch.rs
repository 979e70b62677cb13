//! The way of every request to the org, and the one place where faults strike.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, State},
    response::Response,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use http::Method;
use serde_json::Value;

use super::{
    auth::{Actor, credential},
    call::Call,
    listener::Cut,
    refusal::Refusal,
    reply::Reply,
    request::Request,
    routes::{self, Access, Route},
};
use crate::{
    clock::http_date,
    faults::{Answer, Arrival, Fault},
    ids,
    limits::{Bucket, Budget},
    org::ledger::RequestEntry,
    world::World,
};

/// Largest body that is read; the largest real one is a schema with some hundred attributes.
const BODY_LIMIT: usize = 1024 * 1024;

/// Time for the first half of a truncated answer to leave before the connection breaks.
const TRUNCATION_PAUSE: Duration = Duration::from_millis(30);

/// Serves a request to the org. It runs to its end even when the caller hangs up meanwhile, as a real
/// server would: an effect does not depend on somebody waiting for the answer.
pub(crate) async fn dispatch(
    State(world): State<Arc<World>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let id = ids::request_id();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return unserved(&world, &id, Refusal::too_large());
    };
    let request = Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        params: Default::default(),
        id: id.clone(),
    };
    match tokio::spawn(travel(Arc::clone(&world), cut, request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a handler did not finish");
            unserved(&world, &id, Refusal::internal())
        }
    }
}

/// Takes a request from its route to its answer.
pub(crate) async fn travel(world: Arc<World>, cut: Cut, mut request: Request) -> Response {
    let settings = world.settings();
    let (route, params) = routes::find(&request.method, &request.path);
    request.params = params;
    let place = world.limits.enter(settings.concurrency_limit);
    let mut journey = Journey::start(&world, request, route);
    if place.is_none() {
        tokio::time::sleep(settings.latency()).await;
        return journey.refuse_for_concurrency();
    }
    let fault = journey.meet_fate();
    if let Some(Fault::DelayBefore(delay)) = fault {
        tokio::time::sleep(delay).await;
    }
    tokio::time::sleep(settings.latency()).await;
    let budget = world
        .limits
        .count(route.bucket, settings.rate_limit, world.clock.now());
    let reply = match fault {
        Some(Fault::DropBefore) => {
            journey.record(0, None, false);
            return drop_connection(&cut);
        }
        Some(Fault::AnswerInstead(answer)) => journey.instead(answer),
        fault => journey.serve(budget, fault.as_ref()),
    };
    let reply = dressed(&world, reply, &journey.request.id, budget);
    match journey.fault {
        Some(Fault::DropAfterEffect) => drop_connection(&cut),
        Some(Fault::TruncateAfterEffect) => truncated(reply, cut),
        Some(Fault::DelayAfterEffect(delay)) => {
            tokio::time::sleep(delay).await;
            whole(reply)
        }
        _ => whole(reply),
    }
}

/// One request on its way.
struct Journey<'a> {
    world: &'a World,
    request: Request,
    route: &'static Route,
    fault: Option<Fault>,
    seq: u64,
    arrived: DateTime<Utc>,
}

impl<'a> Journey<'a> {
    fn start(world: &'a World, request: Request, route: &'static Route) -> Self {
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
    fn meet_fate(&mut self) -> Option<Fault> {
        let arrival = Arrival {
            method: self.request.method.to_string(),
            path: self.request.path.clone(),
            route: self.route.pattern,
            seq: self.seq,
        };
        self.fault = self.world.faults().decide(&arrival);
        self.fault.clone()
    }

    /// Authenticates, applies the effect, journals it together with the ledgers.
    fn serve(&mut self, budget: Budget, fault: Option<&Fault>) -> Reply {
        let now = self.world.clock.now();
        let settings = self.world.settings();
        let mut state = self.world.state();
        let base_url = self.world.url_for(self.request.header("host"));
        let mut actor = Actor::Nobody;
        let outcome = if budget.exceeded {
            Err(Refusal::too_many_requests())
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
            let outcome =
                admit(&mut call, self.route).and_then(|()| (self.route.handler)(&mut call));
            actor = call.actor;
            outcome
        };
        let reply = outcome.unwrap_or_else(Refusal::into_reply);
        let (status, answered) = match fault {
            Some(Fault::AnswerAfterEffect(answer)) => (answer.status, true),
            Some(Fault::DropAfterEffect | Fault::TruncateAfterEffect) => (reply.status, false),
            _ => (reply.status, true),
        };
        let entry = self.entry(status, Some(&actor), answered);
        state.org.record_request(entry);
        if let Err(error) = state.commit() {
            tracing::error!(%error, "the state file cannot be written");
            return Refusal::internal().into_reply();
        }
        match fault {
            Some(Fault::AnswerAfterEffect(answer)) => faked(answer.clone()),
            _ => reply,
        }
    }

    fn instead(&mut self, answer: Answer) -> Reply {
        self.record(answer.status, None, true);
        faked(answer)
    }

    fn refuse_for_concurrency(&mut self) -> Response {
        let reset = (self.world.clock.now() + chrono::Duration::seconds(60)).timestamp();
        self.record(429, None, true);
        let reply = Refusal::too_many_requests().into_reply();
        let budget = Budget {
            limit: 0,
            remaining: 0,
            reset,
            exceeded: true,
        };
        whole(dressed(self.world, reply, &self.request.id, budget))
    }

    /// Enters a request that had no effect into the ledger.
    fn record(&mut self, status: u16, actor: Option<&Actor>, answered: bool) {
        let entry = self.entry(status, actor, answered);
        let mut state = self.world.state();
        state.org.record_request(entry);
        if let Err(error) = state.commit() {
            tracing::error!(%error, "the state file cannot be written");
        }
    }

    fn entry(&self, status: u16, actor: Option<&Actor>, answered: bool) -> RequestEntry {
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
            status,
            request_id: request.id.clone(),
            fault: self.fault.as_ref().map(fault_name),
            answered,
        }
    }
}

/// Adds the headers that every answer of Okta has.
fn dressed(world: &World, reply: Reply, request_id: &str, budget: Budget) -> Reply {
    let remaining = if budget.exceeded { 0 } else { budget.remaining };
    reply
        .or_with("date", http_date(world.clock.now()))
        .or_with("x-okta-request-id", request_id)
        .or_with("x-rate-limit-limit", budget.limit.to_string())
        .or_with("x-rate-limit-remaining", remaining.to_string())
        .or_with("x-rate-limit-reset", budget.reset.to_string())
        .or_with("cache-control", "no-cache, no-store")
        .or_with("pragma", "no-cache")
        .or_with("expires", "0")
}

/// Recognises the caller and checks scope and right, where the route demands it.
fn admit(call: &mut Call<'_>, route: &Route) -> Result<(), Refusal> {
    if matches!(route.access, Access::Open) {
        return Ok(());
    }
    call.actor = Actor::recognise(call.org, &call.config.api_token, call.request, call.now)?;
    call.authorize(route.access)
}

/// Okta's edge refuses a POST or PUT that declares no length (core-okta-api).
fn lacks_length(request: &Request, route: &Route) -> bool {
    matches!(route.access, Access::Api { .. })
        && (request.method == Method::POST || request.method == Method::PUT)
        && request.header("content-length").is_none()
        && request.header("transfer-encoding").is_none()
}

/// The answer to a request that no handler saw to its end.
fn unserved(world: &World, request_id: &str, refusal: Refusal) -> Response {
    let (limit, now) = (world.settings().rate_limit, world.clock.now());
    let budget = world.limits.count(Bucket::Unlimited, limit, now);
    whole(dressed(world, refusal.into_reply(), request_id, budget))
}

fn whole(mut reply: Reply) -> Response {
    let body = Body::from(std::mem::take(&mut reply.body));
    reply.into_response(body)
}

fn drop_connection(cut: &Cut) -> Response {
    cut.now();
    Response::new(Body::empty())
}

fn truncated(mut reply: Reply, cut: Cut) -> Response {
    let body = std::mem::take(&mut reply.body);
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let reply = reply.with("content-length", body.len().to_string());
    let breaks = stream::once(async move {
        tokio::time::sleep(TRUNCATION_PAUSE).await;
        cut.now();
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    });
    let first = stream::iter([Ok::<_, std::io::Error>(half)]);
    reply.into_response(Body::from_stream(first.chain(breaks)))
}

fn faked(answer: Answer) -> Reply {
    Reply {
        status: answer.status,
        headers: answer.headers,
        body: answer.body,
    }
}

fn fault_name(fault: &Fault) -> String {
    match fault {
        Fault::DropBefore => "DROP_BEFORE",
        Fault::DropAfterEffect => "DROP_AFTER_EFFECT",
        Fault::AnswerInstead(_) => "ANSWER_INSTEAD",
        Fault::AnswerAfterEffect(_) => "ANSWER_AFTER_EFFECT",
        Fault::TruncateAfterEffect => "TRUNCATE_AFTER_EFFECT",
        Fault::DelayBefore(_) => "DELAY_BEFORE",
        Fault::DelayAfterEffect(_) => "DELAY_AFTER_EFFECT",
    }
    .into()
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
