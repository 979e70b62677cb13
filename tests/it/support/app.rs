//! The server under test, with its people.

use std::path::PathBuf;
use std::sync::Arc;

use okta_sandbox::Sandbox;
use provisioner::config::{Config, EngineSection, LimitsSection};
use provisioner::random;
use provisioner::service::oidc::Issuer;
use provisioner::startup::{self, Server};
use sea_orm::{Database, DatabaseConnection};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::{Client, TestClock, postgres};

/// Life of the tokens in tests, in hours; tests that move the clock further make their own.
const TOKEN_HOURS: u32 = 1_000;

/// What the server under test has around it.
#[derive(Clone, Debug, Default)]
pub struct TestAppBuilder {
    sandbox: Option<okta_sandbox::Config>,
    panel_origins: Vec<String>,
    engine: EngineSection,
    oidc: Vec<Issuer>,
    limits: Option<LimitsSection>,
    trusted: Option<(Value, bool)>,
}

impl TestAppBuilder {
    /// Trusting these identity providers.
    pub fn oidc(mut self, issuers: Vec<Issuer>) -> Self {
        self.oidc = issuers;
        self
    }

    /// With an Okta org beside the server, whose redirect URI is the server's.
    pub fn sandbox(mut self) -> Self {
        self.sandbox.get_or_insert_default();
        self
    }

    /// As [`Self::sandbox`], with an org that differs from the usual one.
    pub fn sandbox_with(mut self, change: impl FnOnce(&mut okta_sandbox::Config)) -> Self {
        change(self.sandbox.get_or_insert_default());
        self
    }

    /// With admin panels at these origins.
    pub fn panel_origins(mut self, origins: &[&str]) -> Self {
        self.panel_origins = origins.iter().map(|&origin| origin.to_owned()).collect();
        self
    }

    /// With other times of the engine, for tests whose second process has a clock that nobody can move.
    pub fn engine(mut self, engine: EngineSection) -> Self {
        self.engine = engine;
        self
    }

    /// With the limits that operators have, or these; otherwise nobody is held up, as all of a test comes from one person.
    pub fn limits(mut self, limits: LimitsSection) -> Self {
        self.limits = Some(limits);
        self
    }

    /// With a manifest of trusted documents, and perhaps running no others.
    pub fn trusting(mut self, manifest: Value, only: bool) -> Self {
        self.trusted = Some((manifest, only));
        self
    }

    /// A fresh server on SQLite.
    pub async fn on_sqlite(self) -> TestApp {
        self.start(None).await
    }

    /// A fresh server on PostgreSQL.
    pub async fn on_postgres(self) -> TestApp {
        self.start(Some(postgres::fresh_database().await)).await
    }

    /// Runs the test twice, each time with a fresh server: on SQLite, then on PostgreSQL.
    pub async fn on_both(self, test: impl AsyncFn(TestApp)) {
        for database_url in [None, Some(postgres::fresh_database().await)] {
            let engine = if database_url.is_some() {
                "PostgreSQL"
            } else {
                "SQLite"
            };
            eprintln!("on {engine}:");
            test(self.start(database_url).await).await;
        }
    }

    /// Runs the test on PostgreSQL alone, which the server reaches by the address that `way` makes of the real one.
    pub async fn on_postgres_by<W>(
        self,
        way: impl AsyncFnOnce(&str) -> (W, String),
        test: impl AsyncFnOnce(TestApp, W),
    ) {
        let (way, url) = way(&postgres::fresh_database().await).await;
        test(self.start(Some(url)).await, way).await;
    }

