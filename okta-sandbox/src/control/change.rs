//! Changing the org from outside its API, as if others had done it. None of it enters the ledger of effects.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{refused, view};
use crate::{
    clock::stamp,
    org::{Org, seeding::SeedError, status::UserStatus, user::User},
    seed::{Seed, SeedUser},
    world::{State as OrgState, World},
};

/// One user or a whole seed.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Sowing {
    User(SeedUser),
    Seed(Seed),
}

/// `POST /_control/users`: adds a user, or what a seed holds, as it stands.
pub(super) async fn add_user(
    State(world): State<Arc<World>>,
    Json(sowing): Json<Sowing>,
) -> Response {
    let now = world.clock.now();
    let mut state = world.state();
    let sown = match sowing {
        Sowing::User(user) => state
            .org
            .seed_user(&user, now)
            .map(|id| json!({ "id": id })),
        Sowing::Seed(seed) => state.org.sow(&seed, now).map(|()| json!({})),
    };
    finish(&mut state, sown.map_err(|error| error.to_string()))
}

/// `{"status": "LOCKED_OUT"}`
#[derive(Debug, Deserialize)]
pub(super) struct NewStatus {
    status: String,
}

/// `POST /_control/users/{id}/status`: sets any status without the rules of the lifecycle.
pub(super) async fn set_status(
    State(world): State<Arc<World>>,
    Path(key): Path<String>,
    Json(new): Json<NewStatus>,
) -> Response {
    let Some(status) = UserStatus::parse(&new.status) else {
        return refused(StatusCode::BAD_REQUEST, SeedError::Status(new.status));
    };
    let now = world.clock.now();
    change_user(&world, &key, |_, user| {
        user.enter(status, chrono::SubsecRound::trunc_subsecs(now, 0));
        Ok(())
    })
}

/// `POST /_control/users/{id}/profile`: merges attributes, null clears; the schema is not asked.
pub(super) async fn set_profile(
    State(world): State<Arc<World>>,
    Path(key): Path<String>,
    Json(profile): Json<Map<String, Value>>,
) -> Response {
    let now = world.clock.now();
    change_user(&world, &key, |_, user| {
        user.profile.extend(profile);
        user.profile.retain(|_, value| !value.is_null());
        user.touch(chrono::SubsecRound::trunc_subsecs(now, 0));
        Ok(())
    })
}

/// `{"type": "HELP_DESK_ADMIN", "fromGroup": true}`; a custom role by its label.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewRole {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    from_group: bool,
}

/// `POST /_control/users/{id}/roles`.
pub(super) async fn add_role(
    State(world): State<Arc<World>>,
    Path(key): Path<String>,
    Json(new): Json<NewRole>,
) -> Response {
    let now = world.clock.now();
    change_user(&world, &key, |org, user| {
        user.roles
            .push(org.seed_assignment(&new.kind, new.from_group, now)?);
        Ok(())
    })
}

/// `POST /_control/ledger/clear`: forgets requests and effects, not what they did.
pub(super) async fn clear_ledgers(State(world): State<Arc<World>>) -> Response {
    let mut state = world.state();
    state.org.requests.retain(|_| false);
    state.org.effects.retain(|_| false);
    finish(&mut state, Ok(json!({})))
}

/// `{"seconds": 3600}` and/or `{"millis": 500}`
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    seconds: u64,
    #[serde(default)]
    millis: u64,
}

/// `POST /_control/clock/advance`.
pub(super) async fn advance_clock(
    State(world): State<Arc<World>>,
    Json(step): Json<Step>,
) -> Response {
    world.clock.advance(Duration::from_millis(
        step.seconds
            .saturating_mul(1000)
            .saturating_add(step.millis),
    ));
    let mut state = world.state();
    let offset_ms = world.clock.offset_ms();
    state
        .org
        .change_meta(|meta| meta.clock_offset_ms = offset_ms);
    finish(
        &mut state,
        Ok(json!({ "now": stamp(world.clock.now()), "offsetMs": offset_ms })),
    )
}

