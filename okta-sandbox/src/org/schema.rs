//! The user schema: Okta's base attributes and the org's own ones.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The 31 base attributes as a real org answered them.
const BASE: &str = include_str!("base_attributes.json");

/// Order of `required` in a real org's answer.
const BASE_ORDER: [&str; 4] = ["login", "firstName", "lastName", "email"];

/// What an attribute can hold.
pub(crate) const KINDS: [&str; 5] = ["string", "boolean", "integer", "number", "array"];

/// Attributes by name.
pub(crate) type Attributes = BTreeMap<String, Attribute>;

/// The schema of the default user type.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserSchema {
    pub base: Attributes,
    pub custom: Attributes,
    pub created: DateTime<Utc>,
    pub last_updated: DateTime<Utc>,
}

/// One attribute, in the form of Okta's API; what this sandbox does not interpret is kept in `other`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attribute {
    #[serde(default)]
    pub title: String,
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Vec<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Written as a boolean, read as `UNIQUE_VALIDATED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutability: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<Value>,
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Attribute {
    pub fn is_required(&self) -> bool {
        self.required == Some(true)
    }

    pub fn is_unique(&self) -> bool {
        self.unique.is_some()
    }

    /// Whether another system owns the value: then the API may not write it.
    pub fn is_sourced_elsewhere(&self) -> bool {
        self.mutability.as_deref() == Some("READ_ONLY")
            || self
                .master
                .as_ref()
                .is_some_and(|master| master["type"] == "OVERRIDE")
    }

    /// The values that are permitted, from `oneOf` or `enum`; `None` when all are.
    pub fn permitted(&self) -> Option<Vec<&Value>> {
        match (&self.one_of, &self.choices) {
            (Some(choices), _) if !choices.is_empty() => Some(
                choices
                    .iter()
                    .filter_map(|choice| choice.get("const"))
                    .collect(),
            ),
            (_, Some(choices)) if !choices.is_empty() => Some(choices.iter().collect()),
            _ => None,
        }
    }
}

impl UserSchema {
    /// The schema of a new org. The base attributes come from a recorded answer and always parse.
    pub fn standard(now: DateTime<Utc>) -> Result<Self, serde_json::Error> {
        Ok(Self {
            base: serde_json::from_str(BASE)?,
            custom: Attributes::new(),
            created: now,
            last_updated: now,
        })
    }

    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.base.get(name).or_else(|| self.custom.get(name))
    }

    /// All attributes with their names, base ones first.
    pub fn attributes(&self) -> impl Iterator<Item = (&String, &Attribute)> {
        self.base.iter().chain(&self.custom)
    }

    /// Names of the required base attributes in Okta's order.
    pub fn required_base(&self) -> Vec<&str> {
        let mut names: Vec<_> = self
            .base
            .iter()
            .filter(|(_, attribute)| attribute.is_required())
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_by_key(|name| BASE_ORDER.iter().position(|known| known == name));
        names
    }

    /// Names of the required custom attributes.
    pub fn required_custom(&self) -> Vec<&str> {
        self.custom
            .iter()
            .filter(|(_, attribute)| attribute.is_required())
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_has_the_recorded_31_attributes() {
        let schema = UserSchema::standard(DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(schema.base.len(), 31);
        assert_eq!(
            schema.required_base(),
            ["login", "firstName", "lastName", "email"]
        );
        let recorded: Value = serde_json::from_str(BASE).unwrap();
        assert_eq!(serde_json::to_value(&schema.base).unwrap(), recorded);
    }
}
