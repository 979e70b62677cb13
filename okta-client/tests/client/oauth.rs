//! The org authorization server: what is asked, what is sent, and what each answer means.

use std::collections::HashMap;
use std::time::Duration;

use okta_client::{
    Error, OAuthApp, OAuthError, OAuthErrorCode, OrgAuthServer, Outcome, TokenSet, scope,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded;

use crate::server::{Reply, Seen, Server, auth};

fn app() -> OAuthApp {
    OAuthApp {
        client_id: "0oa1".into(),
        client_secret: "hunter2+%".into(),
        redirect_uri: Url::parse("https://us.example/oauth/callback").unwrap(),
    }
}

fn oauth(server: &Server) -> OrgAuthServer {
    server.client().oauth(app())
}

fn form(seen: &Seen) -> HashMap<String, String> {
    form_urlencoded::parse(&seen.body).into_owned().collect()
}

fn tokens() -> Value {
    json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "at-hunter2", "refresh_token": "rt-hunter2",
           "id_token": "id-hunter2", "scope": "openid okta.users.manage"})
}

async fn refresh(reply: Reply) -> Result<TokenSet, OAuthError> {
    let server = Server::start([reply]).await;
    let answer = oauth(&server).refresh(&"rt0".into()).await;
    answer.map(|answer| answer.value)
}

#[tokio::test]
async fn the_authorize_url_carries_state_nonce_and_challenge() {
    let server = Server::start([]).await;
    let oauth = oauth(&server);
    let request = oauth.authorize(&scope::PROVISIONING);
    assert_eq!(request.url.path(), "/oauth2/v1/authorize");
    let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
    assert_eq!(query["client_id"], "0oa1");
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["redirect_uri"], "https://us.example/oauth/callback");
    assert_eq!(query["scope"], scope::PROVISIONING.join(" "));
    assert_eq!(query["state"], request.state.expose_secret());
    assert_eq!(query["nonce"], request.nonce.expose_secret());
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["code_challenge"].len(), 43);
    let verifier = request.pkce_verifier.expose_secret();
    assert!(verifier.len() >= 43 && !request.url.as_str().contains(verifier));
    let again = oauth.authorize(&["openid"]);
    assert_ne!(again.state.expose_secret(), request.state.expose_secret());
    assert_ne!(again.nonce.expose_secret(), request.nonce.expose_secret());
    assert_eq!(oauth.issuer(), server.origin);
    assert!(!format!("{oauth:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier() {
    let server =
        Server::start([Reply::json(200, &tokens()).header("x-okta-request-id", "r1")]).await;
    let oauth = oauth(&server);
    let code = SecretString::from("code1");
    let answer = oauth
        .exchange_code(&code, &"verifier1".into())
        .await
        .unwrap();
    assert_eq!(answer.meta.request_id.as_deref(), Some("r1"));
    let set = answer.value;
    assert_eq!(set.access_token.expose_secret(), "at-hunter2");
    assert_eq!(set.expires_in, Duration::from_secs(3600));
    assert_eq!(
        set.refresh_token.as_ref().unwrap().expose_secret(),
        "rt-hunter2"
    );
    assert_eq!(set.id_token.as_ref().unwrap().expose_secret(), "id-hunter2");
    assert!(set.scopes.as_ref().unwrap().contains("okta.users.manage"));
    assert!(!format!("{set:?}").contains("hunter2"));
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /oauth2/v1/token");
    let sent = form(&seen[0]);
    assert_eq!(sent["grant_type"], "authorization_code");
    assert_eq!(sent["code"], "code1");
    assert_eq!(sent["code_verifier"], "verifier1");
    assert_eq!(sent["redirect_uri"], "https://us.example/oauth/callback");
    assert!(
        !sent.contains_key("client_secret"),
        "one way to authenticate only"
    );
    // base64("0oa1:hunter2%2B%25"): RFC 6749 §2.3.1 encodes both parts first.
    let basic = seen[0].header("authorization").unwrap();
    assert_eq!(basic, "Basic MG9hMTpodW50ZXIyJTJCJTI1");
}

#[tokio::test]
async fn a_refresh_may_omit_rotate_or_repeat_the_token() {
    let mut bare = tokens();
    for field in ["refresh_token", "id_token", "scope", "expires_in"] {
        bare.as_object_mut().unwrap().remove(field);
    }
    let server = Server::start([Reply::json(200, &bare), Reply::json(200, &tokens())]).await;
    let oauth = oauth(&server);
    let old = SecretString::from("rt0");
    let kept = oauth.refresh(&old).await.unwrap().value;
    assert!(kept.refresh_token.is_none() && kept.scopes.is_none() && kept.id_token.is_none());
    assert_eq!(kept.expires_in, Duration::from_secs(3600));
    let rotated = oauth.refresh(&old).await.unwrap().value;
    assert!(rotated.refresh_token.is_some());
    let sent = form(&server.seen()[0]);
    assert_eq!(sent["grant_type"], "refresh_token");
    assert_eq!(sent["refresh_token"], "rt0");
}

#[tokio::test]
async fn a_token_is_revoked_by_kind() {
    let server = Server::start([Reply::status(200), Reply::status(200)]).await;
    let oauth = oauth(&server);
    oauth.revoke_refresh_token(&"rt0".into()).await.unwrap();
    oauth.revoke_access_token(&"at0".into()).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].line, "POST /oauth2/v1/revoke");
    assert_eq!(form(&seen[0])["token"], "rt0");
    assert_eq!(form(&seen[0])["token_type_hint"], "refresh_token");
    assert_eq!(form(&seen[1])["token_type_hint"], "access_token");
    assert!(
        seen[0]
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
}

