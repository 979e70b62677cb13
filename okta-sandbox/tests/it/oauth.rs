//! The authorization server.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Harness, REDIRECT_URI, finish, query, refused, text};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[tokio::test]
async fn a_code_buys_tokens_once_and_for_its_own_client_uri_and_verifier() {
    let okta = Harness::start().await;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let parameters = [
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("nonce", "n-1"),
    ];
    let redeem = |code: String, verifier: &'static str, uri: &'static str| {
        let okta = &okta;
        async move {
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", uri),
                ("code_verifier", verifier),
            ];
            okta.token(&fields).await
        }
    };
    refused(
        redeem(okta.code(&parameters).await, "wrong", REDIRECT_URI).await,
        400,
        "invalid_grant",
    );
    refused(
        redeem(okta.code(&parameters).await, "", REDIRECT_URI).await,
        400,
        "invalid_grant",
    );
    refused(
        redeem(
            okta.code(&parameters).await,
            VERIFIER,
            "https://evil.example/",
        )
        .await,
        400,
        "invalid_grant",
    );
    let code = okta.code(&parameters).await;
    let got = redeem(code.clone(), VERIFIER, REDIRECT_URI).await;
    assert_eq!(got.header("cache-control"), "no-cache, no-store");
    let tokens = got.ok();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(
        tokens["scope"],
        "openid profile email offline_access okta.users.manage"
    );
    assert!(tokens["refresh_token"].is_string());
    refused(
        redeem(code, VERIFIER, REDIRECT_URI).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn id_tokens_are_signed_by_a_published_key() {
    let okta = Harness::start().await;
    let tokens = okta
        .redeem(&okta.code(&[("nonce", "n-1")]).await)
        .await
        .ok();
    let metadata = okta.get("/.well-known/openid-configuration").await.ok();
    assert_eq!(metadata["issuer"], okta.sandbox.base_url);
    let keys = okta.get(metadata["jwks_uri"].as_str().unwrap()).await.ok();
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_value(keys).unwrap();
    let header = jsonwebtoken::decode_header(text(&tokens, "id_token")).unwrap();
    assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
    let key =
        jsonwebtoken::DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[&okta.sandbox.config().client.id]);
    validation.set_issuer(&[&okta.sandbox.base_url]);
    let claims = jsonwebtoken::decode::<Value>(text(&tokens, "id_token"), &key, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["email"], "admin@example.com");
    let half = &Sha256::digest(text(&tokens, "access_token"))[..16];
    assert_eq!(claims["at_hash"], URL_SAFE_NO_PAD.encode(half));
    let admin = okta.sandbox.user("admin@example.com").unwrap();
    assert_eq!(claims["sub"], admin["id"]);
    validation.set_audience(&[&okta.sandbox.base_url]);
    let access =
        jsonwebtoken::decode::<Value>(text(&tokens, "access_token"), &key, &validation).unwrap();
    assert_eq!(
        access.header.typ.as_deref(),
        Some("application/okta-internal-at+jwt")
    );
    assert_eq!(access.claims["scp"][4], "okta.users.manage");
}

#[tokio::test]
async fn codes_and_access_tokens_expire_by_the_orgs_clock() {
    let mut okta = Harness::start().await;
    let code = okta.code(&[]).await;
    okta.sandbox.clock().advance(Duration::from_secs(300));
    refused(okta.redeem(&code).await, 400, "invalid_grant");
    let tokens = okta.tokens("okta.users.read").await;
    assert!(tokens.get("refresh_token").is_none());
    assert!(tokens.get("id_token").is_none());
    okta.bearer(text(&tokens, "access_token"));
    okta.get("/api/v1/users").await.expect(200, "");
    okta.sandbox.clock().advance(Duration::from_secs(3600));
    okta.get("/api/v1/users").await.expect(401, "E0000011");
}

#[tokio::test]
async fn bad_clients_and_redirect_uris_get_a_page_and_never_a_redirect() {
    let okta = Harness::start().await;
    let exact = format!("{REDIRECT_URI}/");
    for parameters in [
        [("client_id", "0oanobody")],
        [("redirect_uri", "https://evil.example/callback")],
        [("redirect_uri", &exact)],
        [("redirect_uri", "")],
    ] {
        let got = okta.get(&okta.authorize_url(&parameters)).await;
        assert_eq!(got.status, 400);
        assert!(got.header("content-type").starts_with("text/html"));
        assert!(got.headers.get("location").is_none());
    }
    let twice = format!("{}&client_id=x", okta.authorize_url(&[]));
    assert_eq!(okta.get(&twice).await.status, 400);
}

