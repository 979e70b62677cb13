//! What each command takes, and what it does with it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::doctor::refuse_obstacles;
use super::{note, print};
use crate::clock::SystemClock;
use crate::config::{Config, ConfigError, ConfigFile};
use crate::demo;
use crate::startup::{self, Base};
use crate::telemetry::{self, LogFormat};

pub(super) type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Where the state is.
#[derive(Debug, Args)]
pub(super) struct StateOptions {
    /// TOML file with settings; what stands on the command line goes before it
    #[arg(long, env = "PROVISIONER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory for the database file and the keys [default: provisioner-data]
    #[arg(long, env = "PROVISIONER_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// PostgreSQL instead of a SQLite file in the data directory
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<SecretString>,
}

impl StateOptions {
    pub(super) fn config(self) -> Result<Config, ConfigError> {
        let config = self.unchecked(None)?;
        config.check()?;
        Ok(config)
    }

    /// The settings as they are, for whoever says all that is wrong with them.
    pub(super) fn unchecked(self, listen: Option<SocketAddr>) -> Result<Config, ConfigError> {
        let mut config = Config::from_file(ConfigFile::read(self.config.as_deref())?);
        if let Some(dir) = self.data_dir {
            config.data_dir = dir;
        }
        if self.database_url.is_some() {
            config.database_url = self.database_url;
        }
        config.listen = listen.unwrap_or(config.listen);
        Ok(config)
    }
}

/// Options of `provisioner serve`.
#[derive(Debug, Args)]
pub(super) struct ServeOptions {
    #[command(flatten)]
    state: StateOptions,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "PROVISIONER_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// How log lines look [default: text on a terminal, else json]
    #[arg(long, env = "PROVISIONER_LOG_FORMAT", value_enum)]
    log_format: Option<LogFormat>,
}

impl ServeOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(self.log_format, None);
        let config = self.state.unchecked(self.listen)?;
        refuse_obstacles(&config)?;
        let server = startup::start(config, SystemClock::shared()).await?;
        startup::stop_signal().await;
        tracing::info!("stopping: what is under way may end");
        server.stop().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Options of `provisioner init`.
#[derive(Debug, Args)]
pub(super) struct InitOptions {
    #[command(flatten)]
    state: StateOptions,
    /// Name of the organisation
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// E-mail address of its first owner, also his user name
    #[arg(long, value_name = "EMAIL")]
    owner: String,
}

impl InitOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(None, Some("warn"));
        let base = Base::open(&self.state.config()?, SystemClock::shared()).await?;
        let made = base.init(&self.organization, &self.owner).await?;
        let name = &made.organization.name;
        print(match made.created {
            true => format!(
                "{name}: made, with {} as its owner. A bearer token: provisioner token --user {}",
                self.owner, self.owner
            ),
            false => format!(
                "{name}: was there already, with {} as its owner; nothing was changed.",
                self.owner
            ),
        })?;
        Ok(())
    }
}

/// Options of `provisioner bootstrap`.
#[derive(Debug, Args)]
pub(super) struct BootstrapOptions {
    #[command(flatten)]
    state: StateOptions,
    /// Hours for which the token is good
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=720))]
    hours: u32,
}

impl BootstrapOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(None, Some("warn"));
        let base = Base::open(&self.state.config()?, SystemClock::shared()).await?;
        let token = base.bootstrap(self.hours).await?;
        print(token.expose_secret())?;
        let hours = self.hours;
        note(format_args!(
            "good for {hours} hours and one use: send it as the bearer token with the mutation organizationBootstrap"
        ));
        Ok(())
    }
}

/// Options of `provisioner restored`.
#[derive(Debug, Args)]
pub(super) struct RestoredOptions {
    #[command(flatten)]
    state: StateOptions,
}

impl RestoredOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(None, Some("warn"));
        let base = Base::open_existing(&self.state.config()?, SystemClock::shared()).await?;
        let count = base.restored().await?;
        print(format!(
            "{count} apps are paused. An administrator resumes each with provisioningResume, once what waits was looked at."
        ))?;
        Ok(())
    }
}

/// Options of `provisioner token`.
#[derive(Debug, Args)]
pub(super) struct TokenOptions {
    #[command(flatten)]
    state: StateOptions,
    /// E-mail address or user name of the user
    #[arg(long, value_name = "EMAIL")]
    user: String,
    /// Name of the organisation; needed when several have such a user
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Hours for which the token is good
    #[arg(long, value_name = "HOURS", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=720))]
    hours: u32,
}

impl TokenOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(None, Some("warn"));
        let base = Base::open_existing(&self.state.config()?, SystemClock::shared()).await?;
        let token = base
            .token(&self.user, self.organization.as_deref(), self.hours)
            .await?;
        print(token.expose_secret())?;
        Ok(())
    }
}

/// Options of `provisioner demo`.
#[derive(Debug, Args)]
pub(super) struct DemoOptions {
    /// End after the walk, with a code other than zero if a step failed
    #[arg(long)]
    once: bool,
    /// Address of the server
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Address of the sandbox Okta org
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9090")]
    sandbox_listen: SocketAddr,
    /// Origin of a panel that may call the server from a browser, such as http://localhost:5173; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    panel_origin: Vec<String>,
    /// Directory for the state of both; without it a temporary one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl DemoOptions {
    pub(super) async fn run(self) -> Outcome {
        telemetry::start(None, Some("error"));
        let options = demo::Options {
            once: self.once,
            listen: self.listen,
            sandbox_listen: self.sandbox_listen,
            panel_origins: self.panel_origin,
            data_dir: self.data_dir,
        };
        demo::run(options).await.map_err(Into::into)
    }
}
