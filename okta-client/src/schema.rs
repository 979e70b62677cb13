//! The org's user schema: which attributes a profile has.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};

use crate::answer::Answer;
use crate::body::json;
use crate::call::Call;
use crate::error::Error;
use crate::schema_property::SchemaProperty;
use crate::transport::Caller;

/// The schema of the default user type.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Wire")]
pub struct UserSchema {
    /// The schema's id, a URL.
    pub id: Option<String>,
    /// The schema's name.
    pub name: Option<String>,
    /// The schema's name for people.
    pub title: Option<String>,
    /// When the schema last changed.
    pub last_updated: Option<DateTime<Utc>>,
    /// The attributes that every org has.
    pub base: AttributeSet,
    /// The attributes that this org added.
    pub custom: AttributeSet,
}

/// Attributes of one origin, by name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct AttributeSet {
    /// The attributes.
    #[serde(default, deserialize_with = "present")]
    pub properties: BTreeMap<String, SchemaProperty>,
    /// Names of the required ones; ask [`Self::is_required`], which knows the other spelling too.
    #[serde(default, deserialize_with = "null_as_default")]
    pub required: Vec<String>,
}

/// Where an attribute comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeOrigin {
    /// Every org has it.
    Base,
    /// This org added it.
    Custom,
}

impl AttributeSet {
    /// Whether a profile needs the attribute. Okta says so in the list, at the attribute, or both.
    #[must_use]
    pub fn is_required(&self, name: &str) -> bool {
        let listed = self.required.iter().any(|required| required == name);
        listed
            || self
                .properties
                .get(name)
                .is_some_and(|property| property.required == Some(true))
    }
}

impl UserSchema {
    /// All attributes, base ones first, each group by name.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &SchemaProperty, AttributeOrigin)> {
        let base = self.base.properties.iter();
        let custom = self.custom.properties.iter();
        base.map(|(name, property)| (name.as_str(), property, AttributeOrigin::Base))
            .chain(
                custom.map(|(name, property)| (name.as_str(), property, AttributeOrigin::Custom)),
            )
    }
}

/// Calls on schemas, with one credential.
#[derive(Clone, Copy, Debug)]
pub struct Schemas<'a> {
    caller: Caller<'a>,
}

impl<'a> Schemas<'a> {
    pub(crate) fn new(caller: Caller<'a>) -> Self {
        Self { caller }
    }

    /// The schema of the default user type.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub async fn default_user(&self) -> Result<Answer<UserSchema>, Error> {
        let origin = self.caller.transport.origin();
        let url = origin.endpoint(&["api", "v1", "meta", "schemas", "user", "default"]);
        json(self.caller.get(Call::GetUserSchema, url).await?)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    id: Option<String>,
    name: Option<String>,
    title: Option<String>,
    last_updated: Option<DateTime<Utc>>,
    definitions: Definitions,
}

#[derive(Deserialize)]
struct Definitions {
    base: AttributeSet,
    custom: Option<AttributeSet>,
}

impl From<Wire> for UserSchema {
    fn from(wire: Wire) -> Self {
        Self {
            id: wire.id,
            name: wire.name,
            title: wire.title,
            last_updated: wire.last_updated,
            base: wire.definitions.base,
            custom: wire.definitions.custom.unwrap_or_default(),
        }
    }
}

/// Attributes may be null, which is how one is deleted: those are gone.
fn present<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, SchemaProperty>, D::Error> {
    let all = Option::<BTreeMap<String, Option<SchemaProperty>>>::deserialize(deserializer)?;
    let all = all.unwrap_or_default();
    Ok(all
        .into_iter()
        .filter_map(|(name, property)| Some((name, property?)))
        .collect())
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema_property::{MasterType, PropertyType, Uniqueness};
    use serde_json::json;

    #[test]
    fn a_rich_custom_attribute_is_read_whole() {
        let schema: UserSchema = serde_json::from_value(json!({"definitions": {
            "base": {"properties": {"login": {"title": "Username", "type": "string", "required": true}},
                     "required": null},
            "custom": {"properties": {
                "gone": null,
                "level": {"title": "Level", "type": "integer", "enum": [1, 2],
                          "oneOf": [{"const": 1, "title": "One"}, {"const": 2, "title": "Two"}],
                          "unique": "PENDING_UNIQUENESS", "master": {"type": "OVERRIDE", "priority": []}},
                "teams": {"title": "Teams", "type": "array",
                          "items": {"type": "string", "enum": ["a"], "oneOf": [{"const": "a", "title": "A"}]}},
            }, "required": ["teams"]},
        }}))
        .unwrap();
        assert!(schema.base.is_required("login") && schema.custom.is_required("teams"));
        assert!(!schema.custom.is_required("level"));
        let level = &schema.custom.properties["level"];
        assert_eq!(level.choices.as_ref().unwrap(), &[json!(1), json!(2)]);
        assert_eq!(level.one_of.as_ref().unwrap()[1].title, "Two");
        assert_eq!(level.unique, Uniqueness::Pending);
        assert_eq!(level.master.as_ref().unwrap().kind, MasterType::Override);
        let items = schema.custom.properties["teams"].items.as_ref().unwrap();
        assert_eq!(items.kind, PropertyType::String);
        assert_eq!(items.one_of.as_ref().unwrap()[0].value, json!("a"));
        let names: Vec<_> = schema.attributes().map(|(name, ..)| name).collect();
        assert_eq!(names, ["login", "level", "teams"]);
    }
}
