//! `/metrics`: what it says, and to whom.

use provisioner::startup;
use serde_json::json;

use crate::engine::world::on_both;
use crate::support::{TestApp, wait_until};

/// The value of a figure, its labels as they stand in the text.
fn value(figures: &str, name: &str) -> Option<f64> {
    let line = figures
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

async fn figures(app: &TestApp) -> String {
    app.clock.advance(std::time::Duration::from_secs(10));
    let url = format!("{}/metrics", app.base_url);
    let answer = app.http().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let media = answer.headers()["content-type"].to_str().unwrap();
    assert!(media.starts_with("application/openmetrics-text"), "{media}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_figures_tell_of_the_work_and_of_nobody() {
    on_both(async |world| {
        let ann = world.provisioned("ann", None).await;
        world.update(&ann, json!({ "title": "Baker" })).await;
        world.reach(&ann, "IN_SYNC").await;
        let figures = wait_until("the trail to be sealed", 20, async || {
            let text = figures(&world.app).await;
            (value(&text, "provisioner_audit_unsealed_entries") == Some(0.0)).then_some(text)
        })
        .await;
        for (name, least) in [
            (
                r#"provisioner_okta_operations_total{kind="CREATE",outcome="SUCCEEDED"}"#,
                1.0,
            ),
            (
                r#"provisioner_okta_operations_total{kind="UPDATE",outcome="SUCCEEDED"}"#,
                1.0,
            ),
            (
                r#"provisioner_okta_requests_total{call="create_user",outcome="ok"}"#,
                1.0,
            ),
            (
                r#"provisioner_okta_requests_total{call="token",outcome="ok"}"#,
                1.0,
            ),
            (
                r#"provisioner_okta_request_duration_seconds_count{call="update_user"}"#,
                1.0,
            ),
            (
                r#"provisioner_okta_rate_limit_headroom_ratio{bucket="users_list_create"}"#,
                0.01,
            ),
            (r#"provisioner_accounts{state="IN_SYNC"}"#, 1.0),
            (r#"provisioner_accounts{state="HELD"}"#, 0.0),
            ("provisioner_queue_age_seconds", 0.0),
            (r#"provisioner_okta_connections{status="CONNECTED"}"#, 1.0),
            (r#"provisioner_imports{status="FETCHING"}"#, 0.0),
            (
                r#"provisioner_graphql_operations_total{kind="mutation",outcome="ok"}"#,
                3.0,
            ),
            (
                r#"provisioner_graphql_operation_duration_seconds_count{kind="query"}"#,
                1.0,
            ),
            (
                r#"provisioner_http_requests_total{route="/graphql",method="POST",status="200"}"#,
                3.0,
            ),
            (
                r#"provisioner_http_request_duration_seconds_count{route="/graphql"}"#,
                3.0,
            ),
            ("provisioner_database_up", 1.0),
            ("process_start_time_seconds", 1.7e9),
        ] {
            let found = value(&figures, name);
            assert!(
                found.is_some_and(|found| found >= least),
                "{name} is {found:?} in\n{figures}"
            );
        }
        assert!(figures.contains("provisioner_build_info{version="));
        assert!(figures.ends_with("# EOF\n"));
        let secret = world.app.sandbox().config().client.secret.clone();
        for canary in ["ann", "acme", "Acme", "Baker", "127.0.0.1", &secret] {
            assert!(!figures.contains(canary), "{canary} in\n{figures}");
        }
    })
    .await;
}

#[tokio::test]
async fn somebody_who_waits_is_seen_and_asking_for_paths_makes_no_figures() {
    on_both(async |world| {
        world
            .app
            .sandbox()
            .change_settings(|settings| settings.latency_ms = 60_000);
        let people = world.people("p", 20).await;
        world.assign(&people, None).await;
        let url = format!("{}/made-up/by?somebody", world.app.base_url);
        world.app.http().get(url).send().await.unwrap();
        let figures = wait_until("a queue", 20, async || {
            let text = figures(&world.app).await;
            let age = value(&text, "provisioner_queue_age_seconds").unwrap();
            (age > 15.0).then(|| {
                assert!(
                    age < 3_600.0,
                    "urgent ones are a day old in the rows, and not here: {age}"
                );
                text
            })
        })
        .await;
        assert!(!figures.contains("made-up"));
        let unknown = r#"provisioner_http_requests_total{route="none",method="GET",status="404"}"#;
        assert_eq!(value(&figures, unknown), Some(1.0), "{figures}");
    })
    .await;
}

#[tokio::test]
async fn strangers_get_no_figures() {
    TestApp::on_both(async |app| {
        let http = app.http().clone();
        let get = async |base: &str, host: Option<&str>, token: Option<&str>| {
            let mut request = http.get(format!("{base}/metrics"));
            if let Some(host) = host {
                request = request.header("host", host);
            }
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(get(&app.base_url, None, None).await, 200);
        assert_eq!(
            get(&app.base_url, Some("panel.example.com"), None).await,
            404
        );

        let token = "a-token-of-many-letters";
        let away = app
            .left_to(async |config| {
                let mut statuses = Vec::new();
                let clock = provisioner::clock::SystemClock::shared;
                for (listen, token_set, public) in [
                    (false, false, true),
                    (false, true, true),
                    (true, false, true),
                    (true, true, false),
                ] {
                    let mut config = config.clone();
                    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
                    let own = free.local_addr().unwrap();
                    drop(free);
                    config.metrics.listen = listen.then_some(own);
                    config.metrics.token = token_set.then(|| token.into());
                    config.public_url =
                        public.then(|| "https://provisioner.example.com".parse().unwrap());
                    let server = startup::start(config, clock()).await.unwrap();
                    let base = format!("http://{}", server.address);
                    let own = format!("http://{own}");
                    let on = if listen { &own } else { &base };
                    statuses.push([
                        get(&base, None, None).await,
                        get(on, None, None).await,
                        get(on, None, Some("another-token-of-letters")).await,
                        get(on, None, Some(token)).await,
                    ]);
                    server.stop().await;
                }
                statuses
            })
            .await;
        let expected = [
            [404, 404, 404, 404],
            [401, 401, 401, 200],
            [404, 200, 200, 200],
            [404, 401, 401, 200],
        ];
        assert_eq!(away, expected);
    })
    .await;
}
