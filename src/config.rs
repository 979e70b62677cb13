//! Configuration: command line and environment first, then an optional TOML file, then defaults.

mod oidc;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use crate::service::oidc::Issuer;

/// Where the server listens unless told otherwise: this machine only.
pub const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
/// Where the server keeps its state unless told otherwise, below the working directory.
pub const DEFAULT_DATA_DIR: &str = "provisioner-data";

/// Why the configuration was refused. Each is one clear line for an operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not valid.
    #[error("the configuration file {path} is not valid: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        message: String,
    },
    /// The public address cannot serve as one.
    #[error(
        "public_url must be http or https with a host and no path, query or fragment, but is {0}"
    )]
    PublicUrl(Url),
    /// Consent in clear text over a network.
    #[error("public_url must be https unless it is this machine itself, but is {0}")]
    PublicUrlNotHttps(Url),
    /// The address has no URL.
    #[error("no address for browsers can be made of {0}; set public_url")]
    Listen(SocketAddr),
    /// A panel origin cannot serve as one.
    #[error("panel_origins must hold origins such as https://panel.example.com, but one is {0}")]
    PanelOrigin(String),
    /// The database's address is none of PostgreSQL. It holds a password, so it is not shown.
    #[error(
        "the database's URL must be like postgres://user:password@host/database (it is not shown here)"
    )]
    DatabaseUrl,
    /// A token that could be guessed. It is not shown.
    #[error("metrics.token must have 16 characters at least (it is not shown here)")]
    MetricsToken,
    /// Figures for a whole network.
    #[error("metrics.listen is {0}, which others can reach; set metrics.token, too")]
    MetricsOpen(SocketAddr),
    /// An identity provider that cannot be trusted so.
    #[error("oidc, issuer {issuer}: {problem}")]
    Oidc {
        /// The issuer as it was given.
        issuer: String,
        /// What is wrong, and how it should be.
        problem: String,
    },
    /// A server that runs nothing.
    #[error("trusted_documents.only is set, so trusted_documents.manifests must name a file")]
    NothingTrusted,
    /// A page that could not show anything.
    #[error(
        "graphiql cannot be true when trusted_documents.only is: its documents are in no manifest"
    )]
    GraphiqlUntrusted,
    /// A share outside its range.
    #[error("{section}.{name} must be between {min} and {max}, but is {value}")]
    OutOfRange {
        /// The section of the file.
        section: &'static str,
        /// The setting.
        name: &'static str,
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
        /// What was given.
        value: u64,
    },
}

/// The TOML file. Every setting may be left out; an unknown one is refused, so that a typing error is not a silent default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfigFile {
    /// Address to listen on, such as `127.0.0.1:8080`.
    pub listen: Option<SocketAddr>,
    /// Directory for the database file and the keys.
    pub data_dir: Option<PathBuf>,
    /// `postgres://…`; without it SQLite in the data directory.
    pub database_url: Option<SecretString>,
    /// The address under which browsers reach this server; Okta sends them back to `<public_url>/oauth/callback`.
    pub public_url: Option<Url>,
    /// Origins of the admin panels: they may call the API from a browser, and consent may return to them.
    pub panel_origins: Vec<String>,
    /// Which Okta orgs may be connected.
    pub okta: OktaSection,
    /// The engine's times.
    pub engine: EngineSection,
    /// Who gets `/metrics`.
    pub metrics: MetricsSection,
    /// Identity providers whose tokens are accepted.
    pub oidc: Vec<Issuer>,
    /// What callers of the API may ask for.
    pub limits: LimitsSection,
    /// Documents that the operator trusts.
    pub trusted_documents: TrustedDocumentsSection,
    /// Whether GraphiQL is served; null: it is, unless only trusted documents are run.
    pub graphiql: Option<bool>,
}

/// Documents that clients may name by their SHA-256 instead of sending them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrustedDocumentsSection {
    /// JSON files that the builds of the panels write; read at the start.
    pub manifests: Vec<PathBuf>,
    /// Whether documents that are in no manifest are refused, introspection and GraphiQL's with them.
    pub only: bool,
}

/// What callers of the API may ask for. Each limit is exceeded by one more than it says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSection {
    /// Operations that one person may send in a minute, with all tokens together; as many may come at once.
    pub requests_per_minute: u32,
    /// Queries and mutations of one person at once.
    pub concurrent_requests_per_caller: usize,
    /// WebSocket connections and event streams of one person at once.
    pub streams_per_caller: usize,
    /// WebSocket connections and event streams of everybody at once.
    pub streams: usize,
    /// Operations on one WebSocket connection at once.
    pub operations_per_socket: usize,
    /// Seconds that a query or mutation may take.
    pub execution_seconds: u64,
    /// Bytes of a request's body, and of a message on a WebSocket.
    pub body_bytes: usize,
    /// Bytes of a document.
    pub document_bytes: usize,
    /// Names, punctuators, numbers and strings of a document.
    pub tokens: usize,
    /// Levels of fields.
    pub depth: usize,
    /// Fields, those of a list as often as it may have items.
    pub complexity: usize,
    /// Fields of the root of an operation.
    pub root_fields: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Directives in a document.
    pub directives: usize,
    /// Fragment spreads in a document, with and without a name.
    pub fragment_spreads: usize,
}

