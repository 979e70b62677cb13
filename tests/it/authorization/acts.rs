//! What opens each mutation: at least one row a mutation. What is sent changes nothing when it is let through, as it is refused for another reason,
//! or is so already; so everybody finds the same organisation.

use super::personas::{Persona, Rule};
use Rule::{All, Open};

/// A mutation, and who may carry it out.
pub struct Act {
    pub mutation: &'static str,
    /// Its `input` as JSON, with `$name` for ids.
    pub input: &'static str,
    /// The permissions without which the request fails.
    pub rule: Rule,
    /// Who is let through beyond that, where the standing of people counts; the others get a refusal in `userErrors`.
    pub besides: fn(&Persona) -> bool,
    /// The field that tells a panel beforehand, as `it`; empty where no panel has a button for it.
    pub gate: &'static str,
}

const fn act(mutation: &'static str, input: &'static str, rule: Rule, gate: &'static str) -> Act {
    Act {
        mutation,
        input,
        rule,
        besides: |_| true,
        gate,
    }
}

impl Act {
    const fn besides(self, besides: fn(&Persona) -> bool) -> Self {
        Self { besides, ..self }
    }
}

/// In place of this, the first permission of whoever asks that a token can have.
pub const SCOPE: &str = "SCOPE";
/// In place of this, an app that may be removed.
pub const FRESH: &str = "$fresh";

const ASSIGN: Rule = All(&["VIEW_APPS", "ASSIGN_APPS"]);
const IMPORT: Rule = All(&["VIEW_APPS", "IMPORT_USERS"]);
const CONFIGURE: Rule = All(&["VIEW_APPS", "ASSIGN_APPS", "IMPORT_USERS"]);
const MANAGE: Rule = All(&["MANAGE_USERS"]);
const ROLES: Rule = All(&["MANAGE_ADMIN_ROLES"]);

const CAN_CONFIGURE: &str = "app(id: $app) { it: viewerCanConfigure }";
const CAN_CONFIGURE_SPARE: &str = "app(id: $spare) { it: viewerCanConfigure }";
const CAN_ASSIGN: &str = "app(id: $app) { it: viewerCanAssign }";
const CAN_IMPORT: &str = "app(id: $app) { it: viewerCanImport }";
const CAN_ADD_FIELDS: &str = "viewer { organization { it: viewerCanCreateDirectoryFields } }";
const CAN_ADD_ROLES: &str = "viewer { organization { it: viewerCanCreateAdminRoles } }";

/// A token is no owner, whatever its person is.
const fn high(persona: &Persona) -> bool {
    persona.high
}

/// Who may make tokens: people themselves, for what they may do and a token can.
fn may_make_tokens(persona: &Persona) -> bool {
    !persona.token
        && persona
            .permissions
            .iter()
            .any(|each| *each != "MANAGE_ADMIN_ROLES")
}

/// Whom an auditor stands no higher than, and who may look after other people's tokens.
fn manages_auditors(persona: &Persona) -> bool {
    !persona.token && persona.has(&["MANAGE_USERS", "VIEW_AUDIT_LOG"])
}

