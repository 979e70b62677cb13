//! What a sandbox is started with, and what can be changed while it runs.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::seed::Seed;

/// Everything a sandbox needs to start. [`Config::default`] is what `cargo run -p okta-sandbox` uses.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Permits an address that is not loopback. The sandbox has no secrets worth the name.
    pub allow_remote: bool,
    /// The org's URL when it is reached under another name than the address it listens on.
    pub public_url: Option<String>,
    /// The API token accepted as `Authorization: SSWS …`; it acts with the rights of the org's admin.
    pub api_token: String,
    /// The OAuth web application that is registered in the org.
    pub client: ClientConfig,
    /// The org's first administrator, who also owns the API token.
    pub admin: AdminConfig,
    /// What can also be changed later, through `/_control/config`.
    pub settings: Settings,
    /// File in which the org survives a restart. `None` keeps it in memory.
    pub state_file: Option<PathBuf>,
    /// What the org holds at first start. Ignored when the state file already holds an org.
    pub seed: Seed,
}

/// An OAuth client as an administrator registers it in the Admin Console.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Client id, `0oa…`.
    pub id: String,
    /// Client secret.
    pub secret: String,
    /// Name on the consent page.
    pub name: String,
    /// Redirect URIs, compared character by character.
    pub redirect_uris: Vec<String>,
    /// The `okta.*` scopes on the app's "Okta API Scopes" tab.
    pub grants: Vec<String>,
}

/// The administrator with whom the org starts.
#[derive(Debug, Clone)]
pub struct AdminConfig {
    /// Login, which is also the e-mail address.
    pub login: String,
    /// Password for the sign-in page.
    pub password: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Standard role type, `SUPER_ADMIN` by default.
    pub role: String,
}

/// What can be changed while the sandbox runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Added to every answer under `/api` and `/oauth2`, in milliseconds.
    pub latency_ms: u64,
    /// How many requests a minute each bucket takes.
    pub rate_limit: RateLimit,
    /// Requests served at once; one more answers 429. `None` is no limit.
    pub concurrency_limit: Option<u32>,
    /// What a refresh does to the refresh token.
    pub refresh_tokens: RefreshPolicy,
    /// Life of access and ID tokens in seconds. Okta's org authorization server fixes it at 3600.
    pub access_token_seconds: i64,
    /// Whether the licensed IAM roles (`WORKFLOWS_ADMIN`, …) can be assigned; if not, 401 E0000015.
    pub iam_roles_licensed: bool,
    /// Whether role assignments outlive a deactivation.
    pub roles_survive_deactivation: bool,
}

/// Requests per minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RateLimit {
    /// Nothing is refused; headers show a high limit.
    Off,
    /// Every bucket takes this many.
    PerMinute(u32),
    /// The published defaults of an Integrator org, halved as for every token and app.
    Integrator,
    /// The published defaults of an Enterprise org, halved.
    Enterprise,
    /// The published defaults of a Workforce org, halved.
    Workforce,
}

impl std::str::FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            "integrator" => Ok(Self::Integrator),
            "enterprise" => Ok(Self::Enterprise),
            "workforce" => Ok(Self::Workforce),
            number => match number.parse() {
                Ok(limit) if limit > 0 => Ok(Self::PerMinute(limit)),
                _ => Err("expected off, integrator, enterprise, workforce or a number of requests per minute".into()),
            },
        }
    }
}

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RefreshPolicy {
    /// The token stays the same; Okta's default for web applications.
    Static,
    /// Each use returns a new token; the old one keeps working for the grace period.
    #[serde(rename_all = "camelCase")]
    Rotating {
        /// Seconds, 0 to 60; Okta's default is 30.
        grace_seconds: u32,
    },
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            rate_limit: RateLimit::Off,
            concurrency_limit: None,
            refresh_tokens: RefreshPolicy::Static,
            access_token_seconds: 3600,
            iam_roles_licensed: true,
            roles_survive_deactivation: false,
        }
    }
}

impl Settings {
    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms)
    }
}

/// The scopes that the registered app is granted unless told otherwise.
pub const DEFAULT_GRANTS: [&str; 8] = [
    "okta.logs.read",
    "okta.roles.manage",
    "okta.roles.read",
    "okta.schemas.manage",
    "okta.schemas.read",
    "okta.userTypes.read",
    "okta.users.manage",
    "okta.users.read",
];

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)),
            allow_remote: false,
            public_url: None,
            api_token: "00sandbox-api-token-for-loopback-only".into(),
            client: ClientConfig::default(),
            admin: AdminConfig::default(),
            settings: Settings::default(),
            state_file: None,
            seed: Seed::standard(),
        }
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            id: "0oasandboxwebapp05d7".into(),
            secret: "sandbox-client-secret-for-loopback-only".into(),
            name: "Provisioner".into(),
            redirect_uris: vec![
                "http://127.0.0.1:8080/oauth/callback".into(),
                "http://localhost:8080/oauth/callback".into(),
            ],
            grants: DEFAULT_GRANTS.map(Into::into).to_vec(),
        }
    }
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self {
            login: "admin@example.com".into(),
            password: "Sandbox-Admin-1".into(),
            first_name: "Olive".into(),
            last_name: "Admin".into(),
            role: "SUPER_ADMIN".into(),
        }
    }
}
