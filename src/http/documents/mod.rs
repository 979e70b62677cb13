//! Documents that a client names by their SHA-256 instead of sending them: those of a manifest, which the operator trusts, and those that a client
//! sent once before (automatic persisted queries).
//!
//! A digest names one text and no other, so what one caller registered can serve another.

mod manifest;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use sha2::{Digest as _, Sha256};

pub use manifest::{ManifestError, TrustedDocuments};

use super::graphql::Wanted;
use crate::graphql::error::Code;

/// Text that is remembered of all callers together, in bytes.
const REMEMBERED_BYTES: u64 = 16 * 1024 * 1024;
/// What nobody has named for so long is forgotten; its client sends it once more.
const REMEMBERED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The SHA-256 of a document's text in UTF-8.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(crate) struct DocumentId([u8; 32]);

impl DocumentId {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    pub fn parse(digits: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A document that may be run, if it is one.
#[derive(Debug)]
pub(crate) struct Found {
    /// The document.
    pub text: Arc<str>,
    /// To be remembered under this name once it has turned out to be sound.
    pub register: Option<DocumentId>,
}

/// Why there is no document to run.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum NoDocument {
    /// Nothing is known under this name.
    Unknown,
    /// The text has another SHA-256 than was named.
    Mismatch,
    /// Only documents of the manifest are run here.
    Untrusted,
}

impl NoDocument {
    /// The code for the client.
    pub fn code(&self) -> Code {
        match self {
            Self::Unknown => Code::PersistedQueryNotFound,
            Self::Mismatch => Code::BadUserInput,
            Self::Untrusted => Code::DocumentNotTrusted,
        }
    }

    /// The sentence for the client. Apollo's clients know the first by its text.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Unknown => "PersistedQueryNotFound",
            Self::Mismatch => "The document's SHA-256 is not the one that was named.",
            Self::Untrusted => "This server runs only the documents of its manifest.",
        }
    }
}

/// All documents that have a name here.
pub(crate) struct Documents {
    trusted: TrustedDocuments,
    /// Null when only trusted ones are run.
    remembered: Option<Cache<DocumentId, Arc<str>>>,
}

impl Documents {
    /// Those of the manifest and, unless `only_trusted`, those that will be registered.
    pub fn new(trusted: TrustedDocuments, only_trusted: bool) -> Self {
        let weight =
            |_: &DocumentId, text: &Arc<str>| u32::try_from(text.len() + 100).unwrap_or(u32::MAX);
        let remembered = (!only_trusted).then(|| {
            Cache::builder()
                .weigher(weight)
                .max_capacity(REMEMBERED_BYTES)
                .time_to_idle(REMEMBERED_FOR)
                .build()
        });
        Self {
            trusted,
            remembered,
        }
    }

    /// The document that a request wants.
    ///
    /// # Errors
    /// When it may not be run, or is not known.
    pub async fn find(&self, wanted: Wanted) -> Result<Found, NoDocument> {
        let (text, named) = match wanted {
            Wanted::Named(id) => {
                return self.known(id).await.map(|text| Found {
                    text,
                    register: None,
                });
            }
            Wanted::Foreign if self.remembered.is_none() => return Err(NoDocument::Untrusted),
            Wanted::Foreign => return Err(NoDocument::Unknown),
            Wanted::Text(text) => (text, None),
            Wanted::Both(text, id) => (text, Some(id)),
        };
        if self.remembered.is_some() && named.is_none() {
            return Ok(Found {
                text: text.into(),
                register: None,
            });
        }
        let id = DocumentId::of(&text);
        if named.is_some_and(|named| named != id) {
            return Err(NoDocument::Mismatch);
        }
        if self.remembered.is_none() && self.trusted.get(id).is_none() {
            tracing::info!(sha256 = %id, "a document that is not in the manifest was refused");
            return Err(NoDocument::Untrusted);
        }
        Ok(Found {
            text: text.into(),
            register: named,
        })
    }

    async fn known(&self, id: DocumentId) -> Result<Arc<str>, NoDocument> {
        if let Some(text) = self.trusted.get(id) {
            return Ok(Arc::clone(text));
        }
        match &self.remembered {
            Some(remembered) => remembered.get(&id).await.ok_or(NoDocument::Unknown),
            None => {
                tracing::info!(sha256 = %id, "a document that is not in the manifest was asked for");
                Err(NoDocument::Untrusted)
            }
        }
    }

    /// Remembers a document under its name.
    pub async fn register(&self, id: DocumentId, text: &Arc<str>) {
        if let Some(remembered) = &self.remembered
            && self.trusted.get(id).is_none()
        {
            remembered.insert(id, Arc::clone(text)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_64_hexadecimal_digits() {
        let id = DocumentId::of("{ __typename }");
        let digits = id.to_string();
        assert_eq!(DocumentId::parse(&digits), Some(id));
        assert_eq!(DocumentId::parse(&digits.to_uppercase()), Some(id));
        let almost = format!("{}g", digits.get(1..).unwrap());
        for bad in ["", "abc", &almost, &format!("{digits}0"), &"é".repeat(32)] {
            assert_eq!(DocumentId::parse(bad), None, "{bad}");
        }
    }
}
