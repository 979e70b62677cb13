//! Typed values, shared by directory fields and Okta attributes.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value as Json};

use super::code::codes;

codes! {
    /// The type of one value.
    pub enum ScalarType {
        /// Text.
        String = "STRING",
        /// True or false.
        Boolean = "BOOLEAN",
        /// Whole number.
        Integer = "INTEGER",
        /// Number with a fraction.
        Number = "NUMBER",
    }
}

codes! {
    /// The type of a field or attribute. Okta's arrays hold strings, integers or numbers (contract §4).
    pub enum ValueType {
        /// Text.
        String = "STRING",
        /// True or false.
        Boolean = "BOOLEAN",
        /// Whole number.
        Integer = "INTEGER",
        /// Number with a fraction.
        Number = "NUMBER",
        /// List of texts.
        StringList = "STRING_LIST",
        /// List of whole numbers.
        IntegerList = "INTEGER_LIST",
        /// List of numbers.
        NumberList = "NUMBER_LIST",
    }
}

impl ValueType {
    /// The type of a single value, or of one item of the list.
    pub const fn scalar(self) -> ScalarType {
        match self {
            Self::String | Self::StringList => ScalarType::String,
            Self::Boolean => ScalarType::Boolean,
            Self::Integer | Self::IntegerList => ScalarType::Integer,
            Self::Number | Self::NumberList => ScalarType::Number,
        }
    }

    /// Whether values are lists.
    pub const fn is_list(self) -> bool {
        matches!(
            self,
            Self::StringList | Self::IntegerList | Self::NumberList
        )
    }

    /// Whether a value of type `self` can be written where `target` is asked for.
    ///
    /// Besides the same type only what loses nothing: a whole number as a number.
    pub const fn fits(self, target: Self) -> bool {
        matches!(
            (self, target),
            (Self::String, Self::String)
                | (Self::Boolean, Self::Boolean)
                | (Self::Integer, Self::Integer | Self::Number)
                | (Self::Number, Self::Number)
                | (Self::StringList, Self::StringList)
                | (Self::IntegerList, Self::IntegerList | Self::NumberList)
                | (Self::NumberList, Self::NumberList)
        )
    }
}

/// A typed value of a directory field, or a constant for an Okta attribute. Absence is not a value: use `Option`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FieldValue {
    /// Text.
    String(String),
    /// True or false.
    Boolean(bool),
    /// Whole number.
    Integer(i64),
    /// Number with a fraction; never infinite or NaN once validated.
    Number(f64),
    /// List of texts; order counts.
    StringList(Vec<String>),
    /// List of whole numbers; order counts.
    IntegerList(Vec<i64>),
    /// List of numbers; order counts.
    NumberList(Vec<f64>),
}

/// A value for an Okta attribute: the same types as a directory field's.
pub type AttributeValue = FieldValue;

impl FieldValue {
    /// The type of the value.
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::String(_) => ValueType::String,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Integer(_) => ValueType::Integer,
            Self::Number(_) => ValueType::Number,
            Self::StringList(_) => ValueType::StringList,
            Self::IntegerList(_) => ValueType::IntegerList,
            Self::NumberList(_) => ValueType::NumberList,
        }
    }

    /// The text, if the value is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether the value says nothing: text of white space only, or an empty list.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::String(text) => text.trim().is_empty(),
            Self::StringList(items) => items.is_empty(),
            Self::IntegerList(items) => items.is_empty(),
            Self::NumberList(items) => items.is_empty(),
            Self::Boolean(_) | Self::Integer(_) | Self::Number(_) => false,
        }
    }

    /// Whether every number in the value is finite.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Number(number) => number.is_finite(),
            Self::NumberList(items) => items.iter().all(|number| number.is_finite()),
            _ => true,
        }
    }

    /// The value as Okta's profile JSON writes it. A number that is not finite becomes null.
    pub fn to_json(&self) -> Json {
        match self {
            Self::String(text) => Json::from(text.as_str()),
            Self::Boolean(flag) => Json::from(*flag),
            Self::Integer(number) => Json::from(*number),
            Self::Number(number) => number_json(*number),
            Self::StringList(items) => items.iter().map(String::as_str).collect(),
            Self::IntegerList(items) => items.iter().copied().collect(),
            Self::NumberList(items) => items.iter().map(|number| number_json(*number)).collect(),
        }
    }

    /// Reads a value of the given type out of JSON; `None` when it is of another type.
    pub fn from_json(json: &Json, value_type: ValueType) -> Option<Self> {
        match value_type {
            ValueType::String => json.as_str().map(|text| Self::String(text.to_owned())),
            ValueType::Boolean => json.as_bool().map(Self::Boolean),
            ValueType::Integer => json.as_i64().map(Self::Integer),
            ValueType::Number => json.as_f64().map(Self::Number),
            ValueType::StringList => {
                list(json, |item| item.as_str().map(str::to_owned)).map(Self::StringList)
            }
            ValueType::IntegerList => list(json, Json::as_i64).map(Self::IntegerList),
            ValueType::NumberList => list(json, Json::as_f64).map(Self::NumberList),
        }
    }
}

fn number_json(number: f64) -> Json {
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

fn list<T>(json: &Json, item: impl Fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    json.as_array()?.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_survive_json() {
        for (value, expected) in [
            (FieldValue::String("a".into()), json!("a")),
            (FieldValue::Boolean(true), json!(true)),
            (FieldValue::Integer(-3), json!(-3)),
            (FieldValue::Number(1.5), json!(1.5)),
            (
                FieldValue::StringList(vec!["a".into(), "b".into()]),
                json!(["a", "b"]),
            ),
            (FieldValue::IntegerList(vec![1, 2]), json!([1, 2])),
            (FieldValue::NumberList(vec![0.5]), json!([0.5])),
        ] {
            assert_eq!(value.to_json(), expected);
            assert_eq!(
                FieldValue::from_json(&expected, value.value_type()),
                Some(value)
            );
        }
        assert_eq!(FieldValue::from_json(&json!("1"), ValueType::Integer), None);
        assert_eq!(
            FieldValue::from_json(&json!([1, "a"]), ValueType::IntegerList),
            None
        );
        assert_eq!(FieldValue::Number(f64::NAN).to_json(), Json::Null);
    }

    #[test]
    fn only_lossless_types_fit() {
        assert!(ValueType::Integer.fits(ValueType::Number));
        assert!(!ValueType::Number.fits(ValueType::Integer));
        assert!(!ValueType::String.fits(ValueType::StringList));
        assert!(ValueType::ALL.iter().all(|each| each.fits(*each)));
    }
}
