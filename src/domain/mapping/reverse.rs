//! An Okta profile read back through the mapping: which values the directory would take over, and what differs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{LOGIN, MappingItem, MappingSource, OktaAttribute, OktaProfile, same_value};
use crate::domain::code::codes;
use crate::domain::directory::{FieldDefinition, FieldFaultCode, FieldValues, check_field_value};
use crate::domain::value::FieldValue;

codes! {
    /// Why a difference is not settled like any other.
    pub enum DifferenceNote {
        /// The mapping gives everybody the same value: it is written to Okta, whichever side is the source.
        Constant = "CONSTANT",
        /// Okta does not let the attribute be written: only Okta can be the source.
        NotWritable = "NOT_WRITABLE",
        /// Okta's value has a type that the field cannot hold: it is not taken over.
        TypeMismatch = "TYPE_MISMATCH",
        /// The directory refuses Okta's value: it is not taken over.
        Refused = "REFUSED",
        /// The field feeds another attribute too, whose value is taken over instead.
        FedTwice = "FED_TWICE",
    }
}

impl DifferenceNote {
    /// One sentence for the panel.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Constant => "The mapping gives everybody the same value; it is written to Okta.",
            Self::NotWritable => {
                "Okta does not let this attribute be written; only its value can be taken over."
            }
            Self::TypeMismatch => {
                "Okta's value has a type that the field cannot hold; it is not taken over."
            }
            Self::Refused => "The directory refuses Okta's value; it is not taken over.",
            Self::FedTwice => {
                "The field feeds another attribute too, whose value is taken over instead."
            }
        }
    }
}

/// A mapped attribute in which both sides differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Name of the Okta attribute.
    pub attribute: String,
    /// Okta's title for it; null when the org gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The directory field that feeds it; null for a constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Okta's value; null when there is none, or it is of another type than the schema says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub okta: Option<FieldValue>,
    /// The directory's value, or the constant; null when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<FieldValue>,
    /// Why it is not settled like any other; null when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<DifferenceNote>,
    /// What the directory has against Okta's value; only with `REFUSED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<FieldFaultCode>,
}