impl Default for LimitsSection {
    fn default() -> Self {
        Self {
            requests_per_minute: 3_000,
            concurrent_requests_per_caller: 20,
            streams_per_caller: 50,
            streams: 1_000,
            operations_per_socket: 50,
            execution_seconds: 30,
            body_bytes: 256 * 1024,
            document_bytes: 64 * 1024,
            tokens: 8_000,
            depth: 15,
            complexity: 5_000,
            root_fields: 30,
            aliases: 50,
            directives: 100,
            fragment_spreads: 200,
        }
    }
}

impl LimitsSection {
    /// Against the highest that each may be set to: what the server is built and tested for.
    fn checked(&self) -> impl Iterator<Item = Result<(), ConfigError>> {
        let sizes = [
            (
                "concurrent_requests_per_caller",
                self.concurrent_requests_per_caller,
                1_000,
            ),
            ("streams_per_caller", self.streams_per_caller, 10_000),
            ("streams", self.streams, 100_000),
            ("operations_per_socket", self.operations_per_socket, 1_000),
            ("body_bytes", self.body_bytes, 16 * 1024 * 1024),
            ("document_bytes", self.document_bytes, 1024 * 1024),
            ("tokens", self.tokens, 100_000),
            ("depth", self.depth, 25),
            ("complexity", self.complexity, 100_000),
            ("root_fields", self.root_fields, 1_000),
            ("aliases", self.aliases, 1_000),
            ("directives", self.directives, 1_000),
            ("fragment_spreads", self.fragment_spreads, 2_000),
        ]
        .map(|(name, value, max)| (name, u64::try_from(value).unwrap_or(u64::MAX), max));
        let rate = u64::from(self.requests_per_minute);
        let others = [
            ("requests_per_minute", rate, 10_000_000),
            ("execution_seconds", self.execution_seconds, 600),
        ];
        let all = sizes.into_iter().chain(others);
        all.map(|(name, value, max)| check_range("limits", name, 1, max, value))
    }
}

/// Who gets `/metrics`. Without either setting it is served on `listen` to this machine alone, and not at all once `public_url` is set or `listen`
/// is not loopback.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsSection {
    /// An address of its own, instead of `listen`.
    pub listen: Option<SocketAddr>,
    /// Whoever sends it as a bearer token gets the figures.
    pub token: Option<SecretString>,
}

/// Which Okta orgs may be connected.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OktaSection {
    /// Custom domains of Okta orgs besides Okta's own, such as `login.example.com`.
    pub extra_domains: Vec<String>,
    /// Whether an Okta org may be on this machine, in clear text, as the sandbox is. For trying things out: whoever may configure apps can then
    /// have this server call whatever listens here.
    pub on_loopback: bool,
}

/// How certain the engine wants to be about answers that were lost (design §3).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineSection {
    /// Seconds between two readings that together prove that a request had no effect.
    pub negative_gap_seconds: u64,
    /// Seconds after sending before a reading may count as the second of them.
    pub negative_after_seconds: u64,
    /// Seconds after which an account is read once more when a request was given up or a lease taken over.
    pub recheck_after_seconds: u64,
    /// Seconds for which a process may be silent before another takes its apps over (PostgreSQL).
    pub lease_seconds: u64,
}

impl Default for EngineSection {
    fn default() -> Self {
        Self {
            negative_gap_seconds: 10,
            negative_after_seconds: 75,
            recheck_after_seconds: 90,
            lease_seconds: 15,
        }
    }
}

impl ConfigFile {
    /// Reads the file; without one, the defaults.
    ///
    /// # Errors
    /// When it cannot be read or is not valid.
    pub fn read(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let invalid = |message| ConfigError::Invalid {
            path: path.to_owned(),
            message,
        };
        let document =
            toml::Deserializer::parse(&text).map_err(|e| invalid(complaint(&text, &e)))?;
        serde_path_to_error::deserialize(document).map_err(|e| {
            let complaint = complaint(&text, e.inner());
            match e.path().iter().next() {
                Some(_) => invalid(format!("{}: {complaint}", e.path())),
                None => invalid(complaint),
            }
        })
    }
}

