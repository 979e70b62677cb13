//! Saving, previewing and offering mappings against a schema like the one Okta gives to new orgs.

use serde_json::json;

use super::*;
use crate::domain::directory::{FieldDefinition, FieldValues, standard_fields};
use crate::domain::value::FieldValue;

fn attribute(name: &str, value_type: ValueType) -> OktaAttribute {
    OktaAttribute {
        name: name.into(),
        title: name.into(),
        description: None,
        value_type,
        required: false,
        choices: Vec::new(),
        min_length: None,
        max_length: None,
        pattern: None,
        format: None,
        writable: true,
        custom: false,
        unique: false,
    }
}

fn text(name: &str) -> OktaAttribute {
    attribute(name, ValueType::String)
}

fn choice(value: AttributeValue) -> Choice {
    Choice {
        value,
        label: "choice".into(),
    }
}

fn schema() -> Vec<OktaAttribute> {
    let named = |name| OktaAttribute {
        required: true,
        min_length: Some(1),
        max_length: Some(50),
        ..text(name)
    };
    let sizes = ["S", "M"]
        .map(|size| choice(FieldValue::String(size.into())))
        .to_vec();
    let levels = [1, 2]
        .map(|level| choice(FieldValue::Integer(level)))
        .to_vec();
    vec![
        OktaAttribute {
            required: true,
            min_length: Some(5),
            max_length: Some(100),
            ..text(LOGIN)
        },
        OktaAttribute {
            required: true,
            format: Some("email".into()),
            ..text(EMAIL)
        },
        named(FIRST_NAME),
        named(LAST_NAME),
        text("title"),
        OktaAttribute {
            writable: false,
            required: true,
            ..text("mastered")
        },
        OktaAttribute {
            choices: sizes.clone(),
            custom: true,
            ..text("shirt")
        },
        OktaAttribute {
            choices: levels,
            custom: true,
            ..attribute("level", ValueType::Number)
        },
        OktaAttribute {
            choices: sizes,
            custom: true,
            ..attribute("shirts", ValueType::StringList)
        },
        OktaAttribute {
            pattern: Some("[A-Z]{2}-[0-9]+".into()),
            custom: true,
            ..text("badge")
        },
        OktaAttribute {
            unique: true,
            custom: true,
            ..text("payroll")
        },
        OktaAttribute {
            custom: true,
            ..attribute("remote", ValueType::Boolean)
        },
    ]
}

fn fields() -> Vec<FieldDefinition> {
    let mut fields = standard_fields().to_vec();
    fields.push(FieldDefinition::custom("f1", "Remote", ValueType::Boolean));
    fields.push(FieldDefinition::custom("f2", "Grade", ValueType::Integer));
    fields
}

fn field(attribute: &str, id: &str) -> MappingItem {
    MappingItem {
        attribute: attribute.into(),
        source: MappingSource::Field(id.into()),
    }
}

fn constant(attribute: &str, value: impl Into<Fixed>) -> MappingItem {
    let Fixed(value) = value.into();
    MappingItem {
        attribute: attribute.into(),
        source: MappingSource::Constant(value),
    }
}

struct Fixed(FieldValue);

impl From<&str> for Fixed {
    fn from(text: &str) -> Self {
        Self(FieldValue::String(text.into()))
    }
}

impl From<FieldValue> for Fixed {
    fn from(value: FieldValue) -> Self {
        Self(value)
    }
}

fn required() -> Vec<MappingItem> {
    vec![
        field(LOGIN, "userName"),
        field(EMAIL, "primaryEmail"),
        field(FIRST_NAME, "givenName"),
        field(LAST_NAME, "familyName"),
    ]
}

fn with(item: MappingItem) -> Vec<MappingItem> {
    required().into_iter().chain([item]).collect()
}

fn faults(items: &[MappingItem]) -> Vec<String> {
    let describe = |fault: MappingFault| {
        let index = fault
            .index
            .map_or("-".to_owned(), |index| index.to_string());
        let params: Vec<String> = fault
            .params
            .iter()
            .map(|(name, value)| format!(" {name}={value}"))
            .collect();
        format!(
            "{index} {} {}{}",
            fault.attribute.unwrap_or_default(),
            fault.code,
            params.concat()
        )
    };
    validate(items, &schema(), &fields())
        .into_iter()
        .map(describe)
        .collect()
}

