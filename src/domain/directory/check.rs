//! Whether values and definitions are what the directory takes.
//!
//! Formats are checked for their shape only: which languages, countries and zones exist changes faster than code.

use super::{
    FieldDefinition, FieldFault, FieldFaultCode, FieldValues, MAX_CUSTOM_FIELDS, MAX_LIST_ITEMS,
    TextFormat, match_key,
};
use crate::domain::value::FieldValue;

/// Longest label of a custom field.
const MAX_LABEL_LENGTH: u32 = 100;
/// Longest text that a custom field may ask for.
pub const MAX_TEXT_LENGTH: u32 = 10_000;

/// Everything wrong with a person's whole profile, by field; empty when it is fine.
pub fn check_field_values(values: &FieldValues, fields: &[FieldDefinition]) -> Vec<FieldFault> {
    let unknown = values
        .keys()
        .filter(|id| !fields.iter().any(|field| field.id == **id))
        .map(|id| FieldFault::new(id, FieldFaultCode::UnknownField));
    let known = fields
        .iter()
        .flat_map(|field| check_value(field, values.get(&field.id)));
    unknown.chain(known).collect()
}

/// Everything wrong with the definition of a custom field; `existing` are the fields of the organisation, the one to
/// be changed among them.
pub fn check_field_definition(
    field: &FieldDefinition,
    existing: &[FieldDefinition],
) -> Vec<FieldFault> {
    let mut faults = Vec::new();
    let mut fault = |code| faults.push(FieldFault::new(&field.id, code));
    if field.label.trim().is_empty() {
        fault(FieldFaultCode::Required);
    }
    if has_control(&field.label, false) {
        fault(FieldFaultCode::ControlCharacters);
    }
    let others = || existing.iter().filter(|other| other.id != field.id);
    if others().any(|other| match_key(&other.label) == match_key(&field.label)) {
        fault(FieldFaultCode::Duplicate);
    }
    if !(1..=MAX_TEXT_LENGTH).contains(&field.max_length) {
        fault(FieldFaultCode::BadFormat);
    }
    if length(&field.label) > MAX_LABEL_LENGTH as usize {
        faults.push(
            FieldFault::new(&field.id, FieldFaultCode::TooLong).with("max", MAX_LABEL_LENGTH),
        );
    }
    if others().filter(|other| other.custom).count() >= MAX_CUSTOM_FIELDS {
        faults.push(
            FieldFault::new(&field.id, FieldFaultCode::TooMany).with("max", MAX_CUSTOM_FIELDS),
        );
    }
    faults
}

/// What is wrong with one value of a field; `None` when it is fine.
pub fn check_field_value(
    field: &FieldDefinition,
    value: Option<&FieldValue>,
) -> Option<FieldFault> {
    check_value(field, value).into_iter().next()
}

fn check_value(field: &FieldDefinition, value: Option<&FieldValue>) -> Vec<FieldFault> {
    let fault = |code| vec![FieldFault::new(&field.id, code)];
    let Some(value) = value.filter(|value| !value.is_blank()) else {
        return if field.required {
            fault(FieldFaultCode::Required)
        } else {
            Vec::new()
        };
    };
    if !value.value_type().fits(field.data_type) {
        return vec![
            FieldFault::new(&field.id, FieldFaultCode::TypeMismatch)
                .with("expected", field.data_type),
        ];
    }
    match value {
        FieldValue::String(text) => check_text(field, text).into_iter().collect(),
        FieldValue::StringList(items) if items.len() > MAX_LIST_ITEMS => too_many(field),
        FieldValue::StringList(items) => items
            .iter()
            .find_map(|item| check_text(field, item))
            .into_iter()
            .collect(),
        FieldValue::IntegerList(items) if items.len() > MAX_LIST_ITEMS => too_many(field),
        FieldValue::NumberList(items) if items.len() > MAX_LIST_ITEMS => too_many(field),
        other if !other.is_finite() => fault(FieldFaultCode::NotFinite),
        _ => Vec::new(),
    }
}

