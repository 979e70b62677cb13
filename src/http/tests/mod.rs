//! Requests through all layers, without a socket.

mod graphql;
mod limits;
mod routes;

use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::testing::TestApi;

/// An answer that has arrived.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

async fn send(api: TestApi, request: Request<Body>) -> Answer {
    let response = api.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    get_from(TestApi::default(), path, headers).await
}

async fn get_from(api: TestApi, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers
        .iter()
        .fold(Request::get(path), |request, (name, value)| {
            request.header(*name, *value)
        });
    send(api, request.body(Body::empty()).unwrap()).await
}

/// A POST in `application/json` that accepts `application/graphql-response+json`.
async fn post(query: &str) -> Answer {
    post_json(TestApi::default(), &json!({ "query": query }), &[]).await
}

async fn post_json(api: TestApi, body: &Value, headers: &[(&str, &str)]) -> Answer {
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    let accept = "application/graphql-response+json";
    let given = headers.iter().any(|(name, _)| *name == "accept");
    let request = if given {
        request
    } else {
        request.header(header::ACCEPT, accept)
    };
    send(api, request.body(Body::from(body.to_string())).unwrap()).await
}