/// `PUT /_control/config`: what is sent is merged into the settings; `adminRole` and `grants` besides.
pub(super) async fn configure(
    State(world): State<Arc<World>>,
    Json(mut wanted): Json<Map<String, Value>>,
) -> Response {
    let role = wanted
        .remove("adminRole")
        .and_then(|role| role.as_str().map(str::to_owned));
    let grants = wanted.remove("grants");
    let mut merged = json!(world.settings());
    if let Some(settings) = merged.as_object_mut() {
        settings.extend(wanted);
    }
    match serde_json::from_value(merged) {
        Ok(settings) => world.set_settings(settings),
        Err(error) => return refused(StatusCode::BAD_REQUEST, error),
    }
    if let Some(grants) = grants.and_then(|grants| serde_json::from_value(grants).ok()) {
        set_grants(&world, &grants);
    }
    if let Some(role) = role
        && let Err(error) = set_admin_role(&world, &role)
    {
        return refused(StatusCode::BAD_REQUEST, error);
    }
    Json(view::configuration(&world)).into_response()
}

/// `{"clientId": "…", "jwks": {"keys": […]}, "scopes": ["okta.users.manage"]}`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewClient {
    client_id: String,
    jwks: Value,
    scopes: Vec<String>,
}

/// `POST /_control/clients`: registers a service that authenticates with `private_key_jwt`.
pub(super) async fn add_client(
    State(world): State<Arc<World>>,
    Json(new): Json<NewClient>,
) -> Response {
    let mut state = world.state();
    state
        .org
        .register_service(new.client_id, new.jwks, new.scopes);
    finish(&mut state, Ok(json!({})))
}

/// `{"clientId": "…", "scopes": ["okta.users.manage"]}`, both optional.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Revocation {
    client_id: Option<String>,
    scopes: Vec<String>,
}

/// `POST /_control/grants/revoke`: ends all tokens of the client (the web app unless named) and takes
/// these scopes off its grants.
pub(super) async fn revoke_grants(
    State(world): State<Arc<World>>,
    Json(revocation): Json<Revocation>,
) -> Response {
    let client_id = revocation
        .client_id
        .unwrap_or_else(|| world.config.client.id.clone());
    let mut state = world.state();
    let ended = revoke_all(&mut state.org, &client_id);
    if let Some(client) = state.org.clients.get_mut(&client_id) {
        client
            .grants
            .retain(|scope| !revocation.scopes.contains(scope));
    }
    finish(&mut state, Ok(json!({ "revoked": ended })))
}

/// `POST /_control/reset`: the org as at its first start. The clock stays.
pub(super) async fn reset(State(world): State<Arc<World>>) -> Response {
    let outcome = world
        .reset()
        .map(|()| json!({}))
        .map_err(|error| error.to_string());
    finish(&mut world.state(), outcome)
}

/// Ends all consents of a client; answers how many.
pub(crate) fn revoke_all(org: &mut Org, client_id: &str) -> usize {
    let live: Vec<_> = org
        .grants
        .values()
        .filter(|grant| grant.client_id == client_id && !grant.revoked)
        .map(|grant| grant.id.clone())
        .collect();
    for id in &live {
        org.revoke_grant(id);
    }
    live.len()
}

fn set_grants(world: &World, grants: &Vec<String>) {
    let mut state = world.state();
    if let Some(client) = state.org.clients.get_mut(&world.config.client.id) {
        client.grants.clone_from(grants);
    }
    commit(&mut state);
}

fn set_admin_role(world: &World, role: &str) -> Result<(), SeedError> {
    let now = world.clock.now();
    let mut state = world.state();
    let assignment = state.org.seed_assignment(role, false, now)?;
    let admin_id = state.org.meta().admin_id.clone();
    if let Some(admin) = state.org.users.get_mut(&admin_id) {
        admin.roles = vec![assignment];
    }
    commit(&mut state);
    Ok(())
}

fn change_user(
    world: &World,
    key: &str,
    change: impl FnOnce(&mut Org, &mut User) -> Result<(), SeedError>,
) -> Response {
    let mut state = world.state();
    let Some(mut user) = state.org.find_user(key).cloned() else {
        return refused(StatusCode::NOT_FOUND, format!("no user {key}"));
    };
    let changed = change(&mut state.org, &mut user);
    let id = user.id.clone();
    if changed.is_ok() {
        state.org.users.insert(id.clone(), user);
    }
    finish(
        &mut state,
        changed
            .map(|()| json!({ "id": id }))
            .map_err(|error| error.to_string()),
    )
}

pub(super) fn finish(state: &mut OrgState, outcome: Result<Value, String>) -> Response {
    commit(state);
    match outcome {
        Ok(body) => Json(body).into_response(),
        Err(why) => refused(StatusCode::BAD_REQUEST, why),
    }
}

fn commit(state: &mut OrgState) {
    if let Err(error) = state.commit() {
        tracing::error!(%error, "the state file cannot be written");
    }
}
