//! A client of our public GraphQL API, as anybody would write one.

use std::time::Duration;

use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::DemoError;

/// Longer than any answer should take on a busy laptop.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The API as one signed-in person sees it.
#[derive(Clone, Debug)]
pub(super) struct Api {
    http: Client,
    endpoint: Url,
    token: SecretString,
}

/// An HTTP client that goes where it is told and nowhere else.
#[expect(
    clippy::disallowed_methods,
    reason = "this one speaks to our own server and the sandbox, both on loopback"
)]
pub(super) fn http_client() -> Result<Client, DemoError> {
    Ok(Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?)
}

impl Api {
    pub(super) fn new(http: Client, endpoint: Url, token: SecretString) -> Self {
        Self {
            http,
            endpoint,
            token,
        }
    }

    /// Runs an operation and answers its `data`.
    ///
    /// # Errors
    /// When there is an error at the top or a `userError` in any payload.
    pub(super) async fn call(&self, query: &str, variables: Value) -> Result<Value, DemoError> {
        let body = json!({ "query": query, "variables": variables });
        let request = self
            .http
            .post(self.endpoint.clone())
            .bearer_auth(self.token.expose_secret())
            .json(&body);
        let mut answer: Value = request.send().await?.json().await?;
        if let Some(errors) = answer.get("errors") {
            return Err(DemoError::Api(messages(errors)));
        }
        let data = answer["data"].take();
        match refusals(&data) {
            refused if refused.is_empty() => Ok(data),
            refused => Err(DemoError::Api(refused.join(" "))),
        }
    }
}

fn messages(errors: &Value) -> String {
    let errors = errors.as_array().map(Vec::as_slice).unwrap_or_default();
    errors
        .iter()
        .filter_map(|error| error["message"].as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Every `userErrors[].message` below `value`.
fn refusals(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| {
                if name == "userErrors" {
                    vec![messages(field)]
                } else {
                    refusals(field)
                }
            })
            .filter(|message| !message.is_empty())
            .collect(),
        Value::Array(items) => items.iter().flat_map(refusals).collect(),
        _ => Vec::new(),
    }
}
