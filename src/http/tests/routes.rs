//! The routes beside `/graphql`, and what all have in common.

use axum::body::Body;
use http::{Request, StatusCode};
use secrecy::SecretString;
use serde_json::json;

use super::{get, get_from, send};
use crate::http::GraphiqlConfig;
use crate::http::testing::TestApi;

#[tokio::test]
async fn health_tells_alive_from_ready() {
    assert_eq!(
        get("/health/live", &[]).await.json(),
        json!({ "status": "live" })
    );
    assert_eq!(
        get("/health/ready", &[]).await.json(),
        json!({ "status": "ready" })
    );
    let answer = get_from(
        TestApi {
            ready: false,
            ..TestApi::default()
        },
        "/health/ready",
        &[],
    )
    .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
    );
}

#[tokio::test]
async fn every_error_is_json_with_the_requests_id() {
    let cases = [
        ("/nothing", 404),
        ("/panics", 500),
        ("/graphiql-assets/../Cargo.toml", 404),
        ("/graphql", 400),
    ];
    for (path, status) in cases {
        let answer = get(path, &[("x-request-id", "from-the-proxy")]).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(
            answer.json()["errors"][0]["extensions"]["requestId"],
            "from-the-proxy"
        );
        assert_eq!(answer.header("x-request-id"), "from-the-proxy");
    }
    let request = Request::post("/health/live").body(Body::empty()).unwrap();
    assert_eq!(
        send(TestApi::default(), request).await.code(),
        "METHOD_NOT_ALLOWED"
    );
}

#[tokio::test]
async fn an_id_that_could_disturb_the_log_is_replaced() {
    for id in ["a b", "", "\"},", &"x".repeat(65)] {
        let answer = get("/health/live", &[("x-request-id", id)]).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{id}");
    }
}

#[tokio::test]
async fn answers_carry_the_headers_that_browsers_need() {
    let answer = get("/health/live", &[]).await;
    for name in [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "x-frame-options",
    ] {
        assert!(!answer.header(name).is_empty(), "{name}");
    }
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn only_configured_panels_are_let_in() {
    for (origin, expected) in [
        ("https://panel.example", "https://panel.example"),
        ("https://evil.example", ""),
    ] {
        let preflight = Request::options("/graphql")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            );
        let answer = send(TestApi::default(), preflight.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), expected);
        let answer = get("/health/live", &[("origin", origin)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), expected);
    }
}

#[tokio::test]
async fn a_browser_gets_graphiql_and_a_program_does_not() {
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for path in ["/graphql", "/graphiql"] {
        let answer = get(path, &browser).await;
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "{path}"
        );
        // Built without npm, it is the page that says how to get it.
        assert!(answer.text().contains("<title>GraphiQL"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    }
    let answer = get("/graphql?query=%7Bhello%7D", &browser).await;
    assert_eq!(answer.json(), json!({ "data": { "hello": "hello " } }));
}

#[tokio::test]
async fn graphiqls_tabs_hold_the_operations_in_order() {
    let tabs = get("/graphiql-assets/tabs.json", &[]).await.json();
    let names: Vec<_> = tabs["tabs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tab| tab["name"].as_str().unwrap())
        .collect();
    assert!(
        names.is_sorted() && names[0].starts_with("01-"),
        "{names:?}"
    );
}

#[tokio::test]
async fn the_demonstrations_token_is_for_the_own_page_only() {
    let with_token = || {
        let mut api = TestApi::default();
        api.config.graphiql = Some(GraphiqlConfig {
            token: Some(SecretString::from("demo-token")),
            ..GraphiqlConfig::default()
        });
        api
    };
    let own = [
        ("host", "localhost:8080"),
        ("sec-fetch-site", "same-origin"),
    ];
    let path = "/graphiql-assets/session.json";
    assert_eq!(
        get_from(with_token(), path, &own).await.json(),
        json!({ "authorization": "Bearer demo-token" })
    );
    assert_eq!(get(path, &own).await.status, StatusCode::NO_CONTENT);
    let others = [
        [
            ("host", "rebound.example:8080"),
            ("sec-fetch-site", "same-origin"),
        ],
        [("host", "localhost:8080"), ("sec-fetch-site", "cross-site")],
        [("host", "localhost:8080"), ("sec-fetch-mode", "cors")],
    ];
    for headers in others {
        let answer = get_from(with_token(), path, &headers).await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (StatusCode::NO_CONTENT, "")
        );
    }
}

#[tokio::test]
async fn graphiql_can_be_switched_off() {
    let without = || {
        let mut api = TestApi::default();
        api.config.graphiql = None;
        api
    };
    for path in ["/graphiql", "/graphiql-assets/tabs.json"] {
        assert_eq!(get(path, &[]).await.status, StatusCode::OK);
        let off = get_from(without(), path, &[]).await;
        assert_eq!(off.status, StatusCode::NOT_FOUND);
    }
    let html = [("accept", "text/html")];
    let page = get_from(without(), "/graphql", &html).await;
    assert_ne!(page.status, StatusCode::OK);
    assert!(get("/", &[]).await.text().contains("/graphiql"));
    assert!(
        !get_from(without(), "/", &[])
            .await
            .text()
            .contains("GraphiQL")
    );
}
