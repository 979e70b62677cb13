//! Checks of a profile against the user schema. Wordings of causes are for people only.

use regex::Regex;
use serde_json::{Map, Value};

use super::{
    Org,
    schema::{Attribute, UserSchema},
    user::folded,
};

/// Longest values that Okta takes although the schema's answer does not say so (OpenAPI description).
const HIDDEN_LIMITS: [(&str, usize); 7] = [
    ("city", 128),
    ("countryCode", 2),
    ("email", 100),
    ("postalAddress", 4096),
    ("secondEmail", 100),
    ("state", 128),
    ("streetAddress", 1024),
];

/// Why a profile is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// What the summary names: the attribute, or `newUser` for unknown ones.
    pub subject: String,
    pub cause: String,
}

impl Violation {
    fn of(name: &str, complaint: impl AsRef<str>) -> Self {
        Self {
            subject: name.into(),
            cause: format!("{name}: {}", complaint.as_ref()),
        }
    }
}

/// Everything that is wrong with this profile, for a user who may already exist.
pub(crate) fn violations(
    org: &Org,
    profile: &Map<String, Value>,
    user_id: Option<&str>,
) -> Vec<Violation> {
    let schema = org.schema();
    let mut found: Vec<_> = unknown(schema, profile);
    for (name, attribute) in schema.attributes() {
        match profile.get(name).filter(|value| !is_blank(value)) {
            Some(value) => found
                .extend(complaint(name, attribute, value).map(|text| Violation::of(name, text))),
            None if attribute.is_required() => {
                found.push(Violation::of(name, "The field cannot be left blank"));
            }
            None => {}
        }
    }
    if found.is_empty() {
        found.extend(collisions(org, profile, user_id));
    }
    found
}

fn unknown(schema: &UserSchema, profile: &Map<String, Value>) -> Vec<Violation> {
    profile
        .keys()
        .filter(|name| schema.attribute(name).is_none())
        .map(|name| Violation {
            subject: "newUser".into(),
            cause: format!("Property name '{name}' is not defined in profile"),
        })
        .collect()
}

fn collisions(org: &Org, profile: &Map<String, Value>, user_id: Option<&str>) -> Vec<Violation> {
    const TAKEN: &str = "An object with this field already exists in the current organization";
    let login = profile
        .get("login")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if org.login_taken(login, user_id) {
        return vec![Violation::of("login", TAKEN)];
    }
    org.schema()
        .attributes()
        .filter(|(_, attribute)| attribute.is_unique())
        .filter(|(name, _)| {
            let value = profile.get(*name).map(comparable);
            value.is_some()
                && org.users.values().any(|user| {
                    Some(user.id.as_str()) != user_id
                        && user.profile.get(*name).map(comparable) == value
                })
        })
        .map(|(name, _)| Violation::of(name, TAKEN))
        .collect()
}

fn comparable(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), folded)
}

/// Null and the empty string both mean "no value".
pub(crate) fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn complaint(name: &str, attribute: &Attribute, value: &Value) -> Option<String> {
    wrong_type(attribute, value)
        .or_else(|| wrong_length(name, attribute, value))
        .or_else(|| not_permitted(attribute, value))
        .or_else(|| wrong_shape(name, attribute, value))
}

fn wrong_type(attribute: &Attribute, value: &Value) -> Option<String> {
    let fits = match attribute.kind.as_str() {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => {
            let item = Attribute {
                kind: attribute
                    .items
                    .as_ref()
                    .and_then(|items| items["type"].as_str())
                    .unwrap_or("string")
                    .into(),
                ..Attribute::default()
            };
            value.as_array().is_some_and(|values| {
                values
                    .iter()
                    .all(|value| wrong_type(&item, value).is_none())
            })
        }
        _ => true,
    };
    (!fits).then(|| format!("Does not match the attribute's type {}", attribute.kind))
}

