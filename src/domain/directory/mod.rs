//! The organisation's directory: which fields people have, and what their values must look like.

mod catalogue;
mod check;
mod key;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::code::codes;
use super::value::{FieldValue, ValueType};

pub use catalogue::standard_fields;
pub use check::{
    MAX_TEXT_LENGTH, check_field_definition, check_field_value, check_field_values, is_email,
    is_hidden_control,
};
pub use key::{is_same_address, match_key};

/// Key of the field with the name people sign in with.
pub const USER_NAME: &str = "userName";
/// Key of the field with the address that mail goes to.
pub const PRIMARY_EMAIL: &str = "primaryEmail";
/// Most custom fields of an organisation: keeps a person's profile to a page.
pub const MAX_CUSTOM_FIELDS: usize = 100;
/// Longest text in a field when the definition names no length.
pub const DEFAULT_MAX_LENGTH: u32 = 1_000;
/// Most items in a list value.
pub const MAX_LIST_ITEMS: usize = 100;

/// A person's values by field id; a field without a value is absent.
pub type FieldValues = BTreeMap<String, FieldValue>;

/// Whether what a person signs in by changes.
#[must_use]
pub fn renames(before: &FieldValues, after: &FieldValues) -> bool {
    [USER_NAME, PRIMARY_EMAIL]
        .iter()
        .any(|field| before.get(*field) != after.get(*field))
}

codes! {
    /// What shape the text of a field must have beyond its length.
    pub enum TextFormat {
        /// Name to sign in with: one word, often an e-mail address.
        UserName = "USER_NAME",
        /// One line of any text.
        Line = "LINE",
        /// Text that may have several lines.
        Paragraph = "PARAGRAPH",
        /// E-mail address.
        Email = "EMAIL",
        /// Absolute http or https address.
        Url = "URL",
        /// ISO 3166-1 country code of two letters.
        Country = "COUNTRY",
        /// Language tag such as `en` or `de-AT` (RFC 5646), as Accept-Language takes them.
        Language = "LANGUAGE",
        /// Locale such as `en_US`; hyphens are taken too.
        Locale = "LOCALE",
        /// Name of a time zone such as `Europe/Vienna`.
        TimeZone = "TIME_ZONE",
    }
}

/// A field of the directory, standard or defined by the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDefinition {
    /// Stable id: the key of a standard field (`givenName`), or the id of a custom one.
    pub id: String,
    /// Name for a panel.
    pub label: String,
    /// The type of its values.
    pub data_type: ValueType,
    /// The shape of its text; only with `STRING` and `STRING_LIST`.
    pub format: TextFormat,
    /// Whether every person must have a value.
    pub required: bool,
    /// Longest text, in characters.
    pub max_length: u32,
    /// Whether the organisation defined the field.
    pub custom: bool,
}

impl FieldDefinition {
    /// A custom field, not yet checked: see [`check_field_definition`].
    pub fn custom(id: impl Into<String>, label: impl Into<String>, data_type: ValueType) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            data_type,
            format: TextFormat::Line,
            required: false,
            max_length: DEFAULT_MAX_LENGTH,
            custom: true,
        }
    }
}

codes! {
    /// What is wrong with a value or with the definition of a field.
    pub enum FieldFaultCode {
        /// The directory has no such field.
        UnknownField = "UNKNOWN_FIELD",
        /// Every person must have a value.
        Required = "REQUIRED",
        /// The value is of another type.
        TypeMismatch = "TYPE_MISMATCH",
        /// The text is too long; `max`.
        TooLong = "TOO_LONG",
        /// The list has too many items, or the organisation too many fields; `max`.
        TooMany = "TOO_MANY",
        /// Not an e-mail address.
        NotAnEmail = "NOT_AN_EMAIL",
        /// Not of the shape that the field asks for; `format`.
        BadFormat = "BAD_FORMAT",
        /// The text has control characters.
        ControlCharacters = "CONTROL_CHARACTERS",
        /// The number is not finite.
        NotFinite = "NOT_FINITE",
        /// There is another field with this label.
        Duplicate = "DUPLICATE",
    }
}

impl FieldFaultCode {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownField => "The directory has no such field.",
            Self::Required => "A value is required.",
            Self::TypeMismatch => "The value has the wrong type for this field.",
            Self::TooLong => "The text is too long.",
            Self::TooMany => "There are too many.",
            Self::NotAnEmail => "This is not an e-mail address.",
            Self::BadFormat => "The text does not have the shape that this field asks for.",
            Self::ControlCharacters => "The text has characters that cannot be shown.",
            Self::NotFinite => "The number is not finite.",
            Self::Duplicate => "There is a field with this label already.",
        }
    }
}

/// One thing wrong with a value or a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// The field concerned.
    pub field: String,
    /// What is wrong.
    pub code: FieldFaultCode,
    /// Details for a translated sentence, such as `max`.
    pub params: BTreeMap<String, String>,
}

impl FieldFault {
    /// A fault that its code explains.
    pub fn new(field: &str, code: FieldFaultCode) -> Self {
        Self {
            field: field.to_owned(),
            code,
            params: BTreeMap::new(),
        }
    }

    /// The same fault with a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }
}
