//! Typed values, in and out: of custom directory fields, and constants for Okta attributes.

use async_graphql::{Enum, OneofObject, SimpleObject, Union};

use crate::domain;
use crate::domain::value::FieldValue;

/// The type of a directory field's or an Okta attribute's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::value::ValueType")]
pub enum ValueType {
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// Whole number.
    Integer,
    /// Number with a fraction.
    Number,
    /// List of texts.
    StringList,
    /// List of whole numbers.
    IntegerList,
    /// List of numbers.
    NumberList,
}

/// A typed value to save. Give exactly one of the fields: the one of the type that the directory field or Okta attribute has.
#[derive(Clone, Debug, PartialEq, OneofObject)]
pub enum AttributeValueInput {
    /// Text, for `STRING`. It is trimmed.
    String(String),
    /// True or false, for `BOOLEAN`.
    Boolean(bool),
    /// Whole number of 32 bits, for `INTEGER`; also taken for `NUMBER`.
    Integer(i32),
    /// Number, for `NUMBER`.
    Number(f64),
    /// List of texts, for `STRING_LIST`; at most 100.
    Strings(Vec<String>),
    /// List of whole numbers of 32 bits, for `INTEGER_LIST`; at most 100.
    Integers(Vec<i32>),
    /// List of numbers, for `NUMBER_LIST`; at most 100.
    Numbers(Vec<f64>),
}

impl From<AttributeValueInput> for FieldValue {
    fn from(input: AttributeValueInput) -> Self {
        match input {
            AttributeValueInput::String(text) => Self::String(text),
            AttributeValueInput::Boolean(flag) => Self::Boolean(flag),
            AttributeValueInput::Integer(number) => Self::Integer(number.into()),
            AttributeValueInput::Number(number) => Self::Number(number),
            AttributeValueInput::Strings(items) => Self::StringList(items),
            AttributeValueInput::Integers(items) => {
                Self::IntegerList(items.into_iter().map(i64::from).collect())
            }
            AttributeValueInput::Numbers(items) => Self::NumberList(items),
        }
    }
}

/// A typed value. Each member has one field, named like the field of `AttributeValueInput` that saves it.
#[derive(Clone, Debug, Union)]
pub enum AttributeValue {
    /// Text.
    String(StringValue),
    /// True or false.
    Boolean(BooleanValue),
    /// Whole number.
    Integer(IntegerValue),
    /// Number with a fraction.
    Number(NumberValue),
    /// List of texts.
    Strings(StringListValue),
    /// List of whole numbers.
    Integers(IntegerListValue),
    /// List of numbers.
    Numbers(NumberListValue),
}

/// Text.
#[derive(Clone, Debug, SimpleObject)]
pub struct StringValue {
    /// The text; never blank.
    pub string: String,
}

/// True or false.
#[derive(Clone, Debug, SimpleObject)]
pub struct BooleanValue {
    /// The value.
    pub boolean: bool,
}

/// Whole number.
#[derive(Clone, Debug, SimpleObject)]
pub struct IntegerValue {
    /// The number.
    pub integer: i64,
}

/// Number with a fraction.
#[derive(Clone, Debug, SimpleObject)]
pub struct NumberValue {
    /// The number.
    pub number: f64,
}

/// List of texts.
#[derive(Clone, Debug, SimpleObject)]
pub struct StringListValue {
    /// The texts, in the order in which they were saved.
    pub strings: Vec<String>,
}

/// List of whole numbers.
#[derive(Clone, Debug, SimpleObject)]
pub struct IntegerListValue {
    /// The numbers, in the order in which they were saved.
    pub integers: Vec<i64>,
}

/// List of numbers.
#[derive(Clone, Debug, SimpleObject)]
pub struct NumberListValue {
    /// The numbers, in the order in which they were saved.
    pub numbers: Vec<f64>,
}

impl AttributeValue {
    /// The value of a profile as Okta writes it; null when there is none, or it is none that attributes have.
    #[must_use]
    pub fn of_json(json: &serde_json::Value) -> Option<Self> {
        use domain::value::ValueType;
        // An integer is a number too, and an empty list a list of anything: the narrower type comes first.
        let types = [
            ValueType::String,
            ValueType::Boolean,
            ValueType::Integer,
            ValueType::Number,
            ValueType::StringList,
            ValueType::IntegerList,
            ValueType::NumberList,
        ];
        let read = |each| FieldValue::from_json(json, each);
        types.into_iter().find_map(read).map(Into::into)
    }
}

impl From<FieldValue> for AttributeValue {
    fn from(value: FieldValue) -> Self {
        match value {
            FieldValue::String(string) => Self::String(StringValue { string }),
            FieldValue::Boolean(boolean) => Self::Boolean(BooleanValue { boolean }),
            FieldValue::Integer(integer) => Self::Integer(IntegerValue { integer }),
            FieldValue::Number(number) => Self::Number(NumberValue { number }),
            FieldValue::StringList(strings) => Self::Strings(StringListValue { strings }),
            FieldValue::IntegerList(integers) => Self::Integers(IntegerListValue { integers }),
            FieldValue::NumberList(numbers) => Self::Numbers(NumberListValue { numbers }),
        }
    }
}
