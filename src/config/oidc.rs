//! Checks of `[[oidc]]`.

use std::collections::BTreeSet;

use url::{Host, Url};

use super::{ConfigError, is_loopback};
use crate::domain::permission::AdminRoleKind;
use crate::service::oidc::{Issuer, MAX_CLOCK_SKEW};

/// What is wrong with each, a line for each fault.
pub(super) fn faults(issuers: &[Issuer]) -> Vec<ConfigError> {
    let mut known = BTreeSet::new();
    let mut faults = Vec::new();
    for issuer in issuers {
        let mut problems = problems(issuer);
        if !known.insert((&issuer.issuer, &issuer.audience)) {
            problems.push("the same issuer and audience stand twice".to_owned());
        }
        faults.extend(problems.into_iter().map(|problem| ConfigError::Oidc {
            issuer: issuer.issuer.clone(),
            problem,
        }));
    }
    faults
}

fn problems(issuer: &Issuer) -> Vec<String> {
    let skew = issuer.clock_skew_seconds;
    let empty = |text: &str| text.trim().is_empty();
    let mut problems = Vec::new();
    problems.extend(address(issuer).map(str::to_owned));
    let mut wrong_if = |wrong: bool, problem: &str| {
        if wrong {
            problems.push(problem.to_owned());
        }
    };
    wrong_if(empty(&issuer.audience), "audience is empty");
    wrong_if(empty(&issuer.organization), "organization is empty");
    wrong_if(
        issuer.authorized_parties.iter().any(|party| empty(party)),
        "one of authorized_parties is empty",
    );
    wrong_if(
        issuer.algorithms.is_empty(),
        "algorithms is empty; name some of RS256, ES256, EdDSA",
    );
    wrong_if(
        issuer.roles_claim.as_deref().is_some_and(empty),
        "roles_claim is empty; leave it out if roles come from the directory alone",
    );
    wrong_if(
        issuer.roles_claim.is_some() && issuer.roles.is_empty(),
        "roles_claim without [oidc.roles] lets nobody do anything; name the values that count",
    );
    wrong_if(
        issuer.roles_claim.is_none() && !issuer.roles.is_empty(),
        "[oidc.roles] without roles_claim; name the claim that holds the values",
    );
    if skew > MAX_CLOCK_SKEW {
        problems.push(format!(
            "clock_skew_seconds must be between 0 and {MAX_CLOCK_SKEW}, but is {skew}"
        ));
    }
    for (value, role) in &issuer.roles {
        if empty(role) || role == AdminRoleKind::Custom.as_str() {
            problems.push(format!(
                "roles, {value}: must be OWNER, ADMIN, MEMBER, or the name of a role of the organization"
            ));
        }
    }
    problems
}

fn address(issuer: &Issuer) -> Option<&'static str> {
    let Ok(url) = Url::parse(&issuer.issuer) else {
        return Some("issuer is no URL");
    };
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !bare {
        return Some("issuer must have no user name, query or fragment");
    }
    match (url.scheme(), is_loopback(&url)) {
        ("https" | "http", true) if issuer.on_loopback => None,
        (_, true) => Some("issuer is this machine; set on_loopback = true for trying things out"),
        ("https", false) if matches!(url.host(), Some(Host::Domain(_))) => None,
        ("https", false) => Some("issuer must name its host, not number it"),
        _ => Some("issuer must be https"),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigFile};

    /// All faults of a provider that differs from a good one by these lines, a line each.
    fn faults(lines: &str) -> String {
        let mut settings = vec![
            "issuer = 'https://id.example.com/'".to_owned(),
            "audience = 'us'".to_owned(),
            "organization = 'Acme'".to_owned(),
            "match_by = 'email'".to_owned(),
        ];
        for line in lines.lines() {
            let name = line.split('=').next().unwrap_or_default();
            settings.retain(|kept| !kept.starts_with(name));
            settings.push(line.to_owned());
        }
        let text = format!("[[oidc]]\n{}", settings.join("\n"));
        match toml::from_str::<ConfigFile>(&text) {
            Ok(file) => {
                let faults = Config::from_file(file).faults();
                let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
                lines.join("\n")
            }
            Err(e) => e.message().to_owned(),
        }
    }

    #[test]
    fn what_is_good_is_accepted() {
        for lines in [
            "",
            "match_by = 'subject'",
            "algorithms = ['RS256', 'ES256', 'EdDSA']",
            "clock_skew_seconds = 0",
            "clock_skew_seconds = 300",
            "roles_claim = 'groups'\n[oidc.roles]\n'provisioner-admins' = 'ADMIN'\n'clerks' = 'Clerk'",
            "issuer = 'http://127.0.0.1:8080/realms/acme'\non_loopback = true",
            "issuer = 'https://localhost'\non_loopback = true",
        ] {
            assert_eq!(faults(lines), "", "{lines}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (lines, part) in [
            ("issuer = 'id.example.com'", "no URL"),
            ("issuer = 'http://id.example.com'", "must be https"),
            (
                "issuer = 'http://id.example.com'\non_loopback = true",
                "must be https",
            ),
            ("issuer = 'http://localhost:1'", "on_loopback"),
            ("issuer = 'https://127.0.0.1'", "on_loopback"),
            ("issuer = 'https://10.0.0.1'", "name its host"),
            ("issuer = 'https://a@id.example.com'", "user name"),
            ("issuer = 'https://id.example.com?a'", "query"),
            ("issuer = 'https://id.example.com#a'", "fragment"),
            ("audience = ''", "audience is empty"),
            ("organization = ' '", "organization is empty"),
            ("authorized_parties = ['']", "authorized_parties"),
            ("match_by = 'name'", "unknown variant `name`"),
            ("algorithms = []", "algorithms is empty"),
            ("algorithms = ['HS256']", "unknown variant `HS256`"),
            ("algorithms = ['none']", "unknown variant `none`"),
            ("clock_skew_seconds = 301", "between 0 and 300"),
            ("roles_claim = 'groups'", "without [oidc.roles]"),
            (
                "roles_claim = ''\n[oidc.roles]\na = 'ADMIN'",
                "roles_claim is empty",
            ),
            ("[oidc.roles]\na = 'ADMIN'", "without roles_claim"),
            ("roles_claim = 'g'\n[oidc.roles]\na = 'CUSTOM'", "roles, a"),
            ("clock_skew = 1", "unknown field `clock_skew`"),
        ] {
            let found = faults(lines);
            assert!(found.contains(part), "{lines}: {found}");
        }
        assert_eq!(faults("audience = ''\nalgorithms = []").lines().count(), 2);
    }

    #[test]
    fn an_issuer_may_have_several_audiences_and_each_once() {
        let entry = |audience: &str| {
            format!(
                "[[oidc]]\nissuer = 'https://id.example.com'\naudience = '{audience}'\norganization = 'Acme'\nmatch_by = 'email'\n"
            )
        };
        let check = |text: String| {
            let file: ConfigFile = toml::from_str(&text).unwrap();
            Config::from_file(file).check().map_err(|e| e.to_string())
        };
        check(entry("us") + &entry("them")).unwrap();
        let twice = check(entry("us") + &entry("us")).unwrap_err();
        assert!(twice.contains("stand twice"), "{twice}");
    }
}
