//! The attributes of an org's user profiles.

use async_graphql::{Object, SimpleObject};
use chrono::{DateTime, Utc};

use crate::domain;
use crate::domain::mapping::compatible_fields;
use crate::domain::value::ScalarType;
use crate::graphql::context;
use crate::graphql::directory::directory_field::DirectoryField;
use crate::graphql::values::{AttributeValue, ValueType};
use crate::service::directory_fields::Field;
use crate::service::okta_catalog::Freshness;

/// How old our copy of something in Okta is. Screens are served from the copy, also while Okta is down; `oktaSchemaRefresh` makes a new one.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct OktaCopy {
    /// When Okta was read; null when it never was.
    pub fetched_at: Option<DateTime<Utc>>,
    /// Whether it should be read again: older than a day, never read, or the connection does not work now.
    pub stale: bool,
}

impl From<Freshness> for OktaCopy {
    fn from(freshness: Freshness) -> Self {
        Self {
            fetched_at: freshness.fetched_at.map(context::time),
            stale: freshness.stale,
        }
    }
}

/// One value to which Okta limits an attribute.
#[derive(Clone, Debug, SimpleObject)]
pub struct OktaAttributeChoice {
    /// The value.
    pub value: AttributeValue,
    /// Okta's title for it; the value itself when there is none.
    pub label: String,
}

/// An attribute of the org's user profiles, from Okta's own schema.
#[derive(Clone, Debug)]
pub struct OktaAttribute {
    attribute: domain::mapping::OktaAttribute,
    /// The directory's fields that can feed it.
    compatible: Vec<Field>,
}

impl OktaAttribute {
    /// The attribute, with those of the directory's `fields` that can feed it.
    #[must_use]
    pub fn new(attribute: domain::mapping::OktaAttribute, fields: &[Field]) -> Self {
        let definitions: Vec<_> = fields
            .iter()
            .map(|field| field.definition.clone())
            .collect();
        let fitting = compatible_fields(&attribute, &definitions);
        let fits = |field: &&Field| fitting.iter().any(|known| known.id == field.definition.id);
        Self {
            compatible: fields.iter().filter(fits).cloned().collect(),
            attribute,
        }
    }
}

/// An attribute of the org's user profiles, from Okta's own schema.
#[Object]
impl OktaAttribute {
    /// Name in the profile, such as `firstName`; unique in the org, case counts. What mappings name it by.
    async fn name(&self) -> &str {
        &self.attribute.name
    }

    /// Okta's title for it.
    async fn title(&self) -> &str {
        &self.attribute.title
    }

    /// Okta's description; null when there is none.
    async fn description(&self) -> Option<&str> {
        self.attribute.description.as_deref()
    }

    /// The type of its values.
    async fn data_type(&self) -> ValueType {
        self.attribute.value_type.into()
    }

    /// The type of one item of a list; null when the values are no lists.
    async fn item_type(&self) -> Option<ValueType> {
        let item = match self.attribute.value_type.scalar() {
            ScalarType::String => ValueType::String,
            ScalarType::Boolean => ValueType::Boolean,
            ScalarType::Integer => ValueType::Integer,
            ScalarType::Number => ValueType::Number,
        };
        self.attribute.value_type.is_list().then_some(item)
    }

    /// The values to which Okta limits it (of lists: their items); empty when it does not.
    async fn choices(&self) -> Vec<OktaAttributeChoice> {
        let choice = |choice: &domain::mapping::Choice| OktaAttributeChoice {
            value: choice.value.clone().into(),
            label: choice.label.clone(),
        };
        self.attribute.choices.iter().map(choice).collect()
    }

    /// Whether Okta refuses profiles without it. A required attribute must be mapped.
    async fn required(&self) -> bool {
        self.attribute.required
    }

    /// Whether it can be written; false when it is read-only, or mastered elsewhere. Only writable ones can be mapped.
    async fn writable(&self) -> bool {
        self.attribute.writable
    }

    /// Fewest characters; null when unlimited.
    async fn min_length(&self) -> Option<u32> {
        self.attribute.min_length
    }

    /// Most characters; null when unlimited.
    async fn max_length(&self) -> Option<u32> {
        self.attribute.max_length
    }

    /// Regular expression that texts must match, in Java's syntax; null when there is none.
    async fn pattern(&self) -> Option<&str> {
        self.attribute.pattern.as_deref()
    }

    /// Okta's name for the shape of the text, such as `email`; null when there is none.
    async fn format(&self) -> Option<&str> {
        self.attribute.format.as_deref()
    }

    /// Whether the org defined it.
    async fn custom(&self) -> bool {
        self.attribute.custom
    }

    /// Whether Okta keeps its values unique; then it takes no constant.
    async fn unique(&self) -> bool {
        self.attribute.unique
    }

    /// The directory's fields that can feed it, by type; empty when it cannot be written.
    #[graphql(complexity = "child_complexity.saturating_mul(10).saturating_add(1)")]
    async fn compatible_fields(&self) -> Vec<DirectoryField> {
        self.compatible.iter().cloned().map(Into::into).collect()
    }
}