fn wrong_length(name: &str, attribute: &Attribute, value: &Value) -> Option<String> {
    let length = value.as_str()?.chars().count();
    let hidden = HIDDEN_LIMITS
        .iter()
        .find(|(limited, _)| *limited == name)
        .map(|(_, limit)| *limit);
    let least = attribute.min_length.or((name == "email").then_some(5));
    let most = attribute.max_length.or(hidden);
    if least.is_some_and(|least| length < least) {
        return Some(format!(
            "String is too short ({length} chars), minimum {}",
            least.unwrap_or_default()
        ));
    }
    most.filter(|most| length > *most)
        .map(|most| format!("String is too long ({length} chars), maximum {most}"))
}

fn not_permitted(attribute: &Attribute, value: &Value) -> Option<String> {
    let permitted = attribute.permitted()?;
    let fits = match value {
        Value::Array(values) => values.iter().all(|value| permitted.contains(&value)),
        value => permitted.contains(&value),
    };
    (!fits).then(|| "Value is not one of the enumerated values".into())
}

fn wrong_shape(name: &str, attribute: &Attribute, value: &Value) -> Option<String> {
    let text = value.as_str()?;
    if let Some(pattern) = &attribute.pattern {
        let fits =
            Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|pattern| pattern.is_match(text));
        return (!fits).then(|| "Does not match required pattern".into());
    }
    if name == "login" && !is_email(text) {
        return Some("Username must be in the form of an email address".into());
    }
    let fits = match attribute.format.as_deref() {
        Some("email") => is_email(text),
        Some("uri") => url::Url::parse(text).is_ok(),
        Some("country-code") => {
            text.len() == 2 && text.chars().all(|letter| letter.is_ascii_uppercase())
        }
        Some("language-code" | "locale") => is_language(text),
        Some("timezone") => is_timezone(text),
        Some("date-time") => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        _ => true,
    };
    (!fits).then(|| "Does not match required pattern".into())
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let labels: Vec<_> = domain.split('.').collect();
    !local.is_empty()
        && !text.contains(|character: char| {
            character.is_whitespace() || "<>\"(),:;\\[]".contains(character)
        })
        && !local.contains('@')
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && labels.len() >= 2
        && labels.iter().all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .chars()
                    .all(|character| character.is_alphanumeric() || character == '-')
        })
}

/// `en`, `en-US`, `en_US`, `zh-Hans-CN`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.chars().all(|letter| letter.is_ascii_alphabetic())
        && parts.all(|part| {
            (2..=8).contains(&part.len())
                && part
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric())
        })
}

/// A name of the IANA time zone database: `Europe/Berlin`, `UTC`.
fn is_timezone(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "/_-+".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_addresses() {
        for good in [
            "a@b.co",
            "first.last+tag@sub.example.com",
            "o'neil@example.com",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "", "a", "a@b", "@b.co", "a b@c.de", "a@b..de", "a@-b.de", ".a@b.de", "a@@b.de",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn lengths_are_checked_at_below_and_above_the_limit() {
        let attribute = Attribute {
            min_length: Some(2),
            max_length: Some(4),
            kind: "string".into(),
            ..Attribute::default()
        };
        let verdict = |text: &str| wrong_length("x", &attribute, &Value::from(text)).is_none();
        assert!(!verdict("a"));
        assert!(verdict("ab"));
        assert!(verdict("äöüß"));
        assert!(!verdict("abcde"));
    }

    #[test]
    fn types_are_not_coerced() {
        let of = |kind: &str| Attribute {
            kind: kind.into(),
            ..Attribute::default()
        };
        assert!(wrong_type(&of("string"), &Value::from(1)).is_some());
        assert!(wrong_type(&of("integer"), &Value::from(1.5)).is_some());
        assert!(wrong_type(&of("number"), &Value::from(1.5)).is_none());
        assert!(wrong_type(&of("boolean"), &Value::from("true")).is_some());
        assert!(wrong_type(&of("array"), &serde_json::json!(["a"])).is_none());
        assert!(wrong_type(&of("array"), &serde_json::json!([1])).is_some());
    }
}
