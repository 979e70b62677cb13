//! The client of one org.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::address::AddressPolicy;
use crate::auth::Auth;
use crate::call::Call;
use crate::oauth::{OAuthApp, OrgAuthServer};
use crate::origin::Origin;
use crate::roles::Roles;
use crate::schema::Schemas;
use crate::transport::{Caller, Transport};
use crate::users::Users;

/// Speaks to one Okta org. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    transport: Arc<Transport>,
}

/// How much and how long a client puts up with.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest body read, in bytes. A page of 200 users with rich profiles stays below 2 MiB, and eight that are too large at a time fit into 64.
    pub max_body: usize,
    /// Name lookup, TCP and TLS together.
    pub connect_timeout: Duration,
    /// Longest silence within an answer.
    pub read_timeout: Duration,
    /// The whole exchange, so that an answer cannot trickle in for ever: what does not come within twenty seconds does not come.
    pub total_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body: 4 << 20,
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(15),
            total_timeout: Duration::from_secs(18),
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The base URL has no host.
    #[error("the base URL has no host")]
    NoHost,
    /// Not `https`, and not `http` on loopback with permission.
    #[error("the base URL must be https")]
    HttpsRequired,
    /// An address instead of a name.
    #[error("the base URL must name its host, not number it")]
    IpAddress,
    /// A user name or password in the base URL.
    #[error("the base URL must not contain a user name or password")]
    UserInfo,
    /// A path, query or fragment in the base URL.
    #[error("the base URL must not contain a path or query")]
    PathOrQuery,
    /// The HTTP stack could not be set up.
    #[error("cannot set up HTTP")]
    Http(#[source] reqwest::Error),
}

/// Settings of a client to be.
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    base_url: Url,
    loopback_http: bool,
    pub(crate) address_policy: AddressPolicy,
    pub(crate) limits: Limits,
    pub(crate) user_agent: String,
    pub(crate) observer: Option<Arc<dyn Observer>>,
}

/// Is told of every request once it is answered or given up, for statistics.
pub trait Observer: fmt::Debug + Send + Sync {
    /// `status` is `None` when no answer came. Whether a success can be read is not known yet.
    fn observed(&self, call: Call, status: Option<u16>, took: Duration);
}

impl ClientBuilder {
    /// Whether this machine may be the org, over plain `http` too: for development. Default: no.
    #[must_use]
    pub fn allow_loopback_http(mut self, allow: bool) -> Self {
        self.loopback_http = allow;
        self
    }

    /// Which addresses the host may resolve to. Default: public ones.
    #[must_use]
    pub fn address_policy(mut self, policy: AddressPolicy) -> Self {
        self.address_policy = policy;
        self
    }

    /// Replaces the default limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The `User-Agent`, which shows up in Okta's system log.
    #[must_use]
    pub fn user_agent(mut self, name: &str) -> Self {
        name.clone_into(&mut self.user_agent);
        self
    }

    /// Whom to tell of every request. Default: nobody.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Builds the client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the base URL is more or less than an acceptable origin, or if TLS cannot be set up.
    pub fn build(self) -> Result<Client, BuildError> {
        let origin = Origin::new(self.base_url.clone(), self.loopback_http)?;
        let transport = Transport::new(origin, &self, self.loopback_http)?;
        Ok(Client {
            transport: Arc::new(transport),
        })
    }
}

impl Client {
    /// Starts a client for the org at `base_url`, for example `https://acme.okta.com`.
    #[must_use]
    pub fn builder(base_url: Url) -> ClientBuilder {
        ClientBuilder {
            base_url,
            loopback_http: false,
            address_policy: AddressPolicy::default(),
            limits: Limits::default(),
            user_agent: concat!("okta-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            observer: None,
        }
    }

    /// The org's URL, normalised.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        self.transport.origin().base()
    }

    /// Users and their lifecycle.
    #[must_use]
    pub fn users<'a>(&'a self, auth: &'a Auth) -> Users<'a> {
        Users::new(self.caller(auth))
    }

    /// Administrator roles.
    #[must_use]
    pub fn roles<'a>(&'a self, auth: &'a Auth) -> Roles<'a> {
        Roles::new(self.caller(auth))
    }

    /// The org's schemas.
    #[must_use]
    pub fn schemas<'a>(&'a self, auth: &'a Auth) -> Schemas<'a> {
        Schemas::new(self.caller(auth))
    }

    /// The org authorization server, as seen by `app`.
    #[must_use]
    pub fn oauth(&self, app: OAuthApp) -> OrgAuthServer {
        OrgAuthServer::new(Arc::clone(&self.transport), app)
    }

    fn caller<'a>(&'a self, auth: &'a Auth) -> Caller<'a> {
        Caller {
            transport: &self.transport,
            auth,
        }
    }
}
