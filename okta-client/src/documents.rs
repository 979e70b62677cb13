//! Public documents of whoever issues tokens: its discovery document and its keys.
//!
//! They are fetched as carefully as Okta is called: by https, never by way of a redirect, never from an address of a private network, and no more than a
//! few seconds and bytes of them. Unlike a [`Client`](crate::Client) this one is not pinned to an origin, since an issuer may keep its keys elsewhere.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, header};
use tokio::time::timeout;
use url::{Host, Url};

use crate::address::AddressPolicy;
use crate::client::{BuildError, Limits};
use crate::error::Error;
use crate::origin::is_loopback;
use crate::transport::{JSON, failure, http_client};

/// A set of keys with their certificates has some 20 KiB; whoever verifies a token waits for it, so it has to come soon.
const LIMITS: Limits = Limits {
    max_body: 256 << 10,
    connect_timeout: Duration::from_secs(3),
    read_timeout: Duration::from_secs(3),
    total_timeout: Duration::from_secs(5),
};

/// Fetches public documents.
#[derive(Clone, Debug)]
pub struct Documents {
    http: reqwest::Client,
    loopback: bool,
}

/// A document that came whole.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it says.
    pub body: Bytes,
    /// For how long it may be kept, if whoever sent it said so (RFC 9111, §5.2.2).
    pub max_age: Option<Duration>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The address is none that may be called; nothing was sent.
    #[error("the address {0} may not be called")]
    NotAllowed(Url),
    /// It leads elsewhere, and is not followed.
    #[error("a redirect, which is not followed")]
    Redirected,
    /// Another status than 200.
    #[error("status {0}")]
    Status(u16),
    /// More than anybody needs.
    #[error("longer than {0} bytes")]
    TooLarge(usize),
    /// No whole answer.
    #[error(transparent)]
    NoAnswer(#[from] Error),
}

impl Documents {
    /// With `loopback`, documents of this machine may be fetched, too, in clear text: for development.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if TLS cannot be set up.
    pub fn new(loopback: bool, user_agent: &str) -> Result<Self, BuildError> {
        let http = http_client(AddressPolicy::PublicOnly, loopback, &LIMITS, user_agent)?;
        Ok(Self { http, loopback })
    }

    /// Fetches one.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] for whatever is not a whole document with status 200.
    pub async fn get(&self, url: &Url) -> Result<Document, DocumentError> {
        if !self.allows(url) {
            return Err(DocumentError::NotAllowed(url.clone()));
        }
        timeout(LIMITS.total_timeout, self.fetch(url.clone()))
            .await
            .unwrap_or(Err(Error::Timeout.into()))
    }

    async fn fetch(&self, url: Url) -> Result<Document, DocumentError> {
        let request = self.http.get(url).header(header::ACCEPT, JSON);
        let mut response = request.send().await.map_err(failure)?;
        let status = response.status();
        if status.is_redirection() {
            return Err(DocumentError::Redirected);
        }
        if status != http::StatusCode::OK {
            return Err(DocumentError::Status(status.as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            if body.len() + chunk.len() > LIMITS.max_body {
                return Err(DocumentError::TooLarge(LIMITS.max_body));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Document {
            body: body.into(),
            max_age: max_age(response.headers()),
        })
    }

    /// A name is judged by what it resolves to; a number would not be resolved, so it is refused here.
    fn allows(&self, url: &Url) -> bool {
        let bare =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        match url.host() {
            Some(host) if self.loopback && is_loopback(&host) => {
                bare && matches!(url.scheme(), "http" | "https")
            }
            Some(Host::Domain(_)) => bare && url.scheme() == "https",
            _ => false,
        }
    }
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let directives = headers.get(header::CACHE_CONTROL)?.to_str().ok()?;
    let mut age = None;
    for directive in directives.split(',') {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(Duration::ZERO),
            "max-age" => age = value.trim().trim_matches('"').parse().ok(),
            _ => {}
        }
    }
    age.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_names_by_https_are_called() {
        let public = Documents::new(false, "test").unwrap();
        let development = Documents::new(true, "test").unwrap();
        for (url, allowed, in_development) in [
            ("https://id.example.com/keys?v=1", true, true),
            ("http://id.example.com/keys", false, false),
            ("https://93.184.216.34/keys", false, false),
            ("https://169.254.169.254/latest", false, false),
            ("https://[fd00::1]/keys", false, false),
            ("https://user@id.example.com/keys", false, false),
            ("https://id.example.com/keys#a", false, false),
            ("file:///etc/passwd", false, false),
            ("data:,{}", false, false),
            ("http://127.0.0.1:9/keys", false, true),
            ("http://10.0.0.1/keys", false, false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(public.allows(&url), allowed, "{url}");
            assert_eq!(development.allows(&url), in_development, "{url}");
        }
    }

    #[test]
    fn how_long_a_document_may_be_kept() {
        for (value, seconds) in [
            ("public, max-age=600, must-revalidate", Some(600)),
            ("MAX-AGE=\"5\"", Some(5)),
            ("no-store, max-age=600", Some(0)),
            ("max-age=-1", None),
            ("max-age=soon", None),
            ("private", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CACHE_CONTROL, value.parse().unwrap());
            assert_eq!(
                max_age(&headers),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
        assert_eq!(max_age(&HeaderMap::new()), None);
    }
}
