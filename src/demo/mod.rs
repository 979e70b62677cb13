//! `provisioner demo`: the server, a sandbox Okta org, and the administrator's journey walked through the public API as a client would.

mod api;
mod browser;
mod home;
mod okta;
mod okta_people;
pub mod people;
mod report;
mod walk;

use std::net::SocketAddr;
use std::path::PathBuf;

use okta_sandbox::{ClientConfig, Sandbox};
use secrecy::SecretString;

use self::api::Api;
use self::home::Home;
use self::people::{ORGANIZATION, OWNER_EMAIL};
use self::report::Report;
use self::walk::Walk;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::service::bootstrap;
use crate::startup::{self, Base, Server, StartupError};

/// Hours for which the demo's token is good.
const TOKEN_HOURS: u32 = 24;

/// What the demo is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// End after the walk.
    pub once: bool,
    /// Address of the server.
    pub listen: SocketAddr,
    /// Address of the sandbox.
    pub sandbox_listen: SocketAddr,
    /// Origins of panels that may call the server from a browser.
    pub panel_origins: Vec<String>,
    /// Where both keep their state; null for a temporary directory.
    pub data_dir: Option<PathBuf>,
}

/// Why the demo ended early, in one line.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The server did not start.
    #[error(transparent)]
    Startup(#[from] StartupError),
    /// The organisation or its token could not be made.
    #[error(transparent)]
    Bootstrap(#[from] bootstrap::Refusal),
    /// The sandbox did not start.
    #[error("the sandbox did not start: {0}")]
    Sandbox(String),
    /// A directory could not be made.
    #[error("cannot use {path}: {source}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A request got no answer.
    #[error("no answer: {0}")]
    Http(#[from] reqwest::Error),
    /// The API refused.
    #[error("{0}")]
    Api(String),
    /// A page was not what a person would have seen.
    #[error("{0}")]
    Page(String),
    /// Okta does not hold what it should.
    #[error("{0}")]
    Unexpected(String),
    /// The data directory was walked before.
    #[error(
        "{0} holds the demo of an earlier run: leave out --once to look around in it, or choose an empty directory"
    )]
    WalkedBefore(PathBuf),
    /// A step failed; it was reported.
    #[error("a step failed; the steps after it were left out")]
    StepFailed,
}

/// Runs the demo until it is stopped, or, with `once`, until the walk is over.
///
/// # Errors
/// When something does not start, and with `once` when a step failed.
pub async fn run(options: Options) -> Result<(), DemoError> {
    let home = Home::open(options.data_dir.as_deref())?;
    if home.walked_before && options.once {
        return Err(DemoError::WalkedBefore(home.path().to_owned()));
    }
    let report = Report::start();
    let (server, token) = start_server(&options, &home).await?;
    let sandbox = start_sandbox(&options, &home, &server).await?;
    let walked = if home.walked_before {
        report.note("This data directory was walked before; here is everything as it was left.");
        true
    } else {
        home.remember_walk()?;
        walk(&report, &server, &sandbox, &token).await?
    };
    report.addresses(&server, &sandbox, &token, !options.once);
    if !options.once {
        startup::stop_signal().await;
    }
    server.stop().await;
    sandbox.shutdown().await;
    if options.once && !walked {
        Err(DemoError::StepFailed)
    } else {
        Ok(())
    }
}

/// Walks the journey and shows what Okta holds in the end. Answers whether all steps succeeded.
async fn walk(
    report: &Report,
    server: &Server,
    sandbox: &Sandbox,
    token: &SecretString,
) -> Result<bool, DemoError> {
    let http = api::http_client()?;
    let endpoint = server.base.services.config.public_url.join("graphql");
    let endpoint = endpoint.map_err(|e| DemoError::Page(e.to_string()))?;
    let api = Api::new(http.clone(), endpoint, token.clone());
    let config = sandbox.config();
    let (client, admin) = (config.client.clone(), config.admin.clone());
    let mut walk = Walk::new(api, http, sandbox.base_url.clone(), client, admin);
    let succeeded = walk.run(report).await;
    report.okta(&walk.okta.users().await?);
    Ok(succeeded)
}

/// Makes the organisation and its owner, and starts the server with GraphiQL signed in as the owner.
async fn start_server(options: &Options, home: &Home) -> Result<(Server, SecretString), DemoError> {
    let mut config = Config::new(home.path().join("provisioner"));
    config.listen = options.listen;
    config.okta_on_loopback = true;
    config.panel_origins.clone_from(&options.panel_origins);
    let base = Base::open(&config, SystemClock::shared()).await?;
    base.init(ORGANIZATION, OWNER_EMAIL).await?;
    let token = base.token(OWNER_EMAIL, None, TOKEN_HOURS).await?;
    base.services
        .store
        .close()
        .await
        .map_err(StartupError::from)?;
    config.graphiql_token = Some(token.clone());
    Ok((startup::start(config, SystemClock::shared()).await?, token))
}

/// Starts the sandbox with our server registered in it as an OIDC web application.
async fn start_sandbox(
    options: &Options,
    home: &Home,
    server: &Server,
) -> Result<Sandbox, DemoError> {
    let redirect_uri = server.base.services.config.redirect_uri();
    let config = okta_sandbox::Config {
        listen: options.sandbox_listen,
        client: ClientConfig {
            name: "provisioner".to_owned(),
            redirect_uris: vec![redirect_uri.to_string()],
            ..ClientConfig::default()
        },
        state_file: Some(home.path().join("okta-sandbox.json")),
        seed: okta_people::seed(),
        ..okta_sandbox::Config::default()
    };
    Sandbox::builder()
        .config(config)
        .start()
        .await
        .map_err(|e| DemoError::Sandbox(e.to_string()))
}
