//! Everybody who might ask, and what the tables say that he gets.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Two;
use crate::support::Client;

/// Every permission that there is; the schema is held against it.
pub const PERMISSIONS: [&str; 7] = [
    "VIEW_APPS",
    "ASSIGN_APPS",
    "IMPORT_USERS",
    "VIEW_USERS",
    "MANAGE_USERS",
    "MANAGE_ADMIN_ROLES",
    "VIEW_AUDIT_LOG",
];

/// Those that a personal access token can have.
const SCOPES: [&str; 6] = [
    "VIEW_APPS",
    "ASSIGN_APPS",
    "IMPORT_USERS",
    "VIEW_USERS",
    "MANAGE_USERS",
    "VIEW_AUDIT_LOG",
];

/// Somebody who asks.
pub struct Persona {
    /// For messages.
    pub name: String,
    /// His client.
    pub client: Client,
    /// What he may do.
    pub permissions: BTreeSet<&'static str>,
    /// Whether he is an owner or admin, which no token is.
    pub high: bool,
    /// Whether he came with a personal access token.
    pub token: bool,
}

impl Persona {
    pub fn has(&self, permissions: &[&str]) -> bool {
        permissions
            .iter()
            .all(|each| self.permissions.contains(each))
    }
}

/// What opens a field.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Everybody who is signed in and got as far as the object that it belongs to.
    Open,
    /// One of these; the refusal names the first.
    Any(&'static [&'static str]),
    /// All of these; the refusal names the first that is missing.
    All(&'static [&'static str]),
    /// All of these; without them there is nothing to see, and no refusal.
    Blank(&'static [&'static str]),
    /// Nothing that a person can have; the refusal names no permission.
    Nobody,
    /// One of these; without them there is nothing to see, and no refusal.
    BlankAny(&'static [&'static str]),
}

/// What somebody gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// What he asked for.
    Given,
    /// Nothing, as if it were not there.
    Nothing,
    /// A refusal that names this permission.
    Forbidden(&'static str),
}

/// A refusal as [`refusals`] writes it.
pub fn forbidden(permission: &str) -> BTreeSet<String> {
    BTreeSet::from([format!("FORBIDDEN {permission}").trim().to_owned()])
}

impl Rule {
    /// What this persona gets.
    pub fn verdict(self, persona: &Persona) -> Verdict {
        let missing = |permissions: &'static [&'static str]| {
            let mut permissions = permissions.iter().copied();
            permissions.find(|each| !persona.permissions.contains(each))
        };
        match self {
            Self::Open => Verdict::Given,
            Self::Nobody => Verdict::Forbidden(""),
            Self::Any(permissions) if permissions.iter().any(|each| persona.has(&[each])) => {
                Verdict::Given
            }
            Self::Any(permissions) => Verdict::Forbidden(permissions[0]),
            Self::All(permissions) => {
                missing(permissions).map_or(Verdict::Given, Verdict::Forbidden)
            }
            Self::BlankAny(permissions) if permissions.iter().any(|each| persona.has(&[each])) => {
                Verdict::Given
            }
            Self::BlankAny(_) => Verdict::Nothing,
            Self::Blank(permissions) => {
                missing(permissions).map_or(Verdict::Given, |_| Verdict::Nothing)
            }
        }
    }
}

/// What this persona gets where one rule is behind the other.
pub fn verdict(rules: &[Rule], persona: &Persona) -> Verdict {
    let mut verdicts = rules.iter().map(|rule| rule.verdict(persona));
    let refused = verdicts.find(|verdict| *verdict != Verdict::Given);
    refused.unwrap_or(Verdict::Given)
}

fn persona(name: &str, client: Client, permissions: &[&'static str]) -> Persona {
    Persona {
        name: name.to_owned(),
        client,
        permissions: permissions.iter().copied().collect(),
        high: false,
        token: false,
    }
}

/// Everybody of the own organisation: nobody's, one permission's, several's, everything's; and the owner's tokens.
pub async fn everybody(two: &Two) -> Vec<Persona> {
    let app = &two.app;
    let mut all = vec![persona("a member", app.member().await, &[])];
    let custom: [(&str, &[&'static str]); 11] = [
        ("apps", &["VIEW_APPS"]),
        ("assigns", &["ASSIGN_APPS"]),
        ("imports", &["IMPORT_USERS"]),
        ("looks", &["VIEW_USERS"]),
        ("manages", &["MANAGE_USERS"]),
        ("roles", &["MANAGE_ADMIN_ROLES"]),
        ("audits", &["VIEW_AUDIT_LOG"]),
        ("assigner", &["VIEW_APPS", "ASSIGN_APPS"]),
        ("importer", &["VIEW_APPS", "IMPORT_USERS"]),
        ("configurer", &["VIEW_APPS", "ASSIGN_APPS", "IMPORT_USERS"]),
        ("mighty", &PERMISSIONS),
    ];
    for (name, permissions) in custom {
        let client = app.custom(name, permissions).await;
        all.push(persona(
            &format!("{name}, who has {permissions:?}"),
            client,
            permissions,
        ));
    }
    for (name, client) in [
        ("an admin", app.admin().await),
        ("the owner", two.own.owner.clone()),
    ] {
        let mut high = persona(name, client, &PERMISSIONS);
        high.high = true;
        all.push(high);
    }
    for scopes in [&["VIEW_USERS"][..], &["VIEW_APPS"], &SCOPES] {
        let client = token(&two.own.owner, scopes).await;
        let mut bearer = persona(&format!("the owner's token of {scopes:?}"), client, scopes);
        bearer.token = true;
        all.push(bearer);
    }
    all
}

async fn token(person: &Client, scopes: &[&str]) -> Client {
    let input = json!({ "name": scopes.join(" "), "scopes": scopes, "validForDays": 30 });
    let made = person
        .done("personalAccessTokenCreate", input, "secret")
        .await;
    let mut client = person.with_token(made["secret"].as_str());
    client.user_id.clone_from(&person.user_id);
    client
}

/// The refusals at the top of an answer, as `CODE PERMISSION`.
pub fn refusals(body: &Value) -> BTreeSet<String> {
    let errors = body["errors"].as_array().into_iter().flatten();
    let line = |error: &Value| {
        let extensions = &error["extensions"];
        let permission = extensions["permission"].as_str().unwrap_or_default();
        let code = extensions["code"].as_str();
        let code = code.unwrap_or_else(|| panic!("an error without a code: {error:#}"));
        format!("{code} {permission}").trim().to_owned()
    };
    errors.map(line).collect()
}
