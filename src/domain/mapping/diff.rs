//! What has to be written so that Okta holds the wanted profile.

use serde_json::Value as Json;

use super::OktaProfile;

/// The attributes of `desired` that Okta holds otherwise, with their wanted values; null clears.
///
/// Attributes that are not mapped are none of our business and never appear. A change of case is a change, in logins
/// too: Okta compares them without regard to case but stores what it is given.
pub fn diff(desired: &OktaProfile, observed: &OktaProfile) -> OktaProfile {
    desired
        .iter()
        .filter(|(name, value)| !same_value(value, observed.get(*name).unwrap_or(&Json::Null)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether Okta would show both values alike: null, empty text and an empty list are all "no value" (unset attributes
/// come back as null or not at all, contract §3), 1 is 1.0, and the order of lists counts.
pub fn same_value(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (one, other) if is_empty(one) || is_empty(other) => is_empty(one) && is_empty(other),
        (Json::Number(one), Json::Number(other)) => {
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_value(one, other))
        }
        (one, other) => one == other,
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn changes(desired: Json, observed: Json) -> Json {
        let map = |json: Json| json.as_object().unwrap().clone();
        Json::Object(diff(&map(desired), &map(observed)))
    }

    #[test]
    fn only_what_differs_is_written() {
        assert_eq!(
            changes(
                json!({"a": "1", "b": "2", "c": null}),
                json!({"a": "1", "b": "3", "c": "x", "d": 4})
            ),
            json!({"b": "2", "c": null})
        );
    }

    #[test]
    fn what_okta_shows_alike_is_no_change() {
        let rows = [
            (json!(null), json!("")),
            (json!(null), json!([])),
            (json!(1), json!(1.0)),
            (json!([1, 2]), json!([1.0, 2])),
        ];
        for (one, other) in rows {
            assert_eq!(changes(json!({"a": one}), json!({"a": other})), json!({}));
        }
        assert_eq!(changes(json!({"a": null}), json!({})), json!({}));
    }

    #[test]
    fn case_order_and_type_are_changes() {
        let rows = [
            (json!("Ann@x.org"), json!("ann@x.org")),
            (json!(["a", "b"]), json!(["b", "a"])),
            (json!("1"), json!(1)),
            (json!(false), json!(null)),
            (json!(0), json!(null)),
            (
                json!(9_007_199_254_740_993_i64),
                json!(9_007_199_254_740_992_i64),
            ),
        ];
        for (one, other) in rows {
            assert_eq!(
                changes(json!({"login": one}), json!({"login": other})),
                json!({"login": one})
            );
        }
    }

    fn profile() -> impl Strategy<Value = OktaProfile> {
        let value = prop_oneof![
            Just(Json::Null),
            Just(json!("")),
            "[a-c]{1,2}".prop_map(Json::from),
            (0..3_i64).prop_map(Json::from),
            any::<bool>().prop_map(Json::from),
            proptest::collection::vec(0..2_i64, 0..3).prop_map(Json::from),
        ];
        proptest::collection::btree_map("[a-d]", value, 0..4)
            .prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn writing_the_difference_leaves_none(desired in profile(), observed in profile()) {
            let mut written = observed.clone();
            written.extend(diff(&desired, &observed));
            prop_assert!(diff(&desired, &written).is_empty());
            let untouched = observed.iter().filter(|(name, _)| !desired.contains_key(*name));
            for (name, value) in untouched {
                prop_assert_eq!(written.get(name), Some(value));
            }
        }
    }
}
