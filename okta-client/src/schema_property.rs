//! One attribute of a schema: its type, its bounds, and who may change it.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// Type of an attribute or of a list's items.
    PropertyType {
        /// Text.
        String = "string",
        /// A truth value.
        Boolean = "boolean",
        /// A whole number.
        Integer = "integer",
        /// A number.
        Number = "number",
        /// A list.
        Array = "array",
    }
}

vocabulary! {
    /// Whether an attribute can be written at all.
    Mutability {
        /// Freely.
        ReadWrite = "READ_WRITE",
        /// Not.
        ReadOnly = "READ_ONLY",
        /// Once.
        Immutable = "IMMUTABLE",
        /// But never read.
        WriteOnly = "WRITE_ONLY",
    }
}

vocabulary! {
    /// Whether an attribute can be set for a group.
    PropertyScope {
        /// For groups and users.
        None = "NONE",
        /// For users only.
        SelfOnly = "SELF",
    }
}

vocabulary! {
    /// Who owns the attribute's value.
    MasterType {
        /// The source of the profile, such as a directory: writes are refused while there is one.
        ProfileMaster = "PROFILE_MASTER",
        /// Okta.
        Okta = "OKTA",
        /// The sources listed for the attribute.
        Override = "OVERRIDE",
    }
}

/// Whether values must differ between users. Written as a boolean, read as a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Uniqueness {
    /// They need not.
    #[default]
    None,
    /// They must.
    Validated,
    /// They must, and Okta is still checking the existing ones.
    Pending,
    /// A word that this crate does not know.
    Other(String),
}

/// An attribute of a profile.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaProperty {
    /// Name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: PropertyType,
    /// Whether it is required; see also `AttributeSet::is_required`.
    pub required: Option<bool>,
    /// Fewest characters.
    pub min_length: Option<u32>,
    /// Most characters.
    pub max_length: Option<u32>,
    /// The allowed values (`enum`); `None` allows any.
    #[serde(rename = "enum")]
    pub choices: Option<Vec<Value>>,
    /// The allowed values with their names for people.
    pub one_of: Option<Vec<Choice>>,
    /// What a list holds.
    pub items: Option<Items>,
    /// Regular expression that the value must match.
    pub pattern: Option<String>,
    /// Meaning of a text: `email`, `uri`, `country-code`, `language-code`, `locale`, `timezone` …
    pub format: Option<String>,
    /// Whether values must differ between users.
    #[serde(default, deserialize_with = "uniqueness")]
    pub unique: Uniqueness,
    /// Whether it can be written.
    pub mutability: Option<Mutability>,
    /// Whether it can be set for a group.
    pub scope: Option<PropertyScope>,
    /// What the user may do with it.
    #[serde(default, deserialize_with = "permissions")]
    pub permissions: Vec<Permission>,
    /// Who owns the value; `None` for Okta.
    pub master: Option<Master>,
    /// Name in the system it is mapped to.
    pub external_name: Option<String>,
}

/// An allowed value and its name for people.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Choice {
    /// The value.
    #[serde(rename = "const")]
    pub value: Value,
    /// Its name.
    #[serde(default)]
    pub title: String,
}

/// What a list holds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Items {
    /// Type of each item.
    #[serde(rename = "type")]
    pub kind: PropertyType,
    /// The allowed items; `None` allows any.
    #[serde(rename = "enum")]
    pub choices: Option<Vec<Value>>,
    /// The allowed items with their names for people.
    pub one_of: Option<Vec<Choice>>,
}

/// What somebody may do with an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Permission {
    /// Who: `SELF` is the user.
    pub principal: String,
    /// What: `HIDE`, `READ_ONLY` or `READ_WRITE`.
    pub action: String,
}

/// Who owns an attribute's value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Master {
    /// Kind of owner.
    #[serde(rename = "type")]
    pub kind: MasterType,
}

fn uniqueness<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uniqueness, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Wire {
        Flag(bool),
        Word(String),
    }
    Ok(match Option::<Wire>::deserialize(deserializer)? {
        None | Some(Wire::Flag(false)) => Uniqueness::None,
        Some(Wire::Flag(true)) => Uniqueness::Validated,
        Some(Wire::Word(word)) => match word.as_str() {
            "UNIQUE_VALIDATED" => Uniqueness::Validated,
            "PENDING_UNIQUENESS" => Uniqueness::Pending,
            "NOT_UNIQUE" => Uniqueness::None,
            _ => Uniqueness::Other(word),
        },
    })
}

fn permissions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Permission>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
