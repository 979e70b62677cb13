//! What the use cases know of the configuration.

use okta_client::DomainPolicy;
use url::Url;

/// Where browsers come back to after consent.
pub const CALLBACK_PATH: &str = "/oauth/callback";
/// Where browsers set out for consent.
pub const START_PATH: &str = "/oauth/start";

/// What the use cases know of the configuration.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// Where browsers reach this server; an origin without path.
    pub public_url: Url,
    /// Origins of the admin panels, to which consent may return.
    pub panel_origins: Vec<String>,
    /// Which hosts may be an Okta org.
    pub okta_domains: DomainPolicy,
}

impl ServiceConfig {
    /// The redirect URI that has to be registered in Okta, letter by letter.
    #[must_use]
    pub fn redirect_uri(&self) -> Url {
        self.at(CALLBACK_PATH)
    }

    /// Where a browser sets out for consent, without the secret that names which.
    #[must_use]
    pub fn start_url(&self) -> Url {
        self.at(START_PATH)
    }

    /// Whether browsers reach this server by https, so that cookies can demand it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Whether consent may return to this address: http or https, on a configured origin, without credentials.
    #[must_use]
    pub fn allows_return_to(&self, url: &Url) -> bool {
        let plain = url.username().is_empty() && url.password().is_none();
        let origin = url.origin();
        plain && origin.is_tuple() && self.panel_origins.contains(&origin.ascii_serialization())
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.public_url.clone();
        url.set_path(path);
        url.set_query(None);
        url.set_fragment(None);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::ServiceConfig;
    use okta_client::DomainPolicy;
    use url::Url;

    fn config() -> ServiceConfig {
        ServiceConfig {
            public_url: Url::parse("https://provisioner.example.com").unwrap(),
            panel_origins: vec!["https://panel.example.com".to_owned()],
            okta_domains: DomainPolicy::default(),
        }
    }

    #[test]
    fn the_redirect_uri_is_exact() {
        assert_eq!(
            config().redirect_uri().as_str(),
            "https://provisioner.example.com/oauth/callback"
        );
    }

    #[test]
    fn consent_returns_to_configured_origins_only() {
        for (url, allowed) in [
            ("https://panel.example.com/okta?tab=1", true),
            ("https://panel.example.com:443/", true),
            ("http://panel.example.com/", false),
            ("https://panel.example.com:8443/", false),
            ("https://panel.example.com.evil.org/", false),
            ("https://panel.example.com@evil.org/", false),
            ("https://user@panel.example.com/", false),
            ("https://evil.org/https://panel.example.com", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(
                config().allows_return_to(&Url::parse(url).unwrap()),
                allowed,
                "{url}"
            );
        }
    }
}
