//! What is kept of a journey between its steps, and in what form.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;
use uuid::Uuid;

use super::Row;
use crate::crypto::Place;
use crate::service::{Error, Result, Services};

/// What is needed again at the return, sealed meanwhile.
pub(super) struct Kept {
    /// The address in Okta.
    pub(super) url: Url,
    /// Must be in the ID token.
    pub(super) nonce: SecretString,
    /// Goes with the code.
    pub(super) pkce_verifier: SecretString,
    /// The connection's version: an administrator's change since then ends the journey.
    pub(super) version: i64,
}

#[derive(Serialize, Deserialize)]
struct Document {
    url: Url,
    nonce: String,
    verifier: String,
    version: i64,
}

fn place(organization: Uuid, id: Uuid) -> Place<'static> {
    Place {
        organization,
        table: "okta_authorization",
        column: "verifier_sealed",
        row: id,
    }
}

impl Kept {
    /// # Errors
    /// When it cannot be sealed.
    pub(super) fn seal(
        &self,
        services: &Services,
        organization: Uuid,
        id: Uuid,
    ) -> Result<Vec<u8>> {
        let document = Document {
            url: self.url.clone(),
            nonce: self.nonce.expose_secret().to_owned(),
            verifier: self.pkce_verifier.expose_secret().to_owned(),
            version: self.version,
        };
        let json = serde_json::to_string(&document).map_err(|e| Error::Internal(e.to_string()))?;
        let sealed = services
            .sealer
            .seal(&SecretString::from(json), place(organization, id));
        Ok(sealed?)
    }

    /// # Errors
    /// When it does not open.
    pub(super) fn open(services: &Services, journey: &Row) -> Result<Self> {
        let place = place(journey.organization_id, journey.id);
        let json = services.sealer.open(&journey.verifier_sealed, place)?;
        let document: Document = serde_json::from_str(json.expose_secret())
            .map_err(|_| Error::Internal("what is kept of a journey is not readable".to_owned()))?;
        Ok(Self {
            url: document.url,
            nonce: document.nonce.into(),
            pkce_verifier: document.verifier.into(),
            version: document.version,
        })
    }
}

/// How a secret of a journey is stored.
pub(super) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Names the journey among the cookies of one browser, so that several can be under way in it; known to the state's holder alone.
pub(super) fn label(state_hash: &[u8]) -> String {
    state_hash
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Whether the browser is the one that the journey was bound to.
pub(super) fn is_bound(journey: &Row, presented: &super::Presented) -> bool {
    let brought = presented.get(&label(&journey.state_hash));
    match (&journey.cookie_hash, brought) {
        (Some(bound), Some(secret)) => hash(secret).ct_eq(bound).into(),
        _ => false,
    }
}
