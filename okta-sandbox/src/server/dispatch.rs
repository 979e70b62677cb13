//! The way of every request to the org, and the one place where faults strike.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::{ConnectInfo, State},
    response::Response,
};

use super::{
    departure::{Departure, Outcome, depart, dressed, whole},
    journey::Journey,
    listener::Cut,
    refusal::Refusal,
    request::Request,
    routes,
};
use crate::{
    faults::Fault,
    ids,
    limits::{Bucket, Budget},
    world::World,
};

/// Largest body that is read; the largest real one is a schema with some hundred attributes.
const BODY_LIMIT: usize = 1024 * 1024;

/// Serves a request to the org. It runs to its end even when the caller hangs up meanwhile, as a real
/// server would: an effect does not depend on somebody waiting for the answer. Only silence ends with the caller.
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
    match tokio::spawn(travel(Arc::clone(&world), cut.clone(), request)).await {
        Ok(departure) => departure.response(&world, &cut).await,
        Err(error) => {
            tracing::error!(%error, "a handler did not finish");
            unserved(&world, &id, Refusal::internal())
        }
    }
}

/// Takes a request from its route to its answer.
pub(crate) async fn travel(world: Arc<World>, cut: Cut, mut request: Request) -> Departure {
    let settings = world.settings();
    let (route, params) = routes::find(&request.method, &request.path);
    request.params = params;
    let place = world.limits.enter(settings.concurrency_limit);
    let mut journey = Journey::start(&world, request, route);
    if place.is_none() {
        tokio::time::sleep(settings.latency()).await;
        return refuse_for_concurrency(&world, journey, &cut);
    }
    journey.meet_fate();
    if let Some(Fault::DelayBefore(delay)) = journey.fault {
        tokio::time::sleep(delay).await;
    }
    tokio::time::sleep(settings.latency()).await;
    let budget = world
        .limits
        .count(route.bucket, settings.rate_limit, world.clock.now());
    let outcome = journey.meet(budget);
    let departure = depart(&world, outcome, &journey.request.id, budget, &cut);
    if let Some(Fault::DelayAfterEffect(delay)) = journey.fault {
        tokio::time::sleep(delay).await;
    }
    departure
}

fn refuse_for_concurrency(world: &Arc<World>, mut journey: Journey<'_>, cut: &Cut) -> Departure {
    let reset = (world.clock.now() + chrono::Duration::seconds(60)).timestamp();
    let reply = Refusal::too_many_requests(journey.route.pattern).into_reply();
    let budget = Budget {
        limit: 0,
        remaining: 0,
        reset,
        exceeded: true,
    };
    let outcome = journey.unserved(Outcome::Answer(reply));
    depart(world, outcome, &journey.request.id, budget, cut)
}

/// The answer to a request that no handler saw to its end.
fn unserved(world: &World, request_id: &str, refusal: Refusal) -> Response {
    let (limit, now) = (world.settings().rate_limit, world.clock.now());
    let budget = world.limits.count(Bucket::Unlimited, limit, now);
    whole(dressed(world, refusal.into_reply(), request_id, budget))
}
