//! Effects that land later than their answer, and operations that are acknowledged before they are done.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    call::Call,
    refusal::Refusal,
    reply::Reply,
    request::Request,
    routes::{self, Access, Route},
};
use crate::{
    org::{
        Org,
        late::{LateRequest, Promise},
        status::UserStatus,
    },
    world::{State, World},
};

/// Lets everything land whose time has come by the org's clock, in order, each at its own moment.
pub(crate) fn land(world: &World, state: &mut State, now: DateTime<Utc>) {
    while let Some(late) = state.org.take_due(now) {
        state.org.moment = late.due;
        perform(world, &mut state.org, &late);
        if let Err(error) = state.commit() {
            tracing::error!(%error, "the state file cannot be written");
        }
    }
}

fn perform(world: &World, org: &mut Org, late: &LateRequest) {
    let Some(mut request) = late.request() else {
        tracing::warn!(
            path = late.path,
            "a late effect with a secret did not survive the restart"
        );
        return;
    };
    let (route, params) = routes::find(&request.method, &request.path);
    request.params = params;
    if let Some(promise) = &late.promise
        && let Some(user) = org.users.get_mut(&promise.user_id)
    {
        user.transitioning = None;
    }
    let settings = world.settings();
    let mut call = Call {
        org,
        request: &request,
        actor: late.actor.clone(),
        config: &world.config,
        settings: &settings,
        base_url: &late.base_url,
        now: late.due,
    };
    if let Err(refusal) = (route.handler)(&mut call) {
        let status = refusal.into_reply().status;
        tracing::debug!(path = late.path, status, "a late effect was refused");
        return;
    }
    if let Some(promise) = &late.promise
        && promise.link_digest.is_some()
        && let Some(user) = org.users.get_mut(&promise.user_id)
    {
        user.link_digest.clone_from(&promise.link_digest);
    }
}

/// Keeps the call for later. What the caller is told is not decided here.
pub(crate) fn postpone(call: &mut Call<'_>, route: &Route, seq: u64, by: Duration) {
    let late = later(call, route, seq, by);
    call.org.postpone(late);
}

/// Answers a lifecycle operation as if it were done, and does it later; meanwhile the user is in transition.
/// Whatever else is served as usual.
pub(crate) fn acknowledge(
    call: &mut Call<'_>,
    route: &Route,
    seq: u64,
    by: Duration,
) -> Result<Reply, Refusal> {
    if !can_take_time(route) {
        return (route.handler)(call);
    }
    let user_id = call.user_id("id")?;
    let savepoint = call.org.savepoint();
    let outcome = (route.handler)(call);
    let after = call.org.users.get(&user_id).cloned();
    call.org.roll_back(savepoint);
    let reply = outcome?;
    let promise = Promise {
        status: after.as_ref().map(|user| user.status),
        link_digest: after.and_then(|user| user.link_digest),
        user_id,
    };
    if let Some(user) = call.org.users.get_mut(&promise.user_id) {
        user.transitioning = promise.status;
    }
    let mut late = later(call, route, seq, by);
    late.promise = Some(promise);
    call.org.postpone(late);
    Ok(reply)
}

fn later(call: &Call<'_>, route: &Route, seq: u64, by: Duration) -> LateRequest {
    let by = chrono::Duration::from_std(by).unwrap_or_default();
    let secret = holds_secret(call.request, matches!(route.access, Access::Open));
    let mut late = LateRequest::new(call.request, seq, call.now + by, secret);
    late.actor = call.actor.clone();
    late.base_url = call.base_url.into();
    late
}

/// Whether a request must not be written down as it came: forms carry tokens, and bodies may carry passwords.
fn holds_secret(request: &Request, open: bool) -> bool {
    if open {
        return true;
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    ["credentials", "password", "oldPassword", "newPassword"]
        .iter()
        .any(|secret| body.get(secret).is_some())
}

/// Operations that Okta may finish after it answered.
fn can_take_time(route: &Route) -> bool {
    match route.pattern {
        "/api/v1/users/{id}/lifecycle/activate" | "/api/v1/users/{id}/lifecycle/deactivate" => true,
        "/api/v1/users/{id}" => route.method == http::Method::DELETE,
        _ => false,
    }
}

/// Refuses a change of somebody who is in transition. How Okta refuses it is documented for activations only
/// (E0000112); during a deactivation it is refused as after it.
pub(crate) fn check_transition(call: &Call<'_>, route: &Route) -> Result<(), Refusal> {
    if route.method == http::Method::GET || !route.pattern.starts_with("/api/v1/users/{id}") {
        return Ok(());
    }
    let user = call.org.find_user(call.request.param("id"));
    match user.and_then(|user| user.transitioning) {
        None => Ok(()),
        Some(UserStatus::Deprovisioned) => Err(Refusal::wrong_status()),
        Some(_) => Err(Refusal::still_activating()),
    }
}
