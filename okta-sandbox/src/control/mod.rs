//! `/_control`: for tests and for the page to watch. No part of Okta's API.

mod change;
mod faults;
mod view;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

pub(crate) use change::revoke_all;
pub(crate) use view::user_with_roles;

use crate::{pages::assets, server::origin, world::World};

/// The pages and control endpoints. Requests from foreign web pages are refused.
pub(crate) fn router(world: Arc<World>) -> Router<Arc<World>> {
    let control = Router::new()
        .route("/snapshot", get(view::snapshot))
        .route("/users", get(view::users).post(change::add_user))
        .route("/users/{id}/status", post(change::set_status))
        .route("/users/{id}/roles", post(change::add_role))
        .route("/users/{id}/profile", post(change::set_profile))
        .route("/ledger/requests", get(view::requests))
        .route("/ledger/effects", get(view::effects))
        .route("/ledger/clear", post(change::clear_ledgers))
        .route("/clock", get(view::clock))
        .route("/clock/advance", post(change::advance_clock))
        .route("/config", get(view::config).put(change::configure))
        .route(
            "/faults",
            get(faults::show).put(faults::set).delete(faults::clear),
        )
        .route("/faults/malformed", get(async || faults::malformed()))
        .route("/schema", post(faults::change_schema))
        .route("/clients", post(change::add_client))
        .route("/grants/revoke", post(change::revoke_grants))
        .route("/reset", post(change::reset));
    Router::new()
        .route("/", get(async || assets::watch()))
        .route(
            "/assets/{name}",
            get(async |Path(name): Path<String>| assets::file(&name)),
        )
        .nest("/_control", control)
        .layer(middleware::from_fn_with_state(world, own_pages_only))
}

async fn own_pages_only(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    if origin::is_own(&world, request.headers()) {
        next.run(request).await
    } else {
        refused(
            StatusCode::FORBIDDEN,
            "requests of other web pages are refused",
        )
    }
}

/// A refusal of a control endpoint.
fn refused(status: StatusCode, why: impl std::fmt::Display) -> Response {
    (status, Json(json!({ "error": why.to_string() }))).into_response()
}
