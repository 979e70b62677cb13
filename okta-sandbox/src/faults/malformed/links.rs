//! Lists with wrong elements and wrong `Link` headers.

use serde_json::{Value, json};

use super::{Family, Garbled, Genuine, Shape, Tail};
use crate::faults::paging::with_next;

const fn list(name: &'static str, what: &'static str, make: fn(Genuine) -> Garbled) -> Shape {
    Shape::new(Family::List, name, what, make)
}

pub(super) static SHAPES: [Shape; 14] = [
    list("element-null", "a null among the elements", |genuine| {
        with(genuine, Value::Null)
    }),
    list("element-string", "a string among the elements", |genuine| {
        with(genuine, json!("00u"))
    }),
    list(
        "element-empty",
        "an empty object among the elements",
        |genuine| with(genuine, json!({})),
    ),
    list("element-array", "a list among the elements", |genuine| {
        with(genuine, json!([]))
    }),
    list(
        "list-by-number",
        "an object with numbers for keys",
        |genuine| match genuine.json() {
            Value::Array(elements) => {
                let entries = elements.into_iter().enumerate();
                let body: Value = entries
                    .map(|(n, element)| (n.to_string(), element))
                    .collect();
                genuine.say(body.to_string())
            }
            _ => genuine.unchanged(),
        },
    ),
    list(
        "link-user-info",
        "a next page with a name before the host",
        |genuine| {
            let next = genuine
                .page
                .replacen("://", "://okta.example@elsewhere.example/?", 1);
            link(genuine, &format!("<{next}>; rel=\"next\""))
        },
    ),
    list(
        "link-no-scheme",
        "a next page on another host, without a scheme",
        |genuine| {
            link(
                genuine,
                "<//elsewhere.example/api/v1/users?after=x>; rel=\"next\"",
            )
        },
    ),
    list("link-script", "a next page that is a script", |genuine| {
        link(genuine, "<javascript:alert(1)>; rel=\"next\"")
    }),
    list("link-file", "a next page in the file system", |genuine| {
        link(genuine, "<file:///etc/passwd>; rel=\"next\"")
    }),
    list(
        "link-other-endpoint",
        "a next page that is another endpoint",
        |genuine| {
            let root = genuine
                .page
                .split("/api/")
                .next()
                .unwrap_or_default()
                .to_owned();
            link(
                genuine,
                &format!("<{root}/api/v1/logs?after=x>; rel=\"next\""),
            )
        },
    ),
    list("link-no-url", "a next page that is no URL", |genuine| {
        link(genuine, "<http://[::1>; rel=\"next\"")
    }),
    list(
        "link-bad-cursor",
        "a next page whose cursor is refused",
        |genuine| {
            let next = format!(
                "{}?after=rubbish",
                genuine.page.split('?').next().unwrap_or_default()
            );
            link(genuine, &format!("<{next}>; rel=\"next\""))
        },
    ),
    list(
        "link-huge",
        "a next page whose address has sixty thousand characters",
        |genuine| {
            let page = genuine.page.split('?').next().unwrap_or_default();
            let next = format!("{page}?after={}", "a".repeat(60_000));
            link(genuine, &format!("<{next}>; rel=\"next\""))
        },
    ),
    list("link-many", "a thousand next pages", |genuine| {
        let page = genuine
            .page
            .split('?')
            .next()
            .unwrap_or_default()
            .to_owned();
        let links: Vec<_> = (0..1000)
            .map(|n| format!("<{page}?after={n}>; rel=\"next\""))
            .collect();
        link(genuine, &links.join(", "))
    }),
];

/// Adds an element.
fn with(genuine: Genuine, element: Value) -> Garbled {
    match genuine.json() {
        Value::Array(mut elements) => {
            elements.push(element);
            genuine.say(Value::Array(elements).to_string())
        }
        _ => genuine.unchanged(),
    }
}

/// Sets the link to the next page.
fn link(genuine: Genuine, value: &str) -> Garbled {
    if genuine.json().is_array() {
        Garbled::Http(with_next(genuine.reply, value), Tail::End)
    } else {
        genuine.unchanged()
    }
}
