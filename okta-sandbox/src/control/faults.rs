//! The plan of faults over HTTP, and changes of the schema behind a client's back.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::refused;
use crate::{
    faults::{FaultPlan, Faults, Malformed, NoFaults, SeededFaults},
    org::schema_change::SchemaChange,
    sandbox::PendingEffect,
    world::World,
};

/// `GET /_control/faults`: the plan, how far each rule is, and the effects that have not landed yet.
pub(super) async fn show(State(world): State<Arc<World>>) -> Response {
    report(&world)
}

/// `PUT /_control/faults`: follows this plan from its start, in place of whatever went wrong before.
pub(super) async fn set(State(world): State<Arc<World>>, body: String) -> Response {
    let plan = body
        .parse::<FaultPlan>()
        .and_then(SeededFaults::new)
        .map_err(|error| error.to_string());
    match plan {
        Ok(faults) => follow(&world, Arc::new(faults)),
        Err(why) => refused(StatusCode::BAD_REQUEST, why),
    }
}

/// `DELETE /_control/faults`: nothing goes wrong any more. Late effects still land.
pub(super) async fn clear(State(world): State<Arc<World>>) -> Response {
    follow(&world, Arc::new(NoFaults))
}

/// `GET /_control/faults/malformed`: every malformed answer by name.
pub(super) fn malformed() -> Json<Value> {
    let shapes: Vec<_> = Malformed::all()
        .map(|shape| {
            let family = format!("{:?}", shape.family()).to_lowercase();
            json!({ "name": shape.name(), "family": family, "what": shape.what() })
        })
        .collect();
    Json(json!({ "malformed": shapes }))
}

/// `POST /_control/schema`: changes the user schema at once.
pub(super) async fn change_schema(State(world): State<Arc<World>>, body: String) -> Response {
    let change: SchemaChange = match serde_json::from_str(&body) {
        Ok(change) => change,
        Err(error) => return refused(StatusCode::BAD_REQUEST, error),
    };
    let mut state = world.state();
    let now = state.org.moment;
    let changed = state.org.change_schema(&change, now);
    super::change::finish(
        &mut state,
        changed
            .map(|()| json!({}))
            .map_err(|error| error.to_string()),
    )
}

fn follow(world: &World, faults: Arc<dyn Faults>) -> Response {
    match world.set_faults(faults) {
        Ok(()) => report(world),
        Err(error) => refused(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

fn report(world: &World) -> Response {
    let faults = world.faults();
    let rules: Vec<_> = faults.plan().map_or_else(Vec::new, |running| {
        let rules = running.plan().rules.iter().zip(running.counts());
        rules
            .enumerate()
            .map(|(index, (rule, counts))| {
                json!({
                    "rule": index + 1,
                    "name": rule.name,
                    "fault": rule.fault,
                    "matched": counts.matched,
                    "struck": counts.struck,
                })
            })
            .collect()
    });
    let state = world.state();
    let pending: Vec<_> = state.org.late.values().map(PendingEffect::of).collect();
    Json(json!({
        "plan": faults.plan().map(SeededFaults::plan),
        "rules": rules,
        "pendingEffects": pending,
    }))
    .into_response()
}
