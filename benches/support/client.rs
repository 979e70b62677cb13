//! A client of the API, as a front end would be one.

use serde_json::{Value, json};

/// Somebody who calls the API with a token.
#[derive(Clone, Debug)]
pub struct Client {
    token: String,
    url: String,
    http: reqwest::Client,
}

impl Client {
    /// A client of the server at `base_url`.
    pub fn new(base_url: &str, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            url: format!("{base_url}/graphql"),
            http: reqwest::Client::new(),
        }
    }

    /// The token that it calls with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The data of a document that must succeed.
    pub async fn query(&self, document: &str, variables: Value) -> Value {
        let asked = json!({ "query": document, "variables": variables });
        let request = self
            .http
            .post(&self.url)
            .bearer_auth(self.token())
            .json(&asked);
        let mut answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert!(
            answer.get("errors").is_none(),
            "unexpected errors: {answer:#}"
        );
        answer["data"].take()
    }

    /// Runs a mutation that must succeed, with one `input`, and selects `selection` besides `userErrors`. Answers the payload.
    pub async fn done(&self, mutation: &str, input: Value, selection: &str) -> Value {
        let mut name = mutation.to_owned();
        name[..1].make_ascii_uppercase();
        let document = format!(
            "mutation($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code message field }} }} }}"
        );
        let payload = self.query(&document, json!({ "input": input })).await[mutation].take();
        assert_eq!(payload["userErrors"], json!([]), "{mutation} was refused");
        payload
    }
}
