//! Whether a JSON object fulfils a condition.

use std::cmp::Ordering;

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::{Dialect, Expression, Operator};

/// Whether the object fulfils the condition.
pub(crate) fn matches(expression: &Expression, object: &Value, dialect: Dialect) -> bool {
    match expression {
        Expression::And(left, right) => {
            matches(left, object, dialect) && matches(right, object, dialect)
        }
        Expression::Or(left, right) => {
            matches(left, object, dialect) || matches(right, object, dialect)
        }
        Expression::Not(inner) => !matches(inner, object, dialect),
        Expression::Present(path) => values(object, path).iter().any(|value| !value.is_null()),
        Expression::Compare(path, Operator::Ne, wanted) => !values(object, path)
            .iter()
            .any(|value| holds(value, Operator::Eq, wanted, dialect)),
        Expression::Compare(path, operator, wanted) => values(object, path)
            .iter()
            .any(|value| holds(value, *operator, wanted, dialect)),
    }
}

/// What a dotted path leads to. Lists on the way stand for each of their elements.
pub(crate) fn values<'a>(object: &'a Value, path: &str) -> Vec<&'a Value> {
    let start = flattened(object);
    path.split('.').fold(start, |found, name| {
        found
            .into_iter()
            .filter_map(|value| value.get(name))
            .flat_map(flattened)
            .collect()
    })
}

fn flattened(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

fn holds(value: &Value, operator: Operator, wanted: &Value, dialect: Dialect) -> bool {
    let (value, wanted) = if dialect.ignores_case() {
        (lowered(value), lowered(wanted))
    } else {
        (value.clone(), wanted.clone())
    };
    let text = |test: fn(&str, &str) -> bool| match (value.as_str(), wanted.as_str()) {
        (Some(value), Some(wanted)) => test(value, wanted),
        _ => false,
    };
    match operator {
        Operator::Sw => text(|value, wanted| value.starts_with(wanted)),
        Operator::Ew => text(|value, wanted| value.ends_with(wanted)),
        Operator::Co => text(|value, wanted| value.contains(wanted)),
        Operator::Eq => comparable(&value, &wanted) && order(&value, &wanted).is_eq(),
        Operator::Ne => !(comparable(&value, &wanted) && order(&value, &wanted).is_eq()),
        Operator::Gt => comparable(&value, &wanted) && order(&value, &wanted).is_gt(),
        Operator::Ge => comparable(&value, &wanted) && order(&value, &wanted).is_ge(),
        Operator::Lt => comparable(&value, &wanted) && order(&value, &wanted).is_lt(),
        Operator::Le => comparable(&value, &wanted) && order(&value, &wanted).is_le(),
    }
}

fn lowered(value: &Value) -> Value {
    value
        .as_str()
        .map_or_else(|| value.clone(), |text| Value::String(text.to_lowercase()))
}

fn comparable(left: &Value, right: &Value) -> bool {
    rank(left) == rank(right)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    }
}

/// A total order of values: dates by time, numbers by size, text by characters.
pub(crate) fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => match (date(left), date(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.cmp(right),
        },
        (Value::Number(left), Value::Number(right)) => left
            .as_f64()
            .unwrap_or_default()
            .total_cmp(&right.as_f64().unwrap_or_default()),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn date(text: &str) -> Option<DateTime<FixedOffset>> {
    let plausible = text.len() >= 20 && text.as_bytes()[0].is_ascii_digit();
    if plausible {
        DateTime::parse_from_rfc3339(&text.to_uppercase()).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::parse, *};

    fn search(text: &str) -> bool {
        let user = json!({
            "status": "ACTIVE",
            "lastUpdated": "2026-05-01T10:00:00.000Z",
            "profile": { "lastName": "Åberg", "age": 41, "tags": ["Red", "blue"], "vip": true },
        });
        matches(
            &parse(text, Dialect::UserSearch).unwrap(),
            &user,
            Dialect::UserSearch,
        )
    }

    #[test]
    fn search_ignores_case_and_looks_into_lists() {
        assert!(search(r#"profile.lastName sw "åB""#));
        assert!(search(r#"status eq "active""#));
        assert!(search(r#"profile.tags eq "red""#));
        assert!(!search(r#"profile.tags eq "green""#));
        assert!(search("profile.vip eq true"));
    }

    #[test]
    fn dates_and_numbers_compare_by_value() {
        assert!(search(r#"lastUpdated gt "2026-05-01T11:59:59.999+02:00""#));
        assert!(!search(r#"lastUpdated gt "2026-05-01T10:00:00.000Z""#));
        assert!(search("profile.age ge 41 and profile.age lt 100"));
    }

    #[test]
    fn absent_attributes_match_nothing_but_are_not_present() {
        assert!(!search("profile.city pr"));
        assert!(search("profile.age pr"));
        assert!(!search(r#"profile.city eq """#));
    }

    #[test]
    fn filter_regards_case() {
        let user = json!({ "profile": { "login": "Ana@example.com" } });
        let found = |text: &str| {
            matches(
                &parse(text, Dialect::UserFilter).unwrap(),
                &user,
                Dialect::UserFilter,
            )
        };
        assert!(found(r#"profile.login eq "Ana@example.com""#));
        assert!(!found(r#"profile.login eq "ana@example.com""#));
    }
}
