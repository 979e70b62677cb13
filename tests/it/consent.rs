//! The way of an administrator's browser to Okta and back: what counts, once, in which browser, and what never does.

use std::sync::Arc;
use std::time::Duration;

use okta_sandbox::{Answer, Fault, Matcher, ScriptedFaults};
use serde_json::{Value, json};
use url::Url;

use crate::support::connect::{
    authorization, authorize, callback, consent_page, credentials, decide, okta_org, relabelled,
    sign_in, start,
};
use crate::support::{Browser, Client, TestApp, add_app, wait_until};

const PANEL: &str = "https://panel.example";

async fn configured(app: &TestApp, client: &Client) -> String {
    let app_id = add_app(app, None).await;
    client
        .done("oktaOrgConfigure", credentials(app, &app_id), "")
        .await;
    app_id
}

/// A journey up to where Okta sends the browser back.
async fn consented(app: &TestApp, client: &Client, app_id: &str) -> (String, Browser, String) {
    let (id, url) = start(client, app_id, None).await;
    let mut browser = Browser::default();
    let page = consent_page(app, &mut browser, &url).await;
    let back = decide(app, &mut browser, &page, "allow").await;
    (id, browser, back)
}

async fn problem_of(client: &Client, id: &str) -> (Value, Value) {
    let ended = authorization(client, id).await;
    (ended["status"].clone(), ended["problem"]["code"].clone())
}

/// Kinds of what happened to tokens in the org since this position of its ledger.
fn token_effects(app: &TestApp, since: u64) -> Vec<String> {
    let effects = app.sandbox().effects_since(since).into_iter();
    effects
        .map(|effect| effect.kind)
        .filter(|kind| kind.starts_with("token."))
        .collect()
}

#[tokio::test]
async fn consent_connects_the_app_and_says_who_gave_it() {
    TestApp::builder()
        .sandbox()
        .panel_origins(&[PANEL])
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let return_to = format!("{PANEL}/okta?tab=1#end");
            let (id, url) = start(&owner, &app_id, Some(&return_to)).await;
            assert!(url.starts_with(&format!("{}/oauth/start?", app.base_url)));
            assert_eq!(authorization(&owner, &id).await["status"], "PENDING");

            let mut browser = Browser::default();
            let departure = browser.get(&url).await;
            assert_eq!(departure.status, 303);
            let cookie = departure.header("set-cookie");
            for part in [
                "okta-journey-",
                "HttpOnly",
                "SameSite=Lax",
                "Path=/",
                "Max-Age=600",
            ] {
                assert!(cookie.contains(part), "{cookie}");
            }
            assert!(
                !cookie.contains("Secure"),
                "a browser would drop it on http"
            );
            assert_eq!(departure.header("referrer-policy"), "no-referrer");
            let okta = departure.location().unwrap();
            assert!(okta.as_str().starts_with(&app.sandbox().base_url));
            let asked: Vec<_> = okta.query_pairs().into_owned().collect();
            let get = |name: &str| {
                asked
                    .iter()
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value.as_str())
                    .unwrap()
            };
            assert_eq!(
                (get("code_challenge_method"), get("redirect_uri")),
                ("S256", callback(&app).as_str())
            );
            assert!(get("state").len() >= 43, "256 bits");

            let page = consent_page(&app, &mut browser, &url).await;
            let back = decide(&app, &mut browser, &page, "allow").await;
            let end = browser.get(&back).await;
            assert_eq!(end.status, 303);
            let expected = format!("{PANEL}/okta?tab=1&oktaAuthorization={id}#end");
            assert_eq!(end.location().unwrap().as_str(), expected);
            assert!(end.header("set-cookie").contains("Max-Age=0"));

            let ended = authorization(&owner, &id).await;
            assert_eq!(
                (&ended["status"], &ended["problem"]),
                (&json!("SUCCEEDED"), &Value::Null)
            );
            let org = okta_org(&owner, &app_id).await;
            let admin = app
                .sandbox()
                .user(&app.sandbox().config().admin.login)
                .unwrap();
            assert_eq!(org["status"], "CONNECTED");
            assert_eq!(org["authorizedBy"]["oktaId"], admin["id"]);
            assert_eq!(org["authorizedBy"]["login"], admin["profile"]["login"]);
            assert_eq!(org["authorizedBy"]["user"]["id"], owner.user_id);
            assert!(org["authorizedAt"].is_string() && org["testedAt"].is_string());
            assert_eq!(
                (&org["missingScopes"], &org["deniedCapabilities"]),
                (&json!([]), &json!([]))
            );
            let granted = org["grantedScopes"].as_array().unwrap();
            assert!(granted.contains(&json!("okta.users.manage")));
        })
        .await;
}

