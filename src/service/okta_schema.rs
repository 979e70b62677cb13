//! Okta's user schema in the words of the mapping.

use okta_client::{
    AttributeOrigin, Choice as OktaChoice, MasterType, Mutability, PropertyType, SchemaProperty,
    Uniqueness, UserSchema,
};
use serde_json::Value as Json;

use crate::domain::mapping::{Choice, OktaAttribute};
use crate::domain::value::{AttributeValue, ValueType};

/// The attributes that can be mapped: Okta's own first, then the org's, each group by name. Those of a type that no value of ours has are
/// left out.
#[must_use]
pub fn attributes(schema: &UserSchema) -> Vec<OktaAttribute> {
    schema
        .attributes()
        .filter_map(|(name, property, origin)| attribute(schema, name, property, origin))
        .collect()
}

fn attribute(
    schema: &UserSchema,
    name: &str,
    property: &SchemaProperty,
    origin: AttributeOrigin,
) -> Option<OktaAttribute> {
    let value_type = value_type(property)?;
    let custom = origin == AttributeOrigin::Custom;
    let set = if custom { &schema.custom } else { &schema.base };
    Some(OktaAttribute {
        name: name.to_owned(),
        title: said(property.title.as_ref()).unwrap_or_else(|| name.to_owned()),
        description: said(property.description.as_ref()),
        value_type,
        required: set.is_required(name),
        choices: choices(property, value_type),
        min_length: property.min_length,
        max_length: property.max_length,
        pattern: property.pattern.clone(),
        format: property.format.clone(),
        writable: is_writable(property),
        custom,
        unique: property.unique != Uniqueness::None,
    })
}

fn said(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).cloned()
}

fn value_type(property: &SchemaProperty) -> Option<ValueType> {
    Some(match &property.kind {
        PropertyType::String => ValueType::String,
        PropertyType::Boolean => ValueType::Boolean,
        PropertyType::Integer => ValueType::Integer,
        PropertyType::Number => ValueType::Number,
        PropertyType::Array => match &property.items.as_ref()?.kind {
            PropertyType::String => ValueType::StringList,
            PropertyType::Integer => ValueType::IntegerList,
            PropertyType::Number => ValueType::NumberList,
            _ => return None,
        },
        PropertyType::Other(_) => return None,
    })
}

/// Written once, or never read back: such an attribute could not be kept in step. `PROFILE_MASTER` is the source of each user's profile, which
/// for most is Okta itself, so it forbids nothing beforehand; `OVERRIDE` names other sources for the attribute.
fn is_writable(property: &SchemaProperty) -> bool {
    let read_write = matches!(property.mutability, None | Some(Mutability::ReadWrite));
    let elsewhere = property
        .master
        .as_ref()
        .is_some_and(|master| master.kind == MasterType::Override);
    read_write && !elsewhere
}

/// Titles come with `oneOf`; the bare values of `enum` stand for themselves.
fn choices(property: &SchemaProperty, value_type: ValueType) -> Vec<Choice> {
    let (titled, bare) = match (&property.items, value_type.is_list()) {
        (Some(items), true) => (&items.one_of, &items.choices),
        _ => (&property.one_of, &property.choices),
    };
    let one = single(value_type);
    if let Some(titled) = titled.as_deref().filter(|titled| !titled.is_empty()) {
        return titled
            .iter()
            .filter_map(|choice| titled_choice(choice, one))
            .collect();
    }
    let bare = bare.as_deref().unwrap_or_default();
    bare.iter()
        .filter_map(|json| choice(json, "", one))
        .collect()
}

fn titled_choice(titled: &OktaChoice, value_type: ValueType) -> Option<Choice> {
    choice(&titled.value, &titled.title, value_type)
}

fn choice(json: &Json, title: &str, value_type: ValueType) -> Option<Choice> {
    let value = AttributeValue::from_json(json, value_type)?;
    let label = match (title.trim(), json) {
        ("", Json::String(text)) => text.clone(),
        ("", other) => other.to_string(),
        (title, _) => title.to_owned(),
    };
    Some(Choice { value, label })
}

/// The type of one item, as a type of its own.
fn single(value_type: ValueType) -> ValueType {
    match value_type {
        ValueType::StringList => ValueType::String,
        ValueType::IntegerList => ValueType::Integer,
        ValueType::NumberList => ValueType::Number,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::attributes;
    use crate::domain::mapping::OktaAttribute;
    use crate::domain::value::{FieldValue, ValueType};
    use serde_json::{Value, json};

    fn read(base: &Value, custom: &Value) -> Vec<OktaAttribute> {
        let document = json!({ "definitions": { "base": base, "custom": custom } });
        attributes(&serde_json::from_value(document).unwrap())
    }

    #[test]
    fn types_bounds_and_choices_are_kept() {
        let custom = json!({ "properties": {
            "level": { "title": "Level", "type": "integer", "enum": [1, 2], "oneOf": [{ "const": 1, "title": "One" }, { "const": 2, "title": "" }] },
            "teams": { "type": "array", "unique": true, "items": { "type": "string", "enum": ["a", "b"] } },
            "odd": { "title": "Odd", "type": "object" },
        }, "required": ["teams"] });
        let base = json!({ "properties": { "login": { "title": "Username", "type": "string", "required": true, "minLength": 5, "maxLength": 100,
            "pattern": ".+", "format": "email" } } });
        let found = read(&base, &custom);
        let names: Vec<_> = found.iter().map(|each| each.name.as_str()).collect();
        assert_eq!(names, ["login", "level", "teams"]);
        let [login, level, teams] = &found[..] else {
            panic!("three attributes")
        };
        assert!(login.required && !login.custom && login.writable);
        assert_eq!((login.min_length, login.max_length), (Some(5), Some(100)));
        assert_eq!(
            (login.pattern.as_deref(), login.format.as_deref()),
            (Some(".+"), Some("email"))
        );
        let labels: Vec<_> = level
            .choices
            .iter()
            .map(|choice| choice.label.as_str())
            .collect();
        assert_eq!(
            (labels, &level.choices[0].value),
            (vec!["One", "2"], &FieldValue::Integer(1))
        );
        assert_eq!(
            (teams.value_type, teams.title.as_str()),
            (ValueType::StringList, "teams")
        );
        assert!(teams.required && teams.custom && teams.unique);
        assert_eq!(teams.choices[1].value, FieldValue::String("b".to_owned()));
    }

    #[test]
    fn what_cannot_be_kept_in_step_is_not_writable() {
        let of = |extra: Value| {
            let mut property = json!({ "title": "A", "type": "string" });
            property
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            read(&json!({ "properties": { "a": property } }), &json!({}))[0].writable
        };
        assert!(
            of(json!({}))
                && of(
                    json!({ "mutability": "READ_WRITE", "master": { "type": "PROFILE_MASTER" } })
                )
        );
        for mutability in ["READ_ONLY", "IMMUTABLE", "WRITE_ONLY", "NEW_WORD"] {
            assert!(!of(json!({ "mutability": mutability })), "{mutability}");
        }
        assert!(!of(json!({ "master": { "type": "OVERRIDE" } })));
    }
}
