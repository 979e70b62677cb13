//! Connects an app to the sandbox as an administrator does: enters the client, sets out in a browser, consents, comes back.

use serde_json::json;

use crate::support::{Client, TestApp};

/// Enters the sandbox's client and lets its administrator consent.
pub async fn connect(app: &TestApp, owner: &Client, app_id: &str) {
    let (sandbox, okta) = (app.sandbox(), &app.sandbox().config().client);
    let input = json!({
        "appId": app_id, "domain": sandbox.base_url, "clientId": okta.id, "clientSecret": okta.secret,
    });
    owner.done("oktaOrgConfigure", input, "").await;
    authorize(app, owner, app_id).await;
}

/// Lets the administrator consent, once more or for the first time.
pub async fn authorize(app: &TestApp, owner: &Client, app_id: &str) {
    let started = owner
        .done(
            "oktaAuthorizationStart",
            json!({ "appId": app_id }),
            "authorizationUrl",
        )
        .await;
    let browser = browser();
    let away = browser
        .get(started["authorizationUrl"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    let header = |name: &str| away.headers()[name].to_str().unwrap().to_owned();
    let cookie = header("set-cookie").split(';').next().unwrap().to_owned();
    let back = app.sandbox().consent(&header("location")).await.unwrap();
    let arrived = browser
        .get(back)
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(arrived.status(), 200);
}

#[expect(
    clippy::disallowed_methods,
    reason = "the administrator's browser, which is walked step by step"
)]
fn browser() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.build().unwrap()
}
