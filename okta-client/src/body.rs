//! Reads bodies of successes. What is wrong with one is told without quoting it: it may hold secrets.

use std::collections::HashMap;

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::answer::{Answer, Meta};
use crate::error::Error;
use crate::transport::Reply;

/// The body as JSON of the expected shape. Nesting is bounded by serde_json's 128 levels. It must be UTF-8 throughout: serde_json does not look at
/// the text of fields that nobody asked for.
pub(crate) fn json<T: DeserializeOwned>(reply: Reply) -> Result<Answer<T>, Error> {
    let Ok(text) = std::str::from_utf8(&reply.body) else {
        return Err(garbled("not UTF-8", reply.meta));
    };
    match serde_json::from_str(text) {
        Ok(value) => Ok(Answer {
            value,
            meta: reply.meta,
        }),
        Err(error) => Err(garbled(describe(&error), reply.meta)),
    }
}

/// No body, or one that does not matter: Okta answers some calls with 204, and with 200 and `{}` elsewhere.
pub(crate) fn nothing(reply: Reply) -> Result<Answer<()>, Error> {
    if reply.body.is_empty() {
        return Ok(Answer {
            value: (),
            meta: reply.meta,
        });
    }
    let answer = json::<HashMap<String, IgnoredAny>>(reply)?;
    if answer.value.contains_key("errorCode") {
        return Err(garbled(
            "an error with the status of a success",
            answer.meta,
        ));
    }
    Ok(answer.map(|_| ()))
}

pub(crate) fn garbled(reason: impl Into<String>, meta: Meta) -> Error {
    Error::Garbled {
        reason: reason.into(),
        meta: Box::new(meta),
    }
}

fn describe(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Io => "unreadable",
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Data => "not the expected JSON",
        serde_json::error::Category::Eof => "cut short",
    };
    format!("{kind}, line {} column {}", error.line(), error.column())
}
