//! Administrator roles and their assignments.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An assignment of a role to a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleAssignment {
    /// Not unique across users: target-capable standard roles carry the base32 of their type.
    pub id: String,
    /// `SUPER_ADMIN`, …, or `CUSTOM`.
    #[serde(rename = "type")]
    pub kind: String,
    pub label: String,
    /// Whether the role comes from a group; then it cannot be taken away from the user.
    pub from_group: bool,
    pub created: DateTime<Utc>,
    /// Ids of role and resource set, for custom and IAM-based roles only.
    pub iam: Option<IamRole>,
}

/// What an IAM-based assignment names beside its type.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IamRole {
    pub role: String,
    pub resource_set: String,
}

/// A role that the org's administrators composed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomRole {
    pub id: String,
    pub label: String,
    pub description: String,
    pub created: DateTime<Utc>,
    pub last_updated: DateTime<Utc>,
}

/// How ids of a standard role's assignments are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdForm {
    /// The base32 of the type: the role can be limited to targets.
    Base32,
    /// `ra1…`, one per assignment.
    Unique,
    /// `irb…`: built on IAM roles and resource sets.
    Iam,
}

/// Okta's predefined roles: type, label, form of the assignment's id.
/// Labels as recorded (`USER_ADMIN`) or as in the guide to roles.
pub(crate) const STANDARD: [(&str, &str, IdForm); 12] = [
    ("SUPER_ADMIN", "Super Administrator", IdForm::Unique),
    ("ORG_ADMIN", "Organization Administrator", IdForm::Unique),
    ("APP_ADMIN", "Application Administrator", IdForm::Base32),
    ("USER_ADMIN", "User Administrator", IdForm::Base32),
    (
        "GROUP_MEMBERSHIP_ADMIN",
        "Group Membership Administrator",
        IdForm::Base32,
    ),
    ("HELP_DESK_ADMIN", "Help Desk Administrator", IdForm::Base32),
    ("READ_ONLY_ADMIN", "Read-only Administrator", IdForm::Unique),
    ("REPORT_ADMIN", "Report Administrator", IdForm::Unique),
    (
        "API_ACCESS_MANAGEMENT_ADMIN",
        "API Access Management Administrator",
        IdForm::Unique,
    ),
    ("WORKFLOWS_ADMIN", "Workflows Administrator", IdForm::Iam),
    (
        "ACCESS_CERTIFICATIONS_ADMIN",
        "Access Certifications Administrator",
        IdForm::Iam,
    ),
    (
        "ACCESS_REQUESTS_ADMIN",
        "Access Requests Administrator",
        IdForm::Iam,
    ),
];

/// Label and id form of a predefined role.
pub(crate) fn standard(kind: &str) -> Option<(&'static str, IdForm)> {
    STANDARD
        .iter()
        .find(|(name, ..)| *name == kind)
        .map(|(_, label, form)| (*label, *form))
}

/// RFC 4648 base32 without padding.
pub(crate) fn base32(text: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    text.as_bytes()
        .chunks(5)
        .flat_map(|chunk| {
            let bits = chunk.iter().enumerate().fold(0_u64, |bits, (index, byte)| {
                bits | u64::from(*byte) << (32 - 8 * index)
            });
            let digits = (chunk.len() * 8).div_ceil(5);
            (0..digits).map(move |digit| {
                let index = usize::try_from(bits >> (35 - 5 * digit) & 31).unwrap_or(0);
                char::from(ALPHABET[index])
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_target_capable_roles_are_the_recorded_ones() {
        assert_eq!(base32("APP_ADMIN"), "IFIFAX2BIRGUSTQ");
        assert_eq!(base32("HELP_DESK_ADMIN"), "JBCUYUC7IRCVGS27IFCE2SKO");
        assert_eq!(base32("USER_ADMIN"), "KVJUKUS7IFCE2SKO");
    }
}
