//! What Okta's schema asks of one value.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::{LOGIN, MappingFaultCode, OktaAttribute, ValueFaultCode, same_value};
use crate::domain::code::codes;
use crate::domain::directory::is_email;
use crate::domain::value::AttributeValue;

/// Longest pattern that is checked here; Okta still checks longer ones itself.
const MAX_PATTERN_LENGTH: usize = 2_000;
/// Most memory for a compiled pattern: whoever writes Okta's schema must not be able to exhaust us. Real patterns take a tenth of it.
const PATTERN_BYTES: usize = 1 << 17;
/// Compiled patterns that are remembered: more than a mapping has lines.
const MAX_COMPILED: usize = 500;

codes! {
    /// A rule of Okta's schema that a value breaks.
    pub enum Violation {
        /// The value has the wrong type.
        TypeMismatch = "TYPE_MISMATCH",
        /// The value is none of the attribute's choices.
        NotInChoices = "NOT_IN_CHOICES",
        /// The text is too long.
        TooLong = "TOO_LONG",
        /// The text is too short.
        TooShort = "TOO_SHORT",
        /// The text does not match the pattern.
        PatternMismatch = "PATTERN_MISMATCH",
        /// The text does not have the shape.
        BadFormat = "BAD_FORMAT",
    }
}

impl From<Violation> for MappingFaultCode {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::TypeMismatch => Self::TypeMismatch,
            Violation::NotInChoices => Self::NotInChoices,
            Violation::TooLong => Self::TooLong,
            Violation::TooShort => Self::TooShort,
            Violation::PatternMismatch => Self::PatternMismatch,
            Violation::BadFormat => Self::BadFormat,
        }
    }
}

impl From<Violation> for ValueFaultCode {
    fn from(violation: Violation) -> Self {
        match violation {
            Violation::TypeMismatch => Self::TypeMismatch,
            Violation::NotInChoices => Self::NotInChoices,
            Violation::TooLong => Self::TooLong,
            Violation::TooShort => Self::TooShort,
            Violation::PatternMismatch => Self::PatternMismatch,
            Violation::BadFormat => Self::BadFormat,
        }
    }
}

pub(super) type Params = BTreeMap<String, String>;

pub(super) fn params<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The first rule of the attribute that the value breaks, with the details for a sentence.
pub(super) fn check(
    attribute: &OktaAttribute,
    value: &AttributeValue,
) -> Option<(Violation, Params)> {
    if !value.value_type().fits(attribute.value_type) || !value.is_finite() {
        let expected = attribute.value_type.to_string();
        let actual = value.value_type().to_string();
        return Some((
            Violation::TypeMismatch,
            params([("expected", expected), ("actual", actual)]),
        ));
    }
    if !is_choice(attribute, value) {
        return Some((Violation::NotInChoices, Params::new()));
    }
    if has_control(value) {
        return Some((
            Violation::BadFormat,
            params([("format", "LINE".to_owned())]),
        ));
    }
    value.as_text().and_then(|text| check_text(attribute, text))
}

/// Control characters, which no screen shows and PostgreSQL stores in part; people's own values have none but white space.
fn has_control(value: &AttributeValue) -> bool {
    let odd = |text: &str| {
        text.chars()
            .any(|each| each.is_control() && !matches!(each, '\n' | '\r' | '\t'))
    };
    match value {
        AttributeValue::String(text) => odd(text),
        AttributeValue::StringList(texts) => texts.iter().any(|text| odd(text)),
        _ => false,
    }
}

fn is_choice(attribute: &OktaAttribute, value: &AttributeValue) -> bool {
    let listed = |json: &serde_json::Value| {
        attribute
            .choices
            .iter()
            .any(|choice| same_value(&choice.value.to_json(), json))
    };
    attribute.choices.is_empty()
        || match value.to_json() {
            serde_json::Value::Array(items) => items.iter().all(listed),
            single => listed(&single),
        }
}

fn check_text(attribute: &OktaAttribute, text: &str) -> Option<(Violation, Params)> {
    let length = text.chars().count();
    if let Some(max) = attribute.max_length.filter(|max| length > *max as usize) {
        return Some((Violation::TooLong, params([("max", max.to_string())])));
    }
    if let Some(min) = attribute.min_length.filter(|min| length < *min as usize) {
        return Some((Violation::TooShort, params([("min", min.to_string())])));
    }
    match &attribute.pattern {
        Some(pattern) if !matches(pattern, text) => Some((
            Violation::PatternMismatch,
            params([("pattern", pattern.clone())]),
        )),
        None if asks_for_email(attribute) && !is_email(text) => Some((
            Violation::BadFormat,
            params([("format", "EMAIL".to_owned())]),
        )),
        _ => None,
    }
}

/// A login is e-mail-shaped unless the org gave it a pattern of its own (contract §4).
fn asks_for_email(attribute: &OktaAttribute) -> bool {
    attribute.name == LOGIN || attribute.format.as_deref() == Some("email")
}

/// Whether the whole text matches. Okta's patterns are Java's; one that does not compile here counts as matched, and
/// Okta has the last word.
fn matches(pattern: &str, text: &str) -> bool {
    let compiled = compiled(pattern);
    compiled
        .as_ref()
        .as_ref()
        .is_none_or(|known| known.is_match(text))
}

/// A pattern as it is remembered; `None` for one that is left to Okta.
type Compiled = Arc<Option<Regex>>;

/// Compiling takes milliseconds, and every plan and preview of every person looks at the same patterns again.
static COMPILED: LazyLock<Mutex<HashMap<String, Compiled>>> = LazyLock::new(Mutex::default);

fn compiled(pattern: &str) -> Compiled {
    let known = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(compiled) = known().get(pattern) {
        return Arc::clone(compiled);
    }
    let compiled = Arc::new(compile(pattern));
    let mut known = known();
    if known.len() >= MAX_COMPILED {
        known.clear();
    }
    known.insert(pattern.to_owned(), Arc::clone(&compiled));
    compiled
}

fn compile(pattern: &str) -> Option<Regex> {
    if pattern.len() > MAX_PATTERN_LENGTH {
        return None;
    }
    RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .nest_limit(50)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_the_whole_text() {
        assert!(matches("[a-z]+", "abc"));
        assert!(!matches("[a-z]+", "abc1"));
        assert!(!matches("a|b", "ab"));
        assert!(matches("^[a-z]+$", "abc"));
    }

    #[test]
    fn a_pattern_is_compiled_once() {
        for pattern in ["[a-z]{3}", "(?<!x)a"] {
            assert!(Arc::ptr_eq(&compiled(pattern), &compiled(pattern)));
        }
    }

    #[test]
    fn patterns_that_cannot_be_compiled_are_left_to_okta() {
        for pattern in [
            "(?<!x)a",
            r"(a)\1",
            "(",
            "a{100000}{100000}",
            &"(".repeat(500),
            &"a".repeat(2_001),
        ] {
            assert!(matches(pattern, "zzz"), "{pattern}");
        }
    }
}
