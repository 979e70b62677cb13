//! The yardstick: a client that turns the same pages and does nothing with them.

use std::time::{Duration, Instant};

use okta_sandbox::Sandbox;
use reqwest::header::LINK;

/// Turns all pages that an import reads; answers how long it took.
pub async fn turn_pages(okta: &Sandbox) -> Duration {
    let http = reqwest::Client::new();
    let search = "lastUpdated gt \"1970-01-01T00:00:00.000Z\"";
    let first = reqwest::Url::parse_with_params(
        &format!("{}/api/v1/users", okta.base_url),
        [("search", search), ("limit", "200")],
    );
    let (start, mut next) = (Instant::now(), Some(first.unwrap().to_string()));
    while let Some(url) = next {
        let authorization = format!("SSWS {}", okta.config().api_token);
        let answer = http
            .get(url)
            .header("authorization", authorization)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        next = link(&answer);
        answer.bytes().await.unwrap();
    }
    start.elapsed()
}

fn link(answer: &reqwest::Response) -> Option<String> {
    let links = answer.headers().get_all(LINK).iter();
    let next = links
        .filter_map(|link| link.to_str().ok())
        .find(|link| link.contains("rel=\"next\""))?;
    Some(next.split('>').next()?.trim_start_matches('<').to_owned())
}