    async fn start(&self, database_url: Option<String>) -> TestApp {
        show_warnings();
        let clock = TestClock::default();
        let data_dir =
            DataDir(std::env::temp_dir().join(format!("provisioner-it-{}", random::new_id())));
        let mut config = Config::new(data_dir.0.clone());
        config.listen = ([127, 0, 0, 1], 0).into();
        config.database_url = database_url.map(Into::into);
        config.okta_on_loopback = true;
        config.panel_origins = self.panel_origins.clone();
        config.engine = self.engine.clone();
        config.oidc = self.oidc.clone();
        config.limits = self.limits.clone().unwrap_or_else(|| LimitsSection {
            requests_per_minute: 1_000_000,
            concurrent_requests_per_caller: 1_000,
            ..LimitsSection::default()
        });
        if let Some((manifest, only)) = &self.trusted {
            let file = data_dir.0.with_extension("json");
            std::fs::write(&file, manifest.to_string()).unwrap();
            config.trusted_documents.manifests = vec![file];
            config.trusted_documents.only = *only;
            config.graphiql = !only;
        }
        let server = startup::start(config.clone(), Arc::new(clock.clone()))
            .await
            .unwrap();
        let base_url = format!("http://{}", server.address);
        let sandbox = match &self.sandbox {
            Some(config) => Some(start_sandbox(config.clone(), &base_url).await),
            None => None,
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the suite is a client of its own, not of Okta"
        )]
        let http = reqwest::Client::new();
        let app = TestApp {
            server,
            clock,
            sandbox,
            http,
            base_url,
            data_dir,
            config,
            organization: "Acme".to_owned(),
        };
        app.server
            .base
            .init(&app.organization, &email("owner"))
            .await
            .unwrap();
        app
    }
}

async fn start_sandbox(config: okta_sandbox::Config, base_url: &str) -> Sandbox {
    let redirect_uri = format!("{base_url}/oauth/callback");
    Sandbox::builder()
        .config(config)
        .listen(([127, 0, 0, 1], 0).into())
        .redirect_uris([redirect_uri])
        .start()
        .await
        .unwrap()
}

/// What the server warns of appears with the output of a test that fails. More of it: `RUST_LOG=provisioner=debug`.
fn show_warnings() {
    let level = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .from_env_lossy();
    let shown = tracing_subscriber::fmt()
        .with_env_filter(level)
        .with_test_writer();
    let _already_done = shown.try_init();
}

/// Removes the data directory when the test is over.
#[derive(Debug)]
struct DataDir(PathBuf);

impl Drop for DataDir {
    fn drop(&mut self) {
        let _already_gone = std::fs::remove_dir_all(&self.0);
        let _was_none = std::fs::remove_file(self.0.with_extension("json"));
    }
}

/// A server with one organisation, "Acme", owned by `owner@acme.example`.
pub struct TestApp {
    /// The server.
    pub server: Server,
    /// Its clock.
    pub clock: TestClock,
    /// Where it answers, without a slash at the end.
    pub base_url: String,
    sandbox: Option<Sandbox>,
    http: reqwest::Client,
    data_dir: DataDir,
    /// What the server was started with.
    pub config: Config,
    organization: String,
}

fn email(name: &str) -> String {
    format!("{name}@acme.example")
}

impl TestApp {
    /// A server to be configured.
    pub fn builder() -> TestAppBuilder {
        TestAppBuilder::default()
    }

    /// Runs a test that needs nothing but the server, on both databases.
    pub async fn on_both(test: impl AsyncFn(Self)) {
        Self::builder().on_both(test).await;
    }

    /// The Okta org beside the server; panics if the builder was not asked for one.
    pub fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    /// Address of the PostgreSQL database; null on SQLite.
    pub fn database_url(&self) -> Option<&str> {
        let url = self.config.database_url.as_ref();
        url.map(|url| url.expose_secret())
    }

    /// The data directory.
    pub fn data_dir(&self) -> &std::path::Path {
        &self.data_dir.0
    }

    /// The server's database, past the server.
    pub async fn database(&self) -> DatabaseConnection {
        let url = match &self.config.database_url {
            Some(url) => url.expose_secret().to_owned(),
            None => format!(
                "sqlite://{}",
                self.server.base.data_dir.database().display()
            ),
        };
        Database::connect(url).await.unwrap()
    }

