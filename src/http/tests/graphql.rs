//! GraphQL over HTTP: methods, media types, statuses, errors.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

use super::{get, get_from, post, post_json, send};
use crate::http::testing::TestApi;

#[tokio::test]
async fn a_query_is_answered_by_both_methods() {
    let answer = post("{hello(name:\"Ann\")}").await;
    assert_eq!(
        (answer.status, answer.json()),
        (StatusCode::OK, json!({ "data": { "hello": "hello Ann" } }))
    );
    assert_eq!(
        answer.header("content-type"),
        "application/graphql-response+json; charset=utf-8"
    );
    let path = "/graphql?query=query($n:String){hello(name:$n)}&variables=%7B%22n%22:%22Bo%22%7D";
    let answer = get(path, &[]).await;
    assert_eq!(
        (answer.status, answer.json()),
        (StatusCode::OK, json!({ "data": { "hello": "hello Bo" } }))
    );
    assert_eq!(
        answer.header("content-type"),
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn errors_of_the_document_have_no_data_and_the_status_of_their_media_type() {
    let cases = [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ("query($id:ID!){node(id:$id){id}}", "BAD_USER_INPUT"),
        (
            "{...A} fragment A on Query{...A}",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("query A{hello} query B{hello}", "BAD_USER_INPUT"),
    ];
    for (query, code) in cases {
        let body = json!({ "query": query });
        for (accept, status) in [
            ("application/graphql-response+json", 400),
            ("application/json", 200),
            ("*/*", 200),
        ] {
            let answer = post_json(TestApi::default(), &body, &[("accept", accept)]).await;
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (status, code),
                "{query} {accept}"
            );
            assert_eq!(answer.json().get("data"), None, "{query}");
        }
    }
}

#[tokio::test]
async fn a_syntax_error_says_in_one_line_what_was_expected() {
    let answer = post("{hello(}").await;
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "Syntax error: expected name."
    );
    assert_eq!(
        answer.json()["errors"][0]["locations"],
        json!([{ "line": 1, "column": 8 }])
    );
}

#[tokio::test]
async fn a_default_counts_for_directives_too() {
    for (variables, hello) in [
        (json!({}), true),
        (json!({ "with": true }), true),
        (json!({ "with": false }), false),
    ] {
        let query =
            "query($with: Boolean = true) { again { __typename } hello @include(if: $with) }";
        let answer = post_json(
            TestApi::default(),
            &json!({ "query": query, "variables": variables }),
            &[],
        )
        .await;
        let data = answer.json()["data"].clone();
        assert_eq!(data.get("hello").is_some(), hello, "{data}");
    }
}

#[tokio::test]
async fn variables_are_coerced_before_anything_runs() {
    let query = "query($id:ID!){node(id:$id){id}}";
    for variables in [json!({}), json!({ "id": null }), json!({ "id": {} })] {
        let body = json!({ "query": query, "variables": variables });
        let answer = post_json(TestApi::default(), &body, &[]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "BAD_USER_INPUT")
        );
    }
    let body = json!({ "query": query, "variables": { "id": "x" } });
    assert_eq!(
        post_json(TestApi::default(), &body, &[]).await.json(),
        json!({ "data": { "node": { "id": "x" } } })
    );
}

#[tokio::test]
async fn a_bad_argument_is_the_callers_fault_also_when_it_shows_only_in_execution() {
    let answer = post("{hello(times:-1)}").await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
}

#[tokio::test]
async fn the_form_of_a_request_is_checked() {
    let bodies = [
        "",
        "{",
        "[]",
        "[{\"query\":\"{hello}\"}]",
        "{}",
        "{\"query\":1}",
        "{\"query\":\"{hello}\",\"variables\":[]}",
    ];
    for body in bodies {
        let request = Request::post("/graphql").header("content-type", "application/json");
        let answer = send(TestApi::default(), request.body(Body::from(body)).unwrap()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "BAD_REQUEST"),
            "{body}"
        );
    }
    assert_eq!(get("/graphql", &[]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_json_bodies_are_read() {
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let request = Request::post("/graphql").header("content-type", content_type);
        let answer = send(
            TestApi::default(),
            request.body(Body::from("{\"query\":\"{hello}\"}")).unwrap(),
        )
        .await;
        assert_eq!(
            answer.status,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{content_type}"
        );
    }
    let bare = Request::post("/graphql")
        .body(Body::from("{\"query\":\"{hello}\"}"))
        .unwrap();
    assert_eq!(
        send(TestApi::default(), bare).await.code(),
        "UNSUPPORTED_MEDIA_TYPE"
    );
}

#[tokio::test]
async fn get_runs_queries_only() {
    let answer = get("/graphql?query=mutation%7Bwrite%7D", &[]).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "POST")
    );
    assert_eq!(
        post("mutation{write}").await.json(),
        json!({ "data": { "write": true } })
    );
    for method in ["PUT", "DELETE", "HEAD"] {
        let request = Request::builder()
            .method(method)
            .uri("/graphql")
            .body(Body::empty())
            .unwrap();
        let answer = send(TestApi::default(), request).await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (StatusCode::METHOD_NOT_ALLOWED, "GET, POST")
        );
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_ours_is_told_so() {
    let answer = get("/graphql?query=%7Bhello%7D", &[("accept", "image/png")]).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE")
    );
}

