//! The root, and the directory.

use super::{ANY, APPS, AUDIT, FIELDS, PEOPLE, ROLES, Section, section};
use crate::authorization::personas::Rule::{All, Any, Blank, BlankAny, Open};

pub const SECTIONS: &[Section] = &[
    section(
        "Query",
        "@",
        &[Open],
        // Asked for the organisation here, for the rest by `NODES`.
        &["viewer", "node", "nodes"],
        &[
            ("app", APPS),
            ("apps", APPS),
            ("auditEvents", AUDIT),
            ("organization", ANY),
            ("user", PEOPLE),
            ("users", PEOPLE),
        ],
    ),
    section(
        "Viewer",
        "viewer { @ }",
        &[Open],
        &[
            "user",
            "organization",
            "?personalAccessToken",
            "?personalAccessTokens",
        ],
        &[],
    ),
    section(
        "Organization",
        "viewer { organization { @ } }",
        &[Open],
        &[],
        &[
            ("adminRoles", Any(ROLES)),
            ("availableApps", APPS),
            ("departments", Any(FIELDS)),
            ("directoryFields", Any(FIELDS)),
            ("permissionCatalog", Any(ROLES)),
        ],
    ),
    section(
        "User",
        "user(id: $ann) { @ }",
        &[PEOPLE],
        &["adminRole", "fields"],
        &[
            ("accounts", Blank(&["VIEW_APPS"])),
            ("assignments", Blank(&["VIEW_APPS"])),
        ],
    ),
    section(
        "User",
        "user(id: $auditor) { @ }",
        &[PEOPLE],
        &[],
        &[("personalAccessTokens", All(&["MANAGE_USERS"]))],
    ),
    section(
        "User",
        "users(first: 3) { nodes { @ } }",
        &[PEOPLE],
        &["adminRole", "fields"],
        &[],
    ),
    // Everybody sees himself, and his own tokens.
    section(
        "User",
        "viewer { user { @ } }",
        &[Open],
        &["adminRole", "fields", "?personalAccessTokens"],
        &[("?accounts", Blank(&["VIEW_APPS"]))],
    ),
    section(
        "User",
        "node(id: $account) { ... on Account { user { @ } } }",
        &[Blank(&["VIEW_APPS"])],
        &["adminRole", "fields", "accounts", "assignments"],
        &[("?personalAccessTokens", All(&["MANAGE_USERS"]))],
    ),
    section(
        "UserFieldValue",
        "user(id: $ann) { fields { @ } }",
        &[PEOPLE],
        &["field", "value"],
        &[],
    ),
    section(
        "AdminRole",
        "node(id: $role) { ... on AdminRole { @ } }",
        &[BlankAny(ROLES)],
        &[],
        &[("userCount", Any(ROLES))],
    ),
    section(
        "AdminRole",
        "viewer { user { adminRole { @ } } }",
        &[Open],
        &[],
        &[("userCount", Any(ROLES))],
    ),
    section(
        "DirectoryField",
        "node(id: $field) { ... on DirectoryField { @ } }",
        &[BlankAny(FIELDS)],
        &[],
        &[],
    ),
    section(
        "PersonalAccessToken",
        "node(id: $ended) { ... on PersonalAccessToken { @ } }",
        &[Blank(&["MANAGE_USERS"])],
        &["user"],
        &[],
    ),
    section(
        "AuditEvent",
        "node(id: $event) { ... on AuditEvent { @ } }",
        &[Blank(&["VIEW_AUDIT_LOG"])],
        &["actorUser", "user"],
        &[],
    ),
];
