//! Entering domain, client id and client secret.
//!
//! Another domain or client is another connection: the old one is archived with its links, everybody is matched anew, and nobody's account is
//! touched by it.

use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::entered::{Checked, Entered};
use super::{OktaOrg, Row, hold_app, host, of_app, publish};
use crate::crypto::Place;
use crate::random;
use crate::service::tokens::{self, CLIENT_SECRET};
use crate::service::{Error, Result, Services, UserError, UserErrorCode, Viewer};
use crate::store::audit::{self, Entry};
use crate::store::generations::{self, Scope};
use crate::store::okta_orgs::Credentials;
use crate::store::okta_tokens::Secrets;
use crate::store::{self, Tx, archived_links, okta_orgs, okta_tokens, operations};

/// What came of it.
enum Done {
    Nothing,
    /// The connection has credentials, or other ones; tokens stay.
    Entered,
    /// Another connection took over from one whose grant is still to be ended.
    Replaced(Option<Box<Secrets>>),
}

/// Configures the connection of an app.
///
/// # Errors
/// `Forbidden` without the right to configure; `Refused` with one refusal per fault.
pub async fn configure(
    services: &Services,
    viewer: &Viewer,
    app: Uuid,
    entered: &Entered,
) -> Result<OktaOrg> {
    viewer.require_configure()?;
    let organization = viewer.organization_id;
    let done = services
        .store
        .transaction(async |tx| {
            hold_app(&tx, viewer, app).await?;
            let current = okta_orgs::of_app_locked(&tx, organization, app).await?;
            let checked = entered.check(&services.config.okta_domains, current.as_ref())?;
            let change = Change {
                services,
                viewer,
                tx: &tx,
                app,
                now: services.clock.now_ms(),
            };
            change.apply(current.as_ref(), &checked).await
        })
        .await?;
    match done {
        Done::Nothing => {}
        Done::Entered => publish(services, organization, app, false),
        Done::Replaced(old) => {
            publish(services, organization, app, true);
            if let Some(old) = old {
                tokens::end_grant(services, &old).await;
            }
        }
    }
    of_app(services, viewer, app).await
}

struct Change<'a> {
    services: &'a Services,
    viewer: &'a Viewer,
    tx: &'a Tx,
    app: Uuid,
    now: i64,
}

impl Change<'_> {
    async fn apply(&self, current: Option<&Row>, new: &Checked) -> Result<Done> {
        match (current, &new.client_secret) {
            (Some(row), None) if new.is_same_client(row) => Ok(Done::Nothing),
            (Some(row), Some(secret)) if new.is_same_client(row) => {
                let sealed = self.sealed(row.id, secret)?;
                okta_orgs::set_secret(self.tx, row.id, sealed, self.now).await?;
                self.record("oktaOrg.setSecret", json!({})).await?;
                Ok(Done::Entered)
            }
            (_, None) => Err(Error::Internal("a new client without a secret".to_owned())),
            (row, Some(secret)) => {
                self.refuse_taken(new).await?;
                match row {
                    Some(row) if row.status.is_configured() => self.replace(row, new, secret).await,
                    row => self.enter_first(row, new, secret).await,
                }
            }
        }
    }

    async fn enter_first(
        &self,
        row: Option<&Row>,
        new: &Checked,
        secret: &SecretString,
    ) -> Result<Done> {
        let id = row.map_or_else(random::new_id, |row| row.id);
        let credentials = self.credentials(id, new, secret)?;
        let entered = match row {
            Some(_) => okta_orgs::configure(self.tx, id, &credentials, self.now).await,
            None => self.insert(id, &credentials).await,
        };
        entered.map_err(taken_meanwhile)?;
        let detail = json!({ "domain": host(&new.base_url), "clientId": new.client_id });
        self.record("oktaOrg.configure", detail).await?;
        Ok(Done::Entered)
    }

    async fn replace(&self, old: &Row, new: &Checked, secret: &SecretString) -> Result<Done> {
        let organization = self.viewer.organization_id;
        let secrets = okta_tokens::find(self.tx, organization, old.id).await?;
        okta_orgs::archive(self.tx, old.id, self.now).await?;
        let (tx, app, now) = (self.tx, self.app, self.now);
        let links = archived_links::archive(tx, organization, app, old.id, now).await?;
        let open = operations::abandon_all(tx, old.id, now).await?;
        audit::record_all(tx, open.iter().map(|row| self.abandoned(row)).collect()).await?;
        let id = random::new_id();
        let credentials = self.credentials(id, new, secret)?;
        self.insert(id, &credentials)
            .await
            .map_err(taken_meanwhile)?;
        generations::raise(tx, organization, &Scope::App(app), false, now).await?;
        let detail = json!({
            "domain": { "from": old.base_url.as_ref().map(host), "to": host(&new.base_url) },
            "clientId": { "from": old.client_id, "to": new.client_id },
            "archivedLinks": links,
        });
        self.record("oktaOrg.replace", detail).await?;
        Ok(Done::Replaced(secrets.map(Box::new)))
    }

    async fn insert(&self, id: Uuid, credentials: &Credentials) -> store::Result<()> {
        let (organization, now) = (self.viewer.organization_id, self.now);
        okta_orgs::insert(self.tx, id, organization, self.app, Some(credentials), now).await
    }

    /// Two apps of one organisation on one Okta org would undo each other's work.
    async fn refuse_taken(&self, new: &Checked) -> Result<()> {
        let organization = self.viewer.organization_id;
        let other = okta_orgs::to_org(self.tx, organization, &new.base_url).await?;
        match other.filter(|other| other.app_id != self.app) {
            Some(_) => Err(taken().into()),
            None => Ok(()),
        }
    }

    fn credentials(&self, id: Uuid, new: &Checked, secret: &SecretString) -> Result<Credentials> {
        Ok(Credentials {
            base_url: new.base_url.clone(),
            client_id: new.client_id.clone(),
            client_secret_sealed: self.sealed(id, secret)?,
        })
    }

    fn sealed(&self, id: Uuid, secret: &SecretString) -> Result<Vec<u8>> {
        let place = Place {
            organization: self.viewer.organization_id,
            table: "okta_org",
            column: CLIENT_SECRET,
            row: id,
        };
        Ok(self.services.sealer.seal(secret, place)?)
    }

    /// A call that was under way to the old org; whether it had an effect there is not found out any more.
    fn abandoned(&self, row: &operations::Row) -> Entry {
        let actor = self.viewer.actor();
        let mut entry = Entry::new(row.organization_id, self.now, actor, "operation.abandon")
            .app(row.app_id)
            .user(row.user_id)
            .detail(json!({ "kind": row.kind, "reason": "CONNECTION_CHANGED" }));
        entry.account = Some(row.account_id);
        entry.operation = Some(row.id);
        entry
    }

    async fn record(&self, action: &'static str, detail: serde_json::Value) -> Result<()> {
        let actor = self.viewer.actor();
        let entry = Entry::new(self.viewer.organization_id, self.now, actor, action)
            .app(self.app)
            .detail(detail);
        Ok(audit::record(self.tx, entry).await?)
    }
}

fn taken() -> UserError {
    let sentence = "Another app of your organisation is connected to this Okta org.";
    UserError::new(UserErrorCode::AlreadyExists, sentence).at(["domain"])
}

fn taken_meanwhile(error: store::Error) -> Error {
    match error {
        store::Error::Duplicate(_) => taken().into(),
        other => other.into(),
    }
}
