//! Control endpoints and the page to watch.

use serde_json::json;

use crate::harness::{Harness, finish};

#[tokio::test]
async fn ledgers_tell_what_came_and_what_it_did() {
    let okta = Harness::start().await;
    let start = okta.sandbox.position();
    okta.create("ledger@acme.org", "", Some("Password150kta"))
        .await;
    let requests = okta
        .get(&format!("/_control/ledger/requests?since={start}"))
        .await
        .ok();
    let request = &requests["requests"][0];
    assert_eq!(request["method"], "POST");
    assert_eq!(request["authKind"], "SSWS");
    assert_eq!(request["status"], 200);
    assert_eq!(request["body"]["profile"]["login"], "ledger@acme.org");
    assert!(!request.to_string().contains("Password150kta"));
    assert_eq!(request["bodySha256"].as_str().unwrap().len(), 64);
    let effects = okta
        .get(&format!("/_control/ledger/effects?since={start}"))
        .await
        .ok();
    assert_eq!(effects["effects"][0]["kind"], "user.create");
    assert_eq!(effects["effects"][0]["requestId"], request["requestId"]);
    okta.post("/_control/ledger/clear", json!({}))
        .await
        .expect(200, "");
    assert!(okta.sandbox.requests_since(0).is_empty());
}

#[tokio::test]
async fn reset_founds_the_org_anew() {
    let okta = Harness::start().await;
    okta.create("gone@acme.org", "", None).await;
    okta.post("/_control/reset", json!({}))
        .await
        .expect(200, "");
    assert_eq!(okta.sandbox.users().len(), 1);
    okta.create("gone@acme.org", "", None).await;
}

#[tokio::test]
async fn settings_can_be_changed_in_part() {
    let okta = Harness::start().await;
    let body = json!({ "rateLimit": { "perMinute": 7 }, "refreshTokens": { "rotating": { "graceSeconds": 5 } } });
    let config = okta.put("/_control/config", body).await.ok();
    assert_eq!(config["rateLimit"]["perMinute"], 7);
    assert_eq!(config["accessTokenSeconds"], 3600);
    assert_eq!(config["adminRole"], "SUPER_ADMIN");
    assert_eq!(
        okta.put("/_control/config", json!({ "rateLimit": 5 }))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn other_web_pages_are_kept_out() {
    let okta = Harness::start().await;
    let with = |name: &'static str, value: &'static str| {
        finish(
            okta.http
                .post(okta.url("/_control/reset"))
                .header(name, value)
                .json(&json!({})),
        )
    };
    assert_eq!(with("origin", "https://evil.example").await.status, 403);
    assert_eq!(with("origin", "null").await.status, 403);
    assert_eq!(with("host", "evil.example:9090").await.status, 403);
    assert_eq!(with("sec-fetch-site", "cross-site").await.status, 403);
    assert_eq!(with("sec-fetch-site", "same-origin").await.status, 200);
}

#[tokio::test]
async fn the_org_can_be_watched_under_its_public_name() {
    let config = okta_sandbox::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        public_url: Some("http://okta.test:8443/".into()),
        ..Default::default()
    };
    let okta = Harness::with(|builder| builder.config(config)).await;
    assert_eq!(okta.sandbox.base_url, "http://okta.test:8443");
    let local = format!("http://{}", okta.sandbox.address);
    for path in ["/", "/_control/snapshot"] {
        let under = |host: &'static str| {
            finish(okta.http.get(format!("{local}{path}")).header("host", host))
        };
        assert_eq!(under("okta.test:8443").await.status, 200);
        assert_eq!(under("evil.test:8443").await.status, 403);
    }
}

#[tokio::test]
async fn the_page_needs_no_other_host_and_no_inline_script() {
    let okta = Harness::start().await;
    let page = okta.get("/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(!page.text.contains("http"), "{}", page.text);
    assert!(!page.text.contains("<script>") && !page.text.contains("style="));
    for asset in ["sandbox.css", "watch.js", "icon.svg"] {
        assert!(page.text.contains(&format!("/assets/{asset}")));
        assert_eq!(okta.get(&format!("/assets/{asset}")).await.status, 200);
    }
    let snapshot = okta.get("/_control/snapshot").await.ok();
    assert_eq!(
        snapshot["users"][0]["roles"][0]["label"],
        "Super Administrator"
    );
}

#[tokio::test]
async fn only_loopback_addresses_are_served() {
    let refused = okta_sandbox::Sandbox::builder()
        .listen("0.0.0.0:0".parse().unwrap())
        .start()
        .await;
    assert!(matches!(
        refused.err(),
        Some(okta_sandbox::StartError::NotLoopback(_))
    ));
}