/// What is wrong and on which line, without the line itself: it may hold a password.
fn complaint(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    match before.map(|before| before.lines().count().max(1)) {
        Some(line) => format!("{}, near line {line}", error.message()),
        None => error.message().to_owned(),
    }
}

/// The configuration in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Directory for the database file and the keys.
    pub data_dir: PathBuf,
    /// PostgreSQL, or SQLite when there is none.
    pub database_url: Option<SecretString>,
    /// Where browsers reach this server; null means the address it listens on.
    pub public_url: Option<Url>,
    /// Origins of the admin panels.
    pub panel_origins: Vec<String>,
    /// Custom domains of Okta orgs.
    pub okta_extra_domains: Vec<String>,
    /// Whether an Okta org may be on this machine, in clear text: the sandbox.
    pub okta_on_loopback: bool,
    /// The engine's times.
    pub engine: EngineSection,
    /// Who gets `/metrics`.
    pub metrics: MetricsSection,
    /// Identity providers whose tokens are accepted.
    pub oidc: Vec<Issuer>,
    /// What callers of the API may ask for.
    pub limits: LimitsSection,
    /// Documents that the operator trusts.
    pub trusted_documents: TrustedDocumentsSection,
    /// Whether GraphiQL is served. It gives nothing away without a token.
    pub graphiql: bool,
    /// A token with which GraphiQL opens signed in. Only `demo` gives one.
    pub graphiql_token: Option<SecretString>,
}

impl Config {
    /// The defaults, with state in `data_dir`.
    #[must_use]
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            listen: DEFAULT_LISTEN,
            data_dir,
            database_url: None,
            public_url: None,
            panel_origins: Vec::new(),
            okta_extra_domains: Vec::new(),
            okta_on_loopback: false,
            engine: EngineSection::default(),
            metrics: MetricsSection::default(),
            oidc: Vec::new(),
            limits: LimitsSection::default(),
            trusted_documents: TrustedDocumentsSection::default(),
            graphiql: true,
            graphiql_token: None,
        }
    }

    /// What the file says, over the defaults.
    #[must_use]
    pub fn from_file(file: ConfigFile) -> Self {
        let mut config = Self::new(
            file.data_dir
                .unwrap_or_else(|| PathBuf::from(DEFAULT_DATA_DIR)),
        );
        config.listen = file.listen.unwrap_or(DEFAULT_LISTEN);
        config.database_url = file.database_url;
        config.public_url = file.public_url;
        config.panel_origins = file.panel_origins;
        config.okta_extra_domains = file.okta.extra_domains;
        config.okta_on_loopback = file.okta.on_loopback;
        config.engine = file.engine;
        config.metrics = file.metrics;
        config.oidc = file.oidc;
        config.limits = file.limits;
        config.graphiql = file.graphiql.unwrap_or(!file.trusted_documents.only);
        config.trusted_documents = file.trusted_documents;
        config
    }

    /// Where browsers reach the server: `public_url`, or else the address that it listens on.
    ///
    /// # Errors
    /// When no URL can be made of the address.
    pub fn browser_url(&self) -> Result<Url, ConfigError> {
        if let Some(url) = &self.public_url {
            return Ok(url.clone());
        }
        let port = self.listen.port();
        let text = match self.listen.ip() {
            ip if ip.is_unspecified() => format!("http://localhost:{port}/"),
            std::net::IpAddr::V4(ip) => format!("http://{ip}:{port}/"),
            std::net::IpAddr::V6(ip) => format!("http://[{ip}]:{port}/"),
        };
        text.parse().map_err(|_| ConfigError::Listen(self.listen))
    }

    /// Refuses what would not work or would not be safe.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn check(&self) -> Result<(), ConfigError> {
        match self.faults().into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }

    /// Everything that would not work or would not be safe, whatever the rest says.
    #[must_use]
    pub fn faults(&self) -> Vec<ConfigError> {
        let public_url = self.public_url.as_ref().map(check_public_url);
        let database = self.database_url.as_ref();
        let database = database.map(|url| check_database_url(url.expose_secret()));
        let metrics = check_metrics(&self.metrics);
        let mut checked: Vec<_> = public_url.into_iter().chain(database).collect();
        checked.extend(self.panel_origins.iter().map(|origin| check_origin(origin)));
        checked.push(metrics);
        checked.extend(check_trusted(&self.trusted_documents, self.graphiql));
        checked.extend(self.limits.checked());
        let engine = &self.engine;
        for (name, min, max, value) in [
            ("negative_gap_seconds", 1, 600, engine.negative_gap_seconds),
            (
                "negative_after_seconds",
                1,
                3600,
                engine.negative_after_seconds,
            ),
            (
                "recheck_after_seconds",
                1,
                3600,
                engine.recheck_after_seconds,
            ),
            ("lease_seconds", 5, 600, engine.lease_seconds),
        ] {
            checked.push(check_range("engine", name, min, max, value));
        }
        let faults = checked.into_iter().filter_map(Result::err);
        faults.chain(oidc::faults(&self.oidc)).collect()
    }
}