    /// Runs a command of the program on the server's data.
    pub async fn command(&self, arguments: &[&str]) -> std::process::Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_provisioner"));
        command.args(arguments);
        command.arg("--data-dir").arg(self.data_dir());
        match &self.config.database_url {
            Some(url) => command.env("DATABASE_URL", url.expose_secret()),
            None => command.env_remove("DATABASE_URL"),
        };
        command.output().await.unwrap()
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        Client::new(self.http.clone(), &self.base_url, None)
    }

    /// The plain HTTP client, for requests that are no GraphQL.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The owner of Acme.
    pub async fn owner(&self) -> Client {
        self.sign_in(&email("owner"), &self.organization).await
    }

    /// Signs a person in; panics when there is no such active person.
    pub async fn sign_in(&self, email: &str, organization: &str) -> Client {
        let token = self
            .server
            .base
            .token(email, Some(organization), TOKEN_HOURS)
            .await
            .unwrap();
        let mut client = self.anonymous().with_token(Some(token.expose_secret()));
        let viewer = client.query("{ viewer { user { id } } }", json!({})).await;
        client.user_id = viewer["viewer"]["user"]["id"].as_str().unwrap().to_owned();
        client
    }

    /// A new person of Acme with a built-in role: `OWNER`, `ADMIN` or `MEMBER`.
    pub async fn person(&self, name: &str, kind: &str) -> Client {
        let roles = self
            .owner()
            .await
            .query("{ organization { adminRoles { id kind } } }", json!({}))
            .await;
        let roles = roles["organization"]["adminRoles"]
            .as_array()
            .unwrap()
            .clone();
        let role = roles.iter().find(|role| role["kind"] == kind).unwrap()["id"].clone();
        self.with_role(name, role).await
    }

    /// A new `ADMIN` of Acme.
    pub async fn admin(&self) -> Client {
        self.person("admin", "ADMIN").await
    }

    /// A new `MEMBER` of Acme: a person without any permission.
    pub async fn member(&self) -> Client {
        self.person("member", "MEMBER").await
    }

    /// A new person of Acme with a new custom role of these permissions.
    pub async fn custom(&self, name: &str, permissions: &[&str]) -> Client {
        let input = json!({ "name": format!("Role of {name}"), "permissions": permissions });
        let role = self
            .owner()
            .await
            .done("adminRoleCreate", input, "adminRole { id }")
            .await;
        self.with_role(name, role["adminRole"]["id"].clone()).await
    }

    async fn with_role(&self, name: &str, role: Value) -> Client {
        let owner = self.owner().await;
        let user = owner
            .done("userCreate", new_user(name), "user { id }")
            .await["user"]["id"]
            .clone();
        owner
            .done(
                "userAdminRoleSet",
                json!({ "userId": user, "adminRoleId": role }),
                "",
            )
            .await;
        self.sign_in(&email(name), &self.organization).await
    }

    /// The owner of a second organisation, "Rival", with the same database and server.
    pub async fn rival(&self) -> Client {
        self.server
            .base
            .init("Rival", "owner@rival.example")
            .await
            .unwrap();
        self.sign_in("owner@rival.example", "Rival").await
    }

    /// Stops the server and starts another one on the same data, at another address.
    pub async fn restart(mut self) -> Self {
        self.server.stop().await;
        self.server = startup::start(self.config.clone(), Arc::new(self.clock.clone()))
            .await
            .unwrap();
        self.base_url = format!("http://{}", self.server.address);
        self
    }

    /// The server ends as if its process had been killed, and another one starts on the same data, at another address.
    pub async fn crash(mut self) -> Self {
        self.server.abort();
        self.server = startup::start(self.config.clone(), Arc::new(self.clock.clone()))
            .await
            .unwrap();
        self.base_url = format!("http://{}", self.server.address);
        self
    }

    /// Stops the server, lets others work with its data, and starts it again.
    pub async fn away(mut self, work: impl AsyncFnOnce(&Config, &Sandbox)) -> Self {
        self.server.stop().await;
        work(&self.config, self.sandbox.as_ref().unwrap()).await;
        self.server = startup::start(self.config.clone(), Arc::new(self.clock.clone()))
            .await
            .unwrap();
        self.base_url = format!("http://{}", self.server.address);
        self
    }

    /// Stops the server for good, and lets others work with its data.
    pub async fn left_to<T>(self, work: impl AsyncFnOnce(&Config) -> T) -> T {
        self.server.stop().await;
        work(&self.config).await
    }

    /// Stops the server as an operator would.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// The input of `userCreate` for a person of this user name.
pub fn new_user(name: &str) -> Value {
    json!({ "userName": name, "primaryEmail": email(name), "givenName": name, "familyName": "Example" })
}
