//! Requests that cost more than they may.

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::{Request, StatusCode};
use serde_json::json;

use super::{post, post_json, send};
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
