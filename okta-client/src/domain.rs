//! The Okta domain that an administrator types, or pastes from the browser.

use std::fmt;

use url::{Host, Url};

use crate::origin::is_loopback;

/// Domains below which Okta gives orgs their names.
const OKTA_DOMAINS: [&str; 5] = [
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "okta-gov.com",
    "okta.mil",
];

/// Suffix of the host that serves an org's Admin Console; the API lives at the name without it.
const ADMIN_SUFFIX: &str = "-admin";

/// Which hosts may be an org.
#[derive(Clone, Debug, Default)]
pub struct DomainPolicy {
    /// More domains, such as an org's custom domain: each allows itself and every name below it.
    pub extra_domains: Vec<String>,
    /// Whether this machine may be the org, over plain `http` and on any port: for development.
    pub allow_loopback: bool,
}

/// The checked, normalised domain of an org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OktaDomain {
    base_url: Url,
    host: String,
}

/// Why an input is not an org's domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Nothing was typed.
    #[error("enter your Okta domain, for example acme.okta.com")]
    Empty,
    /// Not a host name.
    #[error("this is not a domain")]
    Malformed,
    /// `http` or another scheme.
    #[error("the Okta domain is reached with https")]
    HttpsRequired,
    /// A user name or password before the host.
    #[error("the domain must not contain a user name or password")]
    UserInfo,
    /// More than a domain.
    #[error("enter only the domain: {suggestion}")]
    PathOrQuery {
        /// The domain within the input.
        suggestion: String,
    },
    /// A port.
    #[error("the domain must not contain a port")]
    Port,
    /// An address instead of a name.
    #[error("enter the domain's name, not an IP address")]
    IpAddress,
    /// The host of the Admin Console.
    #[error("this is the Admin Console; your Okta domain is {suggestion}")]
    AdminConsole {
        /// The org's own domain.
        suggestion: String,
    },
    /// A domain of somebody else.
    #[error("this is not a domain of Okta")]
    NotOkta,
    /// Okta's own domain instead of an org's.
    #[error("the name of your org is missing, for example acme.okta.com")]
    NoOrg,
}

impl OktaDomain {
    /// Reads what an administrator entered: `acme.okta.com` or `https://acme.okta.com/`.
    ///
    /// # Errors
    ///
    /// [`DomainError`], in words for the administrator.
    pub fn parse(input: &str, policy: &DomainPolicy) -> Result<Self, DomainError> {
        let input = input.trim();
        if input.is_empty() {
            return Err(DomainError::Empty);
        }
        // Characters that URL parsers drop, decode or turn into others make two readers see two hosts.
        if input.contains(|bad: char| {
            bad.is_whitespace() || bad.is_control() || matches!(bad, '\\' | '%')
        }) {
            return Err(DomainError::Malformed);
        }
        let url = parse_url(input)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DomainError::UserInfo);
        }
        let host = url.host().ok_or(DomainError::Malformed)?;
        if policy.allow_loopback && is_loopback(&host) {
            return Self::loopback(url, input.contains("://"));
        }
        match host {
            Host::Domain(name) => Self::named(&url, name, policy),
            Host::Ipv4(_) | Host::Ipv6(_) => Err(DomainError::IpAddress),
        }
    }

    /// The host, in lower case, with the port if it is a development one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The base URL for a client.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.base_url
    }

    fn named(url: &Url, name: &str, policy: &DomainPolicy) -> Result<Self, DomainError> {
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.split('.').any(|label| !is_label(label)) {
            return Err(DomainError::Malformed);
        }
        check_owner(name, policy)?;
        if url.scheme() != "https" {
            return Err(DomainError::HttpsRequired);
        }
        if url.port().is_some() {
            return Err(DomainError::Port);
        }
        if !is_bare(url) {
            return Err(DomainError::PathOrQuery {
                suggestion: name.to_owned(),
            });
        }
        let base_url =
            Url::parse(&format!("https://{name}/")).map_err(|_| DomainError::Malformed)?;
        Ok(Self {
            base_url,
            host: name.to_owned(),
        })
    }

    /// Without a scheme it is plain `http`, which is what a sandbox speaks.
    fn loopback(mut url: Url, has_scheme: bool) -> Result<Self, DomainError> {
        if !has_scheme && url.set_scheme("http").is_err() {
            return Err(DomainError::Malformed);
        }
        let host = url.host_str().ok_or(DomainError::Malformed)?;
        let host = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(DomainError::HttpsRequired);
        }
        if !is_bare(&url) {
            return Err(DomainError::PathOrQuery { suggestion: host });
        }
        Ok(Self {
            base_url: url,
            host,
        })
    }
}

impl fmt::Display for OktaDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)
    }
}

fn parse_url(input: &str) -> Result<Url, DomainError> {
    let parsed = if input.contains("://") {
        Url::parse(input)
    } else {
        Url::parse(&format!("https://{input}"))
    };
    parsed.map_err(|_| DomainError::Malformed)
}

