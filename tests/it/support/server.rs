//! Interim: the server without the engine.
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use okta_client::DomainPolicy;
use provisioner::clock::SharedClock;
use provisioner::config::Config;
use provisioner::crypto::Sealer;
use provisioner::engine::clients::OktaClients;
use provisioner::graphql::schema;
use provisioner::http::auth::BearerAuth;
use provisioner::http::{self, HttpConfig, HttpState, Readiness, Unready};
use provisioner::keys::SigningKey;
use provisioner::service::bootstrap::{self, Initialized, Refusal};
use provisioner::service::config::ServiceConfig;
use provisioner::service::{Events, Services};
use provisioner::store::Store;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::sync::CancellationToken;

#[derive(Debug)]
pub struct Base {
    pub services: Services,
    pub signing_key: Arc<SigningKey>,
}

impl Base {
    pub async fn init(
        &self,
        organization: &str,
        owner_email: &str,
    ) -> Result<Initialized, Refusal> {
        bootstrap::init(&self.services, organization, owner_email).await
    }
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
            hours * 3600,
        )
        .await
    }
}

#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    pub base: Base,
    shutdown: CancellationToken,
}

impl Server {
    pub async fn stop(self) {
        self.shutdown.cancel();
    }
}

struct Ready;
#[async_trait]
impl Readiness for Ready {
    async fn check(&self) -> Result<(), Unready> {
        Ok(())
    }
}

pub async fn start(
    config: Config,
    clock: SharedClock,
) -> Result<Server, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&config.data_dir)?;
    let listener = tokio::net::TcpListener::bind(config.listen).await?;
    let address = listener.local_addr()?;
    let store = match &config.database_url {
        Some(url) => Store::open_postgres(url.expose_secret()).await?,
        None => Store::open_sqlite(&config.data_dir.join("db.sqlite3")).await?,
    };
    let policy = DomainPolicy {
        extra_domains: Vec::new(),
        allow_loopback: true,
    };
    let services = Services {
        store,
        clock: clock.clone(),
        sealer: Arc::new(Sealer::from_key_file(&config.data_dir.join("sealing.key"))?),
        events: Events::default(),
        work: Arc::default(),
        okta: Arc::new(OktaClients::new(policy.clone())),
        config: Arc::new(ServiceConfig {
            public_url: format!("http://{address}").parse()?,
            panel_origins: Vec::new(),
            okta_domains: policy,
        }),
        refreshes: Arc::default(),
    };
    let key = Arc::new(SigningKey::from_key_file(
        &config.data_dir.join("signing.key"),
    )?);
    let shutdown = CancellationToken::new();
    let auth = Arc::new(BearerAuth::new(services.clone(), Arc::clone(&key)));
    let state = HttpState::new(
        schema::build(services.clone()),
        auth,
        Arc::new(Ready),
        clock,
        HttpConfig::default(),
        shutdown.clone(),
    );
    let router = http::router(state, axum::Router::new());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Ok(Server {
        address,
        base: Base {
            services,
            signing_key: key,
        },
        shutdown,
    })
}
