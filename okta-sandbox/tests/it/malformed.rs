//! Malformed answers.

use std::{sync::Arc, time::Duration};

use okta_sandbox::{Family, Fault, Malformed, Matcher, Paging, ScriptedFaults, Settings};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Harness, profile, text};

/// As much of an answer as is looked at.
const LOOK: usize = 3 * 1024 * 1024;

async fn scripted() -> (Harness, Arc<ScriptedFaults>) {
    let faults = Arc::new(ScriptedFaults::default());
    let okta = Harness::with(|builder| builder.faults(faults.clone())).await;
    (okta, faults)
}

fn malformed(shape: Malformed, effect: bool) -> Fault {
    Fault::Malformed { shape, effect }
}

fn named(name: &str) -> Malformed {
    Malformed::named(name).unwrap_or_else(|| panic!("no {name}"))
}

/// What comes over the connection: until it ends, falls silent or is more than one wants to see.
async fn raw(okta: &Harness, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(okta.sandbox.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    while seen.len() < LOOK {
        // After silence of some kinds only the first bytes can be expected.
        let patience = Duration::from_millis(if seen.is_empty() { 60_000 } else { 500 });
        match tokio::time::timeout(patience, stream.read(&mut piece)).await {
            Ok(Ok(read)) if read > 0 => seen.extend_from_slice(&piece[..read]),
            _ => break,
        }
    }
    seen
}

fn get(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: SSWS test-token\r\nConnection: close\r\n\r\n"
    )
}

/// The JSON of an answer that came whole, or nothing.
fn body(answer: &[u8]) -> Option<Value> {
    let text = String::from_utf8(answer.to_vec()).ok()?;
    let (head, mut body) = text.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200").then_some(())?;
    if head.contains("transfer-encoding: chunked") {
        let (size, chunk) = body.strip_suffix("\r\n0\r\n\r\n")?.split_once("\r\n")?;
        let size = usize::from_str_radix(size, 16).ok()?;
        body = (size == chunk.len()).then_some(chunk)?;
    } else {
        let declared = head.split("content-length: ").nth(1)?.lines().next()?;
        (declared == body.len().to_string()).then_some(())?;
    }
    serde_json::from_str(body).ok()
}

#[tokio::test]
async fn every_malformed_answer_differs_from_the_right_one_where_it_says_so() {
    let (okta, faults) = scripted().await;
    let user = okta.create("ada@acme.org", "", None).await;
    okta.create("bob@acme.org", "", None).await;
    let one = format!("/api/v1/users/{}", text(&user, "id"));
    let list = "/api/v1/users";
    let head = |answer: &[u8]| {
        let text = String::from_utf8_lossy(answer).into_owned();
        let links = text.lines().filter(|line| line.starts_with("link:"));
        links.map(Into::into).collect::<Vec<String>>()
    };
    for shape in Malformed::all() {
        let path = match shape.family() {
            Family::List => list,
            Family::Text | Family::Wire | Family::Person => &one,
        };
        let good = raw(&okta, &get(path)).await;
        assert!(body(&good).is_some(), "{}", String::from_utf8_lossy(&good));
        faults.push(Matcher::any(), malformed(shape, true));
        let bad = raw(&okta, &get(path)).await;
        assert!(!bad.is_empty(), "{}: silence", shape.name());
        let same = body(&bad) == body(&good) && head(&bad) == head(&good);
        assert!(!same, "{}: {}", shape.name(), String::from_utf8_lossy(&bad));
        let fault = okta.sandbox.requests_since(0).pop().unwrap().fault.unwrap();
        assert!(fault.ends_with(shape.name()), "{fault}");
    }
    assert_eq!(faults.pending(), 0);
}

#[tokio::test]
async fn persons_are_malformed_in_lists_too() {
    let (okta, faults) = scripted().await;
    okta.create("ada@acme.org", "", None).await;
    for shape in Malformed::of(Family::Person) {
        let good = okta.get("/api/v1/users").await.ok();
        faults.push(Matcher::any(), malformed(shape, true));
        let bad = okta.get("/api/v1/users").await;
        let bad: Value = serde_json::from_str(&bad.text).unwrap();
        assert_ne!(bad, good, "{}", shape.name());
    }
}

#[tokio::test]
async fn a_malformed_answer_comes_with_or_without_the_effect() {
    let (okta, faults) = scripted().await;
    for (n, effect) in [(1, true), (2, false)] {
        let login = format!("user{n}@acme.org");
        let before = okta.sandbox.position();
        faults.push(Matcher::any(), malformed(named("id-me"), effect));
        let body = json!({ "profile": profile(&login) });
        let answer = okta.post("/api/v1/users", body.clone()).await.ok();
        assert_eq!(answer["id"], "me");
        assert_eq!(answer["profile"]["login"], login, "as if it had been done");
        assert_eq!(okta.sandbox.user(&login).is_some(), effect);
        assert_eq!(okta.kinds_since(before).len(), usize::from(effect));
        let again = okta.post("/api/v1/users", body).await.status;
        assert_eq!(again, if effect { 400 } else { 200 });
    }
}