fn too_many(field: &FieldDefinition) -> Vec<FieldFault> {
    vec![FieldFault::new(&field.id, FieldFaultCode::TooMany).with("max", MAX_LIST_ITEMS)]
}

fn check_text(field: &FieldDefinition, text: &str) -> Option<FieldFault> {
    if length(text) > field.max_length as usize {
        return Some(
            FieldFault::new(&field.id, FieldFaultCode::TooLong).with("max", field.max_length),
        );
    }
    if has_control(text, field.format == TextFormat::Paragraph) {
        return Some(FieldFault::new(
            &field.id,
            FieldFaultCode::ControlCharacters,
        ));
    }
    if has_shape(field.format, text) {
        return None;
    }
    Some(match field.format {
        TextFormat::Email => FieldFault::new(&field.id, FieldFaultCode::NotAnEmail),
        format => FieldFault::new(&field.id, FieldFaultCode::BadFormat).with("format", format),
    })
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn has_control(text: &str, lines_allowed: bool) -> bool {
    text.chars().any(|each| {
        is_hidden_control(each) && !(lines_allowed && matches!(each, '\n' | '\r' | '\t'))
    })
}

/// Control characters, and those that turn the order of what follows round (U+202D, U+202E): by them a name passes for another on every screen. Other marks
/// of direction are left, as devices put them around names and numbers.
pub fn is_hidden_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202d}' | '\u{202e}')
}

fn has_shape(format: TextFormat, text: &str) -> bool {
    match format {
        TextFormat::Line | TextFormat::Paragraph => true,
        TextFormat::UserName => !text.contains(char::is_whitespace),
        TextFormat::Email => is_email(text),
        TextFormat::Url => is_url(text),
        TextFormat::Country => {
            text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        }
        TextFormat::Language => is_tag(text, &['-']),
        TextFormat::Locale => is_tag(text, &['-', '_', '.', '@']),
        TextFormat::TimeZone => is_zone(text),
    }
}

/// Whether the text has the shape of an e-mail address: something, one `@`, and a domain with a dot. Letters of any
/// script are taken on both sides (RFC 6531).
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let local_fits = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(is_local);
    local_fits && text.len() <= 254 && is_domain(domain)
}

fn is_local(each: char) -> bool {
    each.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(each)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|each| each.is_alphanumeric() || each == '-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !text.contains(char::is_whitespace)
    })
}

