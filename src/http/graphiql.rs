//! GraphiQL, built into the binary by `build.rs`: its page, its assets, the operations its tabs open with.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::error::ErrorAnswer;
use super::{landing, origin};
use crate::graphql::error::Code;

include!(concat!(env!("OUT_DIR"), "/graphiql.rs"));

/// One file of GraphiQL's build.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    etag: &'static str,
    bytes: &'static [u8],
    gzip: Option<&'static [u8]>,
}

/// One operation of `graphiql/operations/`.
struct SampleOperation {
    name: &'static str,
    query: &'static str,
    variables: Option<&'static str>,
}

/// What GraphiQL's page runs with. The styles that Monaco makes at run time are the only ones inline.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self'; img-src 'self' data:; \
     font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The names of the files don't change with their content: a browser asks each time, and is told that nothing changed.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// How GraphiQL opens.
#[derive(Clone, Debug, Default)]
pub struct GraphiqlConfig {
    /// A token that GraphiQL starts signed in with. Only for a demonstration that listens on loopback: whoever reaches the
    /// port has it.
    pub token: Option<SecretString>,
    /// Names the data behind the API. Tabs that a person edited are kept per workspace, so a new one opens with fresh tabs.
    pub workspace: String,
}

/// Whether GraphiQL was built into this binary.
#[must_use]
pub fn is_built_in() -> bool {
    ASSETS.iter().any(|asset| asset.name == "index.html")
}

/// `/graphiql` and `/graphiql-assets/`.
pub(super) fn routes(config: GraphiqlConfig) -> Router {
    Router::new()
        .route("/graphiql", get(async || page()))
        .route("/graphiql-assets/tabs.json", get(tabs))
        .route("/graphiql-assets/session.json", get(session))
        .route("/graphiql-assets/{name}", get(asset))
        .with_state(Arc::new(config))
}

/// The page, or how to get it when the binary was built without npm.
pub(super) fn page() -> Response {
    let Some(page) = ASSETS.iter().find(|asset| asset.name == "index.html") else {
        return landing::without_graphiql();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::CACHE_CONTROL, REVALIDATE),
    ];
    (headers, Html(page.bytes)).into_response()
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return missing().into_response();
    };
    let common = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(asset.content_type),
        ),
        (header::ETAG, HeaderValue::from_static(asset.etag)),
        (header::CACHE_CONTROL, REVALIDATE),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        // Monaco's workers are scripts of their own and need the policy too.
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
    ];
    let has = |name, wanted: &str| {
        let value = headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .unwrap_or_default();
        value.split(',').any(|part| part.trim() == wanted)
    };
    if has(header::IF_NONE_MATCH, asset.etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    match asset.gzip.filter(|_| has(header::ACCEPT_ENCODING, "gzip")) {
        Some(bytes) => {
            let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
            (common, encoding, bytes).into_response()
        }
        None => (common, asset.bytes).into_response(),
    }
}

async fn tabs(State(config): State<Arc<GraphiqlConfig>>) -> Json<Value> {
    let tabs = OPERATIONS.iter().map(|operation| {
        json!({ "name": operation.name, "query": operation.query, "variables": operation.variables })
    });
    Json(
        json!({ "workspace": config.workspace, "version": OPERATIONS_VERSION, "tabs": tabs.collect::<Vec<_>>() }),
    )
}

/// The token for GraphiQL's own page, else 204. The `Host` must be loopback, so that a name rebound by its DNS server gets nothing,
/// and the browser must say that the request is of this very origin.
async fn session(State(config): State<Arc<GraphiqlConfig>>, headers: HeaderMap) -> Response {
    let same_origin = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "same-origin");
    match &config.token {
        Some(token) if same_origin && origin::is_loopback(&headers) => {
            Json(json!({ "authorization": format!("Bearer {}", token.expose_secret()) }))
                .into_response()
        }
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

fn missing() -> ErrorAnswer {
    ErrorAnswer::new(
        StatusCode::NOT_FOUND,
        Code::NotFound,
        "There is nothing here.",
    )
}