#[tokio::test]
async fn without_an_address_to_return_to_a_page_says_what_came_of_it() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (_, page) = authorize(&app, &owner, &app_id).await;
            assert_eq!(page.status, 200);
            assert!(page.html.contains("<h1>Okta is connected</h1>"));
            let policy = page.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
            assert!(!page.html.contains("<script"));

            let (id, url) = start(&owner, &app_id, None).await;
            let mut browser = Browser::default();
            let page = consent_page(&app, &mut browser, &url).await;
            let back = decide(&app, &mut browser, &page, "deny").await;
            let page = browser.get(&back).await;
            assert!(page.html.contains("Access was not granted"));
            assert!(page.html.contains("access_denied"));
            assert_eq!(
                problem_of(&owner, &id).await,
                (json!("DENIED"), json!("ACCESS_DENIED"))
            );
            assert_eq!(
                okta_org(&owner, &app_id).await["status"],
                "CONNECTED",
                "the earlier grant stays"
            );
        })
        .await;
}

#[tokio::test]
async fn the_way_back_counts_once_and_in_its_own_browser() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (id, mut browser, back) = consented(&app, &owner, &app_id).await;
            let mut other = Browser::default();
            for (address, why) in [
                (back.clone(), "another browser"),
                (back.replace("state=", "state=x"), "another state"),
                (callback(&app), "nothing at all"),
                (format!("{back}&state=x"), "two states"),
            ] {
                let page = other.get(&address).await;
                assert_eq!((page.status, page.location()), (400, None), "{why}");
            }
            let long = format!("{back}&x={}", "x".repeat(5_000));
            assert_eq!(browser.get(&long).await.status, 414);
            assert_eq!(
                authorization(&owner, &id).await["status"],
                "PENDING",
                "nothing was used up"
            );

            assert!(browser.get(&back).await.html.contains("Okta is connected"));
            // Whoever loads the page again is not told that it failed; nothing is done once more.
            let before = app.sandbox().effects_since(0).len();
            for browser in [&mut browser, &mut other] {
                let again = browser.get(&back).await;
                assert_eq!((again.status, again.location()), (200, None));
                assert!(
                    again.html.contains("This authorization is over"),
                    "{}",
                    again.html
                );
                assert!(!again.html.contains("start again"));
            }
            assert_eq!(app.sandbox().effects_since(0).len(), before);
            assert_eq!(authorization(&owner, &id).await["status"], "SUCCEEDED");
        })
        .await;
}

#[tokio::test]
async fn the_way_there_belongs_to_the_first_browser() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (_, url) = start(&owner, &app_id, None).await;
            let early = app
                .http()
                .get(&url)
                .header("sec-purpose", "prefetch")
                .send()
                .await
                .unwrap();
            assert_eq!(early.status(), 503);
            assert_eq!(app.http().head(&url).send().await.unwrap().status(), 405);
            let (mut first, mut second) = (Browser::default(), Browser::default());
            assert_eq!(
                first.get(&url).await.status,
                303,
                "what was fetched beforehand used nothing up"
            );
            assert_eq!(second.get(&url).await.status, 400);
            assert_eq!(
                first.get(&url).await.status,
                303,
                "going back a page is no crime"
            );
            let unknown = format!("{}/oauth/start?journey=made-up", app.base_url);
            assert_eq!(first.get(&unknown).await.status, 400);

            // Two journeys in one browser, the later one first.
            let (one, url_one) = start(&owner, &app_id, None).await;
            let (two, url_two) = start(&owner, &app_id, None).await;
            let mut browser = Browser::default();
            let page = consent_page(&app, &mut browser, &url_one).await;
            let back_one = decide(&app, &mut browser, &page, "allow").await;
            let page = browser.follow(&url_two, &callback(&app)).await;
            let back_two = decide(&app, &mut browser, &page, "allow").await;
            browser.get(&back_two).await;
            browser.get(&back_one).await;
            for id in [one, two] {
                assert_eq!(authorization(&owner, &id).await["status"], "SUCCEEDED");
            }
        })
        .await;
}

