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

/// A resource of Okta's API whose scopes can be granted to an app, and what they permit, in words.
struct Resource {
    name: &'static str,
    read: &'static str,
    /// Empty where there is no such scope.
    manage: &'static str,
}

const fn resource(name: &'static str, read: &'static str, manage: &'static str) -> Resource {
    Resource { name, read, manage }
}

const RESOURCES: [Resource; 14] = [
    resource(
        "okta.apps",
        "View applications and who is assigned to them",
        "View, add, change and remove applications, and assign people to them",
    ),
    resource(
        "okta.authorizationServers",
        "View authorization servers",
        "View, create, change and remove authorization servers",
    ),
    resource(
        "okta.clients",
        "View OAuth clients",
        "View, register, change and remove OAuth clients",
    ),
    resource(
        "okta.eventHooks",
        "View event hooks",
        "View, create, change and remove event hooks",
    ),
    resource(
        "okta.factors",
        "View the authentication factors of users",
        "View, enroll and reset the authentication factors of users",
    ),
    resource(
        "okta.groups",
        "View groups and their members",
        "View, create, change and delete groups, and change their members",
    ),
    resource(
        "okta.idps",
        "View identity providers",
        "View, add, change and remove identity providers",
    ),
    resource(
        "okta.logs",
        "Read the system log: who did what, and when",
        "",
    ),
    resource(
        "okta.orgs",
        "View the organization's settings",
        "View and change the organization's settings",
    ),
    resource(
        "okta.policies",
        "View policies for sign-on and passwords",
        "View, create, change and remove policies for sign-on and passwords",
    ),
    resource(
        "okta.roles",
        "View who holds which administrator role",
        "View, give and take away administrator roles",
    ),
    resource(
        "okta.schemas",
        "View which attributes a user's profile can have",
        "View, add, change and remove attributes of the user profile",
    ),
    resource(
        "okta.userTypes",
        "View user types",
        "View, create, change and remove user types",
    ),
    resource(
        "okta.users",
        "View all users, with their profiles and statuses",
        "View, create, change, activate, suspend, deactivate and delete users",
    ),
];

/// What the scope `<resource>.<read|manage>` permits, if there is such a scope.
fn permits(scope: &str) -> Option<&'static str> {
    let (name, verb) = scope.rsplit_once('.')?;
    let resource = RESOURCES.iter().find(|resource| resource.name == name)?;
    match verb {
        "read" => Some(resource.read),
        "manage" => Some(resource.manage).filter(|words| !words.is_empty()),
        _ => None,
    }
}

/// Whether the authorization server knows this scope: `okta.<resource>.<read|manage>[.self]` or a standard one.
pub(crate) fn exists(scope: &str) -> bool {
    let plain = scope.strip_suffix(".self").unwrap_or(scope);
    STANDARD.contains(&scope) || permits(plain).is_some()
}

/// Every scope, for the metadata.
pub(crate) fn all() -> Vec<String> {
    let api = RESOURCES
        .iter()
        .flat_map(|resource| ["manage", "read"].map(|verb| format!("{}.{verb}", resource.name)))
        .filter(|scope| exists(scope));
    let standard = STANDARD.iter().map(|scope| (*scope).to_owned());
    standard.chain(api).collect()
}

/// The scope as a sentence for the administrator.
pub(crate) fn in_words(scope: &str) -> String {
    match scope {
        "openid" => return "Know who you are".into(),
        "profile" => return "See your name and profile".into(),
        "email" => return "See your e-mail address".into(),
        "address" => return "See your address".into(),
        "phone" => return "See your phone number".into(),
        "offline_access" => {
            return "Keep this access when you are not signed in, until it is revoked".into();
        }
        _ => {}
    }
    match scope.strip_suffix(".self") {
        Some(plain) => permits(plain).map(|words| format!("{words} – your own only")),
        None => permits(scope).map(Into::into),
    }
    .unwrap_or_else(|| scope.into())
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
            "okta.logs.manage",
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
