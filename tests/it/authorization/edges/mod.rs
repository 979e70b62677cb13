//! What opens each field that is read: one row a field, under the type that it belongs to and a way to get there.

mod apps;
mod directory;
mod people_in_apps;

use super::personas::{
    PERMISSIONS,
    Rule::{self, All, Any, Blank, BlankAny, Open},
};

/// A way to an object, and the fields of it.
pub struct Section {
    /// Its type.
    pub of: &'static str,
    /// The way, with `@` where the fields go, and `$name` for ids.
    pub way: &'static str,
    /// What opens the way: one rule behind the other.
    pub rules: &'static [Rule],
    /// Fields that belong to the object: whoever sees it sees them. With `?` before it: it may be null or empty.
    pub open: &'static [&'static str],
    /// Fields that need something besides.
    pub guarded: &'static [(&'static str, Rule)],
}

const fn section(
    of: &'static str,
    way: &'static str,
    rules: &'static [Rule],
    open: &'static [&'static str],
    guarded: &'static [(&'static str, Rule)],
) -> Section {
    Section {
        of,
        way,
        rules,
        open,
        guarded,
    }
}

const APPS: Rule = All(&["VIEW_APPS"]);
const APPS_NODE: &[Rule] = &[Blank(&["VIEW_APPS"])];
const IMPORTS: Rule = All(&["VIEW_APPS", "IMPORT_USERS"]);
const IMPORTS_NODE: &[Rule] = &[Blank(&["VIEW_APPS", "IMPORT_USERS"])];
const PEOPLE: Rule = Any(&["VIEW_USERS", "MANAGE_USERS", "ASSIGN_APPS"]);
const ROLES: &[&str] = &["MANAGE_ADMIN_ROLES", "VIEW_USERS", "MANAGE_USERS"];
const FIELDS: &[&str] = &["VIEW_USERS", "MANAGE_USERS", "ASSIGN_APPS", "VIEW_APPS"];
const AUDIT: Rule = All(&["VIEW_AUDIT_LOG"]);
const ANY: Rule = Any(&PERMISSIONS);

/// What opens `node` for each type that it knows, with the name of an id.
pub const NODES: [(&str, &str, Rule); 16] = [
    ("Account", "account", Blank(&["VIEW_APPS"])),
    ("AdminRole", "role", BlankAny(ROLES)),
    ("App", "app", Blank(&["VIEW_APPS"])),
    ("Assignment", "assignment", Blank(&["VIEW_APPS"])),
    ("AuditEvent", "event", Blank(&["VIEW_AUDIT_LOG"])),
    ("BulkJob", "job", Blank(&["VIEW_APPS"])),
    ("DeprovisioningHold", "hold", Blank(&["VIEW_APPS"])),
    ("DirectoryField", "field", BlankAny(FIELDS)),
    ("Import", "import", Blank(&["VIEW_APPS", "IMPORT_USERS"])),
    (
        "ImportCandidate",
        "candidate",
        Blank(&["VIEW_APPS", "IMPORT_USERS"]),
    ),
    ("OktaAuthorization", "authorization", Blank(&["VIEW_APPS"])),
    ("OktaOrg", "org", Blank(&["VIEW_APPS"])),
    ("Operation", "operation", Blank(&["VIEW_APPS"])),
    // Everybody may know where he belongs.
    ("Organization", "organization", Open),
    ("PersonalAccessToken", "ended", Blank(&["MANAGE_USERS"])),
    (
        "User",
        "ann",
        BlankAny(&["VIEW_USERS", "MANAGE_USERS", "ASSIGN_APPS"]),
    ),
];

/// Types without ways of their own: plain values of the object that they belong to.
pub const VALUES: [&str; 26] = [
    "AccountStateCount",
    "AccountWaitCount",
    "AssignedRole",
    "BooleanValue",
    "DeprovisioningBudget",
    "ImpactOperationCount",
    "ImportAdvice",
    "ImportCategoryCount",
    "ImportConfirmationSummary",
    "ImportOutcomeCount",
    "ImportProblem",
    "ImportProgress",
    "IntegerListValue",
    "IntegerValue",
    "NumberListValue",
    "NumberValue",
    "OktaCopy",
    "OktaOrgProblem",
    "OktaRole",
    "OktaUserStatus",
    "PageInfo",
    "PermissionInfo",
    "SetupStep",
    "StringListValue",
    "StringValue",
    "UserErrorParam",
];

/// Every way, and every field.
pub fn sections() -> impl Iterator<Item = &'static Section> {
    let apps = apps::SECTIONS.iter().chain(people_in_apps::SECTIONS);
    directory::SECTIONS.iter().chain(apps)
}