fn is_tag(text: &str, separators: &[char]) -> bool {
    let mut parts = text.split(separators);
    let language = parts.next().unwrap_or_default();
    let is_language = (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_language
        && parts.all(|part| {
            (1..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn is_zone(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-+".contains(&byte))
    };
    text.split('/').count() <= 3 && text.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::standard_fields;
    use crate::domain::value::ValueType;

    fn values(pairs: &[(&str, &str)]) -> FieldValues {
        let base = [("userName", "ann"), ("primaryEmail", "ann@x.org")];
        let text =
            |(id, text): &(&str, &str)| ((*id).to_owned(), FieldValue::String((*text).to_owned()));
        base.iter().chain(pairs).map(text).collect()
    }

    fn codes(pairs: &[(&str, &str)]) -> Vec<String> {
        let faults = check_field_values(&values(pairs), standard_fields());
        faults
            .iter()
            .map(|fault| format!("{} {}", fault.field, fault.code))
            .collect()
    }

    #[test]
    fn each_rule_names_the_field() {
        let long = "x".repeat(101);
        let rows: &[(&[(&str, &str)], &str)] = &[
            (
                &[
                    ("givenName", "Ann"),
                    ("timezone", "Europe/Vienna"),
                    ("locale", "de_AT"),
                ],
                "",
            ),
            (&[("userName", " ")], "userName REQUIRED"),
            (&[("userName", "ann lee")], "userName BAD_FORMAT"),
            (&[("primaryEmail", "ann")], "primaryEmail NOT_AN_EMAIL"),
            (&[("secondaryEmail", "ann@")], "secondaryEmail NOT_AN_EMAIL"),
            (&[("givenName", &long)], "givenName TOO_LONG"),
            (&[("givenName", "A\u{0}nn")], "givenName CONTROL_CHARACTERS"),
            (&[("streetAddress", "1 Road\nTown")], ""),
            (&[("city", "To\nwn")], "city CONTROL_CHARACTERS"),
            (&[("country", "AUT")], "country TOO_LONG"),
            (&[("country", "1A")], "country BAD_FORMAT"),
            (&[("preferredLanguage", "de-AT")], ""),
            (
                &[("preferredLanguage", "?")],
                "preferredLanguage BAD_FORMAT",
            ),
            (&[("timezone", "Mars Base")], "timezone BAD_FORMAT"),
            (
                &[("profileUrl", "javascript:alert(1)")],
                "profileUrl BAD_FORMAT",
            ),
            (&[("shoeSize", "43")], "shoeSize UNKNOWN_FIELD"),
            (&[("nickName", "")], ""),
        ];
        for (pairs, expected) in rows {
            assert_eq!(codes(pairs).join(", "), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn missing_and_mistyped_values_are_found() {
        let mut values = values(&[]);
        values.remove("primaryEmail");
        values.insert("title".into(), FieldValue::Integer(3));
        let faults = check_field_values(&values, standard_fields());
        let codes: Vec<FieldFaultCode> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(
            codes,
            [FieldFaultCode::Required, FieldFaultCode::TypeMismatch]
        );
    }

    #[test]
    fn numbers_and_lists_have_limits() {
        let number = FieldDefinition::custom("f1", "Weight", ValueType::Number);
        let tags = FieldDefinition::custom("f2", "Tags", ValueType::StringList);
        let check = |field: &FieldDefinition, value| {
            check_value(field, Some(&value))
                .first()
                .map(|fault| fault.code)
        };
        assert_eq!(check(&number, FieldValue::Integer(3)), None);
        assert_eq!(
            check(&number, FieldValue::Number(f64::NAN)),
            Some(FieldFaultCode::NotFinite)
        );
        let list = |count| FieldValue::StringList(vec!["a".to_owned(); count]);
        assert_eq!(check(&tags, list(MAX_LIST_ITEMS)), None);
        assert_eq!(
            check(&tags, list(MAX_LIST_ITEMS + 1)),
            Some(FieldFaultCode::TooMany)
        );
        assert_eq!(
            check(&tags, FieldValue::String("a".into())),
            Some(FieldFaultCode::TypeMismatch)
        );
    }

    #[test]
    fn e_mail_addresses() {
        for good in [
            "a@b.co",
            "o'neil+x@mail.example.org",
            "jörg@müller.de",
            "UPPER@X.ORG",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "@", "a", "a@b", "@b.co", "a@.co", "a b@c.de", "a@b..c", "a@-b.co", "a@@b.co",
            ".a@b.co",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn definitions_are_checked() {
        let existing = [FieldDefinition::custom(
            "f1",
            "Badge colour",
            ValueType::String,
        )];
        let codes = |field: &FieldDefinition| -> Vec<FieldFaultCode> {
            check_field_definition(field, &existing)
                .iter()
                .map(|fault| fault.code)
                .collect()
        };
        let new = |label: &str| FieldDefinition::custom("f2", label, ValueType::String);
        assert_eq!(codes(&new("Floor")), []);
        assert_eq!(codes(&new("BADGE colour ")), [FieldFaultCode::Duplicate]);
        assert_eq!(codes(&existing[0]), []);
        assert_eq!(codes(&new(" ")), [FieldFaultCode::Required]);
        assert_eq!(codes(&new(&"x".repeat(101))), [FieldFaultCode::TooLong]);
        let full: Vec<FieldDefinition> = (0..MAX_CUSTOM_FIELDS)
            .map(|index| {
                FieldDefinition::custom(
                    format!("c{index}"),
                    format!("Field {index}"),
                    ValueType::String,
                )
            })
            .collect();
        assert_eq!(
            check_field_definition(&new("One more"), &full)[0].code,
            FieldFaultCode::TooMany
        );
    }
}
