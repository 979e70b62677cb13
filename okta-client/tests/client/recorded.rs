//! Every recorded answer of a real Okta org that belongs to a call of ours is read, through the public API.

use std::collections::BTreeMap;

use okta_client::{Error, Meta, OAuthApp, OAuthError, User, UserQuery};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::server::{Reply, Server, auth};

const RECORDED: &str = include_str!("../../testdata/recorded.jsonl");

#[derive(Deserialize)]
struct Exchange {
    method: String,
    path: String,
    query: String,
    status: u16,
    headers: BTreeMap<String, Vec<String>>,
    body: Value,
}

impl Exchange {
    fn reply(&self) -> Reply {
        let mut reply = Reply::status(self.status);
        for (name, values) in &self.headers {
            for value in values {
                reply = reply.header(name, &rehost(value));
            }
        }
        match &self.body {
            Value::Null => reply,
            body => reply.body(body.to_string()),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.first()?.as_str())
    }

    fn flag(&self, name: &str) -> bool {
        self.query.contains(&format!("{name}=true"))
    }

    fn has_next(&self) -> bool {
        let links = self.headers.get("link");
        links.is_some_and(|links| links.iter().any(|link| link.contains("rel=\"next\"")))
    }

    fn check_meta(&self, meta: &Meta) {
        assert_eq!(meta.status, self.status);
        assert_eq!(meta.request_id.as_deref(), self.header("x-okta-request-id"));
        let limit = meta.rate_limit.unwrap();
        let number = |name: &str| self.header(name).unwrap().parse::<i64>().unwrap();
        assert_eq!(i64::from(limit.limit), number("x-rate-limit-limit"));
        assert_eq!(i64::from(limit.remaining), number("x-rate-limit-remaining"));
        assert_eq!(limit.reset.timestamp(), number("x-rate-limit-reset"));
    }

    fn check_user(&self, user: &User) {
        check_user(user, &self.body);
    }
}

/// Links of the recording lead to the orgs it was taken from.
fn rehost(header: &str) -> String {
    header
        .replace("https://test.okta.com", "{origin}")
        .replace("https://dev-20982288.okta.com", "{origin}")
}

