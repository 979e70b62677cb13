//! `okta-sandbox`: a stateful Okta org on loopback, from the command line.

use std::{
    error::Error,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use okta_sandbox::{
    AdminConfig, ClientConfig, Config, FaultPlan, RateLimit, RefreshPolicy, Sandbox, Seed,
    SeededFaults, Settings,
};

/// A stateful Okta org on loopback, for development and tests.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Address to listen on; loopback only, unless --allow-remote
    #[arg(long, default_value_t = Config::default().listen)]
    listen: SocketAddr,
    /// Permit an address that is not loopback
    #[arg(long)]
    allow_remote: bool,
    /// URL of the org, when it is reached under another name
    #[arg(long)]
    public_url: Option<String>,
    /// Token accepted as "Authorization: SSWS <token>"
    #[arg(long, env = "OKTA_SANDBOX_API_TOKEN", default_value_t = Config::default().api_token)]
    api_token: String,
    /// File in which the org survives a restart
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// JSON file with users, custom attributes and custom roles of a new org
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// JSON file with a plan of what goes wrong; see "Rehearsing an outage" in the README
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// off, integrator, enterprise, workforce, or requests per minute and bucket
    #[arg(long, default_value = "off")]
    rate_limit: RateLimit,
    /// Requests served at once; more answer 429
    #[arg(long, value_name = "N")]
    concurrency: Option<u32>,
    /// Milliseconds added to every answer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Client id of the registered OAuth web app
    #[arg(long, default_value_t = ClientConfig::default().id)]
    client_id: String,
    /// Its client secret
    #[arg(long, env = "OKTA_SANDBOX_CLIENT_SECRET", default_value_t = ClientConfig::default().secret)]
    client_secret: String,
    /// Its redirect URI; can be given several times
    #[arg(long, value_name = "URI", default_values_t = ClientConfig::default().redirect_uris)]
    redirect_uri: Vec<String>,
    /// okta.* scope granted to it; can be given several times
    #[arg(long, value_name = "SCOPE", default_values_t = ClientConfig::default().grants)]
    grant: Vec<String>,
    /// Login of the org's administrator
    #[arg(long, default_value_t = AdminConfig::default().login)]
    admin_login: String,
    /// Password of the org's administrator
    #[arg(long, env = "OKTA_SANDBOX_ADMIN_PASSWORD", default_value_t = AdminConfig::default().password)]
    admin_password: String,
    /// Role of the org's administrator
    #[arg(long, default_value_t = AdminConfig::default().role)]
    admin_role: String,
    /// Replace the refresh token at each use
    #[arg(long)]
    rotate_refresh_tokens: bool,
    /// Seconds for which a replaced refresh token keeps working
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=60))]
    refresh_grace: u32,
    /// Seconds an access token lives
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(i64).range(1..))]
    access_token_life: i64,
}

impl Arguments {
    fn into_config(self) -> Result<Config, Box<dyn Error>> {
        let seed = match &self.seed {
            None => Seed::standard(),
            Some(path) => serde_json::from_str(&fs::read_to_string(path)?)?,
        };
        let refresh_tokens = match self.rotate_refresh_tokens {
            true => RefreshPolicy::Rotating {
                grace_seconds: self.refresh_grace,
            },
            false => RefreshPolicy::Static,
        };
        Ok(Config {
            listen: self.listen,
            allow_remote: self.allow_remote,
            public_url: self.public_url,
            api_token: self.api_token,
            client: ClientConfig {
                id: self.client_id,
                secret: self.client_secret,
                redirect_uris: self.redirect_uri,
                grants: self.grant,
                ..ClientConfig::default()
            },
            admin: AdminConfig {
                login: self.admin_login,
                password: self.admin_password,
                role: self.admin_role,
                ..AdminConfig::default()
            },
            settings: Settings {
                latency_ms: self.latency,
                rate_limit: self.rate_limit,
                concurrency_limit: self.concurrency,
                refresh_tokens,
                access_token_seconds: self.access_token_life,
                ..Settings::default()
            },
            state_file: self.state,
            seed,
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("okta-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let faults = arguments.faults.as_deref().map(planned).transpose()?;
    let mut builder = Sandbox::builder().config(arguments.into_config()?);
    if let Some(faults) = faults {
        builder = builder.faults(Arc::new(faults));
    }
    let mut sandbox = builder.start().await?;
    print!("{}", introduction(&sandbox));
    tokio::select! {
        () = sandbox.wait() => Err("the server ended".into()),
        asked = asked_to_stop() => {
            asked?;
            sandbox.shutdown().await;
            Ok(())
        }
    }
}

/// The plan of faults in a file.
fn planned(path: &Path) -> Result<SeededFaults, Box<dyn Error>> {
    let of_file = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| of_file(&error))?;
    let plan: FaultPlan = text.parse().map_err(|error| of_file(&error))?;
    Ok(SeededFaults::new(plan)?)
}

/// Returns at Ctrl-C or SIGTERM.
async fn asked_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// What to enter where.
fn introduction(sandbox: &Sandbox) -> String {
    let config = sandbox.config();
    let state = config
        .state_file
        .as_ref()
        .map_or("in memory only".into(), |path| path.display().to_string());
    format!(
        "Okta sandbox\n\n\
         \x20 Okta domain (base URL)  {url}\n\
         \x20 Client id               {id}\n\
         \x20 Client secret           {secret}\n\
         \x20 Redirect URIs           {redirects}\n\
         \x20 Administrator           {login}\n\
         \x20 Password                {password}\n\
         \x20 API token (SSWS)        {token}\n\
         \x20 State                   {state}\n\n\
         \x20 Watch the org           {url}/\n",
        url = sandbox.base_url,
        id = config.client.id,
        secret = config.client.secret,
        redirects = config.client.redirect_uris.join(" "),
        login = config.admin.login,
        password = config.admin.password,
        token = config.api_token,
    )
}
