//! What a benchmark needs around it: the server as a process of its own, an Okta org in this one, and an administrator who connects them.

#[path = "../../tests/it/support/browser.rs"]
#[expect(dead_code, reason = "the suite looks at more of a page")]
mod browser;
mod client;
pub mod process;
mod report;

use std::net::TcpListener;
use std::time::Duration;

use okta_sandbox::{Sandbox, Seed, SeedUser, Settings};
use serde_json::{Value, json};

pub use browser::Browser;
pub use client::Client;
pub use process::Server;
pub use report::Report;

/// A connected app with its org.
pub struct Connected {
    /// Global id of the app.
    pub app: String,
    /// The org.
    pub okta: Sandbox,
}

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// An org with these people, who are no news: they were last changed ten minutes ago.
pub async fn org(server: &Server, settings: Settings, users: Vec<SeedUser>) -> Sandbox {
    let okta = Sandbox::builder()
        .listen(([127, 0, 0, 1], 0).into())
        .redirect_uris([format!("{}/oauth/callback", server.url)])
        .settings(settings)
        .start()
        .await
        .unwrap();
    let seed = Seed {
        users,
        custom_attributes: Default::default(),
        custom_roles: Vec::new(),
    };
    okta.sow(&seed).unwrap();
    okta.clock().advance(Duration::from_secs(600));
    okta
}

/// Adds an app and connects it to the org, as an administrator does it with a browser.
pub async fn connect(owner: &Client, server: &Server, okta: Sandbox) -> Connected {
    let name = format!("Okta at {}", okta.base_url);
    let added = owner
        .done("appAdd", json!({ "name": name }), "app { id }")
        .await;
    let app = added["app"]["id"].as_str().unwrap().to_owned();
    let client = &okta.config().client;
    let entered = json!({
        "appId": app, "domain": okta.base_url, "clientId": client.id, "clientSecret": client.secret,
    });
    owner.done("oktaOrgConfigure", entered, "").await;
    let started = owner
        .done(
            "oktaAuthorizationStart",
            json!({ "appId": app }),
            "authorizationUrl",
        )
        .await;
    let url = started["authorizationUrl"].as_str().unwrap();
    let callback = format!("{}/oauth/callback", server.url);
    let admin = okta.config().admin.clone();
    let mut browser = Browser::default();
    let page = browser.follow(url, &callback).await;
    let fields = [
        ("login", admin.login.as_str()),
        ("password", admin.password.as_str()),
    ];
    let page = browser.submit(&page, &fields, &callback).await;
    let answered = browser
        .submit(&page, &[("decision", "allow")], &callback)
        .await;
    browser.get(answered.location().unwrap().as_str()).await;
    let document = "query($id: ID!) { app(id: $id) { oktaOrg { status } } }";
    let seen = owner.query(document, json!({ "id": app })).await;
    assert_eq!(seen["app"]["oktaOrg"]["status"], "CONNECTED");
    Connected { app, okta }
}

/// Somebody as the directory and Okta know him; all numbers give different people.
pub fn profile(n: usize) -> Value {
    let given = GIVEN[n % GIVEN.len()];
    let family = FAMILY[(n / GIVEN.len()) % FAMILY.len()];
    let login = format!(
        "{}.{}.{n}@acme.example",
        given.to_lowercase(),
        family.to_lowercase()
    );
    json!({ "login": login, "email": login, "firstName": given, "lastName": family })
}

/// The people of a seed.
pub fn accounts(numbers: std::ops::Range<usize>) -> Vec<SeedUser> {
    let account = |n| SeedUser {
        profile: profile(n).as_object().unwrap().clone(),
        ..SeedUser::default()
    };
    numbers.map(account).collect()
}

const GIVEN: [&str; 16] = [
    "Ada", "Ben", "Cleo", "Dora", "Emil", "Fritz", "Greta", "Hugo", "Ida", "Jens", "Karin", "Lars",
    "Mona", "Nils", "Olga", "Paul",
];
const FAMILY: [&str; 25] = [
    "Adams", "Becker", "Costa", "Dahl", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov",
    "Jensen", "Keller", "Lindt", "Moreau", "Novak", "Olsen", "Peters", "Quist", "Rossi", "Schmidt",
    "Torres", "Ullmann", "Vogel", "Weber", "Young", "Zeller",
];