#[tokio::test]
async fn ten_minutes_are_enough() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (id, mut browser, back) = consented(&app, &owner, &app_id).await;
            let (_, unused) = start(&owner, &app_id, None).await;
            app.clock.advance(Duration::from_secs(601));
            assert_eq!(
                problem_of(&owner, &id).await,
                (json!("EXPIRED"), json!("AUTHORIZATION_EXPIRED"))
            );
            // By then the cookie has ended as well.
            for browser in [&mut browser, &mut Browser::default()] {
                let page = browser.get(&back).await;
                assert_eq!((page.status, page.location()), (400, None));
                assert!(page.html.contains("ten minutes"), "{}", page.html);
            }
            assert_eq!(browser.get(&unused).await.status, 400);
            assert_eq!(okta_org(&owner, &app_id).await["status"], "NOT_AUTHORIZED");
            assert_eq!(token_effects(&app, 0), [""; 0], "no code was exchanged");
        })
        .await;
}

#[tokio::test]
async fn consent_returns_to_panels_only() {
    TestApp::builder()
        .sandbox()
        .panel_origins(&[PANEL])
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            for address in [
                "https://evil.example/",
                "https://panel.example.evil.example/",
                "https://panel.example@evil.example/",
                "http://panel.example/",
                "javascript:alert(1)",
                "/okta",
                "",
            ] {
                let input = json!({ "appId": app_id, "returnTo": address });
                let refused = owner.refused("oktaAuthorizationStart", input).await;
                assert_eq!(refused, ["RETURN_TO_NOT_ALLOWED returnTo"], "{address}");
            }
        })
        .await;
}

#[tokio::test]
async fn a_wrong_secret_shows_when_the_code_is_exchanged() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = add_app(&app, None).await;
            let mut input = credentials(&app, &app_id);
            input["clientSecret"] = json!("wrong-secret");
            owner.done("oktaOrgConfigure", input, "").await;
            let (id, page) = authorize(&app, &owner, &app_id).await;
            assert!(
                page.html
                    .contains("Enter the current client id and client secret")
            );
            assert_eq!(
                problem_of(&owner, &id).await,
                (json!("FAILED"), json!("CLIENT_REFUSED"))
            );
            assert_eq!(okta_org(&owner, &app_id).await["status"], "NOT_AUTHORIZED");
        })
        .await;
}

#[tokio::test]
async fn without_the_essential_scopes_nothing_is_kept() {
    let grants = |scopes: &'static [&'static str]| {
        move |config: &mut okta_sandbox::Config| {
            config.client.grants = scopes.iter().map(|&scope| scope.to_owned()).collect();
        }
    };
    TestApp::builder()
        .sandbox_with(grants(&["okta.users.manage"]))
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (id, _) = authorize(&app, &owner, &app_id).await;
            let ended = authorization(&owner, &id).await;
            assert_eq!(ended["problem"]["code"], "SCOPES_MISSING");
            assert_eq!(ended["problem"]["detail"], "okta.schemas.read");
            assert_eq!(
                token_effects(&app, 0),
                ["token.issue", "token.revoke"],
                "what came was given back"
            );
        })
        .await;
    TestApp::builder()
        .sandbox_with(grants(&["okta.users.manage", "okta.schemas.read"]))
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            authorize(&app, &owner, &app_id).await;
            let org = okta_org(&owner, &app_id).await;
            assert_eq!(org["status"], "CONNECTED");
            assert_eq!(
                org["missingScopes"],
                json!(["okta.roles.manage", "okta.logs.read"])
            );
            assert_eq!(
                org["deniedCapabilities"],
                json!(["MANAGE_ROLES", "READ_ROLES"])
            );
        })
        .await;
}

