//! The yardstick: a client that sends the same requests and keeps nothing.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use okta_sandbox::{RequestEntry, Sandbox};
use reqwest::Method;

/// Sends these requests, so many at a time; answers how long it took. All must be answered with success.
pub async fn send(okta: &Sandbox, requests: &[RequestEntry], at_once: usize) -> Duration {
    let http = reqwest::Client::new();
    let authorization = format!("SSWS {}", okta.config().api_token);
    let start = Instant::now();
    stream::iter(requests)
        .for_each_concurrent(at_once, async |request| {
            let url = format!("{}{}?{}", okta.base_url, request.path, request.query);
            let method = Method::from_bytes(request.method.as_bytes()).unwrap();
            let mut sent = http
                .request(method, url)
                .header("authorization", &authorization);
            if let Some(body) = &request.body {
                sent = sent.json(body);
            }
            let answer = sent.send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            answer.bytes().await.unwrap();
        })
        .await;
    start.elapsed()
}