/// Every mutation.
pub const ACTS: &[Act] = &[
    act(
        "accountDeletionsDecide",
        r#"{"accountIds": [$account], "decision": "KEEP"}"#,
        ASSIGN,
        "node(id: $account) { ... on Account { it: viewerCanKeep } }",
    ),
    act(
        "accountDeletionsDecide",
        r#"{"accountIds": [$account], "decision": "DELETE_NOW"}"#,
        CONFIGURE,
        "node(id: $account) { ... on Account { it: viewerCanDeleteNow } }",
    ),
    act(
        "accountLinkConfirm",
        r#"{"accountId": $blocked, "oktaId": "another"}"#,
        CONFIGURE,
        "node(id: $blocked) { ... on Account { it: viewerCanConfirmLink } }",
    )
    .besides(high),
    act(
        "accountsRetry",
        r#"{"accountIds": [$account]}"#,
        ASSIGN,
        "node(id: $account) { ... on Account { it: viewerCanRetry } }",
    ),
    act(
        "adminRoleCreate",
        r#"{"name": "", "permissions": []}"#,
        ROLES,
        CAN_ADD_ROLES,
    ),
    act(
        "adminRoleDelete",
        r#"{"adminRoleId": $role}"#,
        ROLES,
        "node(id: $role) { ... on AdminRole { it: viewerCanDelete } }",
    ),
    act(
        "adminRoleUpdate",
        r#"{"adminRoleId": $role, "name": ""}"#,
        ROLES,
        "node(id: $role) { ... on AdminRole { it: viewerCanUpdate } }",
    )
    .besides(|persona| persona.has(&["VIEW_AUDIT_LOG"])),
    act(
        "appAdd",
        r#"{"name": "\u0007"}"#,
        CONFIGURE,
        "viewer { organization { it: viewerCanAddApps } }",
    ),
    act(
        "appOptionsSave",
        r#"{"appId": $app, "expectedVersion": -1}"#,
        CONFIGURE,
        CAN_CONFIGURE,
    ),
    act(
        "appRemove",
        r#"{"appId": $fresh}"#,
        CONFIGURE,
        CAN_CONFIGURE,
    ),
    act(
        "assignmentsRoleChange",
        r#"{"appId": $app, "targets": {"userIds": [$ann]}, "role": "HELP_DESK_ADMIN"}"#,
        ASSIGN,
        "node(id: $assignment) { ... on Assignment { it: viewerCanChangeRole } }",
    ),
    act(
        "attributeMappingsSave",
        r#"{"appId": $app, "expectedVersion": -1, "items": []}"#,
        CONFIGURE,
        CAN_CONFIGURE,
    ),
    act(
        "deprovisioningHoldApprove",
        r#"{"holdId": $hold, "expectedVersion": -1}"#,
        CONFIGURE,
        "node(id: $hold) { ... on DeprovisioningHold { it: viewerCanApprove } }",
    ),
    act(
        "deprovisioningHoldDiscard",
        r#"{"holdId": $hold, "expectedVersion": -1}"#,
        CONFIGURE,
        "node(id: $hold) { ... on DeprovisioningHold { it: viewerCanDiscard } }",
    ),
    act(
        "directoryFieldCreate",
        r#"{"label": "", "dataType": "STRING"}"#,
        MANAGE,
        CAN_ADD_FIELDS,
    ),
    act(
        "directoryFieldDelete",
        r#"{"fieldId": $field}"#,
        MANAGE,
        "node(id: $field) { ... on DirectoryField { it: viewerCanDelete } }",
    ),
    act(
        "directoryFieldUpdate",
        r#"{"fieldId": $field, "label": ""}"#,
        MANAGE,
        "node(id: $field) { ... on DirectoryField { it: viewerCanUpdate } }",
    ),
    act(
        "importCancel",
        r#"{"importId": $cancelled}"#,
        IMPORT,
        CAN_IMPORT,
    ),
    act(
        "importCandidatesRetry",
        r#"{"importId": $completed, "candidateIds": [$applied]}"#,
        IMPORT,
        CAN_IMPORT,
    ),
    act(
        "importCandidatesSelect",
        r#"{"importId": $completed, "candidates": {"candidateIds": [$applied]}, "selected": false}"#,
        IMPORT,
        CAN_IMPORT,
    ),
    act(
        "importConfirm",
        r#"{"importId": $import, "expectedSelectionVersion": -1}"#,
        IMPORT,
        CAN_IMPORT,
    ),
    act(
        "importDeactivationsApprove",
        r#"{"importId": $completed, "expectedCount": 1}"#,
        IMPORT,
        "node(id: $completed) { ... on Import { it: viewerCanApproveDeactivations } }",
    )
    .besides(high),
    act("importStart", r#"{"appId": $spare}"#, IMPORT, CAN_IMPORT),
    act(
        "oktaAuthorizationStart",
        r#"{"appId": $spare}"#,
        CONFIGURE,
        CAN_CONFIGURE_SPARE,
    ),
    act(
        "oktaOrgConfigure",
        r#"{"appId": $spare, "domain": "no domain", "clientId": "x"}"#,
        CONFIGURE,
        CAN_CONFIGURE_SPARE,
    ),
    act(
        "oktaOrgDisconnect",
        r#"{"appId": $spare}"#,
        CONFIGURE,
        CAN_CONFIGURE_SPARE,
    ),
    act(
        "oktaOrgTest",
        r#"{"appId": $spare}"#,
        CONFIGURE,
        CAN_CONFIGURE_SPARE,
    ),
    act(
        "oktaSchemaRefresh",
        r#"{"appId": $spare}"#,
        CONFIGURE,
        CAN_CONFIGURE_SPARE,
    ),
    // A one-time token opens it, which is no person's: tests/it/bootstrap.rs.
    act(
        "organizationBootstrap",
        r#"{"organizationName": "New", "ownerEmail": "owner@new.example"}"#,
        Rule::Nobody,
        "",
    ),
    act(
        "personalAccessTokenCreate",
        r#"{"name": "", "scopes": ["SCOPE"], "validForDays": 1}"#,
        Open,
        "viewer { it: canCreatePersonalAccessTokens }",
    )
    .besides(may_make_tokens),
    act(
        "personalAccessTokenRevoke",
        r#"{"personalAccessTokenId": $ended}"#,
        Open,
        "node(id: $ended) { ... on PersonalAccessToken { it: viewerCanRevoke } }",
    )
    .besides(manages_auditors),
    act(
        "provisioningPause",
        r#"{"appId": $app, "note": "All that is needed is there."}"#,
        CONFIGURE,
        CAN_CONFIGURE,
    ),
    act(
        "provisioningResume",
        r#"{"appId": $spare}"#,
        CONFIGURE,
        CAN_CONFIGURE_SPARE,
    ),
    act(
        "provisioningSettingsSave",
        r#"{"appId": $app, "expectedVersion": -1}"#,
        CONFIGURE,
        CAN_CONFIGURE,
    ),
    act(
        "userActivate",
        r#"{"userId": $ann, "expectedRevision": -1}"#,
        MANAGE,
        "user(id: $ann) { it: viewerCanActivate }",
    ),
    act(
        "userAdminRoleSet",
        r#"{"userId": $ann, "adminRoleId": $members, "expectedRevision": -1}"#,
        ROLES,
        "user(id: $ann) { it: viewerCanSetAdminRole }",
    ),
    act(
        "userCreate",
        r#"{"userName": "", "primaryEmail": ""}"#,
        MANAGE,
        "viewer { organization { it: viewerCanCreateUsers } }",
    ),
    act(
        "userDeactivate",
        r#"{"userId": $ann, "expectedRevision": -1}"#,
        MANAGE,
        "user(id: $ann) { it: viewerCanDeactivate }",
    ),
    act(
        "userDelete",
        r#"{"userId": $ann, "expectedRevision": -1}"#,
        MANAGE,
        "user(id: $ann) { it: viewerCanDelete }",
    ),
    act(
        "userUpdate",
        r#"{"userId": $ann, "expectedRevision": -1}"#,
        MANAGE,
        "user(id: $ann) { it: viewerCanUpdate }",
    ),
    act(
        "usersAssign",
        r#"{"appId": $app, "targets": {"userIds": [$ann]}}"#,
        ASSIGN,
        CAN_ASSIGN,
    ),
    act(
        "usersUnassign",
        r#"{"appId": $app, "targets": {"userIds": [$plain]}}"#,
        ASSIGN,
        CAN_ASSIGN,
    ),
];