#[tokio::test]
async fn whoever_is_no_super_administrator_may_not_grant_roles() {
    let app_admin = |config: &mut okta_sandbox::Config| config.admin.role = "APP_ADMIN".to_owned();
    TestApp::builder()
        .sandbox_with(app_admin)
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            authorize(&app, &owner, &app_id).await;
            let org = okta_org(&owner, &app_id).await;
            assert_eq!(
                (&org["status"], &org["missingScopes"]),
                (&json!("CONNECTED"), &json!([]))
            );
            assert_eq!(org["deniedCapabilities"], json!(["MANAGE_ROLES"]));
        })
        .await;
}

#[tokio::test]
async fn somebody_who_is_not_assigned_in_okta_is_denied() {
    let person = json!({ "profile": { "login": "clerk@example.com", "email": "clerk@example.com", "firstName": "C", "lastName": "K" },
        "password": "Sandbox-Clerk-1" });
    let person: okta_sandbox::SeedUser = serde_json::from_value(person).unwrap();
    TestApp::builder()
        .sandbox_with(|config| config.seed.users.push(person))
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (id, url) = start(&owner, &app_id, None).await;
            let mut browser = Browser::default();
            let away = sign_in(
                &app,
                &mut browser,
                &url,
                "clerk@example.com",
                "Sandbox-Clerk-1",
            )
            .await;
            let page = browser.get(away.location().unwrap().as_str()).await;
            assert!(
                page.html
                    .contains("User is not assigned to the client application.")
            );
            assert_eq!(problem_of(&owner, &id).await.0, "DENIED");
        })
        .await;
}

#[tokio::test]
async fn what_okta_says_is_shown_as_text() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (id, mut browser, back) = consented(&app, &owner, &app_id).await;
            let state = Url::parse(&back)
                .unwrap()
                .query_pairs()
                .find(|(name, _)| name == "state")
                .unwrap()
                .1
                .into_owned();
            let mut forged = Url::parse(&callback(&app)).unwrap();
            forged
                .query_pairs_mut()
                .append_pair("state", &state)
                .append_pair("error", "invalid_scope")
                .append_pair(
                    "error_description",
                    "<script>alert(1)</script>\r\nSet-Cookie: a=b",
                );
            let page = browser.get(forged.as_str()).await;
            assert!(!page.html.contains("<script>") && page.html.contains("&lt;script&gt;"));
            assert_eq!(
                problem_of(&owner, &id).await,
                (json!("FAILED"), json!("SCOPES_MISSING"))
            );
        })
        .await;
}

#[tokio::test]
async fn what_changed_meanwhile_ends_the_journey() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let admin = app.admin().await;
            let (id, mut browser, back) = consented(&app, &admin, &app_id).await;
            owner
                .done("userDeactivate", json!({ "userId": admin.user_id }), "")
                .await;
            browser.get(&back).await;
            assert_eq!(
                problem_of(&owner, &id).await,
                (json!("FAILED"), json!("PERMISSION_WITHDRAWN"))
            );

            let (id, mut browser, back) = consented(&app, &owner, &app_id).await;
            let mut input = credentials(&app, &app_id);
            input["clientId"] = json!("0oaanother");
            owner.done("oktaOrgConfigure", input, "").await;
            browser.get(&back).await;
            assert_eq!(
                problem_of(&owner, &id).await,
                (json!("FAILED"), json!("CONNECTION_CHANGED"))
            );
            assert_eq!(token_effects(&app, 0), [""; 0], "no code was exchanged");
            assert_eq!(okta_org(&owner, &app_id).await["status"], "NOT_AUTHORIZED");
        })
        .await;
}

#[tokio::test]
async fn a_code_of_another_journey_is_refused() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (_, _, theirs) = consented(&app, &owner, &app_id).await;
            let (id, mut browser, back) = consented(&app, &owner, &app_id).await;
            let code = |url: &str| {
                Url::parse(url)
                    .unwrap()
                    .query_pairs()
                    .find(|(name, _)| name == "code")
                    .unwrap()
                    .1
                    .into_owned()
            };
            let mixed = back.replace(&code(&back), &code(&theirs));
            browser.get(&mixed).await;
            assert_eq!(
                problem_of(&owner, &id).await,
                (json!("FAILED"), json!("CODE_REFUSED"))
            );
            assert_eq!(okta_org(&owner, &app_id).await["status"], "NOT_AUTHORIZED");
        })
        .await;
}

