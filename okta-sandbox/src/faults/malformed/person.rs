//! Users with wrong ids, types and fields. In a list every user has them.

use serde_json::{Map, Value, json};

use super::{Family, Garbled, Genuine, Shape};

/// An id in Okta's form that nobody has.
const NOBODY: &str = "00uNobodyHasThisId5d7";

const fn person(name: &'static str, what: &'static str, make: fn(Genuine) -> Garbled) -> Shape {
    Shape::new(Family::Person, name, what, make)
}

pub(super) static SHAPES: [Shape; 36] = [
    person("id-missing", "no id", |genuine| without(genuine, "id")),
    person("id-null", "null for the id", |genuine| {
        id(genuine, Value::Null)
    }),
    person("id-number", "a number for the id", |genuine| {
        id(genuine, json!(17))
    }),
    person("id-array", "an array for the id", |genuine| {
        id(genuine, json!(["00u"]))
    }),
    person("id-object", "an object for the id", |genuine| {
        id(genuine, json!({ "value": "00u" }))
    }),
    person("id-empty", "an empty id", |genuine| id(genuine, json!(""))),
    person("id-blank", "an id of a space", |genuine| {
        id(genuine, json!(" "))
    }),
    person("id-me", "`me`, which is whoever asks", |genuine| {
        id(genuine, json!("me"))
    }),
    person("id-parent", "`..`", |genuine| id(genuine, json!(".."))),
    person(
        "id-other-path",
        "an id that leads to another endpoint",
        |genuine| id(genuine, json!("../groups/00g1")),
    ),
    person("id-escaped-path", "the same, escaped", |genuine| {
        id(genuine, json!("%2e%2e%2fgroups%2f00g1"))
    }),
    person(
        "id-operation",
        "an id that goes on to an operation",
        |genuine| id(genuine, json!("me/lifecycle/deactivate")),
    ),
    person("id-query", "an id with a query", |genuine| {
        id(genuine, json!("00u?activate=true#x"))
    }),
    person("id-url", "an id that is a URL", |genuine| {
        id(genuine, json!("https://elsewhere.example/00u"))
    }),
    person(
        "id-line-break",
        "an id with a line break and a header",
        |genuine| id(genuine, json!("00u\r\nX-Injected: 1")),
    ),
    person(
        "id-unicode",
        "an id of letters that only look right",
        |genuine| id(genuine, json!("００ｕ\u{202e}5d7")),
    ),
    person("id-login", "the login for the id", |genuine| {
        edit(genuine, |user, _| {
            let login = user["profile"]["login"].clone();
            user["id"] = login;
        })
    }),
    person("id-megabyte", "an id of a million characters", |genuine| {
        id(genuine, json!("0".repeat(1_000_000)))
    }),
    person(
        "id-of-nobody",
        "a well-formed id that nobody has",
        |genuine| id(genuine, json!(NOBODY)),
    ),
    person("id-of-another", "the id of another person", |genuine| {
        edit(genuine, |user, other| user["id"] = other["id"].clone())
    }),
    person(
        "all-of-a-stranger",
        "another person altogether",
        |genuine| {
            edit(genuine, |user, other| {
                if user.get("profile").is_some() {
                    *user = other.clone();
                }
            })
        },
    ),
    person(
        "id-twice",
        "two ids in one object; the second is another person's",
        |genuine| twice(genuine, "id"),
    ),
    person(
        "profile-twice",
        "two profiles in one object; the second is another person's",
        |genuine| twice(genuine, "profile"),
    ),
    person("status-missing", "no status", |genuine| {
        without(genuine, "status")
    }),
    person("status-null", "null for the status", |genuine| {
        field(genuine, "status", Value::Null)
    }),
    person("status-number", "a number for the status", |genuine| {
        field(genuine, "status", json!(1))
    }),
    person("status-array", "an array for the status", |genuine| {
        field(genuine, "status", json!(["ACTIVE"]))
    }),
    person("profile-missing", "no profile", |genuine| {
        without(genuine, "profile")
    }),
    person("profile-null", "null for the profile", |genuine| {
        field(genuine, "profile", Value::Null)
    }),
    person("profile-array", "an array for the profile", |genuine| {
        field(genuine, "profile", json!([]))
    }),
    person("profile-string", "a string for the profile", |genuine| {
        field(genuine, "profile", json!("{\"login\":\"x\"}"))
    }),
    person("profile-empty", "an empty profile", |genuine| {
        field(genuine, "profile", json!({}))
    }),
    person("login-null", "null for the login", |genuine| {
        login(genuine, |_| Value::Null)
    }),
    person("login-object", "an object for the login", |genuine| {
        login(genuine, |_| json!({ "value": "x" }))
    }),
    person(
        "login-of-stranger",
        "the login of another person",
        |genuine| login(genuine, |other| other["profile"]["login"].clone()),
    ),
    person("all-null", "null for everything", |genuine| {
        edit(genuine, |user, _| {
            for value in user.as_object_mut().into_iter().flat_map(Map::values_mut) {
                *value = Value::Null;
            }
        })
    }),
];

/// Changes every user or role in the answer.
fn edit(genuine: Genuine, change: impl Fn(&mut Value, &Value)) -> Garbled {
    let mut body = genuine.json();
    let mut edited = false;
    let mut one = |object: &mut Value| {
        if object.get("id").is_some() {
            change(object, &genuine.other);
            edited = true;
        }
    };
    match &mut body {
        Value::Array(objects) => objects.iter_mut().for_each(one),
        object => one(object),
    }
    if edited {
        genuine.say(body.to_string())
    } else {
        genuine.unchanged()
    }
}

fn id(genuine: Genuine, value: Value) -> Garbled {
    edit(genuine, |user, _| user["id"] = value.clone())
}

fn field(genuine: Genuine, name: &str, value: Value) -> Garbled {
    edit(genuine, |user, _| {
        if user.get(name).is_some() {
            user[name] = value.clone();
        }
    })
}

fn without(genuine: Genuine, name: &str) -> Garbled {
    edit(genuine, |user, _| {
        if let Some(user) = user.as_object_mut() {
            user.remove(name);
        }
    })
}

fn login(genuine: Genuine, value: fn(&Value) -> Value) -> Garbled {
    edit(genuine, |user, other| {
        if user["profile"].is_object() {
            user["profile"]["login"] = value(other);
        }
    })
}

/// Adds a second value of a key, another person's, at the end, where most parsers take it.
fn twice(genuine: Genuine, name: &str) -> Garbled {
    let added = format!(",\"{name}\":{}}}", genuine.other[name]);
    let doubled = |object: &Value| {
        let mut text = object.to_string();
        if object.get(name).is_some() && text.pop().is_some() {
            text.push_str(&added);
        }
        text
    };
    let body = match genuine.json() {
        Value::Array(objects) => {
            let objects: Vec<_> = objects.iter().map(doubled).collect();
            format!("[{}]", objects.join(","))
        }
        object @ Value::Object(_) => doubled(&object),
        _ => return genuine.unchanged(),
    };
    if genuine.body() == body {
        return genuine.unchanged();
    }
    genuine.say(body)
}