#[tokio::test]
async fn tokens_are_challenged() {
    let demanding = || TestApi {
        token_demanded: true,
        ..TestApi::default()
    };
    let body = json!({ "query": "{viewer}" });
    let challenges = [
        (None, "Bearer"),
        (
            Some("Bearer mallory"),
            "Bearer error=\"invalid_token\", error_description=\"unknown\"",
        ),
        (
            Some("Basic YTpi"),
            "Bearer error=\"invalid_token\", error_description=\"not of the form Bearer TOKEN\"",
        ),
    ];
    for (token, challenge) in challenges {
        let headers: Vec<_> = token
            .map(|token| ("authorization", token))
            .into_iter()
            .collect();
        let answer = post_json(demanding(), &body, &headers).await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (StatusCode::UNAUTHORIZED, challenge)
        );
        assert_eq!(answer.code(), "UNAUTHENTICATED");
    }
    let answer = post_json(demanding(), &body, &[("authorization", "bearer alice")]).await;
    assert_eq!(answer.json(), json!({ "data": { "viewer": "alice" } }));
    let answer = post_json(demanding(), &body, &[("authorization", "Bearer later")]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = post_json(TestApi::default(), &body, &[("authorization", "")]).await;
    assert_eq!(answer.json(), json!({ "data": { "viewer": null } }));
}

#[tokio::test]
async fn faults_of_ours_are_masked_and_others_keep_their_code() {
    let answer = post_json(
        TestApi::default(),
        &json!({ "query": "{fault}" }),
        &[("x-request-id", "abc-1")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.text().contains("hunter2"));
    let error = &answer.json()["errors"][0];
    assert_eq!(error["message"], "Internal error");
    assert_eq!(
        error["extensions"],
        json!({ "code": "INTERNAL", "requestId": "abc-1" })
    );
    let answer = post("{forbidden hello}").await;
    assert_eq!(
        (answer.code().as_str(), &answer.json()["data"]["hello"]),
        ("FORBIDDEN", &json!("hello "))
    );
}

#[tokio::test]
async fn subscriptions_come_as_events_to_those_who_take_no_json() {
    let body = json!({ "query": "subscription{count(to:2)}" });
    let answer = post_json(
        TestApi::default(),
        &body,
        &[("accept", "text/event-stream")],
    )
    .await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let expected = "event: next\ndata: {\"data\":{\"count\":1}}\n\nevent: next\ndata: {\"data\":{\"count\":2}}\n\nevent: complete\ndata:\n\n";
    assert_eq!(answer.text(), expected);
    let answer = post_json(
        TestApi::default(),
        &body,
        &[("accept", "text/event-stream, application/json;q=0.1")],
    )
    .await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::BAD_REQUEST, "BAD_REQUEST")
    );
}

#[tokio::test]
async fn a_stream_ends_with_its_session_or_the_process() {
    let body = json!({ "query": "subscription{silence}" });
    let headers = [
        ("accept", "text/event-stream"),
        ("authorization", "Bearer brief"),
    ];
    assert_eq!(
        post_json(TestApi::default(), &body, &headers).await.text(),
        ""
    );
    let api = TestApi::default();
    api.shutdown.cancel();
    assert_eq!(post_json(api, &body, &headers[..1]).await.text(), "");
}

#[tokio::test]
async fn an_operation_may_take_only_so_long() {
    let mut api = TestApi::default();
    api.config.execution_timeout_ms = 20;
    let answer = get_from(api, "/graphql?query=%7Bnever%7D", &[]).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT")
    );
}