#[tokio::test]
async fn refusals_are_typed() {
    for (status, code, dead, bad_client) in [
        (400, "invalid_grant", true, false),
        (401, "invalid_client", false, true),
        (400, "invalid_scope", false, false),
        (403, "access_denied", false, false),
        (400, "consent_required", false, false),
        (400, "something_new", false, false),
    ] {
        let body = json!({"error": code, "error_description": "No."});
        let error = refresh(Reply::json(status, &body)).await.unwrap_err();
        assert_eq!(error.code(), Some(&OAuthErrorCode::from(code)));
        assert_eq!(
            (error.is_dead_grant(), error.is_bad_client()),
            (dead, bad_client),
            "{code}"
        );
        assert_eq!(
            (error.retryable(), error.outcome()),
            (false, Outcome::NotApplied)
        );
        let OAuthError::Refused(refusal) = error else {
            panic!("not a refusal");
        };
        assert_eq!(refusal.description.as_deref(), Some("No."));
        assert_eq!(refusal.meta.status, status);
    }
}

#[tokio::test]
async fn an_overloaded_server_kills_no_grant() {
    let body =
        json!({"error": "invalid_grant", "error_description": "API call exceeded rate limit"});
    for (status, outcome) in [(429, Outcome::NotApplied), (503, Outcome::Unknown)] {
        let error = refresh(Reply::json(status, &body)).await.unwrap_err();
        assert!(matches!(error, OAuthError::Unavailable(_)), "{error:?}");
        assert!(error.retryable() && !error.is_dead_grant());
        assert_eq!(error.outcome(), outcome);
    }
}

#[tokio::test]
async fn dpop_is_named_as_the_reason() {
    let mut bound = tokens();
    bound["token_type"] = json!("DPoP");
    let proof = json!({"error": "invalid_dpop_proof", "error_description": "The DPoP proof JWT header is missing."});
    for reply in [Reply::json(200, &bound), Reply::json(400, &proof)] {
        let error = refresh(reply).await.unwrap_err();
        assert!(matches!(error, OAuthError::DpopRequired(_)), "{error:?}");
        assert!(!error.retryable());
    }
}

#[tokio::test]
async fn broken_answers_are_told_without_their_content() {
    let half = b"{\"access_token\":\"at-hunter2\"".as_slice();
    for reply in [
        Reply::status(200)
            .header("content-type", "application/json")
            .body(half),
        Reply::status(200)
            .header("content-type", "text/html")
            .body("<html>hunter2"),
        Reply::status(200),
        Reply::status(403).body("<html>hunter2"),
        Reply::status(400),
    ] {
        let error = refresh(reply).await.unwrap_err();
        assert!(matches!(error, OAuthError::Garbled(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    let redirect = Reply::status(302).header("location", "https://evil.example/");
    let error = refresh(redirect).await.unwrap_err();
    assert!(matches!(error, OAuthError::Transport(Error::Redirected(_))));
    let dropped = refresh(Reply::silence()).await.unwrap_err();
    assert_eq!(
        (dropped.outcome(), dropped.retryable()),
        (Outcome::Unknown, true)
    );
}

#[tokio::test]
async fn calls_can_be_spawned() {
    let server = Server::start([
        Reply::json(200, &tokens()),
        Reply::json(200, &tokens()),
        Reply::status(200),
        Reply::json(200, &json!([])),
    ])
    .await;
    let (client, auth) = (server.client(), auth());
    let work = async move {
        let oauth = client.oauth(app());
        let code = SecretString::from("code1");
        let set = oauth.exchange_code(&code, &"verifier1".into()).await?.value;
        oauth.refresh(&set.access_token).await?;
        oauth.revoke_refresh_token(&set.access_token).await?;
        client.roles(&auth).list("00u1").await?;
        Ok::<_, OAuthError>(())
    };
    tokio::spawn(work).await.unwrap().unwrap();
}
