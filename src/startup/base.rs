//! What every command needs: the database, the keys and the use cases, without serving.

use std::sync::Arc;

use okta_client::DomainPolicy;
use secrecy::{ExposeSecret as _, SecretString};

use super::StartupError;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::crypto::Sealer;
use crate::data_dir::DataDir;
use crate::engine::clients::OktaClients;
use crate::keys::SigningKey;
use crate::metrics::Metrics;
use crate::service::audit_chain::{self, Verdict};
use crate::service::bootstrap::{self, Initialized, Refusal};
use crate::service::{self, Events, ServiceConfig, Services, Work, oidc, provisioning_pause};
use crate::store::{self, Store};

/// The database, the keys and the use cases.
#[derive(Clone, Debug)]
pub struct Base {
    /// The use cases.
    pub services: Services,
    /// The key that signs bearer tokens.
    pub signing_key: Arc<SigningKey>,
    /// The data directory.
    pub data_dir: DataDir,
    /// Okta clients, shared by use cases and engine.
    pub okta: Arc<OktaClients>,
}

impl Base {
    /// Opens everything, and makes what is not there yet.
    ///
    /// # Errors
    /// [`StartupError`], one line each.
    pub async fn open(config: &Config, clock: SharedClock) -> Result<Self, StartupError> {
        config.check()?;
        Self::with(config, DataDir::prepare(&config.data_dir)?, clock).await
    }

    /// Opens what is there; makes no keys and no database.
    ///
    /// # Errors
    /// [`StartupError`], one line each; one of them when nothing ever served from the data directory.
    pub async fn open_existing(config: &Config, clock: SharedClock) -> Result<Self, StartupError> {
        config.check()?;
        Self::with(config, DataDir::existing(&config.data_dir)?, clock).await
    }

    async fn with(
        config: &Config,
        data_dir: DataDir,
        clock: SharedClock,
    ) -> Result<Self, StartupError> {
        let sealer = Sealer::from_key_file(&data_dir.sealing_key())?;
        let signing_key = SigningKey::from_key_file(&data_dir.signing_key())?;
        let metrics = Arc::new(Metrics::new(clock.now_ms()));
        let store = match &config.database_url {
            Some(url) => Store::open_postgres(url.expose_secret(), sealer.audit_key()).await?,
            None => Store::open_sqlite(&data_dir.database(), sealer.audit_key()).await?,
        };
        let store = store.counted_by(metrics.statements());
        let policy = DomainPolicy {
            extra_domains: config.okta_extra_domains.clone(),
            allow_loopback: config.okta_on_loopback,
        };
        let okta = Arc::new(OktaClients::new(policy.clone(), Arc::clone(&metrics)));
        let services = Services {
            store,
            clock,
            sealer: Arc::new(sealer),
            events: Events::default(),
            work: Work::default(),
            okta: Arc::clone(&okta) as _,
            config: Arc::new(ServiceConfig {
                public_url: config.browser_url()?,
                panel_origins: config.panel_origins.clone(),
                okta_domains: policy,
            }),
            refreshes: Arc::default(),
            token_form: signing_key.personal(),
            token_uses: Arc::default(),
            metrics,
        };
        Ok(Self {
            services,
            signing_key: Arc::new(signing_key),
            data_dir,
            okta,
        })
    }

    /// `provisioner init`.
    ///
    /// # Errors
    /// [`Refusal`], one line each.
    pub async fn init(
        &self,
        organization: &str,
        owner_email: &str,
    ) -> Result<Initialized, Refusal> {
        bootstrap::init(&self.services, organization, owner_email).await
    }

    /// `provisioner bootstrap`: a one-time token with which somebody makes an organisation through the API, good for so many hours.
    ///
    /// # Errors
    /// The database's own.
    pub async fn bootstrap(&self, hours: u32) -> Result<SecretString, service::Error> {
        bootstrap::founding::issue(&self.services, hours).await
    }

    /// `provisioner link`: this issuer and subject are this person.
    ///
    /// # Errors
    /// [`Refusal`], one line each.
    pub async fn link(
        &self,
        email: &str,
        organization: Option<&str>,
        identity: (&str, &str),
    ) -> Result<(), Refusal> {
        oidc::link(&self.services, email, organization, identity).await
    }

    /// `provisioner unlink`: ends what ties a person to subjects of identity providers; answers how many there were.
    ///
    /// # Errors
    /// [`Refusal`], one line each.
    pub async fn unlink(&self, email: &str, organization: Option<&str>) -> Result<usize, Refusal> {
        oidc::unlink(&self.services, email, organization).await
    }

    /// `provisioner restored`: pauses every app; answers how many were paused.
    ///
    /// # Errors
    /// The database's own.
    pub async fn restored(&self) -> Result<usize, service::Error> {
        provisioning_pause::restored(&self.services).await
    }

    /// `provisioner audit verify`: what is to be said of each organisation's audit trail. `heads` are links that were noted earlier.
    ///
    /// # Errors
    /// The database's own.
    pub async fn verify_audit(&self, heads: &[Vec<u8>]) -> Result<Vec<Verdict>, store::Error> {
        audit_chain::verify(&self.services.store, heads).await
    }

    /// `provisioner token`: a bearer token for this person, good for so many hours.
    ///
    /// # Errors
    /// [`Refusal`], one line each.
    pub async fn token(
        &self,
        email: &str,
        organization: Option<&str>,
        hours: u32,
    ) -> Result<SecretString, Refusal> {
        bootstrap::token(
            &self.services,
            &self.signing_key,
            email,
            organization,
            hours.saturating_mul(3600),
        )
        .await
    }
}
