//! Reading the org from outside its API.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api,
    clock::stamp,
    org::{Org, serial_key, status::UserStatus, user::User},
    world::World,
};

/// Users on the page to watch; the rest is only counted.
const MOST_USERS: usize = 500;

/// Entries of each ledger on the page to watch.
const RECENT: usize = 60;

/// `?since=` is exclusive; `?limit=` cuts.
#[derive(Debug, Deserialize)]
pub(super) struct Since {
    #[serde(default)]
    since: u64,
    limit: Option<usize>,
}

/// `GET /_control/ledger/requests`.
pub(super) async fn requests(
    State(world): State<Arc<World>>,
    Query(since): Query<Since>,
) -> Json<Value> {
    let state = world.state();
    let entries: Vec<_> = state
        .org
        .requests
        .after(&serial_key(since.since))
        .take(since.limit.unwrap_or(usize::MAX))
        .collect();
    Json(json!({ "requests": entries }))
}

/// `GET /_control/ledger/effects`.
pub(super) async fn effects(
    State(world): State<Arc<World>>,
    Query(since): Query<Since>,
) -> Json<Value> {
    let state = world.state();
    let entries: Vec<_> = state
        .org
        .effects
        .after(&serial_key(since.since))
        .take(since.limit.unwrap_or(usize::MAX))
        .collect();
    Json(json!({ "effects": entries }))
}

/// `GET /_control/users`: everybody, whatever the status, with roles.
pub(super) async fn users(State(world): State<Arc<World>>) -> Json<Value> {
    let state = world.state();
    let users: Vec<_> = state
        .org
        .users
        .values()
        .map(|user| user_with_roles(&state.org, user))
        .collect();
    Json(json!({ "users": users }))
}

/// A user as Okta answers it, without links but with roles.
pub(crate) fn user_with_roles(org: &Org, user: &User) -> Value {
    let mut body = api::view::attributes(org, user);
    body["roles"] = roles(user);
    body
}

/// `GET /_control/clock`.
pub(super) async fn clock(State(world): State<Arc<World>>) -> Json<Value> {
    Json(json!({ "now": stamp(world.clock.now()), "offsetMs": world.clock.offset_ms() }))
}

/// `GET /_control/config`.
pub(super) async fn config(State(world): State<Arc<World>>) -> Json<Value> {
    Json(configuration(&world))
}

/// What can be changed while the sandbox runs, as it is now.
pub(super) fn configuration(world: &World) -> Value {
    let mut body = json!(world.settings());
    let state = world.state();
    let admin = state.org.users.get(&state.org.meta().admin_id);
    let role = admin
        .and_then(|admin| admin.roles.first())
        .map(|role| role.kind.clone());
    body["adminRole"] = json!(role);
    body["grants"] = json!(
        state
            .org
            .client(&world.config.client.id)
            .map(|client| &client.grants)
    );
    body
}

/// `GET /_control/snapshot`: what the page to watch shows.
pub(super) async fn snapshot(State(world): State<Arc<World>>) -> Json<Value> {
    let state = world.state();
    let org = &state.org;
    let mut users: Vec<_> = org.users.values().collect();
    users.sort_by(|left, right| {
        right
            .last_updated
            .cmp(&left.last_updated)
            .then_with(|| right.id.cmp(&left.id))
    });
    users.truncate(MOST_USERS);
    let effects: Vec<_> = org.effects.values().rev().take(RECENT).collect();
    let requests: Vec<_> = org.requests.values().rev().take(RECENT).collect();
    Json(json!({
        "baseUrl": world.base_url,
        "now": stamp(world.clock.now()),
        "version": org.meta().serial,
        "counts": counts(org),
        "users": users.into_iter().map(brief).collect::<Vec<_>>(),
        "effects": effects,
        "requests": requests,
    }))
}

fn counts(org: &Org) -> Value {
    let mut by_status = BTreeMap::new();
    for user in org.users.values() {
        *by_status.entry(user.status.name()).or_insert(0_usize) += 1;
    }
    let ordered: serde_json::Map<_, _> = UserStatus::ALL
        .into_iter()
        .filter_map(|status| {
            Some((
                status.name().to_owned(),
                json!(by_status.get(status.name())?),
            ))
        })
        .collect();
    json!({
        "users": org.users.len(),
        "byStatus": ordered,
        "effects": org.effects.len(),
        "requests": org.requests.len(),
    })
}

fn brief(user: &User) -> Value {
    json!({
        "id": user.id,
        "name": user.display_name(),
        "login": user.login(),
        "status": user.status.name(),
        "roles": roles(user),
        "lastUpdated": stamp(user.last_updated),
    })
}

fn roles(user: &User) -> Value {
    user.roles
        .iter()
        .map(|role| json!({ "type": role.kind, "label": role.label, "fromGroup": role.from_group }))
        .collect()
}
