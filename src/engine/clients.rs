//! Clients of Okta orgs, made once per org and shared: by the engine for its work, and by the use cases through their port.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use okta_client::{
    AdminAssignee, Answer, Attribute, Auth, AuthorizationRequest, Call, Client, Cursor, CustomRole,
    DomainPolicy, Observer, OktaDomain, OrgAuthServer, Page, RoleAssignment, TokenSet, User,
    UserQuery, UserSchema,
};
use secrecy::SecretString;
use url::Url;

use crate::metrics::Metrics;
use crate::service::okta_port::{OktaFault, OktaPort, OrgAccess, OrgApp, UsersAsked};

/// Clients kept at a time; beyond that the store is emptied, which costs a TLS handshake each.
const MAX_CLIENTS: usize = 1_000;
/// Pages that a listing may have; a list that goes on is not believed.
const MAX_PAGES: usize = 100;

/// Makes and keeps a client per org.
#[derive(Debug)]
pub struct OktaClients {
    policy: DomainPolicy,
    observer: Arc<dyn Observer>,
    clients: Mutex<HashMap<Url, Client>>,
}

/// Counts what is asked of Okta.
#[derive(Debug)]
struct Counting(Arc<Metrics>);

impl Observer for Counting {
    fn observed(&self, call: Call, status: Option<u16>, took: Duration) {
        self.0.okta_request(call.name(), status, took);
    }
}

impl OktaClients {
    /// A factory for the orgs that `policy` permits. Every request is counted in `metrics`.
    #[must_use]
    pub fn new(policy: DomainPolicy, metrics: Arc<Metrics>) -> Self {
        Self {
            policy,
            observer: Arc::new(Counting(metrics)),
            clients: Mutex::new(HashMap::new()),
        }
    }

    /// The client of the org at `base_url`. The domain is checked each time, so that a policy made narrower holds for stored connections too.
    ///
    /// # Errors
    /// [`OktaFault::DomainNotAllowed`], or when the HTTP stack cannot be set up.
    pub fn client(&self, base_url: &Url) -> Result<Client, OktaFault> {
        let domain = OktaDomain::parse(base_url.as_str(), &self.policy)
            .map_err(|_| OktaFault::DomainNotAllowed)?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(domain.base_url()) {
            return Ok(client.clone());
        }
        let client = Client::builder(domain.base_url().clone())
            .allow_loopback_http(self.policy.allow_loopback)
            .user_agent(concat!("provisioner/", env!("CARGO_PKG_VERSION")))
            .observer(Arc::clone(&self.observer))
            .build()?;
        if clients.len() >= MAX_CLIENTS {
            clients.clear();
        }
        clients.insert(domain.base_url().clone(), client.clone());
        Ok(client)
    }

    fn server(&self, app: &OrgApp) -> Result<OrgAuthServer, OktaFault> {
        Ok(self.client(&app.base_url)?.oauth(app.app.clone()))
    }

    fn session(&self, org: &OrgAccess) -> Result<(Client, Auth), OktaFault> {
        Ok((self.client(&org.base_url)?, Auth::Bearer(org.token.clone())))
    }
}

#[async_trait]
impl OktaPort for OktaClients {
    fn authorize(&self, app: &OrgApp, scopes: &[&str]) -> Result<AuthorizationRequest, OktaFault> {
        Ok(self.server(app)?.authorize(scopes))
    }

    fn issuer(&self, app: &OrgApp) -> Result<String, OktaFault> {
        Ok(self.server(app)?.issuer().to_owned())
    }

    async fn exchange_code(
        &self,
        app: &OrgApp,
        code: &SecretString,
        pkce_verifier: &SecretString,
    ) -> Result<Answer<TokenSet>, OktaFault> {
        Ok(self.server(app)?.exchange_code(code, pkce_verifier).await?)
    }

    async fn refresh(
        &self,
        app: &OrgApp,
        refresh_token: &SecretString,
    ) -> Result<Answer<TokenSet>, OktaFault> {
        Ok(self.server(app)?.refresh(refresh_token).await?)
    }

