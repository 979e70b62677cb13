//! Sealing of the secrets that the database keeps: XChaCha20-Poly1305 under a key file beside it.
//!
//! A sealed value is bound to its place (organisation, table, column, row) and to the key, so that a value moved
//! elsewhere does not open. Layout: version byte, key id (8 bytes), nonce (24 bytes), ciphertext with tag.

use std::path::Path;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::domain::audit_chain::ChainKey;
use crate::{key_file, random};

const VERSION: u8 = 1;
const KEY_ID: usize = 8;
const NONCE: usize = 24;
const HEADER: usize = 1 + KEY_ID + NONCE;

/// The place of a sealed value; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The tenant that owns the row.
    pub organization: Uuid,
    /// Table name.
    pub table: &'a str,
    /// Column name.
    pub column: &'a str,
    /// Primary key of the row.
    pub row: Uuid,
}

impl Place<'_> {
    fn associated_data(&self, key_id: [u8; KEY_ID]) -> Vec<u8> {
        let mut data = vec![VERSION];
        data.extend(key_id);
        data.extend(self.organization.as_bytes());
        data.extend(self.row.as_bytes());
        for name in [self.table, self.column] {
            data.extend((name.len() as u64).to_le_bytes());
            data.extend(name.as_bytes());
        }
        data
    }
}

/// Why a key file or a sealed value was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] key_file::Error),
    /// The value was sealed under another key, for another place, or was changed.
    #[error("a sealed value does not open with this key")]
    DoesNotOpen,
}

/// Seals and opens values.
pub struct Sealer {
    cipher: XChaCha20Poly1305,
    key_id: [u8; KEY_ID],
    audit_key: Arc<ChainKey>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

impl Sealer {
    /// A sealer with this key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        let digest = Sha256::digest(key);
        let mut key_id = [0; KEY_ID];
        key_id.copy_from_slice(&digest[..KEY_ID]);
        Self {
            cipher: XChaCha20Poly1305::new(&key.into()),
            key_id,
            audit_key: Arc::new(ChainKey::derived_from(&key)),
        }
    }

    /// The key of the audit trail. It grows from the sealing key, so that there is no further file to keep and to copy to other machines.
    #[must_use]
    pub fn audit_key(&self) -> Arc<ChainKey> {
        Arc::clone(&self.audit_key)
    }

    /// Reads the key file, or makes it (mode 0600) when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or made, has another length, or others may read it.
    pub fn from_key_file(path: &Path) -> Result<Self, Error> {
        Ok(Self::new(key_file::read_or_create(path)?))
    }

    /// Seals `plain` for `place`.
    ///
    /// # Errors
    /// [`Error::DoesNotOpen`] only if the cipher refuses, which it does for texts beyond 256 GiB.
    pub fn seal(&self, plain: &SecretString, place: Place<'_>) -> Result<Vec<u8>, Error> {
        let nonce = random::bytes::<NONCE>();
        let aad = place.associated_data(self.key_id);
        let payload = Payload {
            msg: plain.expose_secret().as_bytes(),
            aad: &aad,
        };
        let text = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::DoesNotOpen)?;
        Ok([&[VERSION][..], &self.key_id, &nonce, &text].concat())
    }

    /// Opens a value sealed for `place`.
    ///
    /// # Errors
    /// [`Error::DoesNotOpen`] when key, place or bytes differ.
    pub fn open(&self, sealed: &[u8], place: Place<'_>) -> Result<SecretString, Error> {
        let (header, text) = sealed.split_at_checked(HEADER).ok_or(Error::DoesNotOpen)?;
        let nonce: [u8; NONCE] = header[1 + KEY_ID..]
            .try_into()
            .map_err(|_| Error::DoesNotOpen)?;
        if header[0] != VERSION || header[1..=KEY_ID] != self.key_id {
            return Err(Error::DoesNotOpen);
        }
        let aad = place.associated_data(self.key_id);
        let plain = self
            .cipher
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: text,
                    aad: &aad,
                },
            )
            .map_err(|_| Error::DoesNotOpen)?;
        String::from_utf8(plain)
            .map(SecretString::from)
            .map_err(|_| Error::DoesNotOpen)
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Sealer};
    use secrecy::{ExposeSecret as _, SecretString};
    use uuid::Uuid;

    fn place(row: u128, column: &'static str) -> Place<'static> {
        Place {
            organization: Uuid::from_u128(1),
            table: "okta_org",
            column,
            row: Uuid::from_u128(row),
        }
    }

    #[test]
    fn opens_only_in_its_own_place_under_its_own_key() {
        let sealer = Sealer::new([7; 32]);
        let sealed = sealer
            .seal(&SecretString::from("geheim – 秘密"), place(2, "a"))
            .unwrap();
        assert_eq!(
            sealer.open(&sealed, place(2, "a")).unwrap().expose_secret(),
            "geheim – 秘密"
        );
        assert!(sealer.open(&sealed, place(3, "a")).is_err());
        assert!(sealer.open(&sealed, place(2, "b")).is_err());
        assert!(Sealer::new([8; 32]).open(&sealed, place(2, "a")).is_err());
    }

    #[test]
    fn a_changed_or_short_value_does_not_open() {
        let sealer = Sealer::new([7; 32]);
        let sealed = sealer
            .seal(&SecretString::from("x"), place(2, "a"))
            .unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open(&changed, place(2, "a")).is_err(), "byte {at}");
            assert!(
                sealer.open(&sealed[..at], place(2, "a")).is_err(),
                "cut at {at}"
            );
        }
    }
}
