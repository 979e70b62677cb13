//! What an org holds at its first start, beside the administrator.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// People, custom attributes and custom roles of a new org. Readable from JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Seed {
    /// Custom attributes of the user schema, by name, in the form of Okta's schema properties.
    pub custom_attributes: BTreeMap<String, Value>,
    /// Custom admin roles.
    pub custom_roles: Vec<SeedRole>,
    /// Users, created without entries in the ledger of effects.
    pub users: Vec<SeedUser>,
}

/// A custom admin role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedRole {
    /// Name in the Admin Console.
    pub label: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
}

/// A user that exists before anything happens.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedUser {
    /// Attributes; `login` is compulsory, the rest is taken as it stands, even if the schema would refuse it.
    pub profile: Map<String, Value>,
    /// Okta's status, `ACTIVE` when absent.
    #[serde(default)]
    pub status: Option<String>,
    /// Password; absent means none.
    #[serde(default)]
    pub password: Option<String>,
    /// Standard role types, or labels of custom roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether the roles come from a group (then they cannot be taken away from the user).
    #[serde(default)]
    pub roles_from_group: bool,
}

impl Seed {
    /// The default org: two custom attributes, two custom roles, nobody but the administrator.
    pub fn standard() -> Self {
        let attribute = |title: &str, extra: Value| {
            let mut attribute = json!({
                "title": title,
                "type": "string",
                "mutability": "READ_WRITE",
                "scope": "NONE",
                "permissions": [{ "principal": "SELF", "action": "READ_ONLY" }],
            });
            if let (Some(target), Value::Object(extra)) = (attribute.as_object_mut(), extra) {
                target.extend(extra);
            }
            attribute
        };
        Self {
            custom_attributes: BTreeMap::from([
                (
                    "costCenterCode".into(),
                    attribute(
                        "Cost center code",
                        json!({ "minLength": 3, "maxLength": 12 }),
                    ),
                ),
                (
                    "employmentType".into(),
                    attribute(
                        "Employment type",
                        json!({
                            "enum": ["EMPLOYEE", "CONTRACTOR", "INTERN"],
                            "oneOf": [
                                { "const": "EMPLOYEE", "title": "Employee" },
                                { "const": "CONTRACTOR", "title": "Contractor" },
                                { "const": "INTERN", "title": "Intern" },
                            ],
                        }),
                    ),
                ),
            ]),
            custom_roles: vec![
                SeedRole {
                    label: "Help desk – Berlin".into(),
                    description: "Unlocks accounts and resets passwords of the Berlin office"
                        .into(),
                },
                SeedRole {
                    label: "Auditor".into(),
                    description: "Reads everything, changes nothing".into(),
                },
            ],
            users: Vec::new(),
        }
    }
}
