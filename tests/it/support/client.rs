//! A client of the API, as a front end would be one.

use provisioner::random;
use serde_json::{Value, json};

/// Somebody who calls the API with a token.
#[derive(Clone, Debug)]
pub struct Client {
    /// Global id of the person; empty for a client without one.
    pub user_id: String,
    token: Option<String>,
    url: String,
    http: reqwest::Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// The data; panics if there are errors.
    #[track_caller]
    pub fn data(self) -> Value {
        assert!(
            self.body.get("errors").is_none(),
            "unexpected errors: {:#}",
            self.body
        );
        self.body["data"].clone()
    }

    /// Code of the first error; panics if there is none.
    #[track_caller]
    pub fn code(&self) -> &str {
        let code = self.body["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("expected an error with a code, got {:#}", self.body))
    }
}

impl Client {
    /// A client of the server at `base_url`.
    pub fn new(http: reqwest::Client, base_url: &str, token: Option<String>) -> Self {
        Self {
            user_id: String::new(),
            token,
            url: format!("{base_url}/graphql"),
            http,
        }
    }

    /// The same server with another token, or none.
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self {
            token: token.map(str::to_owned),
            user_id: String::new(),
            ..self.clone()
        }
    }

    /// The same person at another server.
    pub fn at(&self, base_url: &str) -> Self {
        Self {
            url: format!("{base_url}/graphql"),
            ..self.clone()
        }
    }

    /// The bearer token; panics when the client has none.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// Sends a document and gives back whatever comes.
    pub async fn send(&self, document: &str, variables: Value) -> Answer {
        let (status, body) = self.send_raw(document, variables).await;
        let body = serde_json::from_str(&body).unwrap();
        Answer { status, body }
    }

    /// As [`Self::send`], with the body as it came.
    pub async fn send_raw(&self, document: &str, variables: Value) -> (u16, String) {
        let mut request = self
            .http
            .post(&self.url)
            .json(&json!({ "query": document, "variables": variables }));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request
            .header("x-request-id", random::new_id().to_string())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap())
    }

    /// Runs a mutation at a server that may die meanwhile. False when no answer came; panics when it was refused.
    pub async fn attempt(&self, mutation: &str, input: Value) -> bool {
        let request = self
            .http
            .post(&self.url)
            .json(&json!({ "query": document(mutation, ""), "variables": { "input": input } }))
            .bearer_auth(self.token());
        let Ok(response) = request.send().await else {
            return false;
        };
        let Ok(body) = response.json::<Value>().await else {
            return false;
        };
        assert_eq!(body["data"][mutation]["userErrors"], json!([]), "{body:#}");
        true
    }

    /// The data of a document that must succeed.
    pub async fn query(&self, document: &str, variables: Value) -> Value {
        self.send(document, variables).await.data()
    }

    /// Runs a mutation with one `input` and selects `selection` besides `userErrors`, which must be empty. Answers the payload.
    pub async fn done(&self, mutation: &str, input: Value, selection: &str) -> Value {
        let payload = self.mutate(mutation, input, selection).await.data()[mutation].clone();
        assert_eq!(payload["userErrors"], json!([]), "{mutation} was refused");
        payload
    }

    /// Runs a mutation that must be refused. Answers its user errors as `CODE path.to.field`.
    pub async fn refused(&self, mutation: &str, input: Value) -> Vec<String> {
        let payload = self.mutate(mutation, input, "").await.data()[mutation].clone();
        let errors = payload["userErrors"].as_array().unwrap().clone();
        assert!(!errors.is_empty(), "{mutation} was not refused");
        let line = |error: &Value| {
            let path: Vec<_> = error["field"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step.as_str().unwrap())
                .collect();
            format!("{} {}", error["code"].as_str().unwrap(), path.join("."))
                .trim()
                .to_owned()
        };
        errors.iter().map(line).collect()
    }

    /// Runs a mutation with one `input`, whatever comes of it.
    pub async fn mutate(&self, mutation: &str, input: Value, selection: &str) -> Answer {
        let document = document(mutation, selection);
        self.send(&document, json!({ "input": input })).await
    }
}

/// The document of a mutation with one `input`.
fn document(mutation: &str, selection: &str) -> String {
    let mut name = mutation.to_owned();
    name[..1].make_ascii_uppercase();
    format!(
        "mutation($input: {name}Input!) {{ {mutation}(input: $input) \
         {{ {selection} userErrors {{ code message field params {{ name value }} }} }} }}"
    )
}
