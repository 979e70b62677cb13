//! The pages for the administrator.

use crate::harness::{Got, Harness, finish, query};

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
    for permitted in [
        "Know who you are",
        "Keep this access when you are not signed in",
        "View, create, change, activate, suspend, deactivate and delete users",
    ] {
        assert!(consent.text.contains(permitted), "{permitted}");
    }
    // Browsers apply form-action to the client's own redirects as well, wherever they lead.
    let policy = consent.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("form-action"));
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
    assert!(wrong.text.contains("aria-invalid"));
    assert!(wrong.text.contains("value=\"ADMIN@example.com\""));
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
