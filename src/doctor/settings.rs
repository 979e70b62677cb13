//! What the settings say.

use std::net::IpAddr;

use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use super::Finding;
use crate::config::{Config, is_loopback};
use crate::http;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let mut found: Vec<_> = config.faults().iter().map(Finding::wrong).collect();
    found.extend(public_url(config));
    found.extend(okta_on_loopback(config));
    found.extend(metrics(config));
    found.extend(panels(config));
    found.extend(providers(config));
    let database_url = config.database_url.as_ref();
    found.extend(database_url.and_then(|url| database(url.expose_secret())));
    found.extend(graphiql(config));
    found
}

/// Whether others than this machine can reach the server, directly or through a proxy.
fn is_exposed(config: &Config) -> bool {
    let proxied = config
        .public_url
        .as_ref()
        .is_some_and(|url| !is_loopback(url));
    proxied || !config.listen.ip().is_loopback()
}

fn public_url(config: &Config) -> Option<Finding> {
    if config.listen.ip().is_loopback() {
        return None;
    }
    let what = match &config.public_url {
        None => format!("listen is {} and public_url is missing", config.listen),
        Some(url) if url.scheme() == "http" => {
            format!("listen is {} and public_url is {url}", config.listen)
        }
        Some(_) => return None,
    };
    Some(Finding::insecure(
        what,
        "tokens would cross the network in clear text, and Okta could not send browsers back",
        "let a proxy with TLS stand before the server and set public_url to its https address, or listen on 127.0.0.1",
    ))
}

fn okta_on_loopback(config: &Config) -> Option<Finding> {
    if !config.okta_on_loopback {
        return None;
    }
    let why =
        "whoever may configure apps can have this server call whatever listens on this machine";
    let mend = "remove okta.on_loopback; it is for the sandbox";
    Some(if is_exposed(config) {
        let what = "okta.on_loopback is set on a server that others reach";
        Finding::insecure(what, why, mend)
    } else {
        Finding::doubtful("okta.on_loopback is set", why, mend)
    })
}

fn metrics(config: &Config) -> Option<Finding> {
    let listen = config.metrics.listen?;
    // Without a token it is refused among the faults.
    (!listen.ip().is_loopback() && config.metrics.token.is_some()).then(|| {
        Finding::doubtful(
            format!("metrics.listen is {listen}"),
            "the token crosses the network in clear text",
            "let only a network that you trust reach it",
        )
    })
}

fn panels(config: &Config) -> impl Iterator<Item = Finding> {
    let clear = |origin: &&String| {
        Url::parse(origin).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
    };
    config.panel_origins.iter().filter(clear).map(|origin| {
        Finding::insecure(
            format!("panel_origins holds {origin}"),
            "whoever is on the way can change the panel and take its tokens",
            "serve the panel by https",
        )
    })
}

fn providers(config: &Config) -> impl Iterator<Item = Finding> {
    let exposed = is_exposed(config);
    let local = config.oidc.iter().filter(|issuer| issuer.on_loopback);
    local.map(move |issuer| {
        let what = format!("oidc, issuer {}: on_loopback is set", issuer.issuer);
        let why = "whoever can listen on this machine decides who is let in";
        let mend = "use a provider with https and remove on_loopback";
        if exposed {
            Finding::insecure(what, why, mend)
        } else {
            Finding::doubtful(what, why, mend)
        }
    })
}

/// `require` and above encrypt; the driver's `prefer`, which is the default, does not insist.
/// Where the driver itself would go, and how.
fn database(url: &str) -> Option<Finding> {
    let options: PgConnectOptions = url.parse().ok()?;
    let host = options.get_host();
    let here = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if here || host.starts_with('/') || options.get_socket().is_some() {
        return None;
    }
    match options.get_ssl_mode() {
        PgSslMode::VerifyFull | PgSslMode::VerifyCa => None,
        PgSslMode::Require => Some(Finding::doubtful(
            format!("database_url leads to {host} with sslmode=require"),
            "the server's certificate is not verified, so somebody between can pose as it",
            "use sslmode=verify-full",
        )),
        PgSslMode::Disable | PgSslMode::Allow | PgSslMode::Prefer => Some(Finding::doubtful(
            format!("database_url leads to {host} without TLS for certain"),
            "the password and everybody's data may cross the network in clear text",
            "add sslmode=verify-full to it",
        )),
    }
}