fn check_public_url(url: &Url) -> Result<(), ConfigError> {
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    if !bare || url.host_str().is_none() || !matches!(url.scheme(), "http" | "https") {
        return Err(ConfigError::PublicUrl(url.clone()));
    }
    if url.scheme() == "http" && !is_loopback(url) {
        return Err(ConfigError::PublicUrlNotHttps(url.clone()));
    }
    Ok(())
}

/// SQLite is had by leaving the URL out.
fn check_database_url(url: &str) -> Result<(), ConfigError> {
    let known = |url: Url| matches!(url.scheme(), "postgres" | "postgresql");
    if Url::parse(url).is_ok_and(known) {
        Ok(())
    } else {
        Err(ConfigError::DatabaseUrl)
    }
}

/// A token that can be guessed is none.
const LEAST_TOKEN: usize = 16;

fn check_metrics(metrics: &MetricsSection) -> Result<(), ConfigError> {
    if let Some(token) = &metrics.token
        && token.expose_secret().len() < LEAST_TOKEN
    {
        return Err(ConfigError::MetricsToken);
    }
    match metrics.listen {
        Some(listen) if !listen.ip().is_loopback() && metrics.token.is_none() => {
            Err(ConfigError::MetricsOpen(listen))
        }
        _ => Ok(()),
    }
}

fn check_trusted(
    trusted: &TrustedDocumentsSection,
    graphiql: bool,
) -> [Result<(), ConfigError>; 2] {
    let nothing = trusted.only && trusted.manifests.is_empty();
    let useless = trusted.only && graphiql;
    [
        if nothing {
            Err(ConfigError::NothingTrusted)
        } else {
            Ok(())
        },
        if useless {
            Err(ConfigError::GraphiqlUntrusted)
        } else {
            Ok(())
        },
    ]
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn check_origin(origin: &str) -> Result<(), ConfigError> {
    let same = Url::parse(origin)
        .is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == origin);
    if same {
        Ok(())
    } else {
        Err(ConfigError::PanelOrigin(origin.to_owned()))
    }
}

fn check_range(
    section: &'static str,
    name: &'static str,
    min: u64,
    max: u64,
    value: u64,
) -> Result<(), ConfigError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(ConfigError::OutOfRange {
            section,
            name,
            min,
            max,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, ConfigFile};

    fn checked(toml: &str) -> Result<(), String> {
        let file: ConfigFile = toml::from_str(toml).map_err(|e| e.message().to_owned())?;
        Config::from_file(file).check().map_err(|e| e.to_string())
    }

    #[test]
    fn an_empty_file_and_a_full_one_are_accepted() {
        checked("").unwrap();
        checked(
            r#"
            listen = "0.0.0.0:80"
            public_url = "https://provisioner.example.com"
            panel_origins = ["https://panel.example.com", "http://localhost:3000"]
            [okta]
            extra_domains = ["login.example.com"]
            [engine]
            lease_seconds = 5
            [metrics]
            listen = "0.0.0.0:9464"
            token = "0123456789abcdef"
            "#,
        )
        .unwrap();
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (toml, part) in [
            ("lisen = \"127.0.0.1:1\"", "unknown field `lisen`"),
            (
                "public_url = \"http://provisioner.example.com\"",
                "must be https",
            ),
            ("public_url = \"https://example.com/path\"", "no path"),
            (
                "panel_origins = [\"https://panel.example.com/\"]",
                "panel_origins",
            ),
            ("panel_origins = [\"*\"]", "panel_origins"),
            ("[engine]\nlease_seconds = 4", "between 5 and 600"),
            (
                "[limits]\ndepth = 26",
                "limits.depth must be between 1 and 25",
            ),
            ("[limits]\nrequests_per_minute = 0", "between 1 and"),
            ("[trusted_documents]\nonly = true", "must name a file"),
            (
                "graphiql = true\n[trusted_documents]\nonly = true\nmanifests = [\"panel.json\"]",
                "graphiql cannot be true",
            ),
            ("[metrics]\nlisten = \"0.0.0.0:9464\"", "set metrics.token"),
            ("[metrics]\ntoken = \"hidden\"", "16 characters"),
            ("database_url = \"\"", "postgres://"),
            ("database_url = \"mysql://u:hidden@h/d\"", "it is not shown"),
            (
                "database_url = \"postgres://u:hidden@h:port/d\"",
                "it is not shown",
            ),
        ] {
            let message = checked(toml).unwrap_err();
            assert!(message.contains(part), "{toml}: {message}");
            assert!(!message.contains("hidden"), "{message}");
        }
    }
}
