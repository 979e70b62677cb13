//! The scopes that exist, and what they mean in words.

/// Scopes of OpenID Connect and OAuth, which no administrator has to grant.
pub(crate) const STANDARD: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// Resources of Okta's API whose scopes can be granted to an app, with what they are called on the page.
const RESOURCES: [(&str, &str); 14] = [
    ("okta.apps", "applications"),
    ("okta.authorizationServers", "authorization servers"),
    ("okta.clients", "OAuth clients"),
    ("okta.eventHooks", "event hooks"),
    ("okta.factors", "authentication factors"),
    ("okta.groups", "groups"),
    ("okta.idps", "identity providers"),
    ("okta.logs", "the system log"),
    ("okta.orgs", "the organization's settings"),
    ("okta.policies", "policies"),
    ("okta.roles", "administrator roles"),
    ("okta.schemas", "the user schema"),
    ("okta.userTypes", "user types"),
    ("okta.users", "users"),
];

/// Whether the authorization server knows this scope: `okta.<resource>.<read|manage>[.self]` or a standard one.
pub(crate) fn exists(scope: &str) -> bool {
    if STANDARD.contains(&scope) {
        return true;
    }
    let plain = scope.strip_suffix(".self").unwrap_or(scope);
    let resource = plain
        .strip_suffix(".read")
        .or_else(|| plain.strip_suffix(".manage"));
    resource.is_some_and(|resource| RESOURCES.iter().any(|(name, _)| *name == resource))
}

/// Every scope, for the metadata.
pub(crate) fn all() -> Vec<String> {
    let api = RESOURCES
        .iter()
        .flat_map(|(name, _)| [format!("{name}.manage"), format!("{name}.read")]);
    STANDARD
        .iter()
        .map(|scope| (*scope).to_owned())
        .chain(api)
        .collect()
}

/// The scope as a sentence for the administrator.
pub(crate) fn in_words(scope: &str) -> String {
    match scope {
        "openid" => return "Know who you are".into(),
        "profile" => return "See your name and profile".into(),
        "email" => return "See your e-mail address".into(),
        "address" => return "See your address".into(),
        "phone" => return "See your phone number".into(),
        "offline_access" => return "Keep access when you are not signed in".into(),
        _ => {}
    }
    let described = RESOURCES
        .iter()
        .find_map(|(name, words)| Some((scope.strip_prefix(name)?, words)));
    match described {
        Some((".manage", words)) => format!("View and change {words}"),
        Some((".read", words)) => format!("View {words}"),
        Some((".manage.self", words)) => format!("View and change your own part of {words}"),
        Some((".read.self", words)) => format!("View your own part of {words}"),
        _ => scope.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scopes_of_the_grammar_exist() {
        for known in [
            "openid",
            "okta.users.manage",
            "okta.users.read.self",
            "okta.userTypes.read",
        ] {
            assert!(exists(known), "{known}");
        }
        for unknown in [
            "",
            "users",
            "okta.users",
            "okta.users.write",
            "okta.unicorns.read",
            "okta.users.manage.all",
        ] {
            assert!(!exists(unknown), "{unknown}");
        }
    }

    #[test]
    fn every_scope_has_words() {
        for scope in all() {
            assert_ne!(in_words(&scope), scope);
        }
    }
}