#[tokio::test]
async fn a_new_consent_takes_over_from_the_old_grant() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            authorize(&app, &owner, &app_id).await;
            let (id, _) = authorize(&app, &owner, &app_id).await;
            assert_eq!(authorization(&owner, &id).await["status"], "SUCCEEDED");
            assert_eq!(
                token_effects(&app, 0),
                ["token.issue", "token.issue", "token.revoke"]
            );
            owner
                .done("oktaOrgTest", json!({ "appId": app_id }), "")
                .await;
        })
        .await;
}

#[tokio::test]
async fn answers_that_are_not_oktas_connect_nothing() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let schema = Matcher::route("GET", "/api/v1/meta/schemas/user/{id}")
                .path_containing("/schemas/user/default");
            let empty = json!({ "definitions": { "base": { "properties": {} } } });
            let html = Answer {
                status: 200,
                headers: Vec::new(),
                body: b"<html>".to_vec(),
            };
            for (answer, problem) in [
                (Answer::json(200, &empty), "UNREADABLE_ANSWER"),
                (html, "UNREADABLE_ANSWER"),
                (
                    Answer::json(503, &json!({ "errorCode": "E0000010" })),
                    "ORG_FAILING",
                ),
            ] {
                let position = app.sandbox().position();
                let faults = Arc::new(ScriptedFaults::default());
                faults.push(schema.clone(), Fault::AnswerInstead(answer));
                app.sandbox().set_faults(faults.clone());
                let (id, _) = authorize(&app, &owner, &app_id).await;
                assert_eq!(faults.pending(), 0);
                assert_eq!(
                    problem_of(&owner, &id).await,
                    (json!("FAILED"), json!(problem))
                );
                if problem == "ORG_FAILING" {
                    let ended = authorization(&owner, &id).await;
                    let action = &ended["problem"]["action"];
                    assert_eq!(
                        *action, "Wait a little, then authorize again.",
                        "nobody tries it again"
                    );
                }
                assert_eq!(
                    token_effects(&app, position),
                    ["token.issue", "token.revoke"]
                );
                assert_eq!(okta_org(&owner, &app_id).await["status"], "NOT_AUTHORIZED");
            }
        })
        .await;
}

#[tokio::test]
async fn a_browser_that_does_not_wait_changes_nothing() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (id, browser, back) = consented(&app, &owner, &app_id).await;
            app.sandbox()
                .change_settings(|settings| settings.latency_ms = 300);
            let mut leaving = browser.clone();
            let request = leaving.get(&back);
            let left = tokio::time::timeout(Duration::from_millis(150), request).await;
            assert!(left.is_err(), "the browser left while Okta was being asked");
            wait_until("the journey to end", 20, async || {
                (authorization(&owner, &id).await["status"] == "SUCCEEDED").then_some(())
            })
            .await;
            assert_eq!(okta_org(&owner, &app_id).await["status"], "CONNECTED");
        })
        .await;
}

#[tokio::test]
async fn an_authorization_is_nobody_elses_business() {
    TestApp::builder()
        .sandbox()
        .on_both(async |app| {
            let owner = app.owner().await;
            let app_id = configured(&app, &owner).await;
            let (id, _) = start(&owner, &app_id, None).await;
            let rival = app.rival().await;
            assert_eq!(authorization(&rival, &id).await, Value::Null);
            assert_eq!(authorization(&app.member().await, &id).await, Value::Null);
            let clerk = app.custom("clerk", &["VIEW_APPS"]).await;
            assert_eq!(authorization(&clerk, &id).await["status"], "PENDING");
            let foreign = json!({ "appId": app_id });
            assert_eq!(
                rival
                    .refused("oktaAuthorizationStart", foreign.clone())
                    .await,
                ["NOT_FOUND appId"]
            );
            assert_eq!(
                clerk
                    .mutate("oktaAuthorizationStart", foreign, "")
                    .await
                    .code(),
                "FORBIDDEN"
            );
            let wrong_kind = relabelled(&id, "OktaAuthorization", "App");
            assert_eq!(
                owner
                    .refused("oktaAuthorizationStart", json!({ "appId": wrong_kind }))
                    .await,
                ["NOT_FOUND appId"]
            );
        })
        .await;
}