#[test]
fn each_fault_is_named_with_its_line() {
    let list = |items: &[&str]| {
        FieldValue::StringList(items.iter().map(|item| (*item).to_owned()).collect())
    };
    let rows = [
        (field("title", "title"), ""),
        (field("nothing", "title"), "4 nothing UNKNOWN_ATTRIBUTE"),
        (field(LOGIN, "title"), "4 login DUPLICATE_ATTRIBUTE"),
        (field("mastered", "title"), "4 mastered READ_ONLY_ATTRIBUTE"),
        (field("title", "f9"), "4 title UNKNOWN_FIELD"),
        (
            field("title", "f2"),
            "4 title TYPE_MISMATCH actual=INTEGER expected=STRING",
        ),
        (field("level", "f2"), ""),
        (
            constant("remote", "yes"),
            "4 remote TYPE_MISMATCH actual=STRING expected=BOOLEAN",
        ),
        (constant("remote", FieldValue::Boolean(true)), ""),
        (constant("shirt", "M"), ""),
        (constant("shirt", "m"), "4 shirt NOT_IN_CHOICES"),
        (constant("level", FieldValue::Number(2.0)), ""),
        (
            constant("level", FieldValue::Integer(3)),
            "4 level NOT_IN_CHOICES",
        ),
        (
            constant("level", FieldValue::Number(f64::NAN)),
            "4 level TYPE_MISMATCH actual=NUMBER expected=NUMBER",
        ),
        (constant("shirts", list(&["S", "M"])), ""),
        (
            constant("shirts", list(&["S", "XL"])),
            "4 shirts NOT_IN_CHOICES",
        ),
        (constant("badge", "AB-1"), ""),
        (
            constant("badge", "xAB-1"),
            "4 badge PATTERN_MISMATCH pattern=[A-Z]{2}-[0-9]+",
        ),
        (constant("payroll", "1"), "4 payroll CONSTANT_NOT_ALLOWED"),
        (constant("title", ""), ""),
    ];
    for (item, expected) in rows {
        assert_eq!(faults(&with(item.clone())).join(", "), expected, "{item:?}");
    }
}

#[test]
fn constants_for_required_attributes() {
    let swap = |index: usize, item| {
        let mut items = required();
        items[index] = item;
        faults(&items)
    };
    assert_eq!(
        swap(0, constant(LOGIN, "a@b.co")),
        ["0 login CONSTANT_NOT_ALLOWED"]
    );
    assert_eq!(
        swap(1, constant(EMAIL, "a@b.co")),
        ["1 email CONSTANT_NOT_ALLOWED"]
    );
    assert_eq!(swap(2, constant(FIRST_NAME, "The")), [""; 0]);
    assert_eq!(
        swap(2, constant(FIRST_NAME, " ")),
        ["2 firstName REQUIRED_UNMAPPED"]
    );
    assert_eq!(
        swap(2, constant(FIRST_NAME, "x".repeat(51).as_str())),
        ["2 firstName TOO_LONG max=50"]
    );
}

#[test]
fn what_is_missing_or_too_much() {
    assert_eq!(faults(&required()[1..]), ["- login REQUIRED_UNMAPPED"]);
    assert_eq!(
        faults(&[]).len(),
        4,
        "what is mastered elsewhere is not asked for"
    );
    let many = vec![field("title", "title"); MAX_ITEMS + 1];
    assert_eq!(faults(&many), ["-  TOO_MANY max=500"]);
}

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn person(pairs: Pairs<'_>) -> FieldValues {
    let base = [
        ("userName", "ann@x.org"),
        ("primaryEmail", "ann@x.org"),
        ("givenName", "Ann"),
        ("familyName", "Lee"),
    ];
    let mut values = FieldValues::new();
    for (id, text) in base.iter().chain(pairs) {
        values.insert((*id).to_owned(), FieldValue::String((*text).to_owned()));
    }
    values.retain(|_, value| value.as_text() != Some("-"));
    values
}

