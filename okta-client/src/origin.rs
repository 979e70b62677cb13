//! The one origin that a client speaks to.

use url::{Host, Url};

use crate::client::BuildError;

/// A checked base URL; every request's URL is made from it.
#[derive(Debug)]
pub(crate) struct Origin {
    base: Url,
}

impl Origin {
    /// Accepts `https://host[:port]`, and `http` for loopback hosts if that is allowed.
    pub(crate) fn new(base: Url, loopback_allowed: bool) -> Result<Self, BuildError> {
        let host = base.host().ok_or(BuildError::NoHost)?;
        let development = loopback_allowed && is_loopback(&host);
        let secure = match base.scheme() {
            "https" => true,
            "http" => development,
            _ => false,
        };
        if !secure {
            return Err(BuildError::HttpsRequired);
        }
        let named = matches!(host, Host::Domain(_));
        if !named && !development {
            return Err(BuildError::IpAddress);
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(BuildError::UserInfo);
        }
        if base.path() != "/" || base.query().is_some() || base.fragment().is_some() {
            return Err(BuildError::PathOrQuery);
        }
        Ok(Self { base })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// The URL of a resource; each segment is percent-encoded and stays one segment.
    pub(crate) fn endpoint(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url
    }

    /// The page that `link` points to, if it is one of the listing at `endpoint`.
    pub(crate) fn page(&self, endpoint: &Url, link: &str) -> Option<Url> {
        let url = Url::parse(link).ok()?;
        let ours = url.origin() == self.base.origin()
            && url.path() == endpoint.path()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        ours.then_some(url)
    }
}

/// Whether a host is this machine by its very name or number.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(base: &str, loopback_allowed: bool) -> Result<Origin, BuildError> {
        Origin::new(Url::parse(base).unwrap(), loopback_allowed)
    }

    #[test]
    fn only_bare_https_origins_are_accepted() {
        assert!(origin("https://acme.okta.com", false).is_ok());
        assert!(origin("https://ACME.Okta.com/", false).is_ok());
        for (base, why) in [
            ("http://acme.okta.com", BuildError::HttpsRequired),
            ("ftp://acme.okta.com", BuildError::HttpsRequired),
            ("https://user@acme.okta.com", BuildError::UserInfo),
            ("https://:pw@acme.okta.com", BuildError::UserInfo),
            ("https://acme.okta.com/oauth2", BuildError::PathOrQuery),
            ("https://acme.okta.com/?a", BuildError::PathOrQuery),
            ("https://acme.okta.com/#a", BuildError::PathOrQuery),
            ("https://93.184.216.34", BuildError::IpAddress),
            ("https://0x7f.1", BuildError::IpAddress),
            ("https://[::1]", BuildError::IpAddress),
            ("http://localhost:1", BuildError::HttpsRequired),
        ] {
            let refused = origin(base, false).unwrap_err();
            assert_eq!(refused.to_string(), why.to_string(), "{base}");
        }
    }

    #[test]
    fn loopback_is_for_development_and_asked_for() {
        for base in [
            "http://127.0.0.1:9090",
            "http://localhost:9090",
            "http://[::1]:9090",
        ] {
            assert!(origin(base, true).is_ok(), "{base}");
        }
        assert!(origin("http://10.0.0.1", true).is_err());
        assert!(origin("https://10.0.0.1", true).is_err());
        assert!(origin("http://acme.okta.com", true).is_err());
    }

    #[test]
    fn a_segment_stays_one_segment() {
        let origin = origin("https://acme.okta.com", false).unwrap();
        let url = origin.endpoint(&["api", "v1", "users", "a/../b?c#d%2F\\@x.de"]);
        assert_eq!(
            url.as_str(),
            "https://acme.okta.com/api/v1/users/a%2F..%2Fb%3Fc%23d%252F%5C@x.de"
        );
    }

    #[test]
    fn a_page_stays_in_its_listing() {
        let origin = origin("https://acme.okta.com", false).unwrap();
        let users = origin.endpoint(&["api", "v1", "users"]);
        assert!(
            origin
                .page(&users, "https://acme.okta.com/api/v1/users?after=x")
                .is_some()
        );
        for link in [
            "https://evil.example/api/v1/users?after=x",
            "http://acme.okta.com/api/v1/users?after=x",
            "https://acme.okta.com:8443/api/v1/users?after=x",
            "https://acme.okta.com@evil.example/api/v1/users",
            "https://u@acme.okta.com/api/v1/users?after=x",
            "https://acme.okta.com/api/v1/users/../logs",
            "https://acme.okta.com/api/v1/users/me",
            "/api/v1/users?after=x",
            "",
        ] {
            assert!(origin.page(&users, link).is_none(), "{link}");
        }
    }
}