fn graphiql(config: &Config) -> Option<Finding> {
    (config.graphiql && http::has_graphiql() && is_exposed(config)).then(|| {
        Finding::doubtful(
            "GraphiQL is served to whoever reaches the server",
            "it shows nothing without a token, but is one page more to be attacked",
            "set graphiql to false, or have the proxy pass on /graphql and /oauth/ alone",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::examine;
    use crate::config::{Config, ConfigFile};

    fn found(toml: &str) -> Vec<String> {
        let file: ConfigFile = toml::from_str(toml).unwrap();
        let found = examine(&Config::from_file(file));
        found
            .iter()
            .map(ToString::to_string)
            .filter(|line| !line.contains("GraphiQL"))
            .collect()
    }

    const OIDC: &str = "[[oidc]]\nissuer = 'http://127.0.0.1:1'\non_loopback = true\naudience = 'us'\norganization = 'Acme'\nmatch_by = 'email'\n";

    #[test]
    fn what_is_sound_is_not_mentioned() {
        for toml in [
            "",
            "public_url = 'https://provisioner.example.com'\npanel_origins = ['https://panel.example.com', 'http://localhost:3000']",
            "listen = '0.0.0.0:80'\npublic_url = 'https://provisioner.example.com'",
            "public_url = 'http://localhost:8080'",
            "database_url = 'postgres://u:p@localhost/d'",
            "database_url = 'postgres://u:p@127.0.0.1/d'",
            "database_url = 'postgres://u:p@[::1]:5432/d'",
            "database_url = 'postgres:///d?host=/run/postgresql'",
            "database_url = 'postgres://u:p@db.example.com/d?sslmode=verify-full'",
            "[metrics]\nlisten = '127.0.0.1:9464'",
        ] {
            assert_eq!(found(toml), Vec::<String>::new(), "{toml}");
        }
    }

    #[test]
    fn what_is_insecure_or_doubtful_is_one_line_each() {
        let public = "public_url = 'https://provisioner.example.com'\n";
        for (toml, severity, part) in [
            (
                "listen = '0.0.0.0:80'".to_owned(),
                "insecure",
                "public_url is missing",
            ),
            (
                "listen = '[::]:80'\npublic_url = 'http://localhost'".to_owned(),
                "insecure",
                "public_url is http://localhost/",
            ),
            (
                "public_url = 'http://provisioner.example.com'".to_owned(),
                "wrong",
                "must be https",
            ),
            (
                format!("{public}[okta]\non_loopback = true"),
                "insecure",
                "okta.on_loopback",
            ),
            (
                "[okta]\non_loopback = true".to_owned(),
                "doubtful",
                "okta.on_loopback",
            ),
            (
                "[metrics]\nlisten = '0.0.0.0:9464'".to_owned(),
                "wrong",
                "set metrics.token",
            ),
            (
                "[metrics]\nlisten = '0.0.0.0:9464'\ntoken = '0123456789abcdef'".to_owned(),
                "doubtful",
                "metrics.listen",
            ),
            (
                "panel_origins = ['http://panel.example.com']".to_owned(),
                "insecure",
                "panel_origins",
            ),
            (
                "database_url = 'postgres://u:hidden@db.example.com/d'".to_owned(),
                "doubtful",
                "without TLS",
            ),
            (
                "database_url = 'postgres://u:hidden@db.example.com/d?sslmode=prefer'".to_owned(),
                "doubtful",
                "without TLS",
            ),
            (
                "database_url = 'postgres://u:hidden@10.0.0.5/d?sslmode=require'".to_owned(),
                "doubtful",
                "not verified",
            ),
            (
                "database_url = 'postgres://u:hidden@localhost/d?host=db.example.com'".to_owned(),
                "doubtful",
                "db.example.com without TLS",
            ),
            (
                "database_url = 'postgres://u:hidden@h/d?sslmode=verify-full&sslmode=disable'"
                    .to_owned(),
                "doubtful",
                "without TLS",
            ),
            (OIDC.to_owned(), "doubtful", "on_loopback"),
            (format!("{public}{OIDC}"), "insecure", "on_loopback"),
            (
                OIDC.replace("127.0.0.1:1", "id.example.com"),
                "wrong",
                "must be https",
            ),
        ] {
            let lines = found(&toml);
            let line = lines.first().unwrap();
            assert!(
                line.starts_with(severity) && line.contains(part),
                "{toml}: {lines:?}"
            );
            assert!(!line.contains("hidden") && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let lines = found(
            "listen = '0.0.0.0:80'\npanel_origins = ['*', 'http://a.example']\n[okta]\non_loopback = true\n[engine]\nlease_seconds = 1",
        );
        assert_eq!(lines.len(), 5, "{lines:?}");
    }
}