    async fn revoke(&self, app: &OrgApp, refresh_token: &SecretString) -> Result<(), OktaFault> {
        self.server(app)?
            .revoke_refresh_token(refresh_token)
            .await?;
        Ok(())
    }

    async fn user_schema(&self, org: &OrgAccess) -> Result<UserSchema, OktaFault> {
        let (client, auth) = self.session(org)?;
        Ok(client.schemas(&auth).default_user().await?.value)
    }

    async fn custom_roles(&self, org: &OrgAccess) -> Result<Vec<CustomRole>, OktaFault> {
        let (client, auth) = self.session(org)?;
        let mut page = client.roles(&auth).custom_roles(None).await?.value;
        let mut all = page.items;
        for _ in 1..MAX_PAGES {
            let Some(next) = page.next.take() else {
                return Ok(all);
            };
            page = client.roles(&auth).custom_roles(Some(&next)).await?.value;
            all.append(&mut page.items);
        }
        complete(all, page.next.is_none())
    }

    async fn admins(&self, org: &OrgAccess) -> Result<Vec<AdminAssignee>, OktaFault> {
        let (client, auth) = self.session(org)?;
        let mut page = client.roles(&auth).admins(None).await?.value;
        let mut all = page.items;
        for _ in 1..MAX_PAGES {
            let Some(next) = page.next.take() else {
                return Ok(all);
            };
            page = client.roles(&auth).admins(Some(&next)).await?.value;
            all.append(&mut page.items);
        }
        complete(all, page.next.is_none())
    }

    async fn admins_page(
        &self,
        org: &OrgAccess,
        next: Option<String>,
    ) -> Result<Answer<Page<AdminAssignee>>, OktaFault> {
        let (client, auth) = self.session(org)?;
        let next = next.map(Cursor::from);
        Ok(client.roles(&auth).admins(next.as_ref()).await?)
    }

    async fn users_page(
        &self,
        org: &OrgAccess,
        asked: &UsersAsked,
    ) -> Result<Answer<Page<User>>, OktaFault> {
        let (client, auth) = self.session(org)?;
        let users = client.users(&auth);
        Ok(match asked {
            UsersAsked::ChangedAfter(time) => {
                let attribute = Attribute::new("lastUpdated")
                    .map_err(|_| OktaFault::Implausible("the name of an attribute"))?;
                users.list(&UserQuery::filter(attribute.gt(*time))).await?
            }
            UsersAsked::Next(link) => users.list_next(&Cursor::from(link.clone())).await?,
        })
    }

    async fn roles_of(
        &self,
        org: &OrgAccess,
        user_id: &str,
    ) -> Result<Vec<RoleAssignment>, OktaFault> {
        let (client, auth) = self.session(org)?;
        Ok(client.roles(&auth).list(user_id).await?.value)
    }

    async fn user(&self, org: &OrgAccess, user_id: &str) -> Result<User, OktaFault> {
        let (client, auth) = self.session(org)?;
        Ok(client.users(&auth).get(user_id).await?.value)
    }
}

/// A list that goes on beyond every bound is not taken for a whole one.
fn complete<T>(all: Vec<T>, at_its_end: bool) -> Result<Vec<T>, OktaFault> {
    if at_its_end {
        Ok(all)
    } else {
        Err(OktaFault::Implausible("a list without an end"))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Metrics, OktaClients};
    use okta_client::DomainPolicy;
    use url::Url;

    #[test]
    fn only_permitted_orgs_get_a_client() {
        let clients = OktaClients::new(DomainPolicy::default(), Arc::new(Metrics::new(0)));
        for (url, permitted) in [
            ("https://acme.okta.com/", true),
            ("https://acme.okta.com.evil.org/", false),
            ("http://127.0.0.1:9090/", false),
            ("https://169.254.169.254/", false),
        ] {
            assert_eq!(
                clients.client(&Url::parse(url).unwrap()).is_ok(),
                permitted,
                "{url}"
            );
        }
    }
}
