//! Requests that cost more than they may.

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::{Request, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use super::{post, post_json, send};
use crate::graphql::limits::MAX_DEPTH;
use crate::http::CallerLimits;
use crate::http::testing::TestApi;

#[tokio::test]
async fn a_body_is_read_to_its_limit_and_not_further() {
    let limit = TestApi::default().config.max_body_bytes;
    for (length, status) in [
        (limit, StatusCode::OK),
        (limit + 1, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let mut body = b"{\"query\":\"{hello}\"}".to_vec();
        body.resize(length, b' ');
        let request = || Request::post("/graphql").header("content-type", "application/json");
        let whole = request().body(Body::from(body.clone())).unwrap();
        assert_eq!(send(TestApi::default(), whole).await.status, status);
        let chunks = stream::iter(
            body.chunks(1024)
                .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
                .collect::<Vec<_>>(),
        );
        let unannounced = request().body(Body::from_stream(chunks)).unwrap();
        assert_eq!(send(TestApi::default(), unannounced).await.status, status);
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let mut api = TestApi::default();
    api.config.body_timeout_ms = 20;
    let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .body(body)
        .unwrap();
    assert_eq!(send(api, request).await.status, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn bombs_are_refused_as_too_complex() {
    let aliases: String = (0..101).map(|i| format!("a{i}:hello ")).collect();
    let bombs = [
        format!("{{{aliases}}}"),
        format!("{{{}}}", "hello ".repeat(500)),
        format!("{}hello{}", "{again".repeat(30), "}".repeat(30)),
        format!("{{hello {}}}", "@skip(if:false) ".repeat(101)),
        format!("{{{}", "{a".repeat(100_000)),
    ];
    for bomb in bombs {
        let answer = post(&bomb).await;
        let start: String = bomb.chars().take(30).collect();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "QUERY_TOO_COMPLEX"),
            "{start}"
        );
    }
}

#[tokio::test]
async fn the_number_of_reported_errors_is_capped() {
    let wrong: String = (0..20).map(|i| format!("wrong{i} ")).collect();
    let answer = post(&format!("{{{wrong}}}")).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn graphiqls_introspection_is_within_all_limits() {
    let query = include_str!("../../../tests/documents/introspection.graphql");
    let answer = post_json(TestApi::default(), &json!({ "query": query }), &[]).await;
    assert_eq!(answer.json().get("errors"), None);
    assert_eq!(
        answer.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
}

/// A question of Alice's.
fn alice(query: &str, accept: &str) -> Request<Body> {
    Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", accept)
        .header("authorization", "Bearer alice")
        .body(Body::from(json!({ "query": query }).to_string()))
        .unwrap()
}

async fn answered(api: &axum::Router, request: Request<Body>) -> (StatusCode, String) {
    let response = api.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    let answer: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    (status, code.unwrap_or_default().to_owned())
}

#[tokio::test]
async fn so_many_requests_of_one_caller_run_at_once_and_not_one_more() {
    let mut api = TestApi::default();
    api.config.caller = CallerLimits {
        concurrent_requests: 2,
        ..CallerLimits::default()
    };
    let api = api.router();
    let never = || Box::pin(api.clone().oneshot(alice("{never}", "application/json")));
    let (mut first, mut second) = (never(), never());
    assert!(futures::poll!(&mut first).is_pending());
    let ask = async || answered(&api, alice("{hello}", "application/json")).await;
    assert_eq!(ask().await.0, StatusCode::OK, "below");
    assert!(futures::poll!(&mut second).is_pending());
    let above = (
        StatusCode::TOO_MANY_REQUESTS,
        "TOO_MANY_OPERATIONS".to_owned(),
    );
    assert_eq!(ask().await, above);
    drop(first);
    assert_eq!(ask().await.0, StatusCode::OK, "one was given up");
}

#[tokio::test]
async fn so_many_streams_of_one_caller_are_open_and_not_one_more() {
    let mut api = TestApi::default();
    api.config.caller = CallerLimits {
        streams: 1,
        ..CallerLimits::default()
    };
    let api = api.router();
    let silence = || alice("subscription{silence}", "text/event-stream");
    let open = api.clone().oneshot(silence()).await.unwrap();
    assert_eq!(open.status(), StatusCode::OK);
    let above = answered(&api, silence()).await;
    let expected = (
        StatusCode::TOO_MANY_REQUESTS,
        "TOO_MANY_OPERATIONS".to_owned(),
    );
    assert_eq!(above, expected);
    drop(open);
    let again = api.clone().oneshot(silence()).await.unwrap();
    assert_eq!(again.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_depth_holds_at_its_value_and_not_one_above() {
    let deep = |levels: usize| {
        let around = levels - 1;
        format!("{}{{hello}}{}", "{again".repeat(around), "}".repeat(around))
    };
    assert_eq!(post(&deep(MAX_DEPTH)).await.status, StatusCode::OK);
    let above = post(&deep(MAX_DEPTH + 1)).await;
    assert_eq!(above.code(), "QUERY_TOO_COMPLEX");
}
