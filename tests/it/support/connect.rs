//! Connecting an app to the sandbox, as an administrator does it: enter, authorize, consent, come back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Browser, Client, Page, TestApp};

/// Everything that can be read of a connection.
pub const OKTA_ORG: &str = "id appId domain clientId clientSecretSetAt redirectUri requiredScopes grantedScopes missingScopes status \
    authorizedBy { oktaId login user { id } } authorizedAt deniedCapabilities problem { code message action detail } testedAt retryAt";

/// What connects an app to the sandbox.
pub fn credentials(app: &TestApp, app_id: &str) -> Value {
    let client = &app.sandbox().config().client;
    json!({
        "appId": app_id,
        "domain": app.sandbox().base_url,
        "clientId": client.id,
        "clientSecret": client.secret,
    })
}

/// The connection of an app as this client sees it; null when it may not.
pub async fn okta_org(client: &Client, app_id: &str) -> Value {
    let document =
        format!("query($id: ID!) {{ node(id: $id) {{ ... on OktaOrg {{ {OKTA_ORG} }} }} }}");
    let id = relabelled(app_id, "App", "OktaOrg");
    client.query(&document, json!({ "id": id })).await["node"].clone()
}

/// A global id of another kind with the same key.
pub fn relabelled(id: &str, from: &str, to: &str) -> String {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).unwrap()).unwrap();
    let key = text.strip_prefix(&format!("{from}:")).unwrap();
    URL_SAFE_NO_PAD.encode(format!("{to}:{key}"))
}

/// Starts an authorization. Answers its global id, and where the browser sets out.
pub async fn start(client: &Client, app_id: &str, return_to: Option<&str>) -> (String, String) {
    let input = json!({ "appId": app_id, "returnTo": return_to });
    let selection = "authorization { id status } authorizationUrl";
    let started = client
        .done("oktaAuthorizationStart", input, selection)
        .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (
        text(&started["authorization"]["id"]),
        text(&started["authorizationUrl"]),
    )
}

/// An authorization by its id.
pub async fn authorization(client: &Client, id: &str) -> Value {
    let document = "query($id: ID!) { node(id: $id) { ... on OktaAuthorization \
        { id appId status problem { code message action detail } createdAt expiresAt completedAt } } }";
    client.query(document, json!({ "id": id })).await["node"].clone()
}

/// Sets out and signs in as the org's administrator. Answers the page that asks for consent.
pub async fn consent_page(app: &TestApp, browser: &mut Browser, url: &str) -> Page {
    let admin = &app.sandbox().config().admin;
    sign_in(app, browser, url, &admin.login, &admin.password).await
}

/// As [`consent_page`], as somebody else of the org.
pub async fn sign_in(
    app: &TestApp,
    browser: &mut Browser,
    url: &str,
    login: &str,
    password: &str,
) -> Page {
    let callback = callback(app);
    let page = browser.follow(url, &callback).await;
    assert_eq!(page.status, 200, "{} {}", page.url, page.html);
    let fields = [("login", login), ("password", password)];
    browser.submit(&page, &fields, &callback).await
}

/// Decides on the consent page: `allow` or `deny`. Answers where Okta sends the browser, which is not opened yet.
pub async fn decide(app: &TestApp, browser: &mut Browser, page: &Page, decision: &str) -> String {
    let answered = browser
        .submit(page, &[("decision", decision)], &callback(app))
        .await;
    answered.location().unwrap().into()
}

/// Where Okta sends browsers back to.
pub fn callback(app: &TestApp) -> String {
    format!("{}/oauth/callback", app.base_url)
}

/// Walks from the start of an authorization to the page at its end, allowing access. Answers the authorization's id and the page.
pub async fn authorize(app: &TestApp, client: &Client, app_id: &str) -> (String, Page) {
    let (id, url) = start(client, app_id, None).await;
    let mut browser = Browser::default();
    let page = consent_page(app, &mut browser, &url).await;
    let back = decide(app, &mut browser, &page, "allow").await;
    (id, browser.get(&back).await)
}

/// Connects an app to the sandbox; panics when it does not work out.
pub async fn connect(app: &TestApp, client: &Client, app_id: &str) {
    client
        .done("oktaOrgConfigure", credentials(app, app_id), "")
        .await;
    let (id, _) = authorize(app, client, app_id).await;
    let ended = authorization(client, &id).await;
    assert_eq!(ended["status"], "SUCCEEDED", "{ended:#}");
}