fn check_user(user: &User, body: &Value) {
    assert_eq!(user.id, body["id"]);
    assert_eq!(user.status.as_str(), body["status"]);
    assert_eq!(Value::Object(user.profile.clone()), body["profile"]);
    assert_eq!(user.type_id.as_deref(), body["type"]["id"].as_str());
    assert_eq!(user.login(), body["profile"]["login"].as_str());
    let provider = user.provider.as_ref().unwrap();
    assert_eq!(provider.kind, body["credentials"]["provider"]["type"]);
    for (date, name) in [
        (user.created, "created"),
        (user.activated, "activated"),
        (user.status_changed, "statusChanged"),
        (user.last_login, "lastLogin"),
        (user.last_updated, "lastUpdated"),
        (user.password_changed, "passwordChanged"),
    ] {
        let written = date.map(|date| date.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
        assert_eq!(written.as_deref(), body[name].as_str(), "{name}");
    }
}

#[tokio::test]
async fn every_recorded_answer_is_read() {
    let mut calls = 0;
    for line in RECORDED.lines() {
        let exchange: Exchange = serde_json::from_str(line).unwrap();
        let server = Server::start([exchange.reply()]).await;
        replay(&exchange, &server).await;
        let seen = server.seen();
        assert_eq!(seen.len(), 1, "{}", exchange.path);
        let (target, _) = seen[0].line.split_once('?').unwrap_or((&seen[0].line, ""));
        assert_eq!(target, format!("{} {}", exchange.method, exchange.path));
        calls += 1;
    }
    assert_eq!(calls, RECORDED.lines().count());
    assert!(calls > 80);
}

async fn replay(exchange: &Exchange, server: &Server) {
    let path: Vec<_> = exchange.path.split('/').skip(1).collect();
    match (exchange.method.as_str(), path.as_slice()) {
        ("POST", ["oauth2", ..]) => token(exchange, server).await,
        ("GET", ["api", "v1", "meta", ..]) => schema(exchange, server).await,
        (_, ["api", "v1", "users", id, "roles", ..]) => roles(exchange, server, id).await,
        (_, ["api", "v1", "users", id, "lifecycle", step]) => {
            lifecycle(exchange, server, id, step).await;
        }
        (_, ["api", "v1", "users", id]) => user(exchange, server, id).await,
        (_, ["api", "v1", "users"]) => users(exchange, server).await,
        other => panic!("not a call of ours: {other:?}"),
    }
}

async fn users(exchange: &Exchange, server: &Server) {
    let (client, auth) = (server.client(), auth());
    if exchange.method == "POST" {
        let create = client
            .users(&auth)
            .create(&json!({}), exchange.flag("activate"))
            .await;
        let answer = create.unwrap();
        exchange.check_meta(&answer.meta);
        exchange.check_user(&answer.value);
        return;
    }
    let answer = client
        .users(&auth)
        .list(&UserQuery::default())
        .await
        .unwrap();
    exchange.check_meta(&answer.meta);
    let bodies = exchange.body.as_array().unwrap();
    assert_eq!(answer.value.items.len(), bodies.len());
    for (user, body) in answer.value.items.iter().zip(bodies) {
        check_user(user, body);
    }
    assert_eq!(answer.value.next.is_some(), exchange.has_next());
}

async fn user(exchange: &Exchange, server: &Server, id: &str) {
    let (client, auth) = (server.client(), auth());
    let users = client.users(&auth);
    let result = match exchange.method.as_str() {
        "GET" => users.get(id).await,
        "POST" => users.update(id, &json!({})).await,
        _ => {
            let answer = users.delete(id, false).await.unwrap();
            return exchange.check_meta(&answer.meta);
        }
    };
    match result {
        Ok(answer) => {
            exchange.check_meta(&answer.meta);
            exchange.check_user(&answer.value);
        }
        Err(error) => {
            check_refusal(exchange, &error);
            assert!(error.is_not_found());
        }
    }
}

async fn lifecycle(exchange: &Exchange, server: &Server, id: &str, step: &str) {
    let (client, auth) = (server.client(), auth());
    let users = client.users(&auth);
    let result = match step {
        "activate" | "reactivate" => {
            let mail = exchange.flag("sendEmail");
            let activation = match step {
                "activate" => users.activate(id, mail).await,
                _ => users.reactivate(id, mail).await,
            };
            activation.map(|answer| {
                let there = exchange.body["activationUrl"].is_string();
                assert_eq!(answer.value.url.is_some(), there);
                assert_eq!(answer.value.token.is_some(), there);
                answer.map(|_| ())
            })
        }
        "deactivate" => users.deactivate(id, false).await,
        "suspend" => users.suspend(id).await,
        "unsuspend" => users.unsuspend(id).await,
        other => panic!("not a step of ours: {other}"),
    };
    match result {
        Ok(answer) => exchange.check_meta(&answer.meta),
        Err(error) => check_refusal(exchange, &error),
    }
}

async fn roles(exchange: &Exchange, server: &Server, id: &str) {
    let (client, auth) = (server.client(), auth());
    let roles = client.roles(&auth);
    let (found, meta) = match exchange.method.as_str() {
        "GET" => {
            let answer = roles.list(id).await.unwrap();
            (answer.value, answer.meta)
        }
        "POST" => {
            let body = json!({"type": "USER_ADMIN"});
            let answer = roles.assign(id, &body).await.unwrap();
            (vec![answer.value], answer.meta)
        }
        _ => {
            let assignment = exchange.path.rsplit('/').next().unwrap();
            let answer = roles.unassign(id, assignment).await.unwrap();
            (Vec::new(), answer.meta)
        }
    };
    exchange.check_meta(&meta);
    let bodies = match &exchange.body {
        Value::Array(bodies) => bodies.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    assert_eq!(found.len(), bodies.len());
    for (role, body) in found.iter().zip(&bodies) {
        assert_eq!(
            (role.id.as_str(), role.kind.as_str()),
            ("KVJUKUS7IFCE2SKO", "USER_ADMIN")
        );
        assert_eq!(role.label.as_deref(), body["label"].as_str());
        assert_eq!(role.assignment_type.as_str(), body["assignmentType"]);
    }
}

async fn schema(exchange: &Exchange, server: &Server) {
    let (client, auth) = (server.client(), auth());
    let answer = client.schemas(&auth).default_user().await.unwrap();
    exchange.check_meta(&answer.meta);
    let schema = answer.value;
    assert_eq!(schema.base.properties.len(), 31);
    let custom = exchange.body["definitions"]["custom"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(schema.custom.properties.len(), custom.len());
    for (name, property, _) in schema.attributes() {
        let base = &exchange.body["definitions"]["base"]["properties"];
        let written = base.get(name).unwrap_or_else(|| &custom[name]);
        assert_eq!(property.title.as_deref(), written["title"].as_str());
        assert_eq!(property.kind.as_str(), written["type"]);
        assert_eq!(property.format.as_deref(), written["format"].as_str());
        assert_eq!(
            property.max_length.map(u64::from),
            written["maxLength"].as_u64()
        );
    }
    for name in ["login", "email", "firstName", "lastName"] {
        assert!(schema.base.is_required(name), "{name}");
    }
    assert!(!schema.base.is_required("title"));
}

/// Both recorded token answers come from an app that demands DPoP.
async fn token(exchange: &Exchange, server: &Server) {
    let app = OAuthApp {
        client_id: "0oa1".into(),
        client_secret: "secret".into(),
        redirect_uri: Url::parse("https://us.example/callback").unwrap(),
    };
    let code = "code".into();
    let oauth = server.client().oauth(app);
    let error = oauth
        .exchange_code(&code, &"verifier".into())
        .await
        .unwrap_err();
    assert!(matches!(error, OAuthError::DpopRequired(_)), "{error:?}");
    exchange.check_meta(error.meta().unwrap());
}

fn check_refusal(exchange: &Exchange, error: &Error) {
    let refusal = error.refusal().unwrap();
    exchange.check_meta(&refusal.meta);
    assert_eq!(refusal.code.as_str(), exchange.body["errorCode"]);
    assert_eq!(refusal.summary, exchange.body["errorSummary"]);
    assert_eq!(
        refusal.error_id.as_deref(),
        exchange.body["errorId"].as_str()
    );
    let causes = exchange.body["errorCauses"].as_array().unwrap();
    assert_eq!(refusal.causes.len(), causes.len());
    assert_eq!(error.outcome(), okta_client::Outcome::NotApplied);
}