/// Whether the host belongs to an org below a domain of Okta's or of the policy.
fn check_owner(name: &str, policy: &DomainPolicy) -> Result<(), DomainError> {
    for domain in OKTA_DOMAINS {
        if name == domain {
            return Err(DomainError::NoOrg);
        }
        let Some(org) = below(name, domain) else {
            continue;
        };
        return match org.strip_suffix(ADMIN_SUFFIX) {
            Some(org) if !org.is_empty() => Err(DomainError::AdminConsole {
                suggestion: format!("{org}.{domain}"),
            }),
            _ => Ok(()),
        };
    }
    let allowed = policy.extra_domains.iter().any(|domain| {
        let domain = domain.trim().trim_matches('.').to_ascii_lowercase();
        !domain.is_empty() && (name == domain || below(name, &domain).is_some())
    });
    if allowed {
        Ok(())
    } else {
        Err(DomainError::NotOkta)
    }
}

/// The labels of `name` in front of `domain`, if `name` lies below it.
fn below<'a>(name: &'a str, domain: &str) -> Option<&'a str> {
    name.strip_suffix(domain)?.strip_suffix('.')
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
}

fn is_bare(url: &Url) -> bool {
    matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(input: &str) -> Result<String, DomainError> {
        let domain = OktaDomain::parse(input, &DomainPolicy::default())?;
        assert_eq!(
            domain.base_url().as_str(),
            format!("https://{}/", domain.host())
        );
        Ok(domain.to_string())
    }

    #[test]
    fn what_administrators_paste_is_understood() {
        for input in [
            "acme.okta.com",
            "  https://acme.okta.com/ ",
            "https://ACME.okta.COM",
            "acme.okta.com.",
            "acme.okta.com/",
            "https://acme.okta.com:443",
        ] {
            assert_eq!(parse(input).as_deref(), Ok("acme.okta.com"), "{input}");
        }
        for input in [
            "acme.oktapreview.com",
            "acme.okta-emea.com",
            "acme.okta-gov.com",
            "acme.okta.mil",
            "administrators.okta.com",
        ] {
            assert_eq!(parse(input).as_deref(), Ok(input));
        }
    }

    #[test]
    fn the_admin_console_is_pointed_away_from() {
        for input in [
            "acme-admin.okta.com",
            "https://acme-admin.okta.com/admin/dashboard",
        ] {
            assert_eq!(
                parse(input),
                Err(DomainError::AdminConsole {
                    suggestion: "acme.okta.com".into()
                })
            );
        }
    }

    #[test]
    fn look_alikes_and_detours_are_refused() {
        let cases = [
            ("", DomainError::Empty),
            ("   ", DomainError::Empty),
            ("okta.com", DomainError::NoOrg),
            (".okta.com", DomainError::Malformed),
            ("acme", DomainError::NotOkta),
            ("acmeokta.com", DomainError::NotOkta),
            ("acme.okta.com.evil.example", DomainError::NotOkta),
            ("acme.evil-okta.com", DomainError::NotOkta),
            ("acme.\u{43e}kta.com", DomainError::NotOkta),
            ("https://acme.okta.com@evil.example", DomainError::UserInfo),
            ("https://evil@acme.okta.com", DomainError::UserInfo),
            ("evil.example#.okta.com", DomainError::NotOkta),
            ("evil.example?.okta.com", DomainError::NotOkta),
            ("evil.example/.okta.com", DomainError::NotOkta),
            ("evil.example\\.okta.com", DomainError::Malformed),
            ("acme.okta.com%2eevil.example", DomainError::Malformed),
            ("ac me.okta.com", DomainError::Malformed),
            ("acme\n.okta.com", DomainError::Malformed),
            ("http://acme.okta.com", DomainError::HttpsRequired),
            ("ftp://acme.okta.com", DomainError::HttpsRequired),
            ("javascript:alert(1)", DomainError::Malformed),
            ("acme.okta.com:8443", DomainError::Port),
            ("127.0.0.1", DomainError::IpAddress),
            ("2130706433", DomainError::IpAddress),
            ("0x7f.1", DomainError::IpAddress),
            ("[::1]", DomainError::IpAddress),
            ("169.254.169.254", DomainError::IpAddress),
            ("localhost", DomainError::NotOkta),
        ];
        for (input, why) in cases {
            assert_eq!(parse(input), Err(why), "{input:?}");
        }
        assert_eq!(
            parse("https://acme.okta.com/oauth2/default"),
            Err(DomainError::PathOrQuery {
                suggestion: "acme.okta.com".into()
            })
        );
    }

    #[test]
    fn operators_can_allow_more() {
        let policy = DomainPolicy {
            extra_domains: vec!["Login.Acme.example".into(), String::new()],
            allow_loopback: true,
        };
        let parse = |input: &str| {
            OktaDomain::parse(input, &policy).map(|domain| domain.base_url().to_string())
        };
        assert_eq!(
            parse("login.acme.example").as_deref(),
            Ok("https://login.acme.example/")
        );
        assert_eq!(
            parse("xlogin.acme.example"),
            Err(DomainError::NotOkta),
            "no label boundary"
        );
        assert_eq!(
            parse("http://127.0.0.1:9090").as_deref(),
            Ok("http://127.0.0.1:9090/")
        );
        assert_eq!(
            parse("localhost:9090").as_deref(),
            Ok("http://localhost:9090/")
        );
        assert_eq!(
            parse("http://localhost:9090/x"),
            Err(DomainError::PathOrQuery {
                suggestion: "localhost:9090".into()
            })
        );
        assert_eq!(parse("http://10.0.0.1"), Err(DomainError::IpAddress));
    }
}
