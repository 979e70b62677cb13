//! The authorization server.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use okta_sandbox::{RefreshPolicy, Settings};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{Got, Harness, REDIRECT_URI, finish, query};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn rotating(grace_seconds: u32) -> Harness {
    let refresh_tokens = RefreshPolicy::Rotating { grace_seconds };
    let settings = Settings {
        refresh_tokens,
        ..Settings::default()
    };
    Harness::with(|builder| builder.settings(settings)).await
}

fn refused(got: Got, status: u16, error: &str) {
    assert_eq!(got.status, status, "{}", got.text);
    assert_eq!(got.json()["error"], error, "{}", got.text);
    assert!(got.json()["error_description"].is_string());
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {tokens}"))
}

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
async fn static_refresh_tokens_stay() {
    let okta = Harness::start().await;
    let tokens = okta
        .tokens("offline_access okta.users.manage okta.logs.read")
        .await;
    let token = text(&tokens, "refresh_token");
    let again = okta.refresh(token).await.ok();
    assert_eq!(again["refresh_token"], token);
    assert_ne!(again["access_token"], tokens["access_token"]);
    let narrow = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("scope", "okta.logs.read"),
    ];
    assert_eq!(okta.token(&narrow).await.ok()["scope"], "okta.logs.read");
    let wide = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("scope", "okta.apps.read"),
    ];
    refused(okta.token(&wide).await, 400, "invalid_scope");
    okta.sandbox
        .clock()
        .advance(Duration::from_secs(90 * 24 * 3600));
    refused(okta.refresh(token).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_rotated_token_works_for_its_grace_and_then_ends_the_family() {
    let mut okta = rotating(30).await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    let first = text(&tokens, "refresh_token").to_owned();
    let second = okta.refresh(&first).await.ok();
    assert_ne!(second["refresh_token"], tokens["refresh_token"]);
    okta.sandbox.clock().advance(Duration::from_secs(29));
    let retried = okta.refresh(&first).await.ok();
    okta.sandbox.clock().advance(Duration::from_secs(1));
    let start = okta.sandbox.position();
    refused(okta.refresh(&first).await, 400, "invalid_grant");
    assert_eq!(okta.kinds_since(start), ["token.reuse"]);
    refused(
        okta.refresh(text(&retried, "refresh_token")).await,
        400,
        "invalid_grant",
    );
    let log = okta.get("/api/v1/logs?q=detect_reuse").await.ok();
    assert_eq!(log[0]["eventType"], "app.oauth2.token.detect_reuse");
    okta.bearer(text(&retried, "access_token"));
    okta.get("/api/v1/users").await.expect(401, "E0000011");
}

#[tokio::test]
async fn revoking_a_refresh_token_kills_its_access_token_but_not_the_reverse() {
    let mut okta = Harness::start().await;
    let tokens = okta.tokens("offline_access okta.users.manage").await;
    let (id, secret) = (
        okta.sandbox.config().client.id.clone(),
        okta.sandbox.config().client.secret.clone(),
    );
    let revoke = |token: &str| {
        let request = okta
            .http
            .post(okta.url("/oauth2/v1/revoke"))
            .basic_auth(&id, Some(&secret));
        finish(request.form(&[("token", token)]))
    };
    assert_eq!(revoke("unknown").await.expect(200, "").text, "");
    revoke(text(&tokens, "access_token")).await.expect(200, "");
    let next = okta.refresh(text(&tokens, "refresh_token")).await.ok();
    revoke(text(&tokens, "refresh_token")).await.expect(200, "");
    refused(
        okta.refresh(text(&tokens, "refresh_token")).await,
        400,
        "invalid_grant",
    );
    okta.bearer(text(&next, "access_token"));
    okta.get("/api/v1/users").await.expect(401, "E0000011");
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

/// Walks the pages as a browser does; answers the last answer before leaving the org.
async fn by_hand(okta: &Harness, password: &str, decision: &str, with_cookies: bool) -> Got {
    let page = okta.get(&okta.authorize_url(&[])).await.expect(200, "");
    let cookies = |got: &Got, earlier: String| {
        let set = got.headers.get_all("set-cookie");
        let fresh = set.iter().map(|value| {
            value
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned()
        });
        fresh.fold(earlier, |all, one| format!("{all}; {one}"))
    };
    let jar = cookies(&page, String::new());
    let number = page
        .text
        .split("name=\"request\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let post = |path: &str, jar: &str, fields: &[(&str, &str)]| {
        let request = okta.http.post(okta.url(path)).form(fields);
        finish(if with_cookies {
            request.header("cookie", jar)
        } else {
            request
        })
    };
    let fields = [
        ("request", number.as_str()),
        ("login", "ADMIN@example.com"),
        ("password", password),
    ];
    let signed_in = post("/signin", &jar, &fields).await;
    if signed_in.status != 303 {
        return signed_in;
    }
    let jar = cookies(&signed_in, jar);
    let consent = okta
        .http
        .get(okta.url(signed_in.header("location")))
        .header("cookie", &jar);
    let consent = finish(consent).await.expect(200, "");
    assert!(consent.text.contains("View and change users"));
    assert!(
        consent
            .header("content-security-policy")
            .contains("form-action 'self' https://panel.example.com;")
    );
    post(
        "/consent",
        &jar,
        &[("request", &number), ("decision", decision)],
    )
    .await
}

#[tokio::test]
async fn the_pages_lead_through_sign_in_and_consent() {
    let okta = Harness::start().await;
    let password = okta.sandbox.config().admin.password.clone();
    let allowed = by_hand(&okta, &password, "allow", true).await;
    assert_eq!(allowed.status, 302);
    assert!(query(allowed.header("location"), "code").is_some());
    assert_eq!(
        query(allowed.header("location"), "state").as_deref(),
        Some("st4te")
    );
    let denied = by_hand(&okta, &password, "deny", true).await;
    assert_eq!(
        query(denied.header("location"), "error").as_deref(),
        Some("access_denied")
    );
    let wrong = by_hand(&okta, "wrong", "allow", true).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text.contains("role=\"alert\""));
}

#[tokio::test]
async fn a_form_from_another_browser_is_refused() {
    let okta = Harness::start().await;
    let password = okta.sandbox.config().admin.password.clone();
    let forged = by_hand(&okta, &password, "allow", false).await;
    assert_eq!(forged.status, 400);
    assert!(forged.headers.get("location").is_none());
}

#[tokio::test]
async fn markup_in_parameters_is_shown_as_text() {
    let okta = Harness::start().await;
    let page = okta
        .get(&okta.authorize_url(&[("login_hint", "\"><script>alert(1)</script>")]))
        .await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script>"));
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
