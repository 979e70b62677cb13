//! Attribute mapping: how a person of the directory becomes an Okta profile.
//!
//! Attributes come from the org's own user schema (contract §4); every one can be fed by a directory field or by a
//! constant.

mod apply;
mod defaults;
mod diff;
mod reverse;
mod rule;
mod validate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::code::codes;
use super::value::{AttributeValue, ValueType};

pub use apply::apply;
pub use defaults::{compatible_fields, default_mapping};
pub use diff::{diff, same_value};
pub use reverse::{Difference, DifferenceNote, Reader};
pub use rule::Violation;
pub use validate::validate;

/// Okta's attribute with the name people sign in with.
pub const LOGIN: &str = "login";
/// Okta's attribute with the primary e-mail address.
pub const EMAIL: &str = "email";
/// Okta's attribute with the given name.
pub const FIRST_NAME: &str = "firstName";
/// Okta's attribute with the family name.
pub const LAST_NAME: &str = "lastName";
/// Okta's attribute with the address for account recovery.
pub const SECOND_EMAIL: &str = "secondEmail";
/// Most items of a mapping: more than the attributes of any org we know of.
pub const MAX_ITEMS: usize = 500;

/// An Okta profile: attribute names to JSON values. Null clears the attribute (contract §3, update).
pub type OktaProfile = serde_json::Map<String, serde_json::Value>;

/// One value of a closed list in Okta's schema (`enum`, or `oneOf` with titles).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The value.
    pub value: AttributeValue,
    /// Okta's title for it; the value itself when there is none.
    pub label: String,
}

/// An attribute of the org's user schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OktaAttribute {
    /// Name in the profile; unique in the schema, case counts.
    pub name: String,
    /// Okta's title for it.
    pub title: String,
    /// Okta's description; null when there is none.
    pub description: Option<String>,
    /// The type of its values.
    pub value_type: ValueType,
    /// Whether Okta refuses profiles without it.
    pub required: bool,
    /// The values to which Okta limits it (for lists: their items); empty when it does not.
    pub choices: Vec<Choice>,
    /// Fewest characters; null when unlimited.
    pub min_length: Option<u32>,
    /// Most characters; null when unlimited.
    pub max_length: Option<u32>,
    /// Okta's regular expression for the text, in Java's syntax; null when there is none.
    pub pattern: Option<String>,
    /// Okta's name for the shape of the text, such as `email`; null when there is none.
    #[serde(default)]
    pub format: Option<String>,
    /// Whether it can be written: false when read-only or mastered elsewhere (contract §4).
    pub writable: bool,
    /// Whether the org defined it.
    pub custom: bool,
    /// Whether Okta keeps its values unique.
    pub unique: bool,
}

/// Where the value of an attribute comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MappingSource {
    /// The person's value of the directory field with this id.
    Field(String),
    /// The same value for everybody.
    Constant(AttributeValue),
}

/// One line of a mapping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MappingItem {
    /// Name of the Okta attribute.
    pub attribute: String,
    /// Where its value comes from.
    pub source: MappingSource,
}

codes! {
    /// What is wrong with a mapping.
    pub enum MappingFaultCode {
        /// The org's schema has no such attribute.
        UnknownAttribute = "UNKNOWN_ATTRIBUTE",
        /// An earlier line maps the same attribute.
        DuplicateAttribute = "DUPLICATE_ATTRIBUTE",
        /// Okta requires the attribute and no line maps it.
        RequiredUnmapped = "REQUIRED_UNMAPPED",
        /// The source's type does not fit; `expected`, `actual`.
        TypeMismatch = "TYPE_MISMATCH",
        /// The constant is none of the attribute's choices.
        NotInChoices = "NOT_IN_CHOICES",
        /// The constant is too long; `max`.
        TooLong = "TOO_LONG",
        /// The constant is too short; `min`.
        TooShort = "TOO_SHORT",
        /// The constant does not match Okta's pattern; `pattern`.
        PatternMismatch = "PATTERN_MISMATCH",
        /// Okta does not let the attribute be written.
        ReadOnlyAttribute = "READ_ONLY_ATTRIBUTE",
        /// The directory has no such field.
        UnknownField = "UNKNOWN_FIELD",
        /// The mapping has too many lines; `max`.
        TooMany = "TOO_MANY",
        /// The attribute has to differ from person to person.
        ConstantNotAllowed = "CONSTANT_NOT_ALLOWED",
        /// The constant is not of the shape that Okta asks for; `format`.
        BadFormat = "BAD_FORMAT",
    }
}

impl MappingFaultCode {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownAttribute => "The Okta org has no such attribute.",
            Self::DuplicateAttribute => "The attribute is mapped twice.",
            Self::RequiredUnmapped => "Okta requires this attribute; map it.",
            Self::TypeMismatch => "The types of source and attribute do not fit.",
            Self::NotInChoices => "Okta does not list this value for the attribute.",
            Self::TooLong => "The value is longer than Okta allows.",
            Self::TooShort => "The value is shorter than Okta allows.",
            Self::PatternMismatch => "The value does not match the pattern that Okta asks for.",
            Self::ReadOnlyAttribute => "Okta does not let this attribute be written.",
            Self::UnknownField => "The directory has no such field.",
            Self::TooMany => "The mapping has too many lines.",
            Self::ConstantNotAllowed => {
                "The attribute identifies a person and cannot be the same for everybody."
            }
            Self::BadFormat => "The value does not have the shape that Okta asks for.",
        }
    }
}

/// One thing wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingFault {
    /// The line concerned, from zero; null when it is about a line that is missing.
    pub index: Option<usize>,
    /// The attribute concerned; null when the whole mapping is.
    pub attribute: Option<String>,
    /// What is wrong.
    pub code: MappingFaultCode,
    /// Details for a translated sentence, such as `max` or `expected`.
    pub params: BTreeMap<String, String>,
}

codes! {
    /// What is wrong with the value that a person's mapping gives.
    pub enum ValueFaultCode {
        /// Okta requires the attribute and the person has no value.
        RequiredMissing = "REQUIRED_MISSING",
        /// The value has the wrong type.
        TypeMismatch = "TYPE_MISMATCH",
        /// The value is none of the attribute's choices.
        NotInChoices = "NOT_IN_CHOICES",
        /// The value is too long; `max`.
        TooLong = "TOO_LONG",
        /// The value is too short; `min`.
        TooShort = "TOO_SHORT",
        /// The value does not match Okta's pattern; `pattern`.
        PatternMismatch = "PATTERN_MISMATCH",
        /// The value is not of the shape that Okta asks for; `format`.
        BadFormat = "BAD_FORMAT",
        /// The org's schema lost the attribute, or made it read-only.
        NotWritable = "NOT_WRITABLE",
    }
}

impl ValueFaultCode {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::RequiredMissing => "Okta requires a value and the person has none.",
            Self::TypeMismatch => "The value has the wrong type.",
            Self::NotInChoices => "Okta does not list this value for the attribute.",
            Self::TooLong => "The value is longer than Okta allows.",
            Self::TooShort => "The value is shorter than Okta allows.",
            Self::PatternMismatch => "The value does not match the pattern that Okta asks for.",
            Self::BadFormat => "The value does not have the shape that Okta asks for.",
            Self::NotWritable => "Okta does not let this attribute be written any more.",
        }
    }
}

/// One thing wrong with the profile that the mapping gives for a person. The value itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueFault {
    /// Name of the Okta attribute.
    pub attribute: String,
    /// What is wrong.
    pub code: ValueFaultCode,
    /// Details for a translated sentence, such as `max`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests;