#[test]
fn a_profile_has_values_constants_and_nulls() {
    let mut items = with(field("title", "title"));
    items.push(constant("shirt", "M"));
    let profile = apply(&items, &schema(), &person(&[])).unwrap();
    assert_eq!(
        json!(profile),
        json!({"login": "ann@x.org", "email": "ann@x.org", "firstName": "Ann", "lastName": "Lee",
               "title": null, "shirt": "M"})
    );
}

#[test]
fn faults_of_a_person_name_the_attribute_and_not_the_value() {
    let rows: [(Pairs<'_>, MappingItem, &str); 10] = [
        (
            &[("givenName", "-")],
            field("title", "title"),
            "firstName REQUIRED_MISSING",
        ),
        (
            &[("givenName", "  ")],
            field("title", "title"),
            "firstName REQUIRED_MISSING",
        ),
        (
            &[("userName", "ann")],
            field("title", "title"),
            "login TOO_SHORT",
        ),
        (
            &[("userName", "ann.lee")],
            field("title", "title"),
            "login BAD_FORMAT",
        ),
        (
            &[("title", "XL")],
            field("shirt", "title"),
            "shirt NOT_IN_CHOICES",
        ),
        (
            &[("title", "x")],
            field("badge", "title"),
            "badge PATTERN_MISMATCH",
        ),
        (
            &[("title", "x")],
            field("level", "title"),
            "level TYPE_MISMATCH",
        ),
        (
            &[("title", "x")],
            field("vanished", "title"),
            "vanished NOT_WRITABLE",
        ),
        (&[], field("vanished", "title"), ""),
        (
            &[("title", "x")],
            field("mastered", "title"),
            "mastered NOT_WRITABLE",
        ),
    ];
    for (pairs, item, expected) in rows {
        let result = apply(&with(item.clone()), &schema(), &person(pairs));
        let found = result.err().unwrap_or_default();
        let codes: Vec<String> = found
            .iter()
            .map(|fault| format!("{} {}", fault.attribute, fault.code))
            .collect();
        assert_eq!(codes.join(", "), expected, "{pairs:?} {item:?}");
    }
}

#[test]
fn an_org_with_its_own_login_pattern_takes_other_logins() {
    let mut schema = schema();
    schema[0].pattern = Some("[a-z.]+".into());
    assert!(apply(&required(), &schema, &person(&[("userName", "ann.lee")])).is_ok());
    assert!(apply(&required(), &schema, &person(&[])).is_err());
}

#[test]
fn a_requirement_that_okta_added_blocks_with_its_name() {
    let mut schema = schema();
    schema[9].required = true;
    let faults = apply(&required(), &schema, &person(&[])).unwrap_err();
    assert_eq!(faults[0].attribute, "badge");
    assert_eq!(faults[0].code, ValueFaultCode::RequiredMissing);
}

#[test]
fn the_default_mapping_can_be_saved() {
    let items = default_mapping(&schema(), &fields());
    assert_eq!(faults(&items), [""; 0]);
    let sources: Vec<String> = items
        .iter()
        .map(|item| format!("{} {:?}", item.attribute, item.source))
        .collect();
    insta::assert_snapshot!(sources.join("\n"), @r#"
    login Field("userName")
    email Field("primaryEmail")
    firstName Field("givenName")
    lastName Field("familyName")
    title Field("title")
    remote Field("f1")
    "#);
}

#[test]
fn only_fields_that_fit_are_offered() {
    let schema = schema();
    let ids = |name: &str| -> Vec<String> {
        let attribute = schema.iter().find(|each| each.name == name).unwrap();
        compatible_fields(attribute, &fields())
            .iter()
            .map(|field| field.id.clone())
            .collect()
    };
    assert_eq!(ids("remote"), ["f1"]);
    assert_eq!(ids("level"), ["f2"]);
    assert_eq!(ids("title").len(), 31);
    assert!(ids("mastered").is_empty());
}