/// A mapping prepared for reading many profiles.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    lines: Vec<Line<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    attribute: &'a OktaAttribute,
    source: Source<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Source<'a> {
    Field(&'a FieldDefinition, bool),
    Constant(&'a FieldValue),
}

/// What Okta's value means for a field.
enum Meaning {
    Take(Option<FieldValue>),
    Leave(DifferenceNote, Option<FieldFaultCode>),
}

impl<'a> Reader<'a> {
    /// Prepares a mapping. Lines whose attribute or field is gone say nothing. Of several lines that a field feeds, the login's counts, else
    /// the first.
    pub fn new(
        items: &'a [MappingItem],
        attributes: &'a [OktaAttribute],
        fields: &'a [FieldDefinition],
    ) -> Self {
        let mut order: Vec<&MappingItem> = items.iter().collect();
        order.sort_by_key(|item| item.attribute != LOGIN);
        let mut fed: Vec<&str> = Vec::new();
        let mut lines = Vec::new();
        for item in order {
            let Some(attribute) = attributes.iter().find(|each| each.name == item.attribute) else {
                continue;
            };
            let source = match &item.source {
                MappingSource::Constant(value) => Source::Constant(value),
                MappingSource::Field(id) => {
                    let Some(field) = fields.iter().find(|field| field.id == *id) else {
                        continue;
                    };
                    let again = fed.contains(&id.as_str());
                    fed.push(id);
                    Source::Field(field, again)
                }
            };
            lines.push(Line { attribute, source });
        }
        Self { lines }
    }

    /// The values that the directory would take over, by field; none empties the field. What the directory refuses is left out.
    pub fn read(&self, profile: &OktaProfile) -> BTreeMap<String, Option<FieldValue>> {
        let mut values = BTreeMap::new();
        for line in &self.lines {
            if let Source::Field(field, false) = line.source
                && let Meaning::Take(value) = line.meaning(field, profile)
            {
                values.insert(field.id.clone(), value);
            }
        }
        values
    }

    /// The mapped attributes of a profile.
    pub fn mapped(&self, profile: &OktaProfile) -> OktaProfile {
        let named = |line: &Line<'_>| profile.get_key_value(&line.attribute.name);
        let found = self.lines.iter().filter_map(named);
        found
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The mapped attributes in which a profile and a person's values differ.
    pub fn differences(&self, profile: &OktaProfile, values: &FieldValues) -> Vec<Difference> {
        self.lines
            .iter()
            .filter_map(|line| line.difference(profile, values))
            .collect()
    }
}

impl Line<'_> {
    fn okta<'p>(&self, profile: &'p OktaProfile) -> &'p Json {
        profile.get(&self.attribute.name).unwrap_or(&Json::Null)
    }

    fn difference(&self, profile: &OktaProfile, values: &FieldValues) -> Option<Difference> {
        let okta = self.okta(profile);
        let (field, wanted) = match self.source {
            Source::Field(field, _) => (Some(field), values.get(&field.id)),
            Source::Constant(value) => (None, Some(value)),
        };
        let wanted = wanted.filter(|value| !value.is_blank());
        if same_value(&wanted.map_or(Json::Null, FieldValue::to_json), okta) {
            return None;
        }
        let (note, fault) = self.note(profile);
        Some(Difference {
            attribute: self.attribute.name.clone(),
            title: (!self.attribute.title.is_empty()).then(|| self.attribute.title.clone()),
            field: field.map(|field| field.id.clone()),
            okta: FieldValue::from_json(okta, self.attribute.value_type)
                .filter(|value| !value.is_blank()),
            directory: wanted.cloned(),
            note,
            fault,
        })
    }

    fn note(&self, profile: &OktaProfile) -> (Option<DifferenceNote>, Option<FieldFaultCode>) {
        match self.source {
            Source::Constant(_) => (Some(DifferenceNote::Constant), None),
            Source::Field(_, true) => (Some(DifferenceNote::FedTwice), None),
            Source::Field(field, false) => match self.meaning(field, profile) {
                Meaning::Leave(note, fault) => (Some(note), fault),
                Meaning::Take(_) if !self.attribute.writable => {
                    (Some(DifferenceNote::NotWritable), None)
                }
                Meaning::Take(_) => (None, None),
            },
        }
    }

    fn meaning(&self, field: &FieldDefinition, profile: &OktaProfile) -> Meaning {
        let okta = self.okta(profile);
        let value = match FieldValue::from_json(okta, field.data_type) {
            Some(FieldValue::String(text)) => Some(FieldValue::String(text.trim().to_owned())),
            None if !okta.is_null() => return Meaning::Leave(DifferenceNote::TypeMismatch, None),
            other => other,
        };
        let value = value.filter(|value| !value.is_blank());
        match check_field_value(field, value.as_ref()) {
            None => Meaning::Take(value),
            Some(fault) => Meaning::Leave(DifferenceNote::Refused, Some(fault.code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::{PRIMARY_EMAIL, USER_NAME, standard_fields};
    use crate::domain::value::ValueType;
    use serde_json::json;

    fn attribute(name: &str, value_type: ValueType, writable: bool) -> OktaAttribute {
        OktaAttribute {
            name: name.to_owned(),
            title: name.to_uppercase(),
            description: None,
            value_type,
            required: false,
            choices: Vec::new(),
            min_length: None,
            max_length: None,
            pattern: None,
            format: None,
            writable,
            custom: false,
            unique: false,
        }
    }

    fn item(attribute: &str, field: &str) -> MappingItem {
        MappingItem {
            attribute: attribute.to_owned(),
            source: MappingSource::Field(field.to_owned()),
        }
    }

    struct World {
        items: Vec<MappingItem>,
        attributes: Vec<OktaAttribute>,
        fields: Vec<FieldDefinition>,
    }

    fn world() -> World {
        let text = |name| attribute(name, ValueType::String, true);
        let mut fields = standard_fields().to_vec();
        fields.push(FieldDefinition::custom("f1", "Desks", ValueType::Integer));
        World {
            items: vec![
                item("email", USER_NAME),
                item("login", USER_NAME),
                item("second", PRIMARY_EMAIL),
                item("city", "city"),
                item("countryCode", "country"),
                item("badge", "title"),
                item("desks", "f1"),
                item("lost", "city"),
                MappingItem {
                    attribute: "company".to_owned(),
                    source: MappingSource::Constant(FieldValue::String("Acme".to_owned())),
                },
            ],
            attributes: vec![
                text("login"),
                text("email"),
                text("second"),
                text("city"),
                text("countryCode"),
                attribute("badge", ValueType::String, false),
                attribute("desks", ValueType::Number, true),
                text("company"),
            ],
            fields,
        }
    }

    fn profile(json: Json) -> OktaProfile {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn what_the_directory_takes_over() {
        let world = world();
        let reader = Reader::new(&world.items, &world.attributes, &world.fields);
        let read = reader.read(&profile(json!({
            "login": "ann@x.org", "email": "other@x.org", "city": " Graz ", "countryCode": "Austria", "desks": 2.0, "company": "Else",
        })));
        let text = |text: &str| Some(FieldValue::String(text.to_owned()));
        assert_eq!(
            read.get(USER_NAME),
            Some(&text("ann@x.org")),
            "the login counts, not the first line"
        );
        assert_eq!(read.get("city"), Some(&text("Graz")));
        assert_eq!(read.get("country"), None, "refused: two letters");
        assert_eq!(read.get(PRIMARY_EMAIL), None, "required, never emptied");
        assert_eq!(
            read.get("title"),
            Some(&None),
            "empty in Okta, so emptied here"
        );
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn differences_say_what_cannot_be_settled() {
        let world = world();
        let reader = Reader::new(&world.items, &world.attributes, &world.fields);
        let values = FieldValues::from([
            (USER_NAME.to_owned(), FieldValue::String("ann@x.org".into())),
            (
                PRIMARY_EMAIL.to_owned(),
                FieldValue::String("ann@x.org".into()),
            ),
            ("city".to_owned(), FieldValue::String("Wien".into())),
            ("f1".to_owned(), FieldValue::Integer(1)),
        ]);
        let found = reader.differences(
            &profile(json!({
                "login": "ann@x.org", "email": "a@x.org", "city": "Graz", "countryCode": "Austria", "badge": "7", "desks": 1.5,
            })),
            &values,
        );
        let said: Vec<String> = found
            .iter()
            .map(|each| {
                format!(
                    "{} {}",
                    each.attribute,
                    each.note.map_or("-", DifferenceNote::as_str)
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                "email FED_TWICE",
                "second REFUSED",
                "city -",
                "countryCode REFUSED",
                "badge NOT_WRITABLE",
                "desks TYPE_MISMATCH",
                "company CONSTANT"
            ]
        );
        assert_eq!(found[1].fault, Some(FieldFaultCode::Required));
        assert_eq!(found[2].okta, Some(FieldValue::String("Graz".into())));
        assert_eq!(found[6].directory, Some(FieldValue::String("Acme".into())));
    }

    #[test]
    fn what_was_taken_over_no_longer_differs() {
        let world = world();
        let reader = Reader::new(&world.items, &world.attributes, &world.fields);
        let okta = profile(
            json!({ "login": "ann@x.org", "email": "ann@x.org", "second": "a@x.org", "city": "Graz", "company": "Acme", "desks": 3 }),
        );
        let values: FieldValues = reader
            .read(&okta)
            .into_iter()
            .filter_map(|(id, value)| Some((id, value?)))
            .collect();
        assert_eq!(reader.differences(&okta, &values), []);
    }
}