#[tokio::test]
async fn other_mistakes_go_back_to_the_client() {
    let okta = Harness::start().await;
    let cases = [
        (("state", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", ""), "invalid_scope"),
        (("scope", "okta.unicorns.read"), "invalid_scope"),
        (("scope", "okta.apps.manage"), "consent_required"),
        (("code_challenge", "abc"), "invalid_request"),
        (("code_challenge_method", "S256"), "invalid_request"),
        (("response_mode", "pigeon"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ];
    for (parameter, error) in cases {
        let got = okta.get(&okta.authorize_url(&[parameter])).await;
        assert_eq!(got.status, 302, "{parameter:?} {}", got.text);
        let location = got.header("location");
        assert!(location.starts_with(REDIRECT_URI));
        assert_eq!(
            query(location, "error").as_deref(),
            Some(error),
            "{parameter:?}"
        );
        let state = (parameter.0 != "state").then_some("st4te".to_owned());
        assert_eq!(query(location, "state"), state);
    }
    let denied = okta.sandbox.deny(&okta.authorize_url(&[])).await.unwrap();
    assert_eq!(query(&denied, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn scopes_that_were_not_granted_are_silently_missing() {
    let okta = Harness::with(|builder| builder.grants(["okta.users.manage"])).await;
    let tokens = okta
        .tokens("okta.users.read okta.roles.manage okta.users.manage")
        .await;
    assert_eq!(tokens["scope"], "okta.users.read okta.users.manage");
}

#[tokio::test]
async fn calls_need_their_scope() {
    let mut okta = Harness::start().await;
    let user = okta.create("scopes@acme.org", "", None).await;
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    let tokens = okta.tokens("okta.users.manage").await;
    okta.bearer(text(&tokens, "access_token"));
    okta.get(&path).await.expect(200, "");
    okta.post(&path, json!({ "profile": { "title": "x" } }))
        .await
        .expect(200, "");
    let refused = okta.get("/api/v1/logs").await.expect(403, "E0000006");
    let challenge = refused.header("www-authenticate");
    for part in [
        "error=\"insufficient_scope\"",
        "scope=\"okta.logs.read\"",
        "resource=\"/api/v1/logs\"",
    ] {
        assert!(challenge.contains(part), "{challenge}");
    }
    let tokens = okta.tokens("okta.users.read").await;
    okta.bearer(text(&tokens, "access_token"));
    okta.post(&path, json!({})).await.expect(403, "E0000006");
    let request = okta.http.get(okta.url(&path));
    let as_ssws = request.header(
        "authorization",
        format!("SSWS {}", text(&tokens, "access_token")),
    );
    finish(as_ssws).await.expect(401, "E0000011");
}

#[tokio::test]
async fn clients_prove_themselves_by_exactly_one_method() {
    let okta = Harness::start().await;
    let id = okta.sandbox.config().client.id.clone();
    let secret = okta.sandbox.config().client.secret.clone();
    let fields = |code: &str| {
        vec![
            ("grant_type".to_owned(), "authorization_code".to_owned()),
            ("code".to_owned(), code.to_owned()),
            ("redirect_uri".to_owned(), REDIRECT_URI.to_owned()),
        ]
    };
    let code = okta.code(&[]).await;
    let basic = || {
        okta.http
            .post(okta.url("/oauth2/v1/token"))
            .basic_auth(&id, Some(&secret))
    };
    let mut both = fields(&code);
    both.push(("client_secret".into(), secret.clone()));
    refused(finish(basic().form(&both)).await, 400, "invalid_request");
    let wrong = okta
        .http
        .post(okta.url("/oauth2/v1/token"))
        .basic_auth(&id, Some("wrong"));
    refused(
        finish(wrong.form(&fields(&code))).await,
        401,
        "invalid_client",
    );
    refused(
        finish(
            okta.http
                .post(okta.url("/oauth2/v1/token"))
                .form(&fields(&code)),
        )
        .await,
        401,
        "invalid_client",
    );
    assert_eq!(finish(basic().form(&fields(&code))).await.status, 200);
    refused(
        okta.token(&[("grant_type", "password")]).await,
        400,
        "unsupported_grant_type",
    );
    refused(
        okta.token(&[
            ("grant_type", "client_credentials"),
            ("scope", "okta.users.read"),
        ])
        .await,
        401,
        "invalid_client",
    );
    refused(
        finish(basic().json(&json!({}))).await,
        400,
        "invalid_request",
    );
}

#[tokio::test]
async fn tokens_die_with_the_grant_and_with_the_administrators_account() {
    let mut okta = Harness::start().await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    okta.bearer(text(&tokens, "access_token"));
    let suspend = json!({ "status": "SUSPENDED" });
    okta.post("/_control/users/admin@example.com/status", suspend)
        .await
        .expect(200, "");
    okta.get("/api/v1/users").await.expect(401, "E0000011");
    let active = json!({ "status": "ACTIVE" });
    okta.post("/_control/users/admin@example.com/status", active)
        .await
        .expect(200, "");
    okta.get("/api/v1/users").await.expect(200, "");
    okta.post(
        "/_control/grants/revoke",
        json!({ "scopes": ["okta.users.manage"] }),
    )
    .await
    .expect(200, "");
    okta.get("/api/v1/users").await.expect(401, "E0000011");
    refused(
        okta.refresh(text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
    );
    let redirect = okta
        .sandbox
        .consent(&okta.authorize_url(&[("scope", "okta.users.manage")]))
        .await
        .unwrap();
    assert_eq!(
        query(&redirect, "error").as_deref(),
        Some("consent_required")
    );
}

#[tokio::test]
async fn introspection_and_userinfo_tell_who_and_what() {
    let mut okta = Harness::start().await;
    let tokens = okta.tokens("openid profile email okta.users.manage").await;
    let (id, secret) = (
        okta.sandbox.config().client.id.clone(),
        okta.sandbox.config().client.secret.clone(),
    );
    let request = okta
        .http
        .post(okta.url("/oauth2/v1/introspect"))
        .basic_auth(&id, Some(&secret));
    let told = finish(request.form(&[("token", text(&tokens, "access_token"))]))
        .await
        .ok();
    assert_eq!(told["active"], true);
    assert_eq!(told["username"], "admin@example.com");
    okta.bearer(text(&tokens, "access_token"));
    let info = okta.get("/oauth2/v1/userinfo").await.ok();
    assert_eq!(info["preferred_username"], "admin@example.com");
    okta.bearer("nothing");
    refused(okta.get("/oauth2/v1/userinfo").await, 401, "invalid_token");
}

#[tokio::test]
async fn services_sign_assertions() {
    use aws_lc_rs::{encoding::AsDer, rsa, signature::KeyPair as _};
    let mut okta = Harness::start().await;
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let pem = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n");
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let public = pair.public_key();
    let jwk = json!({
        "kty": "RSA",
        "kid": "k1",
        "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
        "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
    });
    let client = json!({ "clientId": "0oaservice", "jwks": { "keys": [jwk] }, "scopes": ["okta.users.manage"] });
    okta.post("/_control/clients", client).await.expect(200, "");
    let now = okta.sandbox.now().timestamp();
    let sign = |audience: String, life: i64, jti: &str| {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
        header.kid = Some("k1".into());
        let claims = json!({ "iss": "0oaservice", "sub": "0oaservice", "aud": audience, "exp": now + life, "jti": jti });
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    };
    let endpoint = okta.url("/oauth2/v1/token");
    let ask = |assertion: String, scope: &'static str| {
        let okta = &okta;
        async move {
            let fields = [
                ("grant_type", "client_credentials"),
                ("scope", scope),
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
                ("client_assertion", &assertion),
            ];
            okta.form("/oauth2/v1/token", &fields).await
        }
    };
    refused(
        ask(
            sign("https://elsewhere/".into(), 300, "1"),
            "okta.users.read",
        )
        .await,
        401,
        "invalid_client",
    );
    refused(
        ask(sign(endpoint.clone(), 7200, "2"), "okta.users.read").await,
        401,
        "invalid_client",
    );
    refused(
        ask(sign(endpoint.clone(), -10, "3"), "okta.users.read").await,
        401,
        "invalid_client",
    );
    refused(
        ask(sign(endpoint.clone(), 300, "4"), "openid").await,
        400,
        "invalid_scope",
    );
    let good = sign(endpoint.clone(), 300, "5");
    let tokens = ask(good.clone(), "okta.users.read").await.ok();
    refused(ask(good, "okta.users.read").await, 401, "invalid_client");
    assert!(tokens.get("refresh_token").is_none());
    okta.bearer(text(&tokens, "access_token"));
    okta.get("/api/v1/users").await.expect(200, "");
}
