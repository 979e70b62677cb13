//! A running sandbox and a client for it.

use okta_sandbox::{Builder, Sandbox};
use reqwest::{
    Client, Method,
    header::{HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde_json::{Value, json};
use url::Url;

pub const TOKEN: &str = "test-token";
pub const REDIRECT_URI: &str = "https://panel.example.com/oauth/callback";

/// A sandbox with somebody who talks to it.
pub struct Harness {
    pub sandbox: Sandbox,
    pub http: Client,
    authorization: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The URL of a `Link` header.
    pub fn link(&self, rel: &str) -> Option<String> {
        let links = self.headers.get_all("link");
        links
            .iter()
            .map(|value| value.to_str().unwrap())
            .find_map(|value| {
                let url = value.strip_suffix(&format!(">; rel=\"{rel}\""))?;
                Some(url.trim_start_matches('<').to_owned())
            })
    }

    /// Demands this status and, for errors, this code.
    pub fn expect(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        if !code.is_empty() {
            assert_eq!(self.json()["errorCode"], code, "{}", self.text);
        }
        self
    }

    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{} {}",
            self.status,
            self.text
        );
        self.json()
    }
}

impl Harness {
    pub async fn start() -> Self {
        Self::with(|builder| builder).await
    }

    pub async fn with(adjust: impl FnOnce(Builder) -> Builder) -> Self {
        let builder = Sandbox::builder()
            .api_token(TOKEN)
            .redirect_uris([REDIRECT_URI]);
        Self::around(adjust(builder).start().await.unwrap())
    }

    pub fn around(sandbox: Sandbox) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "tests talk to a sandbox on loopback"
        )]
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        Self {
            sandbox,
            http,
            authorization: format!("SSWS {TOKEN}"),
        }
    }

    /// The same client with another credential.
    pub fn bearer(&mut self, token: &str) {
        self.authorization = format!("Bearer {token}");
    }

    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.into()
        } else {
            format!("{}{path}", self.sandbox.base_url)
        }
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Got {
        let mut request = self
            .http
            .request(method.clone(), self.url(path))
            .header("authorization", &self.authorization);
        request = match body {
            Some(body) => request.json(&body),
            None if method == Method::GET || method == Method::DELETE => request,
            None => request.header("content-length", HeaderValue::from_static("0")),
        };
        finish(request).await
    }

    pub async fn get(&self, path: &str) -> Got {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Got {
        self.call(Method::POST, path, Some(body)).await
    }

    /// A POST without a body, as lifecycle operations are.
    pub async fn act(&self, path: &str) -> Got {
        self.call(Method::POST, path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Got {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Got {
        self.call(Method::DELETE, path, None).await
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        finish(self.http.post(self.url(path)).form(fields)).await
    }

    /// Creates a user and answers it.
    pub async fn create(&self, login: &str, query: &str, password: Option<&str>) -> Value {
        let mut body = json!({ "profile": profile(login) });
        if let Some(password) = password {
            body["credentials"] = json!({ "password": { "value": password } });
        }
        self.post(&format!("/api/v1/users?{query}"), body)
            .await
            .ok()
    }

    /// An authorization URL of the registered app.
    pub fn authorize_url(&self, parameters: &[(&str, &str)]) -> String {
        let mut url = Url::parse(&self.url("/oauth2/v1/authorize")).unwrap();
        let defaults = [
            ("client_id", self.sandbox.config().client.id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            (
                "scope",
                "openid profile email offline_access okta.users.manage",
            ),
            ("state", "st4te"),
        ];
        for (name, value) in defaults {
            let value = parameters
                .iter()
                .find(|(given, _)| *given == name)
                .map_or(value, |(_, value)| value);
            if !value.is_empty() {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        for (name, value) in parameters
            .iter()
            .filter(|(name, _)| !defaults.iter().any(|(known, _)| known == name))
        {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.into()
    }

    /// A code for the registered app, after consent.
    pub async fn code(&self, parameters: &[(&str, &str)]) -> String {
        let redirect = self
            .sandbox
            .consent(&self.authorize_url(parameters))
            .await
            .unwrap();
        query(&redirect, "code").unwrap_or_else(|| panic!("no code in {redirect}"))
    }

    /// A request to `/token` with the app's credentials.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Got {
        let client = &self.sandbox.config().client;
        let mut all = vec![
            ("client_id", client.id.as_str()),
            ("client_secret", client.secret.as_str()),
        ];
        all.extend(fields);
        self.form("/oauth2/v1/token", &all).await
    }

    pub async fn redeem(&self, code: &str) -> Got {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
        ];
        self.token(&fields).await
    }

    pub async fn refresh(&self, token: &str) -> Got {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// Tokens after a consent to these scopes.
    pub async fn tokens(&self, scope: &str) -> Value {
        let code = self.code(&[("scope", scope)]).await;
        self.redeem(&code).await.ok()
    }

    /// Kinds of the effects since a position.
    pub fn kinds_since(&self, position: u64) -> Vec<String> {
        self.sandbox
            .effects_since(position)
            .into_iter()
            .map(|effect| effect.kind)
            .collect()
    }
}

pub async fn finish(request: reqwest::RequestBuilder) -> Got {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Got {
        status,
        headers,
        text: response.text().await.unwrap(),
    }
}

pub fn profile(login: &str) -> Value {
    json!({ "login": login, "email": login, "firstName": "Ada", "lastName": "Lovelace" })
}

/// A query parameter of a URL.
pub fn query(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Demands an OAuth error.
pub fn refused(got: Got, status: u16, error: &str) {
    assert_eq!(got.status, status, "{}", got.text);
    assert_eq!(got.json()["error"], error, "{}", got.text);
    assert!(got.json()["error_description"].is_string());
}

/// A text field of a token answer.
pub fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {tokens}"))
}
