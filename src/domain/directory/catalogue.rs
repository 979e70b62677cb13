//! The standard fields: what a directory knows about people, in step with Okta's 31 base attributes (contract §4).

use std::sync::LazyLock;

use super::{FieldDefinition, PRIMARY_EMAIL, TextFormat, USER_NAME};
use crate::domain::value::ValueType;

/// The standard fields, in the order in which a panel shows them.
pub fn standard_fields() -> &'static [FieldDefinition] {
    &STANDARD
}

static STANDARD: LazyLock<Vec<FieldDefinition>> =
    LazyLock::new(|| ROWS.iter().map(definition).collect());

struct Row(&'static str, &'static str, TextFormat, u32);

/// Longest login that Okta takes (contract §4).
const LOGIN_LENGTH: u32 = 100;
/// Longest e-mail address that SMTP can carry (RFC 5321 §4.5.3.1.3, less the brackets).
const EMAIL_LENGTH: u32 = 254;
/// Longest of what is one word or a name.
const NAME_LENGTH: u32 = 100;
/// Longest of what is one line.
const LINE_LENGTH: u32 = 255;
/// Longest web address that all browsers take.
const URL_LENGTH: u32 = 2_000;

const ROWS: [Row; 31] = [
    Row(USER_NAME, "User name", TextFormat::UserName, LOGIN_LENGTH),
    Row("givenName", "Given name", TextFormat::Line, NAME_LENGTH),
    Row("familyName", "Family name", TextFormat::Line, NAME_LENGTH),
    Row("middleName", "Middle name", TextFormat::Line, NAME_LENGTH),
    Row(
        "honorificPrefix",
        "Honorific prefix",
        TextFormat::Line,
        NAME_LENGTH,
    ),
    Row(
        "honorificSuffix",
        "Honorific suffix",
        TextFormat::Line,
        NAME_LENGTH,
    ),
    Row("displayName", "Display name", TextFormat::Line, LINE_LENGTH),
    Row("nickName", "Nickname", TextFormat::Line, NAME_LENGTH),
    Row("profileUrl", "Profile URL", TextFormat::Url, URL_LENGTH),
    Row(
        PRIMARY_EMAIL,
        "Primary e-mail",
        TextFormat::Email,
        EMAIL_LENGTH,
    ),
    Row(
        "secondaryEmail",
        "Secondary e-mail",
        TextFormat::Email,
        EMAIL_LENGTH,
    ),
    Row("mobilePhone", "Mobile phone", TextFormat::Line, NAME_LENGTH),
    Row(
        "primaryPhone",
        "Primary phone",
        TextFormat::Line,
        NAME_LENGTH,
    ),
    Row("title", "Title", TextFormat::Line, LINE_LENGTH),
    Row("department", "Department", TextFormat::Line, LINE_LENGTH),
    Row("division", "Division", TextFormat::Line, LINE_LENGTH),
    Row(
        "organization",
        "Organization",
        TextFormat::Line,
        LINE_LENGTH,
    ),
    Row("costCenter", "Cost center", TextFormat::Line, NAME_LENGTH),
    Row(
        "employeeNumber",
        "Employee number",
        TextFormat::Line,
        NAME_LENGTH,
    ),
    Row("userType", "User type", TextFormat::Line, NAME_LENGTH),
    Row("manager", "Manager", TextFormat::Line, LINE_LENGTH),
    Row("managerId", "Manager's id", TextFormat::Line, NAME_LENGTH),
    Row(
        "streetAddress",
        "Street address",
        TextFormat::Paragraph,
        LINE_LENGTH,
    ),
    Row("city", "City", TextFormat::Line, NAME_LENGTH),
    Row("state", "State or region", TextFormat::Line, NAME_LENGTH),
    Row("zipCode", "Zip code", TextFormat::Line, NAME_LENGTH),
    Row("country", "Country", TextFormat::Country, 2),
    Row(
        "postalAddress",
        "Postal address",
        TextFormat::Paragraph,
        LINE_LENGTH,
    ),
    Row(
        "preferredLanguage",
        "Preferred language",
        TextFormat::Language,
        NAME_LENGTH,
    ),
    Row("locale", "Locale", TextFormat::Locale, NAME_LENGTH),
    Row("timezone", "Time zone", TextFormat::TimeZone, NAME_LENGTH),
];

fn definition(row: &Row) -> FieldDefinition {
    let Row(id, label, format, max_length) = *row;
    FieldDefinition {
        id: id.to_owned(),
        label: label.to_owned(),
        data_type: ValueType::String,
        format,
        required: [USER_NAME, PRIMARY_EMAIL].contains(&id),
        max_length,
        custom: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_two_fields_are_required() {
        let ids: BTreeSet<&str> = standard_fields()
            .iter()
            .map(|field| field.id.as_str())
            .collect();
        assert_eq!(ids.len(), 31);
        let required: Vec<&str> = standard_fields()
            .iter()
            .filter(|field| field.required)
            .map(|field| field.id.as_str())
            .collect();
        assert_eq!(required, ["userName", "primaryEmail"]);
    }
}
