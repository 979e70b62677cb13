//! Bodies that are not the JSON they should be.

use serde_json::{Value, json};

use super::{Family, Garbled, Genuine, Shape, Tail};
use crate::server::reply::Reply;

/// How deep nested JSON is: deeper than any parser should follow.
const DEPTH: usize = 200_000;

/// Size of what is merely big: more than any page of a list.
const BIG: usize = 12 * 1024 * 1024;

const fn text(name: &'static str, what: &'static str, make: fn(Genuine) -> Garbled) -> Shape {
    Shape::new(Family::Text, name, what, make)
}

const PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method=\"post\"></form></body></html>";

pub(super) static SHAPES: [Shape; 32] = [
    text("empty-200", "200 without a body", |genuine| genuine.say("")),
    text("blank", "only white space", |genuine| {
        genuine.say(" \r\n\t ")
    }),
    text("html-with-200", "a sign-in page in HTML", |genuine| {
        html(genuine, "text/html; charset=utf-8")
    }),
    text(
        "html-as-json",
        "a page in HTML that is said to be JSON",
        |genuine| genuine.say(PAGE),
    ),
    text("plain-text", "a word that is no JSON", |genuine| {
        genuine.say("OK")
    }),
    text("json-null", "null where an object is", |genuine| {
        genuine.say("null")
    }),
    text("json-true", "true where an object is", |genuine| {
        genuine.say("true")
    }),
    text("json-number", "a number where an object is", |genuine| {
        genuine.say("42")
    }),
    text("json-string", "a string where an object is", |genuine| {
        let body = json!(genuine.body()).to_string();
        genuine.say(body)
    }),
    text(
        "other-container",
        "an array for an object, an object for an array",
        |genuine| {
            let body = match genuine.json() {
                Value::Array(_) => "{}",
                _ => "[]",
            };
            genuine.say(body)
        },
    ),
    text(
        "in-an-array",
        "the right object or array, within an array",
        |genuine| {
            let body = format!("[{}]", genuine.body());
            genuine.say(body)
        },
    ),
    text(
        "in-an-envelope",
        "the right object or array, in a field of another",
        |genuine| {
            let body = format!("{{\"data\":{}}}", genuine.body());
            genuine.say(body)
        },
    ),
    text(
        "error-with-200",
        "Okta's error object with status 200",
        |genuine| {
            genuine.say(
                json!({
                    "errorCode": "E0000009",
                    "errorSummary": "Internal Server Error",
                    "errorLink": "E0000009",
                    "errorId": "oaeMalformed",
                    "errorCauses": [],
                })
                .to_string(),
            )
        },
    ),
    text(
        "half-json",
        "the first half, as if it were all",
        |genuine| {
            let mut body = genuine.body();
            let half = (0..=body.len() / 2)
                .rev()
                .find(|at| body.is_char_boundary(*at));
            body.truncate(half.unwrap_or(0));
            genuine.say(body)
        },
    ),
    text("text-after-json", "more text after the end", |genuine| {
        let body = format!("{} trailing", genuine.body());
        genuine.say(body)
    }),
    text("two-documents", "two documents in one body", |genuine| {
        let body = genuine.body();
        genuine.say(format!("{body}{body}"))
    }),
    text("single-quotes", "strings in single quotes", |genuine| {
        let body = genuine.body().replace('"', "'");
        genuine.say(if body.contains('\'') {
            body
        } else {
            "{'id':''}".into()
        })
    }),
    text("bare-keys", "keys without quotes", |genuine| {
        genuine.say("{id: 1, status: ACTIVE}")
    }),
    text(
        "trailing-comma",
        "a comma before the last brace",
        |genuine| before_end(genuine, ","),
    ),
    text("comment", "a comment before the end", |genuine| {
        before_end(genuine, "/* yes */")
    }),
    text("not-a-number", "NaN and Infinity", |genuine| {
        genuine.say("{\"id\":NaN,\"status\":Infinity}")
    }),
    text("huge-number", "numbers beyond every type", |genuine| {
        genuine.say(
            "{\"id\":1e999999999,\"status\":-1E+400,\"created\":123456789012345678901234567890}",
        )
    }),
    text(
        "megabyte-number",
        "a number of a million digits",
        |genuine| genuine.say(format!("{{\"id\":{}}}", "9".repeat(1_000_000))),
    ),
    text(
        "bad-utf8",
        "bytes that are no UTF-8 within a string",
        |genuine| {
            let mut body = genuine.body().into_bytes();
            let end = body.len() - 1;
            let comma: &[u8] = if body.len() > 2 { b"," } else { b"" };
            let mut field = comma.to_vec();
            field.extend(b"\"x\":\"\xff\xfe\xc3\x28\xf0\x9f\"");
            if body.first() == Some(&b'[') {
                field = [comma, b"\"\xff\xfe\xc3\x28\""].concat();
            }
            body.splice(end..end, field);
            genuine.say(body)
        },
    ),
    text(
        "half-surrogate",
        "an escape for half a character, in every id",
        |genuine| genuine.say("{\"id\":\"\\ud800\",\"status\":\"\\udc00\"}"),
    ),
    text("utf16", "UTF-16 with its mark", |genuine| {
        let body = genuine.body();
        let units = std::iter::once(0xfeff_u16).chain(body.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        genuine.say(bytes)
    }),
    text("nul-bytes", "NUL bytes before the end", |genuine| {
        before_end(genuine, "\0\0\0")
    }),
    text(
        "deep-arrays",
        "two hundred thousand arrays in one another",
        |genuine| genuine.say(format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH))),
    ),
    text(
        "deep-objects",
        "two hundred thousand objects in one another",
        |genuine| {
            genuine.say(format!(
                "{}1{}",
                "{\"id\":".repeat(DEPTH),
                "}".repeat(DEPTH)
            ))
        },
    ),
    text(
        "many-keys",
        "an object of half a million keys, none of which is known",
        |genuine| {
            let keys: Vec<_> = (0..500_000).map(|n| format!("\"k{n}\":0")).collect();
            genuine.say(format!("{{{}}}", keys.join(",")))
        },
    ),
    text(
        "big-string",
        "an object whose id has twelve million characters",
        |genuine| genuine.say(format!("{{\"id\":\"{}\"}}", "a".repeat(BIG))),
    ),
    text("not-modified", "304, which nobody asked for", |genuine| {
        Garbled::Http(
            Reply {
                status: 304,
                body: Vec::new(),
                ..genuine.reply
            },
            Tail::End,
        )
    }),
];

/// The right body with something before its last brace.
fn before_end(genuine: Genuine, text: &str) -> Garbled {
    let mut body = genuine.body();
    let last = body.pop();
    body.push_str(text);
    body.extend(last);
    genuine.say(body)
}

fn html(genuine: Genuine, kind: &str) -> Garbled {
    let mut reply = genuine.with_body(PAGE);
    reply.headers.retain(|(name, _)| name != "content-type");
    Garbled::Http(reply.with("content-type", kind), Tail::End)
}