#[tokio::test]
async fn trying_a_change_leaves_no_trace() {
    let (okta, faults) = scripted().await;
    let user = okta.create("ada@acme.org", "", None).await;
    let path = format!("/api/v1/users/{}", text(&user, "id"));
    let before = (okta.sandbox.users(), okta.sandbox.effects_since(0).len());
    let events = okta
        .get("/api/v1/logs")
        .await
        .ok()
        .as_array()
        .unwrap()
        .len();
    let calls = [
        (path.clone(), json!({ "profile": { "firstName": "Eve" } })),
        (format!("{path}/lifecycle/deactivate"), json!({})),
        (
            format!("{path}/roles"),
            json!({ "type": "HELP_DESK_ADMIN" }),
        ),
        (
            "/api/v1/meta/schemas/user/default".into(),
            json!({ "definitions": { "custom": { "properties": { "x": { "title": "X", "type": "string" } } } } }),
        ),
    ];
    let schema = okta.get("/api/v1/meta/schemas/user/default").await.ok();
    for (path, body) in calls {
        faults.push(Matcher::any(), malformed(named("empty-200"), false));
        assert_eq!(okta.post(&path, body).await.text, "");
    }
    assert_eq!(
        (okta.sandbox.users(), okta.sandbox.effects_since(0).len()),
        before
    );
    assert_eq!(
        okta.get("/api/v1/logs")
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        events
    );
    assert_eq!(
        okta.get("/api/v1/meta/schemas/user/default").await.ok(),
        schema
    );
}

#[tokio::test]
async fn a_malformed_answer_ends_when_the_sandbox_does() {
    for name in ["endless-blank", "half-then-silence", "byte-a-second"] {
        let (okta, faults) = scripted().await;
        faults.push(Matcher::any(), malformed(named(name), true));
        let mut stream = TcpStream::connect(okta.sandbox.address).await.unwrap();
        stream
            .write_all(get("/api/v1/users").as_bytes())
            .await
            .unwrap();
        stream.read_u8().await.unwrap();
        let reader = tokio::spawn(async move {
            let mut sink = vec![0; 1 << 20];
            while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
        });
        okta.sandbox.shutdown().await;
        tokio::time::timeout(Duration::from_secs(60), reader)
            .await
            .unwrap()
            .unwrap();
    }
}

#[tokio::test]
async fn pages_lead_astray() {
    let (okta, faults) = scripted().await;
    for n in 0..3 {
        okta.create(&format!("user{n}@acme.org"), "", None).await;
    }
    let asked = okta.url("/api/v1/users?limit=2");
    let good = okta.get(&asked).await.link("next").unwrap();
    let rest = good.strip_prefix(&okta.sandbox.base_url).unwrap();
    let port = okta.sandbox.address.port();
    let other = |paging| {
        faults.push(Matcher::any(), Fault::Paging(paging));
        async { okta.get(&asked).await.link("next").unwrap() }
    };
    assert_eq!(other(Paging::Loop).await, asked);
    let elsewhere = "https://elsewhere.example:444";
    assert_eq!(
        other(Paging::OtherHost(elsewhere.into())).await,
        format!("{elsewhere}{rest}")
    );
    assert_eq!(
        other(Paging::OtherScheme).await,
        format!("https://127.0.0.1:{port}{rest}")
    );
    assert_eq!(
        other(Paging::OtherPort).await,
        format!("http://127.0.0.1:{}{rest}", port + 1)
    );
    let mut page = other(Paging::Endless).await;
    for _ in 0..5 {
        faults.push(Matcher::any(), Fault::Paging(Paging::Endless));
        let got = okta.get(&page).await;
        assert_eq!(got.json().as_array().unwrap().len(), 2);
        let next = got.link("next").unwrap();
        assert_ne!(next, page);
        page = next;
    }
}

#[tokio::test]
async fn lists_with_links_in_their_body_lead_astray_too() {
    let (okta, faults) = scripted().await;
    faults.push(
        Matcher::any(),
        Fault::Paging(Paging::OtherHost("https://elsewhere.example".into())),
    );
    let body = okta.get("/api/v1/iam/assignees/users").await.ok();
    let next = body["_links"]["next"]["href"].as_str().unwrap();
    assert_eq!(next, "https://elsewhere.example/api/v1/iam/assignees/users");
    faults.push(Matcher::any(), Fault::Paging(Paging::Loop));
    let me = okta.get("/api/v1/users/me").await.ok();
    assert!(me["_links"].get("next").is_none(), "one user is no list");
}

#[tokio::test]
async fn a_silent_body_takes_no_place() {
    let settings = Settings {
        concurrency_limit: Some(1),
        ..Settings::default()
    };
    let faults = Arc::new(ScriptedFaults::default());
    let okta = Harness::with(|builder| builder.settings(settings).faults(faults.clone())).await;
    faults.push(Matcher::any(), malformed(named("head-then-silence"), true));
    raw(&okta, &get("/api/v1/users")).await;
    okta.get("/api/v1/users").await.expect(200, "");
}
